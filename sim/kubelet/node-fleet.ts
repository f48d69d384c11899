/**
 * NodeFleet: the nodes that have a kubelet. Each has an API client of its own (so its own rate
 * limit), an informer of the pods that are bound to it, and a status that lists its images.
 */
import {
  type core,
  isConditionTrue,
  type KeyRecord,
  type Manifest,
  type Node,
  type Pod,
} from "../api/index.ts";
import type {
  ApiCall,
  ApiClient,
  CallbackId,
  ClientHub,
  InformerHub,
  SharedInformer,
} from "../client/index.ts";
import { type HandlerId, InputError, type Kernel, type Micros } from "../kernel/index.ts";
import { NodeImages, statusImages } from "./image-manager.ts";
import { NodeRoom } from "./node-admission.ts";
import { type Heartbeats, newHeartbeats } from "./node-heartbeats.ts";
import { healthyConditions, registeredNode } from "./node-registration.ts";
import type { PodWorker } from "./pod-worker.ts";

/** One node as its kubelet knows it. */
export interface NodeState {
  readonly name: string;
  readonly hostIP: string;
  readonly images: NodeImages;
  /** The Node object's key, once known. */
  record: KeyRecord<Node> | undefined;
  /** A status update with new images is due. */
  isStatusDue: boolean;
  /** Its kubelet has asked for the Node object, and has no answer yet. */
  isRegistering: boolean;
  /** Registrations in a row that failed. */
  failedRegistrations: number;
  /** The machine runs; it reaches the API server. */
  isUp: boolean;
  isConnected: boolean;
  readonly beats: Heartbeats;
  /** What it has, and what the pods on it request together. */
  readonly room: NodeRoom;
  /** The pods that its kubelet works on. */
  readonly workers: Set<PodWorker>;
}

interface NodeFleetState {
  /** An API server takes requests. */
  isApiUp: boolean;
  /** etcd has a leader: what is written can be committed. */
  isApiWritable: boolean;
  readonly nodes: NodeState[];
  /** Numbers of the nodes. */
  readonly byName: Map<string, number>;
  /** Names of nodes whose machine is down or cut off. */
  readonly unreachable: Set<string>;
}

/** Who is told what the node's informer sees. */
export interface PodSink {
  podAdded(node: number, record: KeyRecord<Pod>, pod: Pod): void;
  podUpdated(node: number, record: KeyRecord<Pod>, pod: Pod): void;
  podRemoved(node: number, record: KeyRecord<Pod>): void;
  /** The kubelet has to compare what it has with these, all pods of its node. */
  kubeletBack(node: number, pods: ReadonlyMap<KeyRecord<Pod>, Pod>): void;
}

export interface NodeFleetSettings {
  readonly kernel: Kernel;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  /** kubelet nodeStatusUpdateFrequency: changes of node status are reported at this period. */
  readonly statusPeriodUs: Micros;
  /** How often a node's Lease is renewed. */
  readonly renewPeriodUs: Micros;
}

/** A node that is back looks at its own status that often, until it shows Ready again. */
const STATUS_CHECKS = 6;

/** kubelet_node_status.go registerWithAPIServer: pauses from 100 ms, doubling, up to 7 s. */
const REGISTER_PAUSE_US = 100_000;
const REGISTER_PAUSE_MAX_US = 7_000_000;

export class NodeFleet {
  state: NodeFleetState = {
    isApiUp: true,
    isApiWritable: true,
    nodes: [],
    byName: new Map(),
    unreachable: new Set(),
  };
  readonly #kernel: Kernel;
  readonly #clients: ClientHub;
  readonly #informers: InformerHub;
  /** The pods of different kubelets are disjoint: their stores share one place in the records. */
  readonly #podSlot: number;
  readonly #nodeClients: ApiClient[] = [];
  readonly #nodeInformers: SharedInformer<Pod>[] = [];
  readonly #statusPeriodUs: Micros;
  readonly #renewPeriodUs: Micros;
  readonly #report: HandlerId<number>;
  readonly #check: HandlerId<number, number>;
  readonly #registerAgain: HandlerId<number, Manifest>;
  readonly #answered: CallbackId<number>;
  #sink: PodSink | undefined;

