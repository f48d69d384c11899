/**
 * NodeResourcesFit rejects nodes that lack room for the pod's requests (or for one more pod), and
 * scores by how much of the node would be used.
 *
 * Score: 0..100 by `scoringStrategy`; cpu and memory count with 100 milli-CPU and 200 MiB for
 * containers that state no request. Not normalised.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/noderesources/fit.go, v1.30.
 */
import type { Node, Pod } from "../../sim/api/index.ts";
import {
  type ClusterChange,
  type ClusterInfo,
  definePlugin,
  type Plugin,
  type PodInfo,
  type Rejection,
} from "../../sim/scheduler/index.ts";
import { NODE_CHANGED_OR_POD_DELETED } from "../cluster-events.ts";
import type { TypedArgs } from "../plugin-args.ts";
import { checkPluginArgs } from "../plugin-args-validation.ts";
import { type ResourceUse, resourceUses } from "../score/resource-use.ts";
import { nodeScorer, type ScoringStrategy } from "../score/scoring-strategy.ts";
import { fitsEmptyNode } from "./fits-empty-node.ts";

export interface NodeResourcesFitArgs extends TypedArgs {
  /** Extended resources that the filter does not look at. */
  readonly ignoredResources?: readonly string[];
  /** Groups of them: `example.com` covers `example.com/gpu`. */
  readonly ignoredResourceGroups?: readonly string[];
  /** Default LeastAllocated over cpu and memory. */
  readonly scoringStrategy?: ScoringStrategy;
}

/** What the filter prepares per distinct requests. */
interface Need {
  readonly index: number;
  readonly amount: number;
  readonly reason: string;
  /** 2, 4, 8, ...: names a set of reasons by a sum; 1 is "Too many pods". */
  readonly bit: number;
}

interface FitState {
  readonly needs: readonly Need[];
  /** Rejections by the sum of their bits, made when first met. */
  readonly rejections: Map<number, Rejection>;
}

/** Sums of bits are exact up to 2^53. */
const NEEDS_MAX = 52;

export function nodeResourcesFit(
  given: NodeResourcesFitArgs = {},
): Plugin<FitState, readonly ResourceUse[]> {
  const args = checkPluginArgs("NodeResourcesFit", given);
  const ignores = ignoredResources(args);
  const { score, resources } = nodeScorer(args.scoringStrategy ?? { type: "LeastAllocated" });

  return definePlugin<FitState, readonly ResourceUse[]>({
    name: "NodeResourcesFit",
    locality: "node",
    isMonotone: true,
    reads: ["requests"],
    requeueOn: NODE_CHANGED_OR_POD_DELETED,
    isSchedulableAfter: madeRoom,
    preFilter: (pod, cluster) => ({
      state: { needs: needsOf(pod, cluster, ignores), rejections: new Map() },
    }),

    filter(_pod, node, { needs, rejections }) {
      let missing = node.pods.length + 1 > node.allowedPodNumber ? 1 : 0;
      for (let i = 0; i < needs.length; i++) {
        const need = needs[i] as Need;
        const left = (node.allocatable[need.index] ?? 0) - (node.requested[need.index] ?? 0);
        if (need.amount > left) missing += need.bit;
      }
      if (missing === 0) return undefined;
      let rejection = rejections.get(missing);
      if (rejection === undefined) {
        rejection = rejectionOf(missing, needs);
        rejections.set(missing, rejection);
      }
      return rejection;
    },

    preScore: (pod, cluster) => ({ state: resourceUses(resources, pod, cluster, true) }),
    score: (_pod, node, uses) => score(node, uses),
  });
}

/** A pod left its node, or a node came or changed that would have room if it were empty. */
function madeRoom(pod: PodInfo, { oldObject, newObject }: ClusterChange): boolean {
  if (newObject === undefined) return ((oldObject as Pod).spec.nodeName ?? "") !== "";
  return newObject.kind === "Node" && fitsEmptyNode(pod, newObject as Node);
}

function needsOf(
  pod: PodInfo,
  cluster: ClusterInfo,
  ignores: (resource: string) => boolean,
): Need[] {
  const needs: Need[] = [];
  let bit = 2;
  for (const [index, amount] of pod.requests.entries()) {
    if (amount === 0) continue;
    const resource = cluster.resourceName(index);
    if (ignores(resource)) continue;
    needs.push({ index, amount, reason: `Insufficient ${resource}`, bit });
    bit *= 2;
  }
  if (needs.length > NEEDS_MAX) {
    throw new Error(
      `a pod asks for ${needs.length} resources; at most ${NEEDS_MAX} are told apart`,
    );
  }
  return needs;
}

function rejectionOf(missing: number, needs: readonly Need[]): Rejection {
  const reasons = missing % 2 === 1 ? ["Too many pods"] : [];
  for (const { bit, reason } of needs) {
    if (Math.floor(missing / bit) % 2 === 1) reasons.push(reason);
  }
  return { code: "Unschedulable", reasons };
}

/** Only extended resources can be ignored. */
function ignoredResources(args: NodeResourcesFitArgs): (resource: string) => boolean {
  const names = new Set(args.ignoredResources);
  const groups = new Set(args.ignoredResourceGroups);
  if (names.size === 0 && groups.size === 0) return () => false;
  return (resource) =>
    isExtended(resource) &&
    (names.has(resource) || groups.has(resource.slice(0, resource.indexOf("/"))));
}

/** Extended: a name with a domain that is not Kubernetes' own (v1helper.IsExtendedResourceName). */
function isExtended(resource: string): boolean {
  return (
    resource.includes("/") &&
    !resource.includes("kubernetes.io/") &&
    !resource.startsWith("requests.")
  );
}
