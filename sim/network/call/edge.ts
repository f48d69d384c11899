/**
 * Edge: one kind of caller that asks one target, and how: its time-outs, retries and connections.
 * A traffic source has one; so has each call in a service's model, a resolver, an ingress path.
 */
import type { CallOutcome } from "../../api/index.ts";
import { Fifo, type Micros } from "../../kernel/index.ts";
import type { BalanceSite, Endpoint, Target } from "../proxy/index.ts";
import type { Call } from "./call.ts";
import type { CallerId } from "./caller.ts";
import { RetryWindow } from "./retry-window.ts";
import type { ServerEnd } from "./server-end.ts";

/** How a client treats its calls. Times in microseconds; 0: none. */
export interface CallPolicy {
  /** From the call's start to its end, retries included. */
  readonly timeoutUs: number;
  /** For one attempt. */
  readonly attemptTimeoutUs: number;
  /** For the opening of a connection to a place that does not answer at all. */
  readonly connectTimeoutUs: number;
  /** Attempts at most, the first included: 1 or more. */
  readonly attempts: number;
  /** Before retry n (from 1) it waits backoffUs x 2^(n-1), at most backoffMaxUs. */
  readonly backoffUs: number;
  readonly backoffMaxUs: number;
  /** Retries at most for each call of the last 10 s, on average (0.2: a fifth); 0: no limit. */
  readonly retryBudget: number;
  /**
   * Connections that each client keeps open at most, taken in turn; each keeps its endpoint until it
   * breaks. 0: a new one for each call. A call that finds all of them busy shares one (HTTP/2)
   * unless `isExclusive`, when it waits in line (HTTP/1.1).
   */
  readonly connections: number;
  readonly isExclusive: boolean;
  /** A datagram: no handshake, no connection (DNS). */
  readonly isDatagram: boolean;
  /** Outcomes after which it may try again; absent: all after which another attempt may do better. */
  readonly retryOn?: readonly CallOutcome[];
  /** `node`: through the node's kube-proxy. Else the name of a balancer that the client has itself. */
  readonly balancer: string;
}

/** A connection of a client to one endpoint. */
export class Connection {
  /** The site that chose its endpoint, and knows that it is open. */
  site: BalanceSite | undefined = undefined;
  /** undefined: it is closed, and will be opened anew. */
  endpoint: Endpoint | undefined = undefined;
  /** The pod's side, once a request has reached it. */
  server: ServerEnd | undefined = undefined;
  openedUs: Micros = 0;
  /** Calls on it. */
  active = 0;
}

/** Names a client by its node (-1: outside) and the hash of its address. */
export function clientKey(node: number, clientHash: number): number {
  return (clientHash ^ Math.imul(node + 2, 0x9e3779b1)) >>> 0;
}

/** The connections that one client keeps open. */
export class ClientPool {
  readonly connections: Connection[] = [];
  /** Calls that wait for a connection that is free: only with exclusive ones. */
  readonly waiting = new Fifo<Call>();
  /** Which is next, in turn. */
  next = 0;
}

export class Edge {
  readonly number: number;
  /** As reports name it: a traffic source's name, or `namespace/name` of the calling Service. */
  readonly name: string;
  readonly caller: CallerId;
  readonly target: Target;
  readonly policy: CallPolicy;
  /** Names the places where its clients choose: one balancer's memory is nothing to another. */
  readonly siteName: string;
  /** Names its draws. */
  readonly hash: number;
  /** Its calls do not keep the run alive. */
  readonly isBackground: boolean;
  /** The calls come from outside the cluster, through NodePort or LoadBalancer. */
  readonly isExternal: boolean;
  /** Calls begun; those that ended well, and not. On their way: the rest. */
  sent = 0;
  answered = 0;
  failed = 0;
  retries = 0;
  /** What the retry budget goes by; undefined: there is none. */
  readonly budget: RetryWindow | undefined;
  /** Its place among the edges that trees of calls begin with; -1: no tree has yet. */
  root = -1;
  /** Of each client, by a hash of its node and address. */
  readonly pools = new Map<number, ClientPool>();

  constructor(settings: {
    readonly number: number;
    readonly name: string;
    readonly caller: CallerId;
    readonly target: Target;
    readonly policy: CallPolicy;
    readonly hash: number;
    readonly isBackground: boolean;
    readonly isExternal: boolean;
  }) {
    this.number = settings.number;
    this.name = settings.name;
    this.caller = settings.caller;
    this.target = settings.target;
    this.policy = settings.policy;
    this.siteName = `${settings.name} ${settings.policy.balancer}`;
    this.hash = settings.hash;
    this.isBackground = settings.isBackground;
    this.isExternal = settings.isExternal;
    this.budget = settings.policy.retryBudget > 0 ? new RetryWindow() : undefined;
  }
}
