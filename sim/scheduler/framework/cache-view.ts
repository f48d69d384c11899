/** CacheView: what plugins may see of the scheduler's cache. */
import type { ApiObject } from "../../api/index.ts";
import type { CachedNode } from "./cached-node.ts";
import type { AffinityTerms, NodeCounts, ObjectLister, PodQuery } from "./node-counts.ts";
import type { ClusterInfo, NodeKind } from "./node-info.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";

export class CacheView implements ClusterInfo {
  readonly #cache: SchedulerCache;

  constructor(cache: SchedulerCache) {
    this.#cache = cache;
  }

  get nodes(): readonly CachedNode[] {
    return this.#cache.orderedNodes();
  }

  get kinds(): readonly NodeKind[] {
    return this.#cache.kinds();
  }

  get hasUniqueHostnames(): boolean {
    return this.#cache.hasUniqueHostnames;
  }

  get affinityTerms(): AffinityTerms {
    return this.#cache.census.affinityTerms;
  }

  get lowestPriority(): number {
    return this.#cache.lowestPriority;
  }

  nodeIn(slot: number): CachedNode {
    return this.#cache.nodeAt(slot);
  }

  node(name: string): CachedNode | undefined {
    return this.#cache.node(name);
  }

  countPods(query: PodQuery): NodeCounts {
    return this.#cache.census.countPods(query);
  }

  imageSpread(image: string): { nodeCount: number; sizeBytes: number } | undefined {
    return this.#cache.state.images.get(image);
  }

  imageNodes(image: string): NodeCounts {
    return this.#cache.census.imageNodes(image);
  }

  objects<T extends ApiObject = ApiObject>(kind: string): ObjectLister<T> {
    return this.#cache.objects.lister<T>(kind);
  }

  resourceName(index: number): string {
    return this.#cache.state.resources.nameOf(index);
  }

  resourceIndex(name: string): number {
    return this.#cache.state.resources.indexOf(name);
  }
}
