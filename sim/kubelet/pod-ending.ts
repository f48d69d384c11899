/**
 * PodEnding: how a pod ends: by itself, told to stop within its grace period, or at once
 * (pkg/kubelet: pod_workers.go, kubelet_pods.go).
 */
import {
  annotatedSpanUs,
  DURATION_ANNOTATION,
  type KeyRecord,
  type Pod,
  type Trace,
} from "../api/index.ts";
import type { EventRecorder } from "../client/index.ts";
import type { HandlerId, HopLatency, Kernel, Micros } from "../kernel/index.ts";
import { type ContainerLifecycle, KILLED, TERMINATED } from "./container-lifecycle.ts";
import { containerOf } from "./container-run.ts";
import { account } from "./node-admission.ts";
import type { NodeFleet } from "./node-fleet.ts";
import type { PodWorker } from "./pod-worker.ts";
import type { StatusManager } from "./status-manager.ts";
import { podPreStopUs, stopping } from "./termination.ts";

const SECOND_US = 1_000_000;

export interface PodEndingSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly fleet: NodeFleet;
  readonly events: EventRecorder;
  readonly statuses: StatusManager;
  readonly containers: ContainerLifecycle;
  readonly containerStop: HopLatency;
}

export class PodEnding {
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #fleet: NodeFleet;
  readonly #events: EventRecorder;
  readonly #statuses: StatusManager;
  readonly #containers: ContainerLifecycle;
  readonly #containerStop: HopLatency;
  readonly #stopDue: HandlerId<PodWorker, number>;
  readonly #signalDue: HandlerId<PodWorker>;
  readonly #listeners: ((record: KeyRecord<Pod>) => void)[] = [];
  readonly #stopListeners: ((record: KeyRecord<Pod>) => void)[] = [];

