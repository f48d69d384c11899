/**
 * IncomingTerms: the affinity terms of the pod that is being scheduled, as queries about the pods
 * that run. Selectors of namespaces are resolved to the namespaces that exist.
 *
 * Source: NewPodInfo and AffinityTerm.Matches of kubernetes/pkg/scheduler/framework/types.go and
 * mergeAffinityTermNamespacesIfNotEmpty of interpodaffinity/plugin.go, v1.30.
 */
import { compileLabelSelector, type core } from "../../sim/api/index.ts";
import {
  type ClusterInfo,
  narrowingOf,
  type ObjectLister,
  type PodInfo,
  type PodQuery,
} from "../../sim/scheduler/index.ts";
import { selectorKey } from "./selector-key.ts";

export interface IncomingTerm {
  readonly topologyKey: string;
  /** 1..100 for preferred terms, else 0. */
  readonly weight: number;
  readonly query: PodQuery;
}

export interface IncomingTerms {
  readonly requiredAffinity: readonly IncomingTerm[];
  readonly requiredAntiAffinity: readonly IncomingTerm[];
  readonly preferredAffinity: readonly IncomingTerm[];
  readonly preferredAntiAffinity: readonly IncomingTerm[];
  /** It states any preferred term. */
  readonly hasPreferred: boolean;
  /** Pods that match all terms of the required affinity. */
  readonly allRequired: PodQuery;
  /** The pod itself is one of them. */
  readonly matchesSelf: boolean;
}

interface ParsedTerms {
  readonly terms: IncomingTerms;
  readonly readsNamespaces: boolean;
}

const NO_TERMS: ParsedTerms = {
  terms: {
    requiredAffinity: [],
    requiredAntiAffinity: [],
    preferredAffinity: [],
    preferredAntiAffinity: [],
    hasPreferred: false,
    allRequired: allOf([]),
    matchesSelf: false,
  },
  readsNamespaces: false,
};

interface Known {
  readonly terms: IncomingTerms;
  /** Undefined: no term selects namespaces by their labels. */
  readonly namespaces: ObjectLister | undefined;
  readonly namespacesVersion: number;
}

/** A cache: computed from the pod and the namespaces. */
export class IncomingTermsMemory {
  readonly #ofPod = new WeakMap<PodInfo, Known>();

  of(pod: PodInfo, cluster: ClusterInfo): IncomingTerms {
    const known = this.#ofPod.get(pod);
    if (known !== undefined && isCurrent(known, cluster)) return known.terms;
    const lister = cluster.objects("Namespace");
    const { podAffinity, podAntiAffinity } = pod.pod.spec.affinity ?? {};
    const isNone = !podAffinity && !podAntiAffinity;
    const parsed = isNone ? NO_TERMS : parseTerms(pod, lister);
    this.#ofPod.set(pod, {
      terms: parsed.terms,
      namespaces: parsed.readsNamespaces ? lister : undefined,
      namespacesVersion: lister.version,
    });
    return parsed.terms;
  }
}

function isCurrent({ namespaces, namespacesVersion }: Known, cluster: ClusterInfo): boolean {
  if (namespaces === undefined) return true;
  const lister = cluster.objects("Namespace");
  return lister === namespaces && lister.version === namespacesVersion;
}

function parseTerms(pod: PodInfo, lister: ObjectLister): ParsedTerms {
  const { podAffinity, podAntiAffinity } = pod.pod.spec.affinity ?? {};
  let readsNamespaces = false;
  const parse = (term: core.PodAffinityTerm, weight: number): IncomingTerm => {
    const requirements = compileLabelSelector(term.namespaceSelector).requirements;
    if (requirements.length > 0) readsNamespaces = true;
    return { topologyKey: term.topologyKey, weight, query: termQuery(term, pod, lister) };
  };
  const required = (affinity: core.PodAffinity | core.PodAntiAffinity | undefined) =>
    (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => parse(term, 0));
  const preferred = (affinity: core.PodAffinity | core.PodAntiAffinity | undefined) =>
    (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ podAffinityTerm, weight }) => parse(podAffinityTerm, weight),
    );
  const requiredAffinity = required(podAffinity);
  const allRequired = allOf(requiredAffinity.map(({ query }) => query));
  const preferredAffinity = preferred(podAffinity);
  const preferredAntiAffinity = preferred(podAntiAffinity);
  const terms = {
    requiredAffinity,
    requiredAntiAffinity: required(podAntiAffinity),
    preferredAffinity,
    preferredAntiAffinity,
    hasPreferred: preferredAffinity.length + preferredAntiAffinity.length > 0,
    allRequired,
    matchesSelf: allRequired.matches(pod.namespace, pod.labels, false),
  };
  return { terms, readsNamespaces };
}

/** The pods that match a term. Those that are being deleted count, too. */
function termQuery(
  { labelSelector, namespaces: named = [], namespaceSelector }: core.PodAffinityTerm,
  pod: PodInfo,
  lister: ObjectLister,
): PodQuery {
  const selector = compileLabelSelector(labelSelector);
  const selected = compileLabelSelector(namespaceSelector);
  const isAnywhere = selected.isEmpty();
  const names = new Set<string>(named);
  if (named.length === 0 && (namespaceSelector ?? null) === null) names.add(pod.namespace);
  if (selected.requirements.length > 0) {
    for (const { metadata } of lister.list()) {
      if (selected.matches(metadata.labels)) names.add(metadata.name);
    }
  }
  // An absent selector matches nothing, one without conditions everything.
  const conditions = (labelSelector ?? null) === null ? "none" : selectorKey(selector);
  const where = isAnywhere ? "anywhere" : JSON.stringify([...names].sort());
  const [onlyName] = names;
  return {
    key: `affinity ${where} ${conditions}`,
    narrowedBy: narrowingOf(selector, isAnywhere || names.size > 1 ? undefined : onlyName),
    matches: (namespace, labels) =>
      (isAnywhere || names.has(namespace)) && selector.matches(labels),
  };
}

/** Pods that match all queries; none when there is no query (podMatchesAllAffinityTerms). */
function allOf(queries: readonly PodQuery[]): PodQuery {
  const [only] = queries;
  if (only !== undefined && queries.length === 1) return only;
  const keys = new Set(queries.map(({ key }) => key));
  return {
    key: `all ${JSON.stringify([...keys].sort())}`,
    narrowedBy: {
      namespace: queries.find(({ narrowedBy }) => narrowedBy?.namespace)?.narrowedBy?.namespace,
      label: queries.find(({ narrowedBy }) => narrowedBy?.label)?.narrowedBy?.label,
    },
    matches: (namespace, labels, isTerminating) =>
      queries.length > 0 &&
      queries.every((query) => query.matches(namespace, labels, isTerminating)),
  };
}
