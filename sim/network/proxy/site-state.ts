/** SiteState: a place that chooses endpoints of one target, and what it remembers. Plain data. */
import type { Micros } from "../../kernel/index.ts";
import type { EndpointSet } from "./endpoint.ts";
import type { RouteSet } from "./route-set.ts";
import type { BalanceSite, Target } from "./service-routing.ts";
import type { TargetHistory } from "./target-history.ts";

export type SiteKind = BalanceSite["kind"];

/** Where a client was sent last, for session affinity. */
export class Affinity {
  address: string;
  slot: number;
  lastUs: Micros;

  constructor(address: string, slot: number, lastUs: Micros) {
    this.address = address;
    this.slot = slot;
    this.lastUs = lastUs;
  }
}

/**
 * The proxy of a node, or a client that chooses for itself. It has the balancer's memory, and the
 * version of the Service that it has come to know. Belongs to the run's state.
 */
export class SiteState implements BalanceSite {
  readonly number: number;
  readonly target: Target;
  /** Number of the node that it is on; -1: outside. */
  readonly node: number;
  readonly kind: SiteKind;
  readonly history: TargetHistory;
  /** Name of the balancer that it uses. */
  readonly balancer: string;
  /** The balancer wants to be told of what is opened and closed. */
  readonly hasHooks: boolean;
  /** The balancer's. */
  readonly memory: object;
  /** Change by which the version that it has came about; -1: it has none. */
  seq = -1;
  /** What the node's rules had when that was last looked up: change number; -2: never looked. */
  lookedAt = -2;
  /** What it chooses from now. */
  set: RouteSet | undefined = undefined;
  /** The list that the balancer was told of last. */
  told: EndpointSet | undefined = undefined;
  /** By the client's hash; made for the first client that must stay. */
  affinities: Map<number, Affinity> | undefined = undefined;
  /** Entries from which on expired ones are swept out. */
  sweepAt = 1024;

  constructor(settings: {
    readonly number: number;
    readonly history: TargetHistory;
    readonly node: number;
    readonly kind: SiteKind;
    readonly balancer: string;
    readonly hasHooks: boolean;
    readonly memory: object;
  }) {
    this.number = settings.number;
    this.target = settings.history.target;
    this.node = settings.node;
    this.kind = settings.kind;
    this.history = settings.history;
    this.balancer = settings.balancer;
    this.hasHooks = settings.hasHooks;
    this.memory = settings.memory;
  }
}
