/**
 * PodWorker: what a kubelet knows of one pod on its node, and the phases of its life.
 *
 *   sandbox -> for each container: image, create, start -> running -> stopping -> done
 */
import type { KeyRecord, Pod } from "../api/index.ts";
import type { Micros, SimEvent } from "../kernel/index.ts";

export type WorkerPhase =
  /** The sandbox and the network are being set up. */
  | "sandbox"
  /** Containers are being started, one after the other; `step` is the next. */
  | "starting"
  | "running"
  /** Containers are being stopped. */
  | "stopping"
  /** All containers have ended; the final status is on its way, or has arrived. */
  | "done";

export class PodWorker {
  readonly record: KeyRecord<Pod>;
  readonly node: number;
  /** The pod as last seen. */
  pod: Pod;
  phase: WorkerPhase = "sandbox";
  /** Containers started so far, init containers included. */
  step = 0;
  /** Random draws made for this pod so far, by the order of its steps. */
  drawCount = 0;
  /** The next thing that will happen to it by itself; undefined: it waits for something else. */
  timer: SimEvent | undefined = undefined;
  /** When the kubelet first saw it; the sandbox was up; containers started; ended. -1: not yet. */
  observedUs: Micros;
  sandboxReadyUs: Micros = -1;
  startedUs: Micros = -1;
  finishedUs: Micros = -1;
  /** How it ended, when it did, and with which exit code. */
  outcome: "" | "Succeeded" | "Failed" = "";
  exitCode = 0;
  /** Reason of a failure (`OutOfcpu`), or "". */
  reason = "";
  message = "";
  readonly podIP: string;
  /** A status update is on its way; `isStatusStale`: another one must follow it. */
  isSendingStatus = false;
  isStatusStale = false;

  constructor(record: KeyRecord<Pod>, pod: Pod, node: number, podIP: string, observedUs: Micros) {
    this.record = record;
    this.pod = pod;
    this.node = node;
    this.podIP = podIP;
    this.observedUs = observedUs;
  }

  /** Takes note of the pod's object, unless a later one was seen: answers and watch may cross. */
  see(pod: Pod): void {
    if (Number(pod.metadata.resourceVersion) > Number(this.pod.metadata.resourceVersion))
      this.pod = pod;
  }
}
