/**
 * MatchingTerms: which terms of pods on nodes match a pod. The list of terms only grows while its
 * epoch is the same, so each term that may match is asked once per pod that the framework hands over
 * (one stands for all that are alike).
 *
 * A cache: computed from the pod, the terms and the labels of the pod's namespace.
 */
import type {
  AffinityTermGroup,
  ClusterInfo,
  PodInfo,
  TermCounts,
} from "../../sim/scheduler/index.ts";

type Labels = Readonly<Record<string, string>>;

/** What was found in the first terms of a list. */
interface Known {
  readonly epoch: number;
  readonly namespaceLabels: Labels | undefined;
  /** How many terms the list had, and the last of them: another one in its place, another list. */
  askedCount: number;
  last: TermCounts | undefined;
  readonly matching: TermCounts[];
}

const NONE: readonly TermCounts[] = [];

export class MatchingTerms {
  readonly #ofPod = new WeakMap<PodInfo, Map<AffinityTermGroup, Known>>();

  /** Terms of the group that match the pod; some may have no pods left. */
  of(pod: PodInfo, group: AffinityTermGroup, cluster: ClusterInfo): readonly TermCounts[] {
    const { affinityTerms } = cluster;
    if (affinityTerms.podCount(group) === 0) return NONE;
    const list = affinityTerms.of(group);
    const known = this.#known(pod, group, list, affinityTerms.epoch, labelsOf(pod, cluster));
    if (known.askedCount === list.length) return known.matching;
    const { namespace, labels } = pod;
    for (const counted of affinityTerms.mayMatch(group, namespace, labels, known.askedCount)) {
      if (counted.term.matches(namespace, labels, known.namespaceLabels)) {
        known.matching.push(counted);
      }
    }
    known.askedCount = list.length;
    known.last = list[list.length - 1];
    return known.matching;
  }

  #known(
    pod: PodInfo,
    group: AffinityTermGroup,
    list: readonly TermCounts[],
    epoch: number,
    namespaceLabels: Labels | undefined,
  ): Known {
    let ofPod = this.#ofPod.get(pod);
    if (ofPod === undefined) {
      ofPod = new Map();
      this.#ofPod.set(pod, ofPod);
    }
    const found = ofPod.get(group);
    if (
      found?.epoch === epoch &&
      found.namespaceLabels === namespaceLabels &&
      list[found.askedCount - 1] === found.last
    ) {
      return found;
    }
    const known: Known = { epoch, namespaceLabels, last: undefined, askedCount: 0, matching: [] };
    ofPod.set(group, known);
    return known;
  }
}

/** Labels of the pod's namespace; undefined when no such object is known. */
export function labelsOf({ namespace }: PodInfo, cluster: ClusterInfo): Labels | undefined {
  return cluster.objects("Namespace").get("", namespace)?.metadata.labels;
}
