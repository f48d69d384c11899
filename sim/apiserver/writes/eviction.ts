/**
 * POST pods/eviction: a deletion that a PodDisruptionBudget may refuse.
 *
 * The budget's check and decrement, the pod's condition and its deletion happen at one moment, so
 * that the retries that the real one makes after a conflict have nothing to do here.
 * Source: pkg/registry/core/pod/storage/eviction.go of v1.30.
 */
import {
  compileLabelSelector,
  isConditionTrue,
  type KeyRecord,
  type Pod,
  type PodDisruptionBudget,
  setCondition,
  timestamp,
} from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import { current, settle, type WriteContext } from "../answers.ts";
import type { EvictionBody } from "../api-call.ts";
import { removeWith } from "./deletion.ts";

/** eviction.go: MaxDisruptedPodSize. */
const DISRUPTED_PODS_MAX = 2000;
/** Seconds after which a client tries again while the budget's status is behind. */
const RETRY_AFTER_SECONDS = 10;

const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget.";
const SEVERAL =
  "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";

/** Takes the disruption off the pod's budget, if it has one, and deletes the pod. */
export function evict(context: WriteContext): void {
  const { call } = context;
  const options = (call.body ?? {}) as EvictionBody;
  const pod = current(context) as Pod | undefined;
  if (pod === undefined) return;
  if (!canIgnoreBudget(pod)) {
    const budgets = budgetsOf(context, pod);
    if (budgets.length > 1) return call.fail(500, "", SEVERAL);
    const budget = budgets[0];
    if (budget !== undefined && !disrupt(context, pod, budget)) return;
  }
  if (!markDisrupted(context, pod, options)) return;
  const { resourceVersion, ...rest } = options;
  const isUnchanged =
    resourceVersion === undefined || resourceVersion === pod.metadata.resourceVersion;
  removeWith(context, isUnchanged ? rest : options); // the mark has changed the pod meanwhile
}

/** Ended, not started, or being deleted: it protects nothing (canIgnorePDB). */
function canIgnoreBudget({ metadata, status: { phase } }: Pod): boolean {
  return (
    phase === "Succeeded" ||
    phase === "Failed" ||
    phase === "Pending" ||
    metadata.deletionTimestamp !== undefined
  );
}

/** The budgets that select the pod, by key; none selects a pod without labels. */
function budgetsOf({ etcd }: WriteContext, { metadata }: Pod): KeyRecord<PodDisruptionBudget>[] {
  const { labels = {}, namespace } = metadata;
  if (Object.keys(labels).length === 0 || etcd.count("PodDisruptionBudget") === 0) return [];
  const records = etcd.list("PodDisruptionBudget") as KeyRecord<PodDisruptionBudget>[];
  return records.filter(
    ({ stored, namespace: other }) =>
      stored !== undefined &&
      other === namespace &&
      compileLabelSelector(stored.spec.selector).matches(labels),
  );
}

/** Whether the budget lets the pod go; if it counts, one disruption fewer is allowed from now. */
function disrupt(context: WriteContext, pod: Pod, record: KeyRecord<PodDisruptionBudget>): boolean {
  const budget = record.stored;
  if (budget === undefined) return true;
  if (!isConditionTrue(pod.status.conditions, "Ready")) {
    // An unhealthy pod counts for nothing: it may go if the rest is well (unhealthyPodEvictionPolicy).
    if (budget.spec.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
    const { currentHealthy, desiredHealthy } = budget.status;
    if (currentHealthy >= desiredHealthy && desiredHealthy > 0) return true;
  }
  if (isRefused(context, budget)) return false;
  const next = {
    ...budget,
    metadata: { ...budget.metadata },
    status: decremented(context, pod, budget),
  };
  return isStored(context, context.etcd.update(record, next as PodDisruptionBudget, ""));
}

/** Whether a write on the way to the deletion was done; else the call was failed. */
function isStored(context: WriteContext, result: ReturnType<Etcd["update"]>): boolean {
  if (typeof result !== "string") return true;
  settle(context, result, 200);
  return false;
}

/** The reasons of checkAndDecrement; true: the call was failed. */
function isRefused({ call }: WriteContext, { metadata, status }: PodDisruptionBudget): boolean {
  const { name, generation = 0 } = metadata;
  if ((status.observedGeneration ?? 0) < generation) {
    call.fail(429, "TooManyRequests", VIOLATES);
    const message = `The disruption budget ${name} is still being processed by the server.`;
    call.causes = [{ reason: "DisruptionBudget", message }];
    call.retryAfterSeconds = RETRY_AFTER_SECONDS;
    return true;
  }
  const forbidden = (why: string) =>
    call.fail(403, "Forbidden", `poddisruptionbudget.policy "${name}" is forbidden: ${why}`);
  if (status.disruptionsAllowed < 0) forbidden("pdb disruptions allowed is negative");
  else if (Object.keys(status.disruptedPods ?? {}).length > DISRUPTED_PODS_MAX)
    forbidden("DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  else if (status.disruptionsAllowed === 0) {
    const { desiredHealthy, currentHealthy } = status;
    call.fail(429, "TooManyRequests", VIOLATES);
    const message = `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    call.causes = [{ reason: "DisruptionBudget", message }];
  } else return false;
  return true;
}

/** The status after one more disruption, of this pod. */
function decremented(
  { nowUs }: WriteContext,
  pod: Pod,
  { metadata, status }: PodDisruptionBudget,
): PodDisruptionBudget["status"] {
  const disruptionsAllowed = status.disruptionsAllowed - 1;
  const now = timestamp(nowUs);
  const next = {
    ...status,
    disruptionsAllowed,
    disruptedPods: { ...status.disruptedPods, [pod.metadata.name]: now },
  };
  if (disruptionsAllowed > 0) return next;
  const conditions = setCondition(status.conditions, {
    type: "DisruptionAllowed",
    status: "False",
    reason: "InsufficientPods",
    message: "",
    lastTransitionTime: now,
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
  });
  return { ...next, conditions: [...conditions] };
}

/** Says on the pod why it goes (addConditionAndDeletePod), unless a precondition fails anyhow. */
function markDisrupted(context: WriteContext, pod: Pod, options: EvictionBody): boolean {
  const { etcd, record, nowUs } = context;
  const { uid = pod.metadata.uid, resourceVersion = pod.metadata.resourceVersion } = options;
  if (uid !== pod.metadata.uid || resourceVersion !== pod.metadata.resourceVersion) return true;
  const conditions = setCondition(pod.status.conditions, {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastTransitionTime: timestamp(nowUs),
  });
  if (conditions === pod.status.conditions) return true;
  const status = { ...pod.status, conditions: [...conditions] };
  const next = { ...pod, metadata: { ...pod.metadata }, status } as Pod;
  return isStored(context, etcd.update(record, next, ""));
}
