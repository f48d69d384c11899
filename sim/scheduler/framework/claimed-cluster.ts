/**
 * ClaimedCluster: what a plugin with a locality of `spec` or `node` sees of the cluster: resource
 * numbers only. Anything else could change behind the back of its cached verdicts.
 */
import { InputError } from "../../kernel/index.ts";
import type { ClusterInfo, NodeInfo } from "./node-info.ts";

export class ClaimedCluster implements ClusterInfo {
  readonly #cluster: ClusterInfo;

  constructor(cluster: ClusterInfo) {
    this.#cluster = cluster;
  }

  get nodes(): readonly NodeInfo[] {
    return refuse("nodes");
  }

  imageSpread(): never {
    return refuse("imageSpread");
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
