/**
 * The pod status that a kubelet reports (pkg/kubelet: status.go, kubelet_pods.go), made from the
 * state of its worker. Conditions keep their lastTransitionTime while their status is the same.
 */
import {
  type core,
  findCondition,
  isConditionTrue,
  type PodCondition,
  type PodStatus,
  sharedCondition,
  timestamp,
} from "../api/index.ts";
import { goDuration, type Micros } from "../kernel/index.ts";
import { type ContainerEnd, type ContainerRun, containerOf } from "./container-run.ts";
import type { PodWorker } from "./pod-worker.ts";
import { sharedStatuses } from "./shared-statuses.ts";

/** Status of the pod at `nowUs`, as a patch of the status subresource. */
export function podStatus(worker: PodWorker, hostIP: string, nowUs: Micros): PodStatus {
  const { outcome, runs } = worker;
  if (runs.length === 0) return rejectedStatus(worker);
  const initCount = worker.pod.spec.initContainers?.length ?? 0;
  const status: PodStatus = {
    phase: outcome !== "" ? outcome : worker.startedUs >= 0 ? "Running" : "Pending",
    conditions: conditions(worker, nowUs),
    hostIP,
    startTime: timestamp(worker.observedUs),
    containerStatuses: containerStatuses(worker, initCount, runs.length),
  };
  if (initCount > 0) status.initContainerStatuses = containerStatuses(worker, 0, initCount);
  if (worker.sandboxReadyUs >= 0) {
    status.podIP = worker.podIP;
    status.podIPs = [{ ip: worker.podIP }];
  }
  if (worker.reason !== "" && outcome !== "") {
    status.reason = worker.reason;
    status.message = worker.message;
  }
  return status;
}

/** Whether the API says that the pod is ready, as far as this kubelet knows. */
export function isShownReady({ pod }: PodWorker): boolean {
  return isConditionTrue(pod.status.conditions, "Ready");
}

/** Whether the pod's readiness gates are open: conditions that others set. */
export function areGatesOpen({ pod: { spec, status } }: PodWorker): boolean {
  const { readinessGates } = spec;
  if (readinessGates === undefined) return true;
  return readinessGates.every(({ conditionType }) =>
    isConditionTrue(status.conditions, conditionType),
  );
}

/** A pod that was not admitted has nothing but its phase and why. */
function rejectedStatus({ outcome, reason, message, observedUs }: PodWorker): PodStatus {
  return { phase: outcome, reason, message, startTime: timestamp(observedUs) };
}

function conditions(worker: PodWorker, nowUs: Micros): PodCondition[] {
  const isSandboxUp = worker.phase !== "sandbox" && worker.outcome === "";
  const initCount = worker.pod.spec.initContainers?.length ?? 0;
  const isInitialized = worker.step >= initCount || worker.startedUs >= 0;
  const areReady = worker.isReady;
  const notReady =
    worker.outcome === "Succeeded"
      ? "PodCompleted"
      : worker.outcome === "Failed"
        ? "PodFailed"
        : "ContainersNotReady";
  const isReady = areReady && areGatesOpen(worker);
  const why = areReady ? "ReadinessGatesNotReady" : notReady;
  return [
    condition(worker, "PodReadyToStartContainers", isSandboxUp, "", nowUs),
    condition(worker, "Initialized", isInitialized, "ContainersNotInitialized", nowUs),
    condition(worker, "Ready", isReady, why, nowUs),
    condition(worker, "ContainersReady", areReady, notReady, nowUs),
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
  const known = findCondition(worker.pod.status.conditions, type);
  if (known?.status === status && known.reason === (isTrue || reason === "" ? undefined : reason))
    return known;
  const lastTransitionTime =
    known?.status === status && known.lastTransitionTime !== undefined
      ? known.lastTransitionTime
      : timestamp(nowUs);
  return sharedCondition(type, status, isTrue ? "" : reason, lastTransitionTime);
}

function containerStatuses(worker: PodWorker, from: number, to: number): core.ContainerStatus[] {
  const statuses = new Array<core.ContainerStatus>(to - from); // a list that grew would keep room
  for (let i = from; i < to; i++)
    statuses[i - from] = containerStatus(worker, worker.runs[i] as ContainerRun);
  return sharedStatuses(statuses);
}

function containerStatus(worker: PodWorker, run: ContainerRun): core.ContainerStatus {
  const { name, image = "" } = containerOf(worker.pod, run);
  const hasRun = run.startedUs >= 0;
  const status: core.ContainerStatus = {
    name,
    image,
    imageID: hasRun ? image : "",
    ready: run.role === "init" ? run.end?.exitCode === 0 : run.isReady,
    started: run.isRunning && run.isStarted,
    restartCount: run.attempt,
    state: containerState(worker, run),
  };
  const last = run.phase === "backoff" && run.timer !== undefined ? run.end : run.lastEnd;
  if (last !== undefined) status.lastState = { terminated: terminated(last) };
  return status;
}

function containerState(worker: PodWorker, run: ContainerRun): core.ContainerState {
  if (run.isRunning) return { running: { startedAt: timestamp(run.startedUs) } };
  if (run.phase === "backoff" && run.timer !== undefined) {
    return { waiting: { reason: "CrashLoopBackOff", message: backOffMessage(worker, run) } };
  }
  if (run.end !== undefined) return { terminated: terminated(run.end) };
  const initCount = worker.pod.spec.initContainers?.length ?? 0;
  const isInitializing = worker.phase !== "sandbox" && worker.step < initCount;
  const isLater = run.index >= initCount || run.index > worker.step;
  const reason = isInitializing && isLater ? "PodInitializing" : "ContainerCreating";
  return { waiting: { reason } };
}

/** As kuberuntime_manager.go words it, with the duration in Go's form: `1m20s`. */
function backOffMessage({ pod, record }: PodWorker, run: ContainerRun): string {
  const { name } = containerOf(pod, run);
  const wait = goDuration(run.backOff?.delayUs ?? 0);
  const podName = `${record.name}_${record.namespace}(${pod.metadata.uid})`;
  return `back-off ${wait} restarting failed container=${name} pod=${podName}`;
}

function terminated(end: ContainerEnd): core.ContainerStateTerminated {
  return {
    exitCode: end.exitCode,
    reason: end.reason,
    startedAt: timestamp(end.startedUs),
    finishedAt: timestamp(end.finishedUs),
  };
}
