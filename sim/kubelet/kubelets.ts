/**
 * Kubelets: the kubelets of all nodes as one component. Nodes join here; what they do with their
 * pods is in pod-lifecycle.ts, what they tell the API in status-manager.ts.
 */
import type { KeyRecord, Manifest, Node, Pod, Trace } from "../api/index.ts";
import { type ClientHub, EventRecorder, type InformerHub } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { ImageSettings } from "./image-puller.ts";
import { NodeFleet } from "./node-fleet.ts";
import { registeredNode } from "./node-registration.ts";
import { PodLifecycle, type PodLifecycleSettings } from "./pod-lifecycle.ts";

export interface KubeletSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  readonly latency: PodLifecycleSettings["latency"];
  readonly images: ImageSettings;
  /** Write Event objects (Pulled, Started, Killing). */
  readonly writesEvents: boolean;
}

export class Kubelets {
  readonly #kernel: Kernel;
  readonly #fleet: NodeFleet;
  readonly #pods: PodLifecycle;

  constructor(settings: KubeletSettings) {
    const { kernel, trace, clients, informers, latency, images, writesEvents } = settings;
    this.#kernel = kernel;
    this.#fleet = new NodeFleet(kernel, clients, informers);
    const eventClient = writesEvents ? clients.client("kubelet-events") : undefined;
    const events = new EventRecorder(kernel, eventClient, "kubelet", "kubelet");
    const fleet = this.#fleet;
    this.#pods = new PodLifecycle({ kernel, trace, clients, fleet, events, latency, images });
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
    this.#fleet.register(this.#fleet.add(manifest), manifest);
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

  /** Whether the node's kubelet has asked the API for its object, and it was never there yet. */
  isJoining(name: string): boolean {
    return this.#fleet.isJoining(name);
  }

  get nodeCount(): number {
    return this.#fleet.state.nodes.length;
  }

  /** Whether the pod's containers run at this moment: the truth on its node, ahead of the API's. */
  isRunning(record: KeyRecord<Pod>): boolean {
    return this.#pods.isRunning(record);
  }

  /** Calls `listener` at the moment when a pod's containers have ended. Register it when wiring. */
  onEnded(listener: (record: KeyRecord<Pod>) => void): void {
    this.#pods.onEnded(listener);
  }
}
