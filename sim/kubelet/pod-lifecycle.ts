/**
 * PodLifecycle: what becomes of the pods on their nodes, step by step in virtual time
 * (pkg/kubelet: pod_workers.go, kuberuntime_manager.go).
 *
 *   sandbox -> for each container: image, create and start -> running -> exit or termination
 */
import {
  annotatedDurationUs,
  annotatedExitCode,
  type KeyRecord,
  type Pod,
  type Trace,
} from "../api/index.ts";
import type { ClientHub, EventRecorder } from "../client/index.ts";
import { type HandlerId, HopLatency, type Kernel } from "../kernel/index.ts";
import { ImagePuller, type ImageSettings } from "./image-puller.ts";
import type { NodeFleet, PodSink } from "./node-fleet.ts";
import { PodWorker } from "./pod-worker.ts";
import { StatusManager } from "./status-manager.ts";

export interface PodLifecycleSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly clients: ClientHub;
  readonly fleet: NodeFleet;
  readonly events: EventRecorder;
  readonly latency: {
    readonly podSandbox: string;
    readonly containerStart: string;
    readonly containerStop: string;
    readonly imagePullOverhead: string;
  };
  readonly images: ImageSettings;
}

/** Exit code of a container that had to be killed: 128 + SIGKILL. */
const KILLED = 137;
/** Exit code of a container that the signal to stop has ended: 128 + SIGTERM. */
const TERMINATED = 143;

interface PodLifecycleState {
  /** Pods that their kubelets work on. A finished pod is none. */
  readonly workers: Map<KeyRecord<Pod>, PodWorker>;
  /** Pods that ever ran: numbers their IP addresses. */
  podCount: number;
}

export class PodLifecycle implements PodSink {
  state: PodLifecycleState = { workers: new Map(), podCount: 0 };
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #fleet: NodeFleet;
  readonly #events: EventRecorder;
  readonly #statuses: StatusManager;
  readonly #puller: ImagePuller;
  readonly #podSandbox: HopLatency;
  readonly #containerStart: HopLatency;
  readonly #containerStop: HopLatency;
  readonly #sandboxReady: HandlerId<PodWorker>;
  readonly #containerStarted: HandlerId<PodWorker>;
  readonly #containersExited: HandlerId<PodWorker>;
  readonly #containersStopped: HandlerId<PodWorker, number>;
  readonly #endListeners: ((record: KeyRecord<Pod>) => void)[] = [];

