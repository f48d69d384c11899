/**
 * Census: everything that is counted per node for plugins. Derived from the cache's nodes, each part
 * at its first use; kept up to date by the cache from then on.
 */
import type { CachedNode } from "../cached-node.ts";
import type { AffinityTerms, NodeCounts, PodQuery } from "../node-counts.ts";
import type { PodInfo } from "../pod-info.ts";
import { ImageCensus } from "./image-census.ts";
import { PodCensus } from "./pod-census.ts";
import { TermCensus } from "./term-census.ts";

export class Census {
  readonly #nodes: () => readonly (CachedNode | undefined)[];
  #pods: PodCensus | undefined;
  #terms: TermCensus | undefined;
  #images: ImageCensus | undefined;
  #epoch = 0;

  /** `nodes`: the nodes by slot; undefined where there is none. */
  constructor(nodes: () => readonly (CachedNode | undefined)[]) {
    this.#nodes = nodes;
  }

  /** Drops everything. */
  rebuild(): void {
    this.#pods = undefined;
    this.#terms = undefined;
    this.#images = undefined;
  }

  countPods(query: PodQuery): NodeCounts {
    this.#pods ??= this.#filled(new PodCensus((slot) => this.#nodes()[slot]?.kind ?? 0));
    return this.#pods.count(query);
  }

  get affinityTerms(): AffinityTerms {
    if (this.#terms === undefined || this.#terms.isWorn) {
      this.#terms = this.#filled(new TermCensus(++this.#epoch));
    }
    return this.#terms;
  }

  imageNodes(image: string): NodeCounts {
    this.#images ??= new ImageCensus(() => this.#present());
    return this.#images.count(image);
  }

  place(node: CachedNode, pod: PodInfo): void {
    this.#pods?.place(node, pod);
    this.#terms?.place(node, pod);
  }

  displace(node: CachedNode, pod: PodInfo): void {
    this.#pods?.displace(node, pod);
    this.#terms?.displace(node, pod);
  }

  /** A node came, with its pods and images. */
  addNode(node: CachedNode): void {
    this.#pods?.addNode(node);
    this.#terms?.addNode(node);
    this.#images?.addNode(node);
  }

  /** A node leaves, with its pods and images. */
  removeNode(node: CachedNode): void {
    this.#pods?.removeNode(node);
    this.#terms?.removeNode(node);
    this.#images?.removeNode(node);
  }

  /** The node was of the kind `from` until now. */
  changeKind(node: CachedNode, from: number): void {
    this.#pods?.changeKind(node, from);
    this.#terms?.changeKind(node, from);
    this.#images?.changeKind(node, from);
  }

  /** The node had the images `old` until now. */
  changeImages(node: CachedNode, old: ReadonlyMap<string, number>): void {
    this.#images?.changeImages(node, old);
  }

  #filled<Part extends { addNode(node: CachedNode): void }>(part: Part): Part {
    for (const node of this.#present()) part.addNode(node);
    return part;
  }

  #present(): readonly CachedNode[] {
    return this.#nodes().filter((node) => node !== undefined);
  }
}
