/** ImageCensus: which nodes hold an image, for the images that somebody has asked about. */
import type { CachedNode } from "../cached-node.ts";
import type { NodeCounts } from "../node-counts.ts";
import { NodeCounter } from "./node-counter.ts";

/** Our assumption: far more than one run asks for, yet bounded. */
const COUNTERS_MAX = 20_000;

export class ImageCensus {
  readonly #nodes: () => Iterable<CachedNode>;
  readonly #counters = new Map<string, NodeCounter>();

  /** `nodes`: all nodes there are. */
  constructor(nodes: () => Iterable<CachedNode>) {
    this.#nodes = nodes;
  }

  count(image: string): NodeCounts {
    let counter = this.#counters.get(image);
    if (counter === undefined) {
      if (this.#counters.size >= COUNTERS_MAX) this.#counters.clear();
      counter = new NodeCounter();
      for (const node of this.#nodes()) {
        if (node.images.has(image)) counter.add(node.slot, node.kind, 1);
      }
      this.#counters.set(image, counter);
    }
    return counter;
  }

  addNode(node: CachedNode): void {
    for (const image of node.images.keys()) this.#counters.get(image)?.add(node.slot, node.kind, 1);
  }

  removeNode(node: CachedNode): void {
    for (const image of node.images.keys()) {
      this.#counters.get(image)?.add(node.slot, node.kind, -1);
    }
  }

  /** The node had the images `old` until now. */
  changeImages(node: CachedNode, old: ReadonlyMap<string, number>): void {
    for (const image of old.keys()) {
      if (node.images.has(image)) continue;
      this.#counters.get(image)?.add(node.slot, node.kind, -1);
    }
    for (const image of node.images.keys()) {
      if (!old.has(image)) this.#counters.get(image)?.add(node.slot, node.kind, 1);
    }
  }

  /** The node was of the kind `from` until now. */
  changeKind(node: CachedNode, from: number): void {
    for (const image of node.images.keys()) {
      this.#counters.get(image)?.moveKind(from, node.kind, 1);
    }
  }
}
