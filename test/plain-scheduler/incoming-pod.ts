/** A pod that wants a node, and all that the decision depends on. */
import type { NodeState } from "./node-state.ts";
import type { Profile } from "./profiles.ts";
import type { Pod, Scenario } from "./scenario.ts";

export interface Cluster {
  /** In the order in which they were added. */
  readonly nodes: readonly NodeState[];
  /** Nominated to their node during all of the scenario. */
  readonly nominatedPods: readonly Pod[];
}

export interface IncomingPod {
  readonly pod: Pod;
  readonly profile: Profile;
  readonly cluster: Cluster;
  /** For objects that are neither nodes nor pods. */
  readonly scenario: Scenario;
}
