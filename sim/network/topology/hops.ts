/**
 * Hops: how long one way takes between two places: on a node, within a zone, across zones, and
 * from outside the cluster. Nodes without a zone are all in one.
 */
import { HopLatency, type Micros } from "../../kernel/index.ts";
import type { NetworkNodes } from "./network-nodes.ts";

/** One-way latencies, as distributions in their text form. */
export interface HopSettings {
  readonly podToPodSameNode: string;
  readonly podToPod: string;
  readonly podToPodOtherZone: string;
  readonly outsideToNode: string;
}

export class Hops {
  readonly #nodes: NetworkNodes;
  readonly #sameNode: HopLatency;
  readonly #sameZone: HopLatency;
  readonly #otherZone: HopLatency;
  readonly #outside: HopLatency;

  constructor(seed: string, nodes: NetworkNodes, settings: HopSettings) {
    this.#nodes = nodes;
    this.#sameNode = new HopLatency(seed, settings.podToPodSameNode, "network.podToPodSameNode");
    this.#sameZone = new HopLatency(seed, settings.podToPod, "network.podToPod");
    this.#otherZone = new HopLatency(seed, settings.podToPodOtherZone, "network.podToPodOtherZone");
    this.#outside = new HopLatency(seed, settings.outsideToNode, "network.outsideToNode");
  }

  /** One way between two nodes by number (-1: outside), for the draw `number` of `hash`. */
  us(from: number, to: number, hash: number, number: number): Micros {
    if (from === to) return this.#sameNode.us(hash, number);
    if (from < 0 || to < 0) return this.#outside.us(hash, number);
    const { nodes } = this.#nodes.state;
    const isSameZone = nodes[from]?.zone === nodes[to]?.zone;
    return (isSameZone ? this.#sameZone : this.#otherZone).us(hash, number);
  }
}
