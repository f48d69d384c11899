/**
 * PlainCluster: nodes and pods as plugins see them, written the plain way. Plugin tests build
 * their cases with it, and the conformance replay uses it as a third opinion beside the
 * scheduler's own cache: every NodeInfo is summed up from scratch when something changes.
 */
import {
  type ApiObject,
  cpuMilli,
  KeyRecord,
  type Node,
  type Pod,
  wholeUnits,
} from "../sim/api/index.ts";
import {
  type AffinityTerms,
  type ClusterInfo,
  createPodInfo,
  type NodeCounts,
  type NodeInfo,
  type NodeKind,
  type NodeSpecInfo,
  normalizedImageName,
  type ObjectLister,
  type PodInfo,
  type PodQuery,
  ResourceTable,
} from "../sim/scheduler/index.ts";
import { plainAffinityTerms, plainCounts } from "./plain-counts.ts";

const HOSTNAME = "kubernetes.io/hostname";

export class PlainCluster implements ClusterInfo {
  readonly #resources = new ResourceTable();
  readonly #nodes: NodeInfo[] = [];
  /** What nodes of a kind have in common; the place is the kind's number. */
  readonly #kinds: string[] = [];
  #objects: readonly ApiObject[] = [];
  #version = 0;
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
    const { slot, node, pods } = this.nodeNamed(pod.spec.nodeName ?? "");
    this.#nodes[slot] = this.#nodeInfo(node, slot, [...pods, this.podInfo(pod)]);
  }

  removePod(namespace: string, name: string): void {
    for (const { slot, node, pods } of [...this.#nodes]) {
      const left = pods.filter((pod) => pod.name !== name || pod.namespace !== namespace);
      if (left.length < pods.length) this.#nodes[slot] = this.#nodeInfo(node, slot, left);
    }
  }

  /** Adds an object of another kind, or replaces the one of its name. */
  addObject(object: ApiObject): void {
    const { namespace, name } = object.metadata;
    this.removeObject(object.kind, namespace, name);
    this.#objects = [...this.#objects, object];
  }

  removeObject(kind: string, namespace: string, name: string): void {
    this.#version++;
    this.#objects = this.#objects.filter((object) => !isNamed(object, kind, namespace, name));
  }

  get lowestPriority(): number {
    return Math.min(...this.nodes.flatMap(({ pods }) => pods.map(({ priority }) => priority)));
  }

  nodeIn(slot: number): NodeInfo {
    const found = this.nodes.find((node) => node.slot === slot);
    if (found === undefined) throw new Error(`there is no node in slot ${slot}`);
    return found;
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.find((node) => node.name === name);
  }

  /** The node, or an error: for tests that know it is there. */
  nodeNamed(name: string): NodeInfo {
    const found = this.node(name);
    if (found === undefined) throw new Error(`there is no node "${name}"`);
    return found;
  }

  get kinds(): readonly NodeKind[] {
    return this.#kinds.flatMap((_, number) => {
      const nodes = this.#nodes.filter(({ kind }) => kind === number);
      const [node] = nodes;
      return node === undefined ? [] : [{ number, node, nodeCount: nodes.length }];
    });
  }

  get hasUniqueHostnames(): boolean {
    const hostnames = this.#nodes.map(({ labels }) => labels[HOSTNAME]);
    return !hostnames.includes(undefined) && new Set(hostnames).size === hostnames.length;
  }

  countPods(query: PodQuery): NodeCounts {
    const isCounted = ({ namespace, labels, pod }: PodInfo): boolean =>
      query.matches(namespace, labels, pod.metadata.deletionTimestamp !== undefined);
    return plainCounts(this.#nodes, ({ pods }) => pods.filter(isCounted).length);
  }

  get affinityTerms(): AffinityTerms {
    return plainAffinityTerms(this.#nodes, ++this.#version);
  }

  imageNodes(image: string): NodeCounts {
    return plainCounts(this.#nodes, ({ images }) => (images.has(image) ? 1 : 0));
  }

  objects<T extends ApiObject>(kind: string): ObjectLister<T> {
    const ofKind = this.#objects
      .filter((object) => object.kind === kind)
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)) as ApiObject[] as T[];
    return {
      version: this.#version,
      get: (namespace, name) => ofKind.find((object) => isNamed(object, kind, namespace, name)),
      list: (namespace = undefined) =>
        ofKind.filter(({ metadata }) => metadata.namespace === (namespace ?? metadata.namespace)),
      changedSince: () => undefined,
    };
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
      kind: this.#kindOf(fixed),
      pods,
      requested: this.#resources.names.map((_, index) => sum((pod) => pod.requests[index] ?? 0)),
      nonZeroCpuMilli: sum((pod) => pod.boundNonZeroCpuMilli),
      nonZeroMemoryBytes: sum((pod) => pod.boundNonZeroMemoryBytes),
      usedPorts: pods.flatMap((pod) => pod.hostPorts),
      images: imagesOf(node),
    };
  }

  #kindOf({ labels, taints, unschedulable }: NodeSpecInfo): number {
    const { [HOSTNAME]: hostname, ...others } = labels;
    const common = [Object.entries(others).sort(), hostname === undefined, taints, unschedulable];
    const text = JSON.stringify(common);
    if (!this.#kinds.includes(text)) this.#kinds.push(text);
    return this.#kinds.indexOf(text);
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

function sortKey({ metadata }: ApiObject): string {
  return `${metadata.namespace}\u0000${metadata.name}`;
}

function isNamed(object: ApiObject, kind: string, namespace: string, name: string): boolean {
  const { metadata } = object;
  return object.kind === kind && metadata.namespace === namespace && metadata.name === name;
}

function imagesOf(node: Node): ReadonlyMap<string, number> {
  const images = new Map<string, number>();
  for (const { names, sizeBytes } of node.status.images ?? []) {
    for (const name of names ?? []) images.set(normalizedImageName(name), sizeBytes ?? 0);
  }
  return images;
}
