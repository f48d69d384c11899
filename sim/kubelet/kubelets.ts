/**
 * Kubelets: the kubelets of all nodes as one component. Nodes join here; what they do with their
 * pods is in pod-lifecycle.ts, what they tell the API in status-manager.ts.
 */
import type { KeyRecord, Manifest, Node, Pod, Trace } from "../api/index.ts";
import { type ClientHub, EventRecorder, type InformerHub } from "../client/index.ts";
import type { Kernel, Micros } from "../kernel/index.ts";
import { type ContainerRun, containerOf } from "./container-run.ts";
import type { ImageSettings } from "./image-puller.ts";
import { NodeFleet } from "./node-fleet.ts";
import { fallSilent, lastRenewUs, renewCount, renewPeriodUs, resume } from "./node-heartbeats.ts";
import { registeredNode } from "./node-registration.ts";
import { PodLifecycle, type PodLifecycleSettings } from "./pod-lifecycle.ts";

export interface KubeletSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  readonly latency: PodLifecycleSettings["latency"];
  readonly images: ImageSettings & KubeletBehaviour;
  /** Write Event objects (Pulled, Started, Killing). */
  readonly writesEvents: boolean;
}

/** Settings of kubelets beside images; see KubeletOptions. What is absent has its default. */
export interface KubeletBehaviour {
  readonly admission?: boolean;
  readonly crashLoopBackOffInitialSeconds?: number;
  readonly crashLoopBackOffMaxSeconds?: number;
  readonly nodeLeaseDurationSeconds?: number;
  readonly nodeStatusUpdateFrequencySeconds?: number;
}

/** One container of a pod, as it runs at this moment. */
export interface RunningContainer {
  readonly name: string;
  readonly startedUs: Micros;
  readonly isReady: boolean;
  readonly restartCount: number;
}

/** One pod that has running containers. */
export interface RunningPod {
  readonly record: KeyRecord<Pod>;
  readonly pod: Pod;
  readonly containers: readonly RunningContainer[];
}

const SECOND_US = 1_000_000;

export class Kubelets {
  readonly #kernel: Kernel;
  readonly #fleet: NodeFleet;
  readonly #pods: PodLifecycle;
  readonly #renewPeriodUs: Micros;
  readonly #heartbeatListeners: ((name: string) => void)[] = [];

