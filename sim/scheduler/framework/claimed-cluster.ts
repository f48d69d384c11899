/**
 * ClaimedCluster: what a plugin with a locality of `spec` or `node` sees of the cluster: resource
 * numbers only. Anything else could change behind the back of its cached verdicts.
 */
import { InputError } from "../../kernel/index.ts";
import type { AffinityTerms } from "./node-counts.ts";
import type { ClusterInfo, NodeInfo, NodeKind } from "./node-info.ts";

export class ClaimedCluster implements ClusterInfo {
  readonly #cluster: ClusterInfo;

  constructor(cluster: ClusterInfo) {
    this.#cluster = cluster;
  }

  get nodes(): readonly NodeInfo[] {
    return refuse("nodes");
  }

  get kinds(): readonly NodeKind[] {
    return refuse("kinds");
  }

  get hasUniqueHostnames(): boolean {
    return refuse("hasUniqueHostnames");
  }

  get affinityTerms(): AffinityTerms {
    return refuse("affinityTerms");
  }

  get lowestPriority(): never {
    return refuse("lowestPriority");
  }

  nodeIn(): never {
    return refuse("nodeIn");
  }

  node(): never {
    return refuse("node");
  }

  countPods(): never {
    return refuse("countPods");
  }

  imageSpread(): never {
    return refuse("imageSpread");
  }

  imageNodes(): never {
    return refuse("imageNodes");
  }

  objects(): never {
    return refuse("objects");
  }

  resourceName(index: number): string {
    return this.#cluster.resourceName(index);
  }

  resourceIndex(name: string): number {
    return this.#cluster.resourceIndex(name);
  }
}

function refuse(what: string): never {
  throw new InputError(
    `a policy with the locality "spec" or "node" reads cluster.${what} in preFilter or preScore. ` +
      'Give it the locality "cluster".',
  );
}
