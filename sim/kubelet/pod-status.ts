/**
 * The pod status that a kubelet reports (pkg/kubelet: status.go, kubelet_pods.go), made from the
 * state of its worker. Conditions keep their lastTransitionTime while their status is the same.
 */
import {
  type Container,
  type core,
  type PodCondition,
  type PodStatus,
  timestamp,
} from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import type { PodWorker } from "./pod-worker.ts";

/** Status of the pod at `nowUs`, as a patch of the status subresource. */
export function podStatus(worker: PodWorker, hostIP: string, nowUs: Micros): PodStatus {
  const isRunning = worker.phase === "running";
  const isOver = worker.outcome !== "";
  const { containers, initContainers = [] } = worker.pod.spec;
  const status: PodStatus = {
    phase: isOver ? worker.outcome : isRunning || worker.startedUs >= 0 ? "Running" : "Pending",
    conditions: conditions(worker, isRunning, nowUs),
    hostIP,
    startTime: timestamp(worker.observedUs),
    containerStatuses: containers.map((container, i) =>
      containerStatus(worker, container, initContainers.length + i),
    ),
  };
  if (worker.sandboxReadyUs >= 0) {
    status.podIP = worker.podIP;
    status.podIPs = [{ ip: worker.podIP }];
  }
  if (worker.reason !== "") {
    status.reason = worker.reason;
    status.message = worker.message;
  }
  return status;
}

function conditions(worker: PodWorker, isReady: boolean, nowUs: Micros): PodCondition[] {
  const isSandboxUp = worker.phase !== "sandbox" && worker.outcome === "";
  const initCount = worker.pod.spec.initContainers?.length ?? 0;
  const isInitialized = worker.step >= initCount || worker.startedUs >= 0;
  const notReady =
    worker.outcome === "Succeeded"
      ? "PodCompleted"
      : worker.outcome === "Failed"
        ? "PodFailed"
        : "ContainersNotReady";
  return [
    condition(worker, "PodReadyToStartContainers", isSandboxUp, "", nowUs),
    condition(worker, "Initialized", isInitialized, "ContainersNotInitialized", nowUs),
    condition(worker, "Ready", isReady, notReady, nowUs),
    condition(worker, "ContainersReady", isReady, notReady, nowUs),
  ];
}

function condition(
  worker: PodWorker,
  type: string,
  isTrue: boolean,
  reason: string,
  nowUs: Micros,
): PodCondition {
  const status = isTrue ? "True" : "False";
  const known = worker.pod.status.conditions?.find((other) => other.type === type);
  if (known?.status === status && known.reason === (isTrue || reason === "" ? undefined : reason))
    return known;
  const lastTransitionTime =
    known?.status === status && known.lastTransitionTime !== undefined
      ? known.lastTransitionTime
      : timestamp(nowUs);
  return isTrue || reason === ""
    ? { type, status, lastTransitionTime }
    : { type, status, reason, lastTransitionTime };
}

function containerStatus(
  worker: PodWorker,
  { name, image = "" }: Container,
  step: number,
): core.ContainerStatus {
  const isStarted = step < worker.step;
  const isRunning = isStarted && worker.finishedUs < 0;
  return {
    name,
    image,
    imageID: isStarted ? image : "",
    ready: isRunning && worker.phase === "running",
    started: isRunning,
    restartCount: 0,
    state: containerState(worker, isStarted),
  };
}

function containerState(worker: PodWorker, isStarted: boolean): core.ContainerState {
  if (!isStarted) return { waiting: { reason: "ContainerCreating" } };
  const startedAt = timestamp(worker.startedUs < 0 ? worker.observedUs : worker.startedUs);
  if (worker.finishedUs < 0) return { running: { startedAt } };
  return {
    terminated: {
      exitCode: worker.exitCode,
      reason: worker.exitCode === 0 ? "Completed" : "Error",
      startedAt,
      finishedAt: timestamp(worker.finishedUs),
    },
  };
}
