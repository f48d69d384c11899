/** A CallEngine that carries nothing: tests look at the calls that were begun, and end them. */
import type { CallOutcome } from "../sim/api/index.ts";
import { hashString, type Kernel } from "../sim/kernel/index.ts";
import { Call, type Caller, type CallerId, Edge } from "../sim/network/call/index.ts";
import type {
  CallClient,
  CallEngine,
  EdgeSettings,
  ServiceBehaviour,
} from "../sim/network/calls/index.ts";
import type { ServiceRouting, Target } from "../sim/network/proxy/index.ts";

interface FakeState {
  readonly edges: Edge[];
  calls: Call[];
  responded: { readonly call: Call; readonly outcome: CallOutcome }[];
}

export class FakeCalls implements CallEngine {
  state: FakeState = { edges: [], calls: [], responded: [] };
  /** Ends a call as soon as it begins; undefined: it stays on its way. */
  atOnce: ((call: Call) => CallOutcome | undefined) | undefined;
  readonly #kernel: Kernel;
  readonly #callers: Caller[] = [];
  readonly #targets = new Map<string, Target>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    kernel.keep("test/calls", this);
  }

  /** Of the routing, what tells targets apart. */
  get routing(): ServiceRouting {
    const target = (service: string, port: string): Target => {
      const key = `${service}:${port}`;
      const known = this.#targets.get(key);
      if (known !== undefined) return known;
      const made = { number: this.#targets.size, service, port, hash: hashString(key) };
      this.#targets.set(key, made);
      return made;
    };
    return { target } as unknown as ServiceRouting;
  }

  addCaller(caller: Caller): CallerId {
    return (this.#callers.push(caller) - 1) as CallerId;
  }

  addBehaviour(_behaviour: ServiceBehaviour): void {}

  edge({ drawName, ...settings }: EdgeSettings): Edge {
    const { edges } = this.state;
    const edge = new Edge({ ...settings, number: edges.length, hash: hashString(drawName) });
    edges.push(edge);
    return edge;
  }

  begin(edge: Edge, { node, clientHash, keyHash, parent, note }: CallClient): Call {
    const { nowUs } = this.#kernel;
    const call = new Call(edge, edge.sent++, node, clientHash, keyHash, parent, note, nowUs);
    this.state.calls.push(call);
    const outcome = this.atOnce?.(call);
    if (outcome !== undefined) this.end(call, outcome);
    return call;
  }

  /** The client has its answer, now. */
  end(call: Call, outcome: CallOutcome): void {
    call.outcome = outcome;
    if (outcome === "ok") call.edge.answered++;
    else call.edge.failed++;
    this.#callers[call.edge.caller]?.ended(call);
  }

  respond(call: Call, outcome: CallOutcome): void {
    this.state.responded.push({ call, outcome });
  }

  resolved(): void {}

  /** The edges' names of the calls begun since this was last asked, with their targets. */
  takeBegun(): string[] {
    const begun = this.state.calls.map(({ edge }) => edge.target.service);
    this.state.calls = [];
    return begun;
  }
}
