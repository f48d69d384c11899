/** Terms of inter-pod affinity: AffinityTerm, in pkg/scheduler/framework/types.go. */
import type { core, Labels, Pod, Scenario } from "./scenario.ts";
import { type Selector, selectorOf, selects, selectsEverything } from "./selectors.ts";

export interface AffinityTerm {
  readonly namespaces: ReadonlySet<string>;
  readonly namespaceSelector: Selector;
  readonly labelSelector: Selector;
  readonly topologyKey: string;
  /** 1..100 for a preferred one, 0 for a required one. */
  readonly weight: number;
}

/** All that a pod says about other pods. */
export interface PodTerms {
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
}

const known = new WeakMap<Pod, PodTerms>();

export function termsOf(pod: Pod): PodTerms {
  const before = known.get(pod);
  if (before !== undefined) return before;
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const terms = {
    requiredAffinity: required(pod, podAffinity),
    requiredAntiAffinity: required(pod, podAntiAffinity),
    preferredAffinity: preferred(pod, podAffinity),
    preferredAntiAffinity: preferred(pod, podAntiAffinity),
  };
  known.set(pod, terms);
  return terms;
}

const required = (pod: Pod, affinity: core.PodAffinity | undefined): readonly AffinityTerm[] =>
  (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) =>
    readTerm(pod, term, 0),
  );

const preferred = (pod: Pod, affinity: core.PodAffinity | undefined): readonly AffinityTerm[] =>
  (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
    ({ podAffinityTerm, weight }) => readTerm(pod, podAffinityTerm, weight),
  );

/** newAffinityTerm: without a word about namespaces the pod's own is meant. */
function readTerm(pod: Pod, term: core.PodAffinityTerm, weight: number): AffinityTerm {
  const { namespaces = [], namespaceSelector, labelSelector, topologyKey } = term;
  const isOwn = namespaces.length === 0 && namespaceSelector === undefined;
  return {
    namespaces: new Set(isOwn ? [pod.metadata.namespace] : namespaces),
    namespaceSelector: selectorOf(namespaceSelector),
    labelSelector: selectorOf(labelSelector),
    topologyKey,
    weight,
  };
}

/** AffinityTerm.Matches: does the term speak of the pod, whose namespace has these labels? */
export const speaksOf = (term: AffinityTerm, pod: Pod, namespaceLabels: Labels): boolean =>
  (term.namespaces.has(pod.metadata.namespace) ||
    selects(term.namespaceSelector, namespaceLabels)) &&
  selects(term.labelSelector, pod.metadata.labels);

/**
 * mergeAffinityTermNamespacesIfNotEmpty, in plugins/interpodaffinity/plugin.go: namespaces that the
 * selector finds stand in the incoming pod's own terms by name.
 */
export const withNamespaceNames = (
  terms: readonly AffinityTerm[],
  { namespaces }: Scenario,
): readonly AffinityTerm[] =>
  terms.map((term) => {
    const { namespaceSelector: selector } = term;
    if (selectsEverything(selector)) return term;
    const found = namespaces.filter(({ metadata }) => selects(selector, metadata.labels));
    const names = found.map(({ metadata }) => metadata.name);
    return {
      ...term,
      namespaces: new Set([...term.namespaces, ...names]),
      namespaceSelector: "nothing",
    };
  });

/** GetNamespaceLabelsSnapshot: none when there is no such namespace. */
export const namespaceLabels = ({ namespaces }: Scenario, pod: Pod): Labels =>
  namespaces.find(({ metadata }) => metadata.name === pod.metadata.namespace)?.metadata.labels ??
  {};
