/**
 * Which pods share a load: those of the namespace that name the same series; for a profile of their
 * own, those that say the same and have the same labels, apart from what controllers add to tell
 * revisions and pods apart. So a workload's pods share its load through a rollout.
 */
import type { ObjectMeta } from "../api/index.ts";
import type { UsageTerm } from "./usage-model.ts";

/** Labels that differ among the pods of one workload. */
const OWN_LABELS: ReadonlySet<string> = new Set([
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
  "batch.kubernetes.io/job-completion-index",
]);

type Labels = Readonly<Record<string, string>>;
const memo = new WeakMap<Labels, string>();
const NO_LABELS: Labels = {};

/** The key of the load that the term of a pod with this metadata has a part in. */
export function groupKey(
  { namespace, labels = NO_LABELS }: Pick<ObjectMeta, "namespace" | "labels">,
  { text, isNamed }: UsageTerm,
): string {
  return isNamed ? `${namespace}/${text}` : `${namespace}/${text} ${workloadText(labels)}`;
}

function workloadText(labels: Labels): string {
  let text = memo.get(labels);
  if (text === undefined) {
    text = Object.entries(labels)
      .filter(([name]) => !OWN_LABELS.has(name))
      .map(([name, value]) => `${name}=${value}`)
      .sort((a, b) => (a < b ? -1 : 1))
      .join(",");
    memo.set(labels, text);
  }
  return text;
}
