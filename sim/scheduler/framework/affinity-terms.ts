/**
 * AffinityTerms: the pod affinity and anti-affinity terms of a pod, parsed once per distinct text.
 *
 * Source: newAffinityTerm, getNamespacesFromPodAffinityTerm and AffinityTerm.Matches of
 * kubernetes/pkg/scheduler/framework/types.go, v1.30. `matchLabelKeys` and `mismatchLabelKeys` are
 * an alpha feature there, off by default: they are ignored.
 */
import {
  canonicalJson,
  compileLabelSelector,
  type core,
  type PodSpec,
  type Selector,
} from "../../api/index.ts";
import { narrowingOf } from "./narrowing.ts";
import type { AffinityTerm, AffinityTermGroup, Narrowing } from "./node-counts.ts";
import type { PodInfo } from "./pod-info.ts";

/** A pod's terms by group, in the order in which the pod states them. */
export type AffinityTermLists = Readonly<Record<AffinityTermGroup, readonly AffinityTerm[]>>;

export const AFFINITY_TERM_GROUPS: readonly AffinityTermGroup[] = [
  "requiredAffinity",
  "requiredAntiAffinity",
  "preferredAffinity",
  "preferredAntiAffinity",
];

/** The terms of a pod without pod affinity. */
export const NO_AFFINITY_TERMS: AffinityTermLists = {
  requiredAffinity: [],
  requiredAntiAffinity: [],
  preferredAffinity: [],
  preferredAntiAffinity: [],
};

/** The terms of one group that a pod states, in its order. Equal terms are one object. */
export function affinityTermsOf(pod: PodInfo, group: AffinityTermGroup): readonly AffinityTerm[] {
  return parseAffinityTerms(pod.pod.spec, pod.namespace)[group];
}

interface ParsedAffinity {
  readonly namespace: string;
  readonly lists: AffinityTermLists;
}

/** By the identity of `spec.affinity`, which never changes in a stored pod. */
const parsed = new WeakMap<core.Affinity, ParsedAffinity>();

/** All terms of a validated pod spec. `namespace`: the pod's own, which terms mean by default. */
export function parseAffinityTerms(spec: PodSpec, namespace: string): AffinityTermLists {
  const { affinity } = spec;
  if (!affinity?.podAffinity && !affinity?.podAntiAffinity) return NO_AFFINITY_TERMS;
  const known = parsed.get(affinity);
  if (known !== undefined && known.namespace === namespace) return known.lists;
  const { podAffinity, podAntiAffinity } = affinity;
  const lists: AffinityTermLists = {
    requiredAffinity: requiredTerms(podAffinity, namespace),
    requiredAntiAffinity: requiredTerms(podAntiAffinity, namespace),
    preferredAffinity: preferredTerms(podAffinity, namespace),
    preferredAntiAffinity: preferredTerms(podAntiAffinity, namespace),
  };
  parsed.set(affinity, { namespace, lists });
  return lists;
}

function requiredTerms(
  affinity: core.PodAffinity | core.PodAntiAffinity | undefined,
  namespace: string,
): readonly AffinityTerm[] {
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.map((term) => internTerm(term, 0, namespace));
}

function preferredTerms(
  affinity: core.PodAffinity | core.PodAntiAffinity | undefined,
  namespace: string,
): readonly AffinityTerm[] {
  const terms = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.map(({ podAffinityTerm, weight }) => internTerm(podAffinityTerm, weight, namespace));
}

/** Our assumption: enough for the distinct terms of any one cluster. */
const INTERNED_MAX = 65_536;

/** By text. Holds nothing but what the texts say: no state; emptied when full. */
const interned = new Map<string, AffinityTerm>();

function internTerm(term: core.PodAffinityTerm, weight: number, podNamespace: string) {
  const names = term.namespaces ?? [];
  const isOwn = names.length === 0 && (term.namespaceSelector ?? null) === null;
  const namespaces = isOwn ? [podNamespace] : [...new Set(names)].sort();
  const text = canonicalJson([
    namespaces,
    term.labelSelector ?? null,
    term.namespaceSelector ?? null,
    term.topologyKey,
    weight,
  ]);
  let found = interned.get(text);
  if (found === undefined) {
    found = new ParsedAffinityTerm(term, weight, namespaces);
    if (interned.size >= INTERNED_MAX) interned.clear();
    interned.set(text, found);
  }
  return found;
}

class ParsedAffinityTerm implements AffinityTerm {
  readonly topologyKey: string;
  readonly weight: number;
  readonly readsNamespaceLabels: boolean;
  readonly narrowedBy: Narrowing;
  readonly #namespaces: readonly string[];
  /** Without a selector: matches nothing. */
  readonly #selector: Selector;
  readonly #namespaceSelector: Selector;

  constructor(term: core.PodAffinityTerm, weight: number, namespaces: readonly string[]) {
    this.topologyKey = term.topologyKey;
    this.weight = weight;
    this.#namespaces = namespaces;
    this.#selector = compileLabelSelector(term.labelSelector);
    this.#namespaceSelector = compileLabelSelector(term.namespaceSelector);
    this.readsNamespaceLabels = this.#namespaceSelector.requirements.length > 0;
    const isByName = (term.namespaceSelector ?? null) === null && namespaces.length === 1;
    this.narrowedBy = narrowingOf(this.#selector, isByName ? namespaces[0] : undefined);
  }

  /** Unknown labels of a namespace count as none, as in GetNamespaceLabelsSnapshot. */
  matches(
    namespace: string,
    labels: Readonly<Record<string, string>>,
    namespaceLabels: Readonly<Record<string, string>> | undefined,
  ): boolean {
    const isInNamespace =
      this.#namespaces.includes(namespace) || this.#namespaceSelector.matches(namespaceLabels);
    return isInNamespace && this.#selector.matches(labels);
  }
}