  constructor(settings: PodEndingSettings) {
    const { kernel, trace, fleet, events, statuses, containers, containerStop } = settings;
    this.#kernel = kernel;
    this.#trace = trace;
    this.#fleet = fleet;
    this.#events = events;
    this.#statuses = statuses;
    this.#containers = containers;
    this.#containerStop = containerStop;
    this.#stopDue = kernel.handler("kubelet/containers-stopped", (w, exitCode) =>
      this.stopped(w, exitCode),
    );
    this.#signalDue = kernel.handler("kubelet/stop-signal", (w) => this.#signal(w));
  }

  /** Calls `listener` at the moment when a pod's containers have ended. Register it when wiring. */
  onEnded(listener: (record: KeyRecord<Pod>) => void): void {
    this.#listeners.push(listener);
  }

  /** Calls `listener` when the signal to stop has been sent to a pod's containers. */
  onStopping(listener: (record: KeyRecord<Pod>) => void): void {
    this.#stopListeners.push(listener);
  }

  /** All containers have ended by themselves: the pod is over. */
  finish(worker: PodWorker): void {
    this.cancelTimers(worker);
    const outcome = outcomeOf(worker);
    this.end(worker, outcome, outcome === "Succeeded" ? "" : "Error");
    this.#statuses.send(worker);
  }

  /** Tells all containers to stop, within the grace period. */
  stop(worker: PodWorker): void {
    this.cancelTimers(worker);
    const { pod, runs } = worker;
    worker.phase = "stopping";
    if (!runs.some(({ isRunning }) => isRunning)) return this.stopped(worker, KILLED);
    for (const run of runs) {
      const { name } = containerOf(pod, run);
      if (run.isRunning) this.#events.event(pod, "Normal", "Killing", `Stopping container ${name}`);
    }
    const graceUs = graceUsOf(pod);
    const stopUs = this.#containerStop.us(worker.record.hash, worker.drawCount++);
    const hookUs = podPreStopUs(pod);
    this.#signalAfter(worker, Math.min(hookUs, graceUs));
    const { afterUs, isKilled } = stopping(hookUs, stopUs, graceUs);
    const exitCode = isKilled ? KILLED : isAtWork(worker) ? TERMINATED : 0;
    worker.graceEndsUs = this.#kernel.nowUs + graceUs;
    worker.timer = this.#kernel.after(afterUs, this.#stopDue, worker, exitCode);
  }

  /** The pod was deleted again, with less grace: it is killed when that is over. */
  hurry(worker: PodWorker): void {
    const endsUs = this.#kernel.nowUs + graceUsOf(worker.pod);
    if (endsUs >= worker.graceEndsUs || worker.timer === undefined) return;
    worker.graceEndsUs = endsUs;
    if (worker.timer.timeUs <= endsUs) return;
    this.#kernel.cancel(worker.timer);
    worker.timer = this.#kernel.at(endsUs, this.#stopDue, worker, KILLED);
  }

  #signalAfter(worker: PodWorker, hookUs: Micros): void {
    if (this.#stopListeners.length === 0) return;
    if (hookUs === 0) return this.#signal(worker);
    worker.signal = this.#kernel.after(hookUs, this.#signalDue, worker, undefined);
  }

  #signal(worker: PodWorker): void {
    worker.signal = undefined;
    for (const listener of this.#stopListeners) listener(worker.record);
  }

  /** The final status goes out first, then the deletion (see #onFinalStatus). */
  stopped(worker: PodWorker, exitCode: number): void {
    worker.timer = undefined;
    this.#cancelSignal(worker); // killed before its hooks were over
    this.noteAll(worker, exitCode, exitCode === 0 ? "Completed" : "Error");
    const isDeleted = worker.pod.metadata.deletionTimestamp !== undefined;
    const outcome = worker.reason === "" ? outcomeOf(worker) : "Failed";
    const reason = worker.reason !== "" ? worker.reason : isDeleted ? "Deleted" : "";
    this.end(worker, outcome, reason);
    this.#statuses.send(worker);
  }

  /** Those that run end now. */
  noteAll({ runs }: PodWorker, exitCode: number, reason: string): void {
    for (const run of runs) if (run.isRunning) this.#containers.note(run, exitCode, reason);
  }

  /** The containers have ended: the node's resources are free, from the kubelet's point of view. */
  end(worker: PodWorker, phase: "Succeeded" | "Failed", reason: string): void {
    const { record } = worker;
    const timeUs = this.#kernel.nowUs;
    const node = this.#fleet.node(worker.node).name;
    worker.phase = "done";
    worker.outcome = phase;
    worker.finishedUs = timeUs;
    this.#release(worker);
    const { podFinished } = this.#trace;
    if (podFinished.on) podFinished.emit({ record, node, timeUs, phase, reason });
    this.tellEnded(worker);
  }

  /** None of the pod's own containers runs. */
  tellEnded({ record }: PodWorker): void {
    for (const listener of this.#listeners) listener(record);
  }

  #release(worker: PodWorker): void {
    if (!worker.isAccounted) return;
    worker.isAccounted = false;
    account(this.#fleet.node(worker.node).room, worker.pod, -1);
  }

  /** Nothing happens to the pod by itself any more. */
  cancelTimers(worker: PodWorker): void {
    if (worker.timer !== undefined) this.#kernel.cancel(worker.timer);
    if (worker.deadline !== undefined) this.#kernel.cancel(worker.deadline);
    worker.timer = undefined;
    worker.deadline = undefined;
    this.#cancelSignal(worker);
    this.#containers.cancelAll(worker);
  }

  #cancelSignal(worker: PodWorker): void {
    if (worker.signal !== undefined) this.#kernel.cancel(worker.signal);
    worker.signal = undefined;
  }
}

/** Failed if a container of its own failed, or had no chance to end (getPhase in kubelet_pods.go). */
function outcomeOf({ runs }: PodWorker): "Succeeded" | "Failed" {
  let ended = 0;
  for (const { role, end } of runs) {
    if (role !== "main") continue;
    if (end === undefined || end.exitCode !== 0) return "Failed";
    ended++;
  }
  return ended > 0 ? "Succeeded" : "Failed";
}

function graceUsOf({ metadata, spec }: Pod): Micros {
  const seconds = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
  return seconds * SECOND_US;
}

/**
 * It has work to finish, so that being told to stop leaves it undone and fails the pod; a server ends
 * with 0 then. Our assumption: programs do not handle SIGTERM, or handle it as servers do.
 */
function isAtWork({ pod, runs }: PodWorker): boolean {
  if (pod.spec.restartPolicy === "Always") return false;
  return runs.some((run) => {
    if (run.role !== "main" || !run.isRunning) return false;
    const { name } = containerOf(pod, run);
    const attempt = { name, attempt: run.attempt, isInit: false };
    const us = annotatedSpanUs(pod.metadata.annotations, DURATION_ANNOTATION, attempt);
    return us !== undefined && us < Number.POSITIVE_INFINITY;
  });
}
