/**
 * PlainCluster: nodes and pods as plugins see them, written the plain way. Plugin tests build
 * their cases with it, and the conformance replay uses it as a third opinion beside the
 * scheduler's own cache: every NodeInfo is summed up from scratch when something changes.
 */
import { cpuMilli, KeyRecord, type Node, type Pod, wholeUnits } from "../sim/api/index.ts";
import {
  type ClusterInfo,
  createPodInfo,
  type NodeInfo,
  type NodeSpecInfo,
  normalizedImageName,
  type PodInfo,
  ResourceTable,
} from "../sim/scheduler/index.ts";

export class PlainCluster implements ClusterInfo {
  readonly #resources = new ResourceTable();
  readonly #nodes: NodeInfo[] = [];
  #records = 0;

  constructor(nodes: readonly Node[] = [], pods: readonly Pod[] = []) {
    for (const node of nodes) this.addNode(node);
    for (const pod of pods) this.addPod(pod);
  }

  get nodes(): readonly NodeInfo[] {
    return this.#nodes;
  }

  addNode(node: Node): void {
    this.#nodes.push(this.#nodeInfo(node, this.#nodes.length, []));
  }

  /** Adds a pod to the node that it names. */
  addPod(pod: Pod): void {
    const { slot, node, pods } = this.node(pod.spec.nodeName ?? "");
    this.#nodes[slot] = this.#nodeInfo(node, slot, [...pods, this.podInfo(pod)]);
  }

  removePod(namespace: string, name: string): void {
    for (const { slot, node, pods } of [...this.#nodes]) {
      const left = pods.filter((pod) => pod.name !== name || pod.namespace !== namespace);
      if (left.length < pods.length) this.#nodes[slot] = this.#nodeInfo(node, slot, left);
    }
  }

  node(name: string): NodeInfo {
    const found = this.#nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`there is no node "${name}"`);
    return found;
  }

  podInfo(pod: Pod): PodInfo {
    const { namespace, name } = pod.metadata;
    const record = new KeyRecord<Pod>(++this.#records, "Pod", namespace, name);
    record.stored = pod;
    return createPodInfo(record, pod, this.#resources);
  }

  imageSpread(image: string): { nodeCount: number; sizeBytes: number } | undefined {
    const holders = this.#nodes.filter((node) => node.images.has(image));
    const sizeBytes = holders[0]?.images.get(image);
    return sizeBytes === undefined ? undefined : { nodeCount: holders.length, sizeBytes };
  }

  resourceName(index: number): string {
    return this.#resources.nameOf(index);
  }

  resourceIndex(name: string): number {
    return this.#resources.indexOf(name);
  }

  #nodeInfo(node: Node, slot: number, pods: readonly PodInfo[]): NodeInfo {
    const fixed = this.#fixed(node);
    const sum = (of: (pod: PodInfo) => number): number => pods.reduce((t, pod) => t + of(pod), 0);
    return {
      ...fixed,
      fixed,
      slot,
      pods,
      requested: this.#resources.names.map((_, index) => sum((pod) => pod.requests[index] ?? 0)),
      nonZeroCpuMilli: sum((pod) => pod.boundNonZeroCpuMilli),
      nonZeroMemoryBytes: sum((pod) => pod.boundNonZeroMemoryBytes),
      usedPorts: pods.flatMap((pod) => pod.hostPorts),
      images: imagesOf(node),
    };
  }

  #fixed(node: Node): NodeSpecInfo {
    const allocatable: number[] = [];
    let allowedPodNumber = 0;
    for (const [name, quantity] of Object.entries(node.status.allocatable ?? {})) {
      if (name === "pods") allowedPodNumber = wholeUnits(quantity);
      else
        allocatable[this.#resources.intern(name)] =
          name === "cpu" ? cpuMilli(quantity) : wholeUnits(quantity);
    }
    return {
      name: node.metadata.name,
      node,
      labels: node.metadata.labels ?? {},
      taints: node.spec.taints ?? [],
      unschedulable: node.spec.unschedulable ?? false,
      allocatable: Array.from(allocatable, (amount) => amount ?? 0),
      allowedPodNumber,
    };
  }
}

function imagesOf(node: Node): ReadonlyMap<string, number> {
  const images = new Map<string, number>();
  for (const { names, sizeBytes } of node.status.images ?? []) {
    for (const name of names ?? []) images.set(normalizedImageName(name), sizeBytes ?? 0);
  }
  return images;
}
