/**
 * PodWorker: what a kubelet knows of one pod on its node, and the phases of its life.
 *
 *   sandbox -> for each container: image, create, start -> running -> stopping -> done
 */
import type { KeyRecord, Pod } from "../api/index.ts";
import type { Micros, SimEvent } from "../kernel/index.ts";
import type { ContainerRun } from "./container-run.ts";

export type WorkerPhase =
  /** The sandbox and the network are being set up. */
  | "sandbox"
  /** Containers are being started, one after the other; `step` is the next. */
  | "starting"
  /** All containers have been started once. */
  | "running"
  /** Containers are being stopped. */
  | "stopping"
  /** All containers have ended; the final status is on its way, or has arrived. */
  | "done"
  /** Its machine has died, and the kubelet with it. */
  | "lost";

export class PodWorker {
  readonly record: KeyRecord<Pod>;
  readonly node: number;
  /** The pod as last seen. */
  pod: Pod;
  phase: WorkerPhase = "sandbox";
  /** Its containers, init containers first. */
  readonly runs: ContainerRun[];
  /** Containers that have had their turn, init containers included. */
  step = 0;
  /** Random draws made for this pod so far, by the order of its steps. */
  drawCount = 0;
  /** The pod's next step (sandbox, stop); undefined: it waits for something else. */
  timer: SimEvent | undefined = undefined;
  /** The signal to stop, which its preStop hooks delay. */
  signal: SimEvent | undefined = undefined;
  /** The end of its activeDeadlineSeconds. */
  deadline: SimEvent | undefined = undefined;
  /** When its grace period is over, once it is being stopped. */
  graceEndsUs: Micros = -1;
  /** When the kubelet first saw it; the sandbox was up; containers started; ended. -1: not yet. */
  observedUs: Micros;
  sandboxReadyUs: Micros = -1;
  startedUs: Micros = -1;
  finishedUs: Micros = -1;
  /** How it ended, when it did. */
  outcome: "" | "Succeeded" | "Failed" = "";
  /** Reason of a failure (`OutOfcpu`), or "". */
  reason = "";
  message = "";
  readonly podIP: string;
  /** What it requests is counted as used on its node. */
  isAccounted = false;
  /** A status update is on its way; `isStatusStale`: another one must follow it. */
  isSendingStatus = false;
  isStatusStale = false;
  /** The last update was lost on its way, and none was sent since. */
  isStatusUnsent = false;
  /** A status or a removal waits until the node reaches the API again. */
  isHeldBack = false;

  constructor(
    record: KeyRecord<Pod>,
    pod: Pod,
    node: number,
    podIP: string,
    observedUs: Micros,
    runs: ContainerRun[],
  ) {
    this.record = record;
    this.pod = pod;
    this.node = node;
    this.podIP = podIP;
    this.observedUs = observedUs;
    this.runs = runs;
  }

  /** Takes note of the pod's object, unless a later one was seen: answers and watch may cross. */
  see(pod: Pod): void {
    if (Number(pod.metadata.resourceVersion) > Number(this.pod.metadata.resourceVersion))
      this.pod = pod;
  }

  /** Whether a container of its own (no init container, no sidecar) runs at this moment. */
  get isServing(): boolean {
    if (this.startedUs < 0 || this.finishedUs >= 0) return false;
    for (const run of this.runs) if (run.role === "main" && run.isRunning) return true;
    return false;
  }

  /** Whether a program of one of these listens by now, so that connections are accepted. */
  listensAt(nowUs: Micros): boolean {
    if (!this.isServing) return false;
    for (const run of this.runs) {
      if (run.role === "main" && run.isRunning && run.answersUs <= nowUs) return true;
    }
    return false;
  }

  /** Whether all containers that run on are ready. */
  get isReady(): boolean {
    if (this.phase !== "running" && this.phase !== "stopping") return false;
    for (const run of this.runs) if (run.role !== "init" && !run.isReady) return false;
    return this.startedUs >= 0 && this.finishedUs < 0;
  }
}
