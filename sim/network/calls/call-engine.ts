/** CallEngine: what callers and servers may ask of the calls; `Calls` implements it. */
import type { CallOutcome } from "../../api/index.ts";
import type {
  Call,
  Caller,
  CallerId,
  CallPolicy,
  DatagramFlow,
  Edge,
  ServerBehaviour,
} from "../call/index.ts";
import type { Target } from "../proxy/index.ts";

export interface CallEngine {
  /** Registers who makes calls: when wiring, in an order that is always the same. */
  addCaller(caller: Caller): CallerId;
  /** Registers what pods do with requests: when wiring. Of several that serve a Service the first holds. */
  addBehaviour(behaviour: ServiceBehaviour): void;
  /** The edge of a new kind of call: before the run or during it. */
  edge(settings: EdgeSettings): Edge;
  /** Begins a call now. */
  begin(edge: Edge, client: CallClient): Call;
  /** The answer of a call whose behaviour said that it would follow. */
  respond(call: Call, outcome: CallOutcome): void;
  /** A name is known, or not ("ok", "name-unknown", "name-timeout"); see NameResolver. */
  resolved(call: Call, outcome: CallOutcome): void;
}

export interface ServiceBehaviour extends ServerBehaviour {
  /** Whether it speaks for the pods of this Service (`namespace/name`). */
  serves(service: string): boolean;
}

export interface EdgeSettings {
  readonly name: string;
  readonly caller: CallerId;
  readonly target: Target;
  readonly policy: CallPolicy;
  /** Text that names its draws: unlike that of any other edge. */
  readonly drawName: string;
  readonly isBackground: boolean;
  readonly isExternal: boolean;
}

/** The client's side of one call; copied, so that one object may be used for many. */
export interface CallClient {
  /** Number of its node; -1: outside. */
  readonly node: number;
  readonly clientHash: number;
  readonly keyHash: number;
  readonly parent: Call | undefined;
  readonly note: unknown;
  /** The socket that it is a datagram of; absent: its own. */
  readonly flow?: DatagramFlow | undefined;
  /** Names its draws among those of the edge (and the parent); absent: how many calls the edge has begun. */
  readonly number?: number | undefined;
}
