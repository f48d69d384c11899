/**
 * NodeInclusion: which nodes count for a pod's spread constraints, by their nodeAffinityPolicy and
 * nodeTaintsPolicy (KEP 3094).
 *
 * Source: matchNodeInclusionPolicies of
 * kubernetes/pkg/scheduler/framework/plugins/podtopologyspread/common.go, v1.30.
 */
import {
  compileNodeSelector,
  type core,
  findUntoleratedTaint,
  type NodeSelectorMatcher,
  type Toleration,
} from "../../sim/api/index.ts";
import type { NodeSpecInfo, PodInfo } from "../../sim/scheduler/index.ts";
import { HOSTNAME_KEY } from "./topology-domains.ts";

export interface InclusionPolicies {
  /** nodeAffinityPolicy Honor: only nodes that the pod's selector and required affinity allow. */
  readonly honorsAffinity: boolean;
  /** nodeTaintsPolicy Honor: only nodes whose hard taints the pod tolerates. */
  readonly honorsTaints: boolean;
}

const HARD_EFFECTS = ["NoSchedule", "NoExecute"];

export class NodeInclusion {
  /** The affinity looks at what nodes of one kind do not share: their name or hostname. */
  readonly isPersonal: boolean;
  readonly #selector: readonly (readonly [key: string, value: string])[];
  readonly #affinity: NodeSelectorMatcher | undefined;
  readonly #tolerations: readonly Toleration[] | undefined;

  constructor({ pod }: PodInfo) {
    const { nodeSelector, affinity, tolerations } = pod.spec;
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    this.#selector = Object.entries(nodeSelector ?? {});
    this.#affinity = required === undefined ? undefined : compileNodeSelector(required);
    this.#tolerations = tolerations;
    this.isPersonal =
      this.#selector.some(([key]) => key === HOSTNAME_KEY) ||
      (required?.nodeSelectorTerms ?? []).some(namesNodes);
  }

  includes(node: NodeSpecInfo, { honorsAffinity, honorsTaints }: InclusionPolicies): boolean {
    if (honorsAffinity && !this.#isAllowed(node)) return false;
    return (
      !honorsTaints ||
      findUntoleratedTaint(node.taints, this.#tolerations, HARD_EFFECTS) === undefined
    );
  }

  #isAllowed(node: NodeSpecInfo): boolean {
    for (const [key, value] of this.#selector) if (node.labels[key] !== value) return false;
    return this.#affinity === undefined || this.#affinity(node.labels, node.name);
  }
}

function namesNodes({ matchExpressions, matchFields }: core.NodeSelectorTerm): boolean {
  if ((matchFields?.length ?? 0) > 0) return true;
  return (matchExpressions ?? []).some(({ key }) => key === HOSTNAME_KEY);
}
