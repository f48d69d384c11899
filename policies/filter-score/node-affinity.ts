/**
 * NodeAffinity rejects nodes that the pod's `nodeSelector` or required node affinity rules out,
 * and prefers nodes that match more of the weight of its preferred terms.
 *
 * Raw score: sum of the weights of the matching preferred terms, normalised so that the best node
 * gets 100. When every required term names nodes (matchFields metadata.name In), only those nodes
 * are looked at.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go, v1.30.
 */
import {
  compileNodeSelector,
  type core,
  type Node,
  type NodeSelectorMatcher,
  type Pod,
} from "../../sim/api/index.ts";
import {
  definePlugin,
  type NodeSpecInfo,
  type Plugin,
  type PodInfo,
  type PreFilterResult,
  type Rejection,
  SKIP,
} from "../../sim/scheduler/index.ts";
import { NODE_ADDED_OR_UPDATED } from "../cluster-events.ts";
import type { TypedArgs } from "../plugin-args.ts";
import { checkPluginArgs } from "../plugin-args-validation.ts";

export interface NodeAffinityArgs extends TypedArgs {
  /** Applied to every pod, besides its own affinity. */
  readonly addedAffinity?: core.NodeAffinity;
}

const POD_MISMATCH: Rejection = {
  code: "UnschedulableAndUnresolvable",
  reasons: ["node(s) didn't match Pod's node affinity/selector"],
};
const ENFORCED_MISMATCH: Rejection = {
  code: "UnschedulableAndUnresolvable",
  reasons: ["node(s) didn't match scheduler-enforced node affinity"],
};
const TERMS_CONFLICT: Rejection = {
  code: "UnschedulableAndUnresolvable",
  reasons: ["pod affinity terms conflict"],
};

/** What a pod requires of a node, compiled. */
interface Required {
  readonly selector: readonly (readonly [key: string, value: string])[];
  readonly affinity: NodeSelectorMatcher | undefined;
}

interface Preferred {
  readonly weight: number;
  readonly matcher: NodeSelectorMatcher;
}

export function nodeAffinity(args: NodeAffinityArgs = {}): Plugin<Required, readonly Preferred[]> {
  const added = checkPluginArgs("NodeAffinity", args).addedAffinity;
  const enforcedTerms = added?.requiredDuringSchedulingIgnoredDuringExecution;
  const enforced = enforcedTerms === undefined ? undefined : compileNodeSelector(enforcedTerms);
  const addedPreferred = preferredOf(added);

  return definePlugin<Required, readonly Preferred[]>({
    name: "NodeAffinity",
    locality: "spec",
    reads: ["nodeSelector", "nodeAffinity"],
    requeueOn: NODE_ADDED_OR_UPDATED,
    normalize: "max",

    /** A node came or changed that matches now. */
    isSchedulableAfter({ pod }, { newObject }) {
      const { name, labels = {} } = (newObject as Node).metadata;
      if (enforced !== undefined && !enforced(labels, name)) return false;
      return matchesRequired({ name, labels }, requiredOf(pod));
    },

    preFilter: (pod) => preFilter(pod, enforced !== undefined),

    filter(_pod, node, required) {
      if (enforced !== undefined && !enforced(node.labels, node.name)) return ENFORCED_MISMATCH;
      return matchesRequired(node, required) ? undefined : POD_MISMATCH;
    },

    preScore({ pod }) {
      const own = preferredOf(pod.spec.affinity?.nodeAffinity);
      const all = [...addedPreferred, ...own];
      return all.length === 0 ? SKIP : { state: all };
    },

    score(_pod, node, preferred) {
      let total = 0;
      for (const { weight, matcher } of preferred) {
        if (matcher(node.labels, node.name)) total += weight;
      }
      return total;
    },
  });
}

function preFilter({ pod }: PodInfo, isEnforced: boolean): typeof SKIP | PreFilterResult<Required> {
  const { nodeSelector } = pod.spec;
  const affinity = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (affinity === undefined && nodeSelector === undefined && !isEnforced) return SKIP;
  const state = requiredOf(pod);
  const names = namedNodes(affinity?.nodeSelectorTerms ?? []);
  if (names === undefined) return { state };
  if (names.length === 0) return { state, reject: TERMS_CONFLICT };
  return { state, nodeNames: names };
}

function requiredOf({ spec }: Pod): Required {
  const affinity = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return {
    selector: Object.entries(spec.nodeSelector ?? {}),
    affinity: affinity === undefined ? undefined : compileNodeSelector(affinity),
  };
}

/** The nodes that the terms name; undefined when a term leaves the name open. */
function namedNodes(terms: readonly core.NodeSelectorTerm[]): readonly string[] | undefined {
  if (terms.length === 0) return undefined;
  const union = new Set<string>();
  for (const term of terms) {
    let names: readonly string[] | undefined;
    for (const { key, operator, values = [] } of term.matchFields ?? []) {
      if (key !== "metadata.name" || operator !== "In") continue;
      names = names === undefined ? values : names.filter((name) => values.includes(name));
    }
    if (names === undefined) return undefined;
    for (const name of names) union.add(name);
  }
  return [...union];
}

function matchesRequired(
  node: Pick<NodeSpecInfo, "name" | "labels">,
  { selector, affinity }: Required,
): boolean {
  for (const [key, value] of selector) if (node.labels[key] !== value) return false;
  return affinity === undefined || affinity(node.labels, node.name);
}

function preferredOf(affinity: core.NodeAffinity | undefined): readonly Preferred[] {
  const terms = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms
    .filter(({ weight }) => weight !== 0)
    .map(({ weight, preference }) => ({
      weight,
      matcher: compileNodeSelector({ nodeSelectorTerms: [preference] }),
    }));
}
