/**
 * PodLifecycle: what becomes of the pods on their nodes, step by step in virtual time
 * (pkg/kubelet: pod_workers.go, kuberuntime_manager.go).
 *
 *   admission -> sandbox -> init containers -> containers -> running -> end or termination
 *
 * What becomes of each container is in container-lifecycle.ts.
 */
import type { KeyRecord, Pod, Trace } from "../api/index.ts";
import type { ClientHub, EventRecorder } from "../client/index.ts";
import { type HandlerId, HopLatency, type Kernel } from "../kernel/index.ts";
import { ContainerLifecycle, KILLED } from "./container-lifecycle.ts";
import { type ContainerRun, containerRuns, isRestarted } from "./container-run.ts";
import type { BackOffLimits } from "./crash-loop-backoff.ts";
import { ImagePuller, type ImageSettings } from "./image-puller.ts";
import { account, rejection } from "./node-admission.ts";
import type { NodeFleet, NodeState, PodSink } from "./node-fleet.ts";
import { PodEnding } from "./pod-ending.ts";
import { areGatesOpen, isShownReady } from "./pod-status.ts";
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
  readonly backOff: BackOffLimits;
  /** Check again what the scheduler has decided. */
  readonly admits: boolean;
}

/** Exit code and reason of a container that went down with its machine, as containerd gives them. */
const LOST = 255;
const SECOND_US = 1_000_000;

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
  readonly #admits: boolean;
  readonly #statuses: StatusManager;
  readonly #containers: ContainerLifecycle;
  readonly #ending: PodEnding;
  readonly #podSandbox: HopLatency;
  readonly #sandboxReady: HandlerId<PodWorker>;
  readonly #deadline: HandlerId<PodWorker>;

  constructor(settings: PodLifecycleSettings) {
    const { kernel, trace, clients, fleet, events, latency, images, backOff } = settings;
    this.#kernel = kernel;
    this.#trace = trace;
    this.#fleet = fleet;
    this.#events = events;
    this.#admits = settings.admits;
    this.#statuses = new StatusManager(kernel, clients, fleet, (w) => this.#onFinalStatus(w));
    const { seed } = kernel;
    this.#podSandbox = new HopLatency(seed, latency.podSandbox, "latency.podSandbox");
    const containerStop = new HopLatency(seed, latency.containerStop, "latency.containerStop");
    const puller = new ImagePuller(kernel, trace, images, latency.imagePullOverhead, {
      imagesOf: (node) => fleet.node(node).images,
      nameOf: (node) => fleet.node(node).name,
      onPulled: (worker, run, image) => this.#containers.pulled(worker, run, image),
      onImagesChanged: (node) => fleet.imagesChanged(node),
    });
    this.#containers = new ContainerLifecycle({
      kernel,
      events,
      puller,
      containerStart: latency.containerStart,
      containerStop,
      backOff,
      host: {
        onStarted: (worker, run) => this.#onContainerStarted(worker, run),
        onProbed: (worker, run) => this.#onProbed(worker, run),
        onEnded: (worker, run, isOver) => this.#onContainerEnded(worker, run, isOver),
      },
    });
    this.#ending = new PodEnding({
      kernel,
      trace,
      fleet,
      events,
      statuses: this.#statuses,
      containers: this.#containers,
      containerStop,
    });
    this.#sandboxReady = kernel.handler("kubelet/sandbox-ready", (w) => this.#onSandboxReady(w));
    this.#deadline = kernel.handler("kubelet/active-deadline", (w) => this.#onDeadline(w));
    kernel.keep("kubelet/pods", this);
  }

  /** Whether the pod's programs run and listen at this moment: the truth on its node, ahead of the API's. */
  isRunning(record: KeyRecord<Pod>): boolean {
    return this.state.workers.get(record)?.listensAt(this.#kernel.nowUs) === true;
  }

  /** Calls `listener` at the moment when a pod's containers have ended. Register it when wiring. */
  onEnded(listener: (record: KeyRecord<Pod>) => void): void {
    this.#ending.onEnded(listener);
  }

  /** Calls `listener` when the signal to stop has been sent to a pod's containers. */
  onStopping(listener: (record: KeyRecord<Pod>) => void): void {
    this.#ending.onStopping(listener);
  }

  podAdded(node: number, record: KeyRecord<Pod>, pod: Pod): void {
    const { phase } = pod.status;
    if (phase === "Succeeded" || phase === "Failed") return;
    const number = ++this.state.podCount;
    const podIP = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
    const timeUs = this.#kernel.nowUs;
    const worker = new PodWorker(record, pod, node, podIP, timeUs, containerRuns(pod));
    const state = this.#fleet.node(node);
    this.state.workers.set(record, worker);
    state.workers.add(worker);
    const { podObserved } = this.#trace;
    if (podObserved.on) podObserved.emit({ record, node: state.name, timeUs });
    if (pod.metadata.deletionTimestamp !== undefined) return this.#ending.stop(worker);
    if (!this.#isAdmitted(state, worker)) return;
    const { activeDeadlineSeconds } = pod.spec;
    if (activeDeadlineSeconds !== undefined) {
      const delayUs = activeDeadlineSeconds * SECOND_US;
      worker.deadline = this.#kernel.after(delayUs, this.#deadline, worker, undefined);
    }
    this.#statuses.send(worker);
    this.#makeSandbox(worker);
  }

  podUpdated(node: number, record: KeyRecord<Pod>, pod: Pod): void {
    const worker = this.state.workers.get(record);
    worker?.see(pod);
    if (pod.metadata.deletionTimestamp === undefined) {
      if (worker?.phase === "running") this.#correct(worker);
      return;
    }
    if (worker === undefined) this.#statuses.remove(new PodWorker(record, pod, node, "", -1, []));
    else if (worker.phase === "stopping") this.#ending.hurry(worker);
    else if (worker.phase !== "done") this.#ending.stop(worker);
  }

  /** The object is gone from the API: whatever still runs is killed at once. */
  podRemoved(_node: number, record: KeyRecord<Pod>): void {
    const worker = this.state.workers.get(record);
    if (worker === undefined) return;
    this.#ending.cancelTimers(worker);
    if (worker.phase !== "done" && worker.phase !== "lost") {
      this.#ending.noteAll(worker, KILLED, "Error");
      this.#ending.end(worker, "Failed", "Deleted");
    }
    this.#forget(worker);
  }

  /** The machine dies, and everything on it. */
  machineDied(node: NodeState): void {
    node.images.forgetPulls(this.#kernel.nowUs);
    for (const worker of node.workers) {
      this.#ending.cancelTimers(worker);
      if (worker.phase === "done" || worker.phase === "lost") continue;
      this.#ending.noteAll(worker, LOST, "Unknown");
      this.#ending.end(worker, "Failed", "NodeLost");
      worker.phase = "lost";
      worker.outcome = "";
    }
  }

  /**
   * The kubelet is back: it compares what is there with what the API says, takes up new pods, kills
   * those that are gone and sends what it could not send. After a boot containers start anew.
   */
  kubeletBack(node: number, pods: ReadonlyMap<KeyRecord<Pod>, Pod>): void {
    for (const worker of [...this.#fleet.node(node).workers]) {
      const pod = pods.get(worker.record);
      if (pod === undefined || pod.metadata.uid !== worker.pod.metadata.uid) {
        this.podRemoved(node, worker.record);
        continue;
      }
      worker.see(pod);
      if (worker.phase === "lost") this.#reboot(worker);
      else this.podUpdated(node, worker.record, pod);
      if (worker.isHeldBack) this.#resend(worker);
    }
    for (const [record, pod] of pods) {
      if (this.state.workers.has(record)) continue;
      if (pod.metadata.deletionTimestamp !== undefined) this.podUpdated(node, record, pod);
      else this.podAdded(node, record, pod);
    }
  }

  #resend(worker: PodWorker): void {
    worker.isHeldBack = false;
    this.#statuses.send(worker);
  }

  #isAdmitted(state: NodeState, worker: PodWorker): boolean {
    const node = state.record?.stored;
    if (this.#admits && node !== undefined) {
      const fault = rejection(node, state.room, worker.pod);
      if (fault !== undefined) {
        this.#reject(worker, fault.reason, fault.message);
        return false;
      }
    }
    if (this.#admits) {
      account(state.room, worker.pod, 1);
      worker.isAccounted = true;
    }
    return true;
  }

  #reject(worker: PodWorker, reason: string, message: string): void {
    this.#events.event(worker.pod, "Warning", reason, message);
    worker.runs.length = 0;
    worker.reason = reason;
    worker.message = `Pod was rejected: ${message}`;
    this.#ending.end(worker, "Failed", reason);
    this.#statuses.send(worker);
  }

  #makeSandbox(worker: PodWorker): void {
    worker.phase = "sandbox";
    const delayUs = this.#podSandbox.us(worker.record.hash, worker.drawCount++);
    worker.timer = this.#kernel.after(delayUs, this.#sandboxReady, worker, undefined);
  }

  #onSandboxReady(worker: PodWorker): void {
    worker.timer = undefined;
    worker.phase = "starting";
    const timeUs = this.#kernel.nowUs;
    worker.sandboxReadyUs = timeUs;
    const { podSandboxReady } = this.#trace;
    if (podSandboxReady.on) {
      podSandboxReady.emit({ record: worker.record, node: this.#nodeName(worker), timeUs });
    }
    this.#startNext(worker);
  }

  /** Starts the container whose turn it is. */
  #startNext(worker: PodWorker): void {
    const initCount = worker.pod.spec.initContainers?.length ?? 0;
    for (;;) {
      if (initCount > 0 && worker.step === initCount) this.#onInitialized(worker);
      const run = worker.runs[worker.step];
      if (run === undefined) return this.#onAllStarted(worker);
      if (run.phase !== "exited") return this.#containers.launch(worker, run);
      worker.step++; // it had ended for good before its machine was booted
    }
  }

  #onInitialized(worker: PodWorker): void {
    if (worker.startedUs < 0) this.#statuses.send(worker);
    const { podInitialized } = this.#trace;
    if (!podInitialized.on) return;
    const { record, sandboxReadyUs: startedUs } = worker;
    const timeUs = this.#kernel.nowUs;
    podInitialized.emit({ record, node: this.#nodeName(worker), timeUs, startedUs });
  }

  #onContainerStarted(worker: PodWorker, run: ContainerRun): void {
    if (run.index !== worker.step) {
      this.#statuses.send(worker); // a restart
      return;
    }
    if (run.role === "init") return this.#statuses.send(worker);
    if (run.role === "sidecar" && !run.isStarted) return; // the next one waits for its startup probe
    worker.step++;
    this.#startNext(worker);
  }

  #onProbed(worker: PodWorker, run: ContainerRun): void {
    if (worker.phase === "starting" && run.index === worker.step) {
      return this.#onContainerStarted(worker, run);
    }
    this.#statuses.send(worker);
  }

  #onAllStarted(worker: PodWorker): void {
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
  }

  #onContainerEnded(worker: PodWorker, run: ContainerRun, isOver: boolean): void {
    if (!isOver) return this.#pause(worker);
    if (run.role === "init") return this.#onInitEnded(worker, run);
    const isLast = worker.runs.every(({ role, phase }) => role !== "main" || phase === "exited");
    if (!isLast) return this.#pause(worker);
    if (worker.runs.some(({ isRunning }) => isRunning)) return this.#ending.stop(worker); // sidecars
    this.#ending.finish(worker);
  }

  /** A container has ended and the pod has not: nobody may be left to serve. */
  #pause(worker: PodWorker): void {
    if (worker.startedUs >= 0 && !worker.isServing) this.#ending.tellEnded(worker);
    this.#statuses.send(worker);
  }

  #onInitEnded(worker: PodWorker, run: ContainerRun): void {
    if (run.end?.exitCode !== 0) return this.#ending.finish(worker);
    worker.step++;
    this.#startNext(worker);
  }

  #onDeadline(worker: PodWorker): void {
    worker.deadline = undefined;
    if (worker.phase === "done" || worker.phase === "stopping" || worker.phase === "lost") return;
    worker.reason = "DeadlineExceeded";
    worker.message = "Pod was active on the node longer than the specified deadline";
    this.#ending.stop(worker);
  }

  /** The API knows how the pod ended. A pod that is being deleted goes now; others need no worker. */
  #onFinalStatus(worker: PodWorker): void {
    // One that is being deleted is known until its object is gone, so that it is removed once.
    if (worker.pod.metadata.deletionTimestamp === undefined) this.#forget(worker);
    else this.#statuses.remove(worker);
  }

  #forget(worker: PodWorker): void {
    this.state.workers.delete(worker.record);
    this.#fleet.node(worker.node).workers.delete(worker);
  }

  /** The machine has booted: what ran there begins anew, or has failed. */
  #reboot(worker: PodWorker): void {
    const { pod, runs } = worker;
    worker.startedUs = -1;
    worker.isSendingStatus = false;
    if (pod.metadata.deletionTimestamp !== undefined) return this.#ending.stopped(worker, KILLED);
    let isFailed = false;
    for (const run of runs) {
      const { end } = run;
      if (run.role === "init") {
        run.phase = "waiting"; // a new sandbox is initialised again
        if (end !== undefined) run.attempt++;
      } else if (end === undefined) {
        run.phase = "waiting";
      } else if (isRestarted(pod, run, end.exitCode)) {
        run.phase = "waiting";
        run.attempt++;
        run.backOff = undefined;
      } else if (end.reason === "Unknown") isFailed = true;
    }
    if (isFailed) return this.#ending.finish(worker);
    worker.step = 0;
    worker.finishedUs = -1;
    worker.sandboxReadyUs = -1;
    worker.observedUs = this.#kernel.nowUs;
    if (this.#admits) {
      account(this.#fleet.node(worker.node).room, pod, 1);
      worker.isAccounted = true;
    }
    this.#makeSandbox(worker);
    this.#statuses.send(worker);
  }

  /** The API says other than the kubelet whether the pod is ready, or a readiness gate has moved. */
  #correct(worker: PodWorker): void {
    const shouldShow = worker.isReady && areGatesOpen(worker);
    if (!worker.isSendingStatus && isShownReady(worker) !== shouldShow) this.#statuses.send(worker);
  }

  #nodeName(worker: PodWorker): string {
    return this.#fleet.node(worker.node).name;
  }
}