  constructor({ kernel, trace, clients, fleet, events, latency, images }: PodLifecycleSettings) {
    this.#kernel = kernel;
    this.#trace = trace;
    this.#fleet = fleet;
    this.#events = events;
    this.#statuses = new StatusManager(kernel, clients, fleet, (w) => this.#onFinalStatus(w));
    const { seed } = kernel;
    this.#podSandbox = new HopLatency(seed, latency.podSandbox, "latency.podSandbox");
    this.#containerStart = new HopLatency(seed, latency.containerStart, "latency.containerStart");
    this.#containerStop = new HopLatency(seed, latency.containerStop, "latency.containerStop");
    this.#puller = new ImagePuller(kernel, trace, images, latency.imagePullOverhead, {
      imagesOf: (node) => fleet.node(node).images,
      nameOf: (node) => fleet.node(node).name,
      onPulled: (worker, image) => this.#onImagePulled(worker, image),
      onImagesChanged: (node) => fleet.imagesChanged(node),
    });
    this.#sandboxReady = kernel.handler("kubelet/sandbox-ready", (w) => this.#onSandboxReady(w));
    this.#containerStarted = kernel.handler("kubelet/container-started", (worker) => {
      worker.step++;
      this.#prepareNextContainer(worker);
    });
    this.#containersExited = kernel.handler("kubelet/containers-exited", (w) => this.#onExit(w));
    this.#containersStopped = kernel.handler("kubelet/containers-stopped", (w, exitCode) =>
      this.#onStopped(w, exitCode),
    );
    kernel.keep("kubelet/pods", this);
  }

  /**
   * Whether the pod's containers run at this moment: the truth on its node, ahead of the API's.
   * Those that were told to stop run until they have stopped.
   */
  isRunning(record: KeyRecord<Pod>): boolean {
    const worker = this.state.workers.get(record);
    return worker !== undefined && worker.startedUs >= 0 && worker.finishedUs < 0;
  }

  /** Calls `listener` at the moment when a pod's containers have ended. Register it when wiring. */
  onEnded(listener: (record: KeyRecord<Pod>) => void): void {
    this.#endListeners.push(listener);
  }

  podAdded(node: number, record: KeyRecord<Pod>, pod: Pod): void {
    const { phase } = pod.status;
    if (phase === "Succeeded" || phase === "Failed") return;
    const number = ++this.state.podCount;
    const podIP = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
    const timeUs = this.#kernel.nowUs;
    const worker = new PodWorker(record, pod, node, podIP, timeUs);
    this.state.workers.set(record, worker);
    const { podObserved } = this.#trace;
    if (podObserved.on) podObserved.emit({ record, node: this.#nodeName(worker), timeUs });
    if (pod.metadata.deletionTimestamp !== undefined) return this.#stop(worker);
    this.#statuses.send(worker);
    const delayUs = this.#podSandbox.us(record.hash, worker.drawCount++);
    worker.timer = this.#kernel.after(delayUs, this.#sandboxReady, worker, undefined);
  }

  podUpdated(node: number, record: KeyRecord<Pod>, pod: Pod): void {
    const worker = this.state.workers.get(record);
    worker?.see(pod);
    if (pod.metadata.deletionTimestamp === undefined) return;
    if (worker === undefined) this.#statuses.remove(new PodWorker(record, pod, node, "", -1));
    else if (worker.phase !== "stopping" && worker.phase !== "done") this.#stop(worker);
  }

  /** The object is gone from the API: whatever still runs is killed at once. */
  podRemoved(_node: number, record: KeyRecord<Pod>): void {
    const worker = this.state.workers.get(record);
    if (worker === undefined) return;
    this.#cancelTimer(worker);
    if (worker.phase !== "done") this.#end(worker, KILLED, "Deleted");
    this.state.workers.delete(record);
  }

  /** The API knows how the pod ended. A pod that is being deleted goes now; others need no worker. */
  #onFinalStatus(worker: PodWorker): void {
    this.state.workers.delete(worker.record);
    if (worker.pod.metadata.deletionTimestamp !== undefined) this.#statuses.remove(worker);
  }

  #onSandboxReady(worker: PodWorker): void {
    worker.phase = "starting";
    worker.sandboxReadyUs = this.#kernel.nowUs;
    this.#prepareNextContainer(worker);
  }

  #prepareNextContainer(worker: PodWorker): void {
    worker.timer = undefined;
    const { containers, initContainers = [] } = worker.pod.spec;
    if (initContainers.length > 0 && worker.step === initContainers.length) {
      this.#reportInitialized(worker);
    }
    const container = [...initContainers, ...containers][worker.step];
    if (container === undefined) return this.#onStarted(worker);
    if (this.#puller.needsPull(worker, container)) this.#puller.pull(worker, container);
    else this.#startContainer(worker);
  }

  #onImagePulled(worker: PodWorker, image: string): void {
    if (worker.phase !== "starting") return; // it was told to stop while it waited for its image
    this.#events.event(worker.pod, "Normal", "Pulled", `Successfully pulled image "${image}"`);
    this.#startContainer(worker);
  }

  #startContainer(worker: PodWorker): void {
    const delayUs = this.#containerStart.us(worker.record.hash, worker.drawCount++);
    worker.timer = this.#kernel.after(delayUs, this.#containerStarted, worker, undefined);
  }

  #reportInitialized(worker: PodWorker): void {
    const { podInitialized } = this.#trace;
    if (!podInitialized.on) return;
    const { record, sandboxReadyUs: startedUs } = worker;
    const timeUs = this.#kernel.nowUs;
    podInitialized.emit({ record, node: this.#nodeName(worker), timeUs, startedUs });
  }

  #onStarted(worker: PodWorker): void {
    const { record, pod } = worker;
    const timeUs = this.#kernel.nowUs;
    worker.phase = "running";
    worker.startedUs = timeUs;
    this.#statuses.send(worker);
    const { podStarted } = this.#trace;
    if (podStarted.on) podStarted.emit({ record, node: this.#nodeName(worker), timeUs });
    for (const { name } of pod.spec.containers) {
      this.#events.event(pod, "Normal", "Started", `Started container ${name}`);
    }
    if (!endsByItself(pod)) return;
    const durationUs = annotatedDurationUs(pod.metadata.annotations) ?? 0;
    worker.timer = this.#kernel.after(durationUs, this.#containersExited, worker, undefined);
  }

  #onExit(worker: PodWorker): void {
    worker.timer = undefined;
    const exitCode = annotatedExitCode(worker.pod.metadata.annotations);
    this.#end(worker, exitCode, exitCode === 0 ? "" : "Error");
    this.#statuses.send(worker);
  }

  #stop(worker: PodWorker): void {
    this.#cancelTimer(worker);
    const hasContainers = worker.step > 0;
    worker.phase = "stopping";
    if (!hasContainers) return this.#onStopped(worker, KILLED);
    for (const { name } of worker.pod.spec.containers) {
      this.#events.event(worker.pod, "Normal", "Killing", `Stopping container ${name}`);
    }
    const graceUs = (worker.pod.metadata.deletionGracePeriodSeconds ?? 30) * 1_000_000;
    const stopUs = this.#containerStop.us(worker.record.hash, worker.drawCount++);
    const delayUs = Math.min(stopUs, graceUs);
    const exitCode = stopUs > graceUs ? KILLED : endsByItself(worker.pod) ? TERMINATED : 0;
    worker.timer = this.#kernel.after(delayUs, this.#containersStopped, worker, exitCode);
  }

  /** The final status goes out first, then the deletion (see #onFinalStatus). */
  #onStopped(worker: PodWorker, exitCode: number): void {
    worker.timer = undefined;
    this.#end(worker, exitCode, "Deleted");
    this.#statuses.send(worker);
  }

  /** The containers have ended: the node's resources are free, from the kubelet's point of view. */
  #end(worker: PodWorker, exitCode: number, reason: string): void {
    const { record } = worker;
    const phase = exitCode === 0 ? "Succeeded" : "Failed";
    const timeUs = this.#kernel.nowUs;
    const node = this.#nodeName(worker);
    worker.phase = "done";
    worker.outcome = phase;
    worker.exitCode = exitCode;
    worker.finishedUs = timeUs;
    const { podFinished } = this.#trace;
    if (podFinished.on) podFinished.emit({ record, node, timeUs, phase, reason });
    for (const listener of this.#endListeners) listener(record);
  }

  #cancelTimer(worker: PodWorker): void {
    if (worker.timer !== undefined) this.#kernel.cancel(worker.timer);
    worker.timer = undefined;
  }

  #nodeName(worker: PodWorker): string {
    return this.#fleet.node(worker.node).name;
  }
}

/**
 * It has work to finish, so that being told to stop leaves it undone and fails the pod; a server ends
 * with 0 then. Our assumption: programs do not handle SIGTERM, or handle it as servers do.
 */
function endsByItself({ metadata, spec }: Pod): boolean {
  return annotatedDurationUs(metadata.annotations) !== undefined && spec.restartPolicy !== "Always";
}
