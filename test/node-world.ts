/**
 * Nodes that live and die: kubelets and controllers on a real API server, with a scheduler that
 * binds a pod at once to the ready node, untainted, that it gave fewest pods.
 */
import type { KeyRecord, Manifest, Node, Pod } from "../sim/api/index.ts";
import type { SharedInformer } from "../sim/client/index.ts";
import { createControllers } from "../sim/controllers/index.ts";
import { Kubelets } from "../sim/kubelet/index.ts";
import { type ClusterOptions, defaultClusterOptions } from "../sim/options/index.ts";
import { ControlPlane } from "./control-plane.ts";

const SECOND = 1_000_000;

export interface NodeWorldOptions {
  /** Zone of each node. */
  readonly zones?: readonly string[];
  readonly kubelet?: Partial<ClusterOptions["kubelet"]>;
  readonly controllerManager?: Partial<ClusterOptions["controllerManager"]>;
}

export class NodeWorld {
  readonly plane: ControlPlane;
  readonly kubelets: Kubelets;
  /** What was committed, with whole seconds of virtual time. */
  readonly log: string[] = [];
  readonly #pods: SharedInformer<Pod>;
  readonly #stop;
  readonly #nodeCount: number;
  readonly #assigned = new Map<string, number>();

  constructor({ zones = ["z", "z", "z"], kubelet, controllerManager }: NodeWorldOptions = {}) {
    const latency = {
      ...defaultClusterOptions.latency,
      podSandbox: "300ms",
      containerStart: "100ms",
      containerStop: "1s",
    };
    this.plane = new ControlPlane("1", { latency });
    const { kernel, trace, clients, informers, etcd } = this.plane;
    const images = { ...defaultClusterOptions.kubelet, defaultImageBytes: 0, ...kubelet };
    const shared = { kernel, trace, clients, informers, latency, writesEvents: false };
    this.kubelets = new Kubelets({ ...shared, images });
    const controllers = createControllers({
      ...shared,
      heartbeats: this.kubelets,
      options: { ...defaultClusterOptions.controllerManager, ...controllerManager },
    });
    this.#stop = kernel.handler("test/stop", () => {});
    this.#pods = informers.create<Pod>(clients.client("test-scheduler"), "Pod");
    this.#pods.addEventHandler({ onAdd: (record, pod) => this.#onPod(record, pod) });
    this.#nodeCount = zones.length;
    for (const [i, zone] of zones.entries()) {
      const manifest: Manifest = {
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: `n${i}`, labels: { "topology.kubernetes.io/zone": zone } },
        status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110" } },
      };
      const { node, object } = this.kubelets.join(manifest);
      this.plane.store(object);
      this.kubelets.joined(node, etcd.find("Node", `n${i}`) as KeyRecord<Node>);
    }
    this.plane.store({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } });
    this.kubelets.start();
    controllers.start();
    this.#pods.start();
    this.run(1);
    trace.committed.subscribe(({ type, record, object, old }) => {
      const at = Math.floor(kernel.nowUs / SECOND);
      if (record.kind === "Node") this.#noteNode(at, object as Node, old as Node | undefined);
      if (record.kind === "Pod") this.#notePod(at, type, object as Pod, old as Pod | undefined);
    });
  }

  /** Runs to that time, also when nothing happens until then. */
  run(seconds: number): void {
    const untilUs = Math.round(seconds * SECOND);
    this.plane.kernel.at(untilUs, this.#stop, undefined, undefined);
    this.plane.kernel.run(untilUs);
  }

  create(manifest: Manifest): KeyRecord {
    const { client, done } = this.plane;
    return client.create(manifest.kind ?? "", manifest, done, undefined);
  }

  remove(record: KeyRecord): void {
    this.plane.client.delete(record, {}, this.plane.done, undefined);
  }

  node(name: string): Node {
    const stored = this.plane.etcd.find("Node", name)?.stored;
    if (stored === undefined) throw new Error(`there is no node ${name}`);
    return stored as Node;
  }

  get pods(): Pod[] {
    return this.plane.etcd.list("Pod").flatMap(({ stored }) => (stored ? [stored as Pod] : []));
  }

  /** Taints of the node, `key:effect`, without the long part of the key. */
  taints(name: string): string[] {
    return (this.node(name).spec.taints ?? [])
      .map(({ key, effect }) => `${key.split("/")[1]}:${effect}`)
      .sort();
  }

  #noteNode(at: number, node: Node, old: Node | undefined): void {
    const ready = (each: Node | undefined): string =>
      each?.status.conditions?.find(({ type }) => type === "Ready")?.status ?? "";
    if (ready(node) !== ready(old)) this.log.push(`${at} ${node.metadata.name} ${ready(node)}`);
    const isEvicting = (each: Node | undefined): boolean =>
      (each?.spec.taints ?? []).some(({ effect }) => effect === "NoExecute");
    if (isEvicting(node) && !isEvicting(old)) this.log.push(`${at} ${node.metadata.name} tainted`);
    if (!isEvicting(node) && isEvicting(old)) this.log.push(`${at} ${node.metadata.name} cleared`);
  }

  #notePod(at: number, type: string, pod: Pod, old: Pod | undefined): void {
    const { name, deletionTimestamp } = pod.metadata;
    if (type === "DELETED") this.log.push(`${at} ${name} gone`);
    else if (deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined)
      this.log.push(`${at} ${name} deleted`);
  }

  #onPod(record: KeyRecord<Pod>, pod: Pod): void {
    if ((pod.spec.nodeName ?? "") !== "") return;
    const free = Array.from({ length: this.#nodeCount }, (_, i) => `n${i}`)
      .filter((name) => (this.node(name).spec.taints ?? []).length === 0)
      .map((name) => [name, this.#assigned.get(name) ?? 0] as const);
    const [first] = free.sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
    if (first === undefined) return;
    this.#assigned.set(first[0], first[1] + 1);
    const body = { nodeName: first[0], uid: pod.metadata.uid };
    this.plane.client.bind(record, body, this.plane.done, undefined);
  }
}
