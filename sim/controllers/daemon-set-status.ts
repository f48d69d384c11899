/**
 * The status of a DaemonSet, counted node by node.
 * Source: updateDaemonSetStatus and storeDaemonSetStatus in
 * pkg/controller/daemon/daemon_controller.go of v1.30.
 */
import type { DaemonSet } from "../api/index.ts";
import { nodeVerdict } from "./daemon-set-nodes.ts";
import { type DaemonView, isUpdated } from "./daemon-set-plan.ts";
import { isPodAvailable, isPodReady } from "./pod-state.ts";

type Status = DaemonSet["status"];

/** `observedGeneration` is what the sync acted on. */
export function daemonSetStatus(
  { set, hash, nodes, pods, nowUs }: DaemonView,
  observedGeneration: number,
  collisionCount: number,
): Status {
  let [desired, current, misscheduled, ready, updated, available] = [0, 0, 0, 0, 0, 0];
  for (const node of nodes) {
    const pod = pods.get(node.metadata.name)?.[0]; // the oldest
    if (!nodeVerdict(set, node).shouldRun) {
      if (pod !== undefined) misscheduled++;
      continue;
    }
    desired++;
    if (pod === undefined) continue;
    current++;
    if (isPodReady(pod)) {
      ready++;
      if (isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowUs)) available++;
    }
    if (isUpdated(pod, hash)) updated++;
  }
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    observedGeneration,
    updatedNumberScheduled: updated,
    numberAvailable: available,
    numberUnavailable: desired - available,
    ...(collisionCount === 0 ? {} : { collisionCount }),
  };
}

const COUNTS = [
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
  "collisionCount",
] as const;

/** Whether nothing of it need be written. */
export function isStatusCurrent(status: Status, old: Status): boolean {
  return (
    (status.observedGeneration ?? 0) <= (old.observedGeneration ?? 0) &&
    COUNTS.every((name) => (status[name] ?? 0) === (old[name] ?? 0))
  );
}
