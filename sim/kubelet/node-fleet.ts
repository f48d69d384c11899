/**
 * NodeFleet: the nodes that have a kubelet. Each has an API client of its own (so its own rate
 * limit), an informer of the pods that are bound to it, and a status that lists its images.
 */
import type { core, KeyRecord, Manifest, Node, Pod } from "../api/index.ts";
import type {
  ApiCall,
  ApiClient,
  CallbackId,
  ClientHub,
  InformerHub,
  SharedInformer,
} from "../client/index.ts";
import { type HandlerId, InputError, type Kernel } from "../kernel/index.ts";
import { NodeImages, statusImages } from "./image-manager.ts";
import { registeredNode } from "./node-registration.ts";

/** One node as its kubelet knows it. */
export interface NodeState {
  readonly name: string;
  readonly hostIP: string;
  readonly images: NodeImages;
  /** The Node object's key, once known. */
  record: KeyRecord<Node> | undefined;
  /** A status update with new images is due. */
  isStatusDue: boolean;
}

interface NodeFleetState {
  readonly nodes: NodeState[];
  /** Numbers of the nodes. */
  readonly byName: Map<string, number>;
}

/** Who is told what the node's informer sees. */
export interface PodSink {
  podAdded(node: number, record: KeyRecord<Pod>, pod: Pod): void;
  podUpdated(node: number, record: KeyRecord<Pod>, pod: Pod): void;
  podRemoved(node: number, record: KeyRecord<Pod>): void;
}

/** kubelet nodeStatusUpdateFrequency: changes of node status are reported at this period. */
const NODE_STATUS_PERIOD_US = 10_000_000;

export class NodeFleet {
  state: NodeFleetState = { nodes: [], byName: new Map() };
  readonly #kernel: Kernel;
  readonly #clients: ClientHub;
  readonly #informers: InformerHub;
  /** The pods of different kubelets are disjoint: their stores share one place in the records. */
  readonly #podSlot: number;
  readonly #nodeClients: ApiClient[] = [];
  readonly #report: HandlerId<number>;
  readonly #answered: CallbackId<number>;
  #sink: PodSink | undefined;

  constructor(kernel: Kernel, clients: ClientHub, informers: InformerHub) {
    this.#kernel = kernel;
    this.#clients = clients;
    this.#informers = informers;
    this.#podSlot = informers.takeSlot("Pod");
    this.#report = kernel.handler("kubelet/node-status", (node) => this.#sendStatus(node));
    this.#answered = clients.callback((call, node) => this.#onAnswered(call, node));
    kernel.keep("kubelet/nodes", this);
  }

  /** Sets who is told of pods. Once, when wiring. */
  tells(sink: PodSink): void {
    this.#sink = sink;
  }

  has(name: string): boolean {
    return this.state.byName.has(name);
  }

  /** Whether the node's object is asked for, and was never stored yet. */
  isJoining(name: string): boolean {
    const node = this.state.byName.get(name);
    return node !== undefined && this.node(node).record?.commitCount === 0;
  }

  /** Adds a node of a new name; its kubelet starts to watch. Returns its number. */
  add(manifest: Manifest): number {
    const name = manifest.metadata?.name ?? "";
    if (this.has(name))
      throw new InputError(`Node "${name}" is there twice. Give it one manifest.`);
    const node = this.state.nodes.length;
    this.state.byName.set(name, node);
    const images = new NodeImages();
    const status = (manifest.status ?? {}) as core.NodeStatus;
    for (const { names = [], sizeBytes = 0 } of status.images ?? []) {
      for (const image of names) images.present.set(image, sizeBytes);
    }
    const hostIP = `172.${16 + (node >> 16)}.${(node >> 8) & 255}.${node & 255}`;
    this.state.nodes.push({ name, hostIP, images, record: undefined, isStatusDue: false });
    this.wire(node, name).start();
    return node;
  }

  /** Registers the node's object through the API. */
  register(node: number, manifest: Manifest): void {
    const body = registeredNode(manifest, this.#kernel.nowUs);
    const record = this.client(node).create("Node", body, this.#answered, node);
    this.node(node).record = record as KeyRecord<Node>;
  }

  /** Makes the client and the informer of a node. */
  wire(node: number, name: string): SharedInformer<Pod> {
    const client = this.#clients.client("kubelet", `kubelet/${name}`);
    this.#nodeClients.push(client);
    const selection = { nodeName: name };
    const informer = this.#informers.create<Pod>(client, "Pod", { selection, slot: this.#podSlot });
    const sink = this.#sink;
    if (sink === undefined) throw new Error("nobody is told of the pods of the kubelets");
    informer.addEventHandler({
      onAdd: (record, pod) => sink.podAdded(node, record, pod),
      onUpdate: (record, _old, pod) => sink.podUpdated(node, record, pod),
      onDelete: (record) => sink.podRemoved(node, record),
    });
    return informer;
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
    const periods = Math.floor(this.#kernel.nowUs / NODE_STATUS_PERIOD_US) + 1;
    this.#kernel.background(periods * NODE_STATUS_PERIOD_US, this.#report, node, undefined);
  }

  /** What a busy server refused is sent again; the client has waited and tried for a while. */
  #onAnswered(call: ApiCall, node: number): void {
    if (call.code !== 429) return;
    if (call.verb === "create") this.register(node, call.body as Manifest);
    else this.imagesChanged(node);
  }

  #sendStatus(node: number): void {
    const state = this.node(node);
    state.isStatusDue = false;
    if (state.record === undefined) return;
    const patch = { status: { images: statusImages(state.images) } };
    this.client(node).patch(state.record, patch, "status", this.#answered, node);
  }
}