  constructor(settings: KubeletSettings) {
    const { kernel, trace, clients, informers, latency, images, writesEvents } = settings;
    this.#kernel = kernel;
    const {
      admission: admits = true,
      crashLoopBackOffInitialSeconds = 10,
      crashLoopBackOffMaxSeconds = 300,
      nodeLeaseDurationSeconds: leaseDurationSeconds = 40,
      nodeStatusUpdateFrequencySeconds: statusUpdateSeconds = 10,
    } = images;
    this.#renewPeriodUs = renewPeriodUs({ leaseDurationSeconds });
    this.#fleet = new NodeFleet({
      kernel,
      clients,
      informers,
      statusPeriodUs: Math.round(statusUpdateSeconds * SECOND_US),
      renewPeriodUs: this.#renewPeriodUs,
    });
    const eventClient = writesEvents ? clients.client("kubelet-events") : undefined;
    const events = new EventRecorder(kernel, eventClient, "kubelet", "kubelet");
    const fleet = this.#fleet;
    const backOff = {
      initialUs: Math.round(crashLoopBackOffInitialSeconds * SECOND_US),
      maxUs: Math.round(crashLoopBackOffMaxSeconds * SECOND_US),
    };
    this.#pods = new PodLifecycle({
      kernel,
      trace,
      clients,
      fleet,
      events,
      latency,
      images,
      backOff,
      admits,
    });
    this.#fleet.tells(this.#pods);
  }

  /**
   * Adds a node that is there when the run begins. The caller stores the returned object, and says
   * so with `joined`.
   */
  join(manifest: Manifest): { readonly node: number; readonly object: Manifest } {
    const node = this.#fleet.add(manifest);
    return { node, object: registeredNode(manifest, this.#kernel.nowUs) };
  }

  /** Tells a kubelet the key of its Node object. */
  joined(node: number, record: KeyRecord<Node>): void {
    this.#fleet.node(node).record = record;
  }

  /** Adds a node during the run: its kubelet registers the Node object through the API. */
  register(manifest: Manifest): void {
    const isNew = !this.#fleet.isKnown(manifest.metadata?.name ?? "");
    const node = this.#fleet.add(manifest);
    if (isNew) this.#fleet.startKubelet(node);
    this.#fleet.register(node, manifest);
  }

  /** The run begins: the kubelets that joined have watched their pods since before it. Once. */
  start(): void {
    this.#fleet.startSynced();
  }

  /** Wires the kubelets of nodes whose state comes from a snapshot (see Cluster.fork). */
  rewire(names: readonly string[]): void {
    for (const [node, name] of names.entries()) this.#fleet.wire(node, name);
  }

  /** Names of the nodes, in the order in which they came. */
  get nodeNames(): string[] {
    return this.#fleet.state.nodes.map(({ name }) => name);
  }

  /** Whether there is a kubelet for a node of this name. */
  has(name: string): boolean {
    return this.#fleet.has(name);
  }

  /** Whether the node's object is asked for, or is there: who has not found it may look again. */
  isJoining(name: string): boolean {
    return this.#fleet.isJoining(name);
  }

  get nodeCount(): number {
    return this.#fleet.state.nodes.length;
  }

  /** Whether the pod's programs run and listen at this moment: the truth on its node, ahead of the API's. */
  isRunning(record: KeyRecord<Pod>): boolean {
    return this.#pods.isRunning(record);
  }

  /** Calls `listener` at the moment when a pod's containers have ended. Register it when wiring. */
  onEnded(listener: (record: KeyRecord<Pod>) => void): void {
    this.#pods.onEnded(listener);
  }

  /** Whether packets to the node get lost: the machine is down or cut off. */
  isUnreachable(nodeName: string): boolean {
    return this.#fleet.state.unreachable.has(nodeName);
  }

  /** Whether any node is down or cut off. */
  get isAnyUnreachable(): boolean {
    return this.#fleet.state.unreachable.size > 0;
  }

  /**
   * Calls `listener` when the signal to stop has been sent to a pod's containers: as the pod begins
   * to stop, after its longest preStop hook. Register it when wiring.
   */
  onStopping(listener: (record: KeyRecord<Pod>) => void): void {
    this.#pods.onStopping(listener);
  }

  /** The pods of a node whose containers run at this moment, by key. For who measures their use. */
  runningPods(name: string): RunningPod[] {
    const { workers } = this.#fleet.node(this.#fleet.numberOf(name));
    const running: RunningPod[] = [];
    for (const { record, pod, runs } of workers) {
      const containers: RunningContainer[] = [];
      for (const run of runs) if (run.isRunning) containers.push(runningContainer(pod, run));
      if (containers.length > 0) running.push({ record, pod, containers });
    }
    return running.sort((a, b) => (a.record.key < b.record.key ? -1 : 1));
  }

  /** The machine dies, and all containers on it at once; no heartbeat comes any more. */
  stopNode(name: string): void {
    const state = this.#fleet.node(this.#fleet.numberOf(name));
    if (!state.isUp) return;
    state.isUp = false;
    this.#fleet.state.unreachable.add(name);
    this.#pods.machineDied(state);
    this.#silence(name);
  }

  /** The node cannot reach the API server any more; its containers go on. */
  isolateNode(name: string): void {
    const state = this.#fleet.node(this.#fleet.numberOf(name));
    if (!state.isConnected) return;
    state.isConnected = false;
    this.#fleet.state.unreachable.add(name);
    this.#silence(name);
  }

  /** The machine has booted, or reaches the API server again: its kubelet takes up its work. */
  restoreNode(name: string): void {
    const node = this.#fleet.numberOf(name);
    const state = this.#fleet.node(node);
    if (state.isUp && state.isConnected) return;
    state.isUp = true;
    state.isConnected = true;
    this.#fleet.state.unreachable.delete(name);
    this.#wake(name, node);
  }

  /**
   * What there is of the control plane: an API server, and a leader of etcd. Without a server a
   * kubelet's connection is refused, and it holds its requests back; without etcd's leader they go
   * out, wait and may fail. Heartbeats need both.
   */
  setApi(isUp: boolean, isWritable: boolean): void {
    const { state } = this.#fleet;
    const { isApiUp: wasUp, isApiWritable: wasWritable } = state;
    if (wasUp === isUp && wasWritable === isWritable) return;
    state.isApiUp = isUp;
    state.isApiWritable = isWritable;
    const isSame = (wasUp && wasWritable) === (isUp && isWritable);
    for (const [node, { name, isUp: runs, isConnected }] of state.nodes.entries()) {
      if (!runs || !isConnected) continue;
      if (isUp && !wasUp) this.#fleet.resync(node);
      if (isSame) continue;
      if (isUp && isWritable) this.#beat(name, node);
      else this.#silence(name);
    }
  }

  /** The last renewal of the node's Lease that reached the API; undefined: no such node. */
  lastRenewUs(name: string): Micros | undefined {
    if (!this.#fleet.has(name)) return undefined;
    const { beats } = this.#fleet.node(this.#fleet.numberOf(name));
    return lastRenewUs(beats, this.#kernel.nowUs, this.#renewPeriodUs);
  }

  /** Whether the node's heartbeats have stopped. */
  isSilent(name: string): boolean {
    return this.#fleet.has(name) && !this.#fleet.renews(this.#fleet.numberOf(name));
  }

  /** Calls `listener` when the heartbeats of a node stop or go on. Register it when wiring. */
  onHeartbeatChange(listener: (name: string) => void): void {
    this.#heartbeatListeners.push(listener);
  }

  /** Lease renewals of all nodes so far: API load that is counted and not simulated. */
  get leaseRenewals(): number {
    let count = 0;
    for (const { beats } of this.#fleet.state.nodes) {
      count += renewCount(beats, this.#kernel.nowUs, this.#renewPeriodUs);
    }
    return count;
  }

  #silence(name: string): void {
    const { beats } = this.#fleet.node(this.#fleet.numberOf(name));
    fallSilent(beats, this.#kernel.nowUs);
    for (const listener of this.#heartbeatListeners) listener(name);
  }

  #wake(name: string, node: number): void {
    this.#fleet.resync(node);
    if (this.#fleet.renews(node)) this.#beat(name, node);
  }

  /** Its heartbeats go on. */
  #beat(name: string, node: number): void {
    resume(this.#fleet.node(node).beats, this.#kernel.nowUs, this.#renewPeriodUs);
    this.#fleet.watchStatus(node);
    for (const listener of this.#heartbeatListeners) listener(name);
  }
}

function runningContainer(pod: Pod, run: ContainerRun): RunningContainer {
  const { startedUs, isReady, attempt: restartCount } = run;
  return { name: containerOf(pod, run).name, startedUs, isReady, restartCount };
}