  constructor(settings: NodeFleetSettings) {
    const { kernel, clients, informers, statusPeriodUs, renewPeriodUs } = settings;
    this.#statusPeriodUs = statusPeriodUs;
    this.#renewPeriodUs = renewPeriodUs;
    this.#kernel = kernel;
    this.#clients = clients;
    this.#informers = informers;
    this.#podSlot = informers.takeSlot("Pod");
    this.#report = kernel.handler("kubelet/node-status", (node) => this.#sendStatus(node));
    this.#check = kernel.handler("kubelet/status-check", (node, n) => this.#onCheck(node, n));
    this.#registerAgain = kernel.handler("kubelet/register-again", (node, manifest) =>
      this.register(node, manifest),
    );
    this.#answered = clients.callback((call, node) => this.#onAnswered(call, node));
    kernel.keep("kubelet/nodes", this);
  }

  /** Sets who is told of pods. Once, when wiring. */
  tells(sink: PodSink): void {
    this.#sink = sink;
  }

  /** Whether there ever was a node of this name. */
  isKnown(name: string): boolean {
    return this.state.byName.has(name);
  }

  /** Whether there is a node of this name whose object was not deleted. */
  has(name: string): boolean {
    const node = this.state.byName.get(name);
    return node !== undefined && !isGone(this.node(node));
  }

  /** Whether the node's object is asked for, or is there: who has not found it may look again. */
  isJoining(name: string): boolean {
    const node = this.state.byName.get(name);
    if (node === undefined) return false;
    const { isRegistering, record } = this.node(node);
    return isRegistering || record?.stored !== undefined;
  }

  /** The number of a node. Throws InputError for a name that is not known. */
  numberOf(name: string): number {
    const node = this.state.byName.get(name);
    if (node === undefined) throw new InputError(`There is no node "${name}".`);
    return node;
  }

  /** Whether the node's kubelet runs and can talk to the API server. */
  reachesApi(node: number): boolean {
    const { isUp, isConnected } = this.node(node);
    return isUp && isConnected && this.state.isApiUp;
  }

  /** Whether the node's Lease can be renewed: its requests get there, and are committed. */
  renews(node: number): boolean {
    return this.state.isApiWritable && this.reachesApi(node);
  }

  /** All pods that are bound to the node, as its kubelet's informer has them, by key. */
  podsOf(node: number): Map<KeyRecord<Pod>, Pod> {
    const pods = new Map<KeyRecord<Pod>, Pod>();
    const indexer = this.#nodeInformers[node]?.indexer;
    for (const record of indexer?.keys() ?? []) {
      const pod = indexer?.get(record);
      if (pod !== undefined) pods.set(record, pod);
    }
    return pods;
  }

  /**
   * Adds a node; its kubelet starts to watch. Returns its number. A node whose object was deleted
   * may come again; any other name only once.
   */
  add(manifest: Manifest): number {
    const name = manifest.metadata?.name ?? "";
    if (this.has(name))
      throw new InputError(`Node "${name}" is there twice. Give it one manifest.`);
    const known = this.state.byName.get(name);
    if (known !== undefined) return known;
    const node = this.state.nodes.length;
    this.state.byName.set(name, node);
    const images = new NodeImages();
    const status = (manifest.status ?? {}) as core.NodeStatus;
    for (const { names = [], sizeBytes = 0 } of status.images ?? []) {
      for (const image of names) images.present.set(image, sizeBytes);
    }
    const hostIP = `172.${16 + (node >> 16)}.${(node >> 8) & 255}.${node & 255}`;
    this.state.nodes.push({
      name,
      hostIP,
      images,
      record: undefined,
      isStatusDue: false,
      isRegistering: false,
      failedRegistrations: 0,
      isUp: true,
      isConnected: true,
      beats: newHeartbeats(name, this.#kernel.nowUs, this.#renewPeriodUs),
      room: new NodeRoom(),
      workers: new Set(),
    });
    this.wire(node, name);
    return node;
  }

  /** The node's kubelet lists and watches its pods. */
  startKubelet(node: number): void {
    this.#nodeInformers[node]?.start();
  }

  /** All kubelets have watched their pods since before the run. */
  startSynced(): void {
    for (const informer of this.#nodeInformers) informer.startSynced();
  }

  /** Registers the node's object through the API. */
  register(node: number, manifest: Manifest): void {
    const body = registeredNode(manifest, this.#kernel.nowUs);
    const record = this.client(node).create("Node", body, this.#answered, node);
    const state = this.node(node);
    state.record = record as KeyRecord<Node>;
    state.isRegistering = true;
  }

  /** Makes the client and the informer of a node. */
  wire(node: number, name: string): SharedInformer<Pod> {
    const client = this.#clients.client("kubelet", `kubelet/${name}`);
    this.#nodeClients.push(client);
    const selection = { nodeName: name };
    const informer = this.#informers.create<Pod>(client, "Pod", { selection, slot: this.#podSlot });
    const sink = this.#sink;
    if (sink === undefined) throw new Error("nobody is told of the pods of the kubelets");
    this.#nodeInformers.push(informer);
    informer.addEventHandler({
      onAdd: (record, pod) => {
        if (this.#hears(node) && !isGone(this.node(node))) sink.podAdded(node, record, pod);
      },
      onUpdate: (record, _old, pod) => {
        if (this.#hears(node)) sink.podUpdated(node, record, pod);
      },
      onDelete: (record) => {
        if (this.#hears(node)) sink.podRemoved(node, record);
      },
    });
    return informer;
  }

  /** The node's kubelet takes note again of all pods of its node. */
  resync(node: number): void {
    if (this.reachesApi(node)) this.#sink?.kubeletBack(node, this.podsOf(node));
  }

  /** The node is back: it sees to its own status at each of its next times. */
  watchStatus(node: number): void {
    this.#scheduleCheck(node, STATUS_CHECKS);
  }

  node(node: number): NodeState {
    const state = this.state.nodes[node];
    if (state === undefined) throw new Error(`unknown node ${node}`);
    return state;
  }

  client(node: number): ApiClient {
    const client = this.#nodeClients[node];
    if (client === undefined) throw new Error(`node ${node} has no client`);
    return client;
  }

  /** The node has a new image: its status says so at the next period. */
  imagesChanged(node: number): void {
    const state = this.node(node);
    if (state.isStatusDue || state.record === undefined) return;
    state.isStatusDue = true;
    this.#kernel.background(this.#nextStatusUs(), this.#report, node, undefined);
  }

  #nextStatusUs(): Micros {
    return (Math.floor(this.#kernel.nowUs / this.#statusPeriodUs) + 1) * this.#statusPeriodUs;
  }

  #scheduleCheck(node: number, left: number): void {
    if (left > 0) this.#kernel.at(this.#nextStatusUs(), this.#check, node, left - 1);
  }

  #onCheck(node: number, left: number): void {
    if (!this.reachesApi(node)) return;
    this.#scheduleCheck(node, left);
    if (!isReady(this.node(node).record?.stored)) this.#sendStatus(node);
  }

  #hears(node: number): boolean {
    const { isUp, isConnected } = this.node(node);
    return isUp && isConnected;
  }

  /** What a busy server refused, or was lost, is sent again; the client has tried for a while. */
  #onAnswered(call: ApiCall, node: number): void {
    const state = this.node(node);
    if (call.verb === "create") {
      if (call.isTransient) return this.#registerLater(node, call.body as Manifest);
      state.isRegistering = false;
      state.failedRegistrations = 0;
      this.resync(node);
    } else if (call.isTransient) {
      if (isReady(state.record?.stored)) this.imagesChanged(node);
      else this.#scheduleCheck(node, 1);
    }
  }

  #registerLater(node: number, manifest: Manifest): void {
    const failed = this.node(node).failedRegistrations++;
    let pauseUs = REGISTER_PAUSE_US;
    for (let i = 0; i < failed && pauseUs < REGISTER_PAUSE_MAX_US; i++) pauseUs *= 2;
    pauseUs = Math.min(pauseUs, REGISTER_PAUSE_MAX_US);
    this.#kernel.after(pauseUs, this.#registerAgain, node, manifest);
  }

  #sendStatus(node: number): void {
    const state = this.node(node);
    state.isStatusDue = false;
    if (state.record === undefined || !this.reachesApi(node)) return;
    const stored = state.record.stored;
    const status: Record<string, unknown> = { images: statusImages(state.images) };
    if (stored !== undefined && !isReady(stored)) {
      status["conditions"] = healthyConditions(this.#kernel.nowUs, stored.status.conditions);
    }
    const patch = { status };
    this.client(node).patch(state.record, patch, "status", this.#answered, node);
  }
}

/** Its object was deleted, and is not asked for again. */
function isGone({ record, isRegistering }: NodeState): boolean {
  if (record === undefined || isRegistering) return false;
  return record.stored === undefined && record.commitCount > 0;
}

function isReady(node: Node | undefined): boolean {
  return node !== undefined && isConditionTrue(node.status.conditions, "Ready");
}
