/**
 * unschedulablePods: the pods that were tried and rejected, and the gated ones.
 *
 * Pods of one profile that the same plugins rejected form a group, since a cluster event concerns
 * either all of them or none: a thousand pods that failed alike cost one look per event.
 */
import type { KeyRecord, Pod } from "../../api/index.ts";
import type { QueuedPodInfo } from "./queued-pod-info.ts";

export interface UnschedulableGroup {
  readonly schedulerName: string;
  readonly rejectorPlugins: readonly string[];
  readonly pods: Map<KeyRecord<Pod>, QueuedPodInfo>;
}

/** Plain data: part of the queue's state. Its functions stand beside it. */
export interface UnschedulablePods {
  /** By group key. The order of groups and pods depends on history: no result may depend on it. */
  readonly groups: Map<string, UnschedulableGroup>;
  readonly gated: Map<KeyRecord<Pod>, QueuedPodInfo>;
}

export function createUnschedulablePods(): UnschedulablePods {
  return { groups: new Map(), gated: new Map() };
}

export function addUnschedulable(pods: UnschedulablePods, pod: QueuedPodInfo): void {
  if (pod.gated) pods.gated.set(pod.info.record, pod);
  else groupOf(pods, pod).pods.set(pod.info.record, pod);
}

export function removeUnschedulable(pods: UnschedulablePods, pod: QueuedPodInfo): void {
  if (pod.gated) pods.gated.delete(pod.info.record);
  else groupOf(pods, pod).pods.delete(pod.info.record);
}

function groupOf(pods: UnschedulablePods, pod: QueuedPodInfo): UnschedulableGroup {
  const schedulerName = schedulerNameOf(pod);
  const key = `${schedulerName}|${pod.rejectorPlugins.join("|")}`;
  let group = pods.groups.get(key);
  if (group === undefined) {
    group = { schedulerName, rejectorPlugins: pod.rejectorPlugins, pods: new Map() };
    pods.groups.set(key, group);
  }
  return group;
}

function schedulerNameOf(pod: QueuedPodInfo): string {
  return pod.info.pod.spec.schedulerName ?? "default-scheduler";
}
