/**
 * CachedNode: a node in the scheduler's cache, with the running sums over its pods.
 * Plain data with public fields: part of the run's state.
 */
import { cpuMilli, type Node, type Taint, wholeUnits } from "../../api/index.ts";
import type { NodeInfo, NodeSpecInfo } from "./node-info.ts";
import type { HostPort, PodInfo } from "./pod-info.ts";
import type { ResourceTable } from "./resource-table.ts";

const NO_LABELS: Readonly<Record<string, string>> = {};
const NO_TAINTS: readonly Taint[] = [];

/** The fixed part of a node; a new one for each change of the Node object. */
export class FixedNode implements NodeSpecInfo {
  readonly name: string;
  readonly node: Node;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly allocatable: readonly number[];
  readonly allowedPodNumber: number;

  constructor(node: Node, resources: ResourceTable) {
    this.name = node.metadata.name;
    this.node = node;
    this.labels = node.metadata.labels ?? NO_LABELS;
    this.taints = node.spec.taints ?? NO_TAINTS;
    this.unschedulable = node.spec.unschedulable ?? false;
    const allocatable: number[] = [];
    let allowedPodNumber = 0;
    for (const [name, quantity] of Object.entries(node.status.allocatable ?? {})) {
      if (name === "pods") {
        allowedPodNumber = wholeUnits(String(quantity));
        continue;
      }
      const index = resources.intern(name);
      while (allocatable.length <= index) allocatable.push(0);
      allocatable[index] =
        name === "cpu" ? cpuMilli(String(quantity)) : wholeUnits(String(quantity));
    }
    this.allocatable = resources.sharedAmounts(allocatable);
    this.allowedPodNumber = allowedPodNumber;
  }
}

export class CachedNode implements NodeInfo {
  readonly slot: number;
  fixed: FixedNode;
  /** Number of the node's kind: see NodeKinds. */
  kind: number;
  /** Key of its zone in the node order. */
  zoneKey: string;
  name: string;
  node: Node;
  labels: Readonly<Record<string, string>>;
  taints: readonly Taint[];
  unschedulable: boolean;
  allocatable: readonly number[];
  allowedPodNumber: number;
  readonly pods: PodInfo[] = [];
  readonly requested: number[] = [];
  nonZeroCpuMilli = 0;
  nonZeroMemoryBytes = 0;
  /**
   * A set, as kube-scheduler's HostPortInfo: of two pods with one port, the first to leave takes it
   * away.
   */
  readonly usedPorts: HostPort[] = [];
  images: ReadonlyMap<string, number> = new Map();
  /** A copy for a what-if: nothing is remembered of it. */
  isScratch = false;

  constructor(slot: number, fixed: FixedNode, kind: number, zoneKey: string) {
    this.slot = slot;
    this.fixed = fixed;
    this.kind = kind;
    this.zoneKey = zoneKey;
    this.name = fixed.name;
    this.node = fixed.node;
    this.labels = fixed.labels;
    this.taints = fixed.taints;
    this.unschedulable = fixed.unschedulable;
    this.allocatable = fixed.allocatable;
    this.allowedPodNumber = fixed.allowedPodNumber;
  }
}

/** Replaces the fixed part after a change of the Node object. */
export function setFixed(node: CachedNode, fixed: FixedNode, kind: number, zoneKey: string): void {
  node.fixed = fixed;
  node.kind = kind;
  node.zoneKey = zoneKey;
  node.node = fixed.node;
  node.labels = fixed.labels;
  node.taints = fixed.taints;
  node.unschedulable = fixed.unschedulable;
  node.allocatable = fixed.allocatable;
  node.allowedPodNumber = fixed.allowedPodNumber;
}

/** A copy for a what-if. */
export function copyNode(node: CachedNode): CachedNode {
  const copy = new CachedNode(node.slot, node.fixed, node.kind, node.zoneKey);
  for (const pod of node.pods) copy.pods.push(pod);
  for (const amount of node.requested) copy.requested.push(amount);
  for (const port of node.usedPorts) copy.usedPorts.push(port);
  copy.nonZeroCpuMilli = node.nonZeroCpuMilli;
  copy.nonZeroMemoryBytes = node.nonZeroMemoryBytes;
  copy.images = node.images;
  copy.isScratch = true;
  return copy;
}

/** Adds a pod and what it requests to the node's sums. */
export function placePod(node: CachedNode, pod: PodInfo): void {
  node.pods.push(pod);
  const { requests } = pod;
  while (node.requested.length < requests.length) node.requested.push(0);
  for (let i = 0; i < requests.length; i++) {
    node.requested[i] = (node.requested[i] ?? 0) + (requests[i] ?? 0);
  }
  node.nonZeroCpuMilli += pod.boundNonZeroCpuMilli;
  node.nonZeroMemoryBytes += pod.boundNonZeroMemoryBytes;
  for (const port of pod.hostPorts) {
    if (indexOfPort(node.usedPorts, port) < 0) node.usedPorts.push(port);
  }
}

/** Takes a pod off again: the very PodInfo that was placed. */
export function displacePod(node: CachedNode, pod: PodInfo): void {
  const index = node.pods.indexOf(pod);
  if (index < 0) throw new Error(`pod ${pod.record.key} is not on node ${node.name}`);
  // As removeFromSlice of kubernetes/pkg/scheduler/framework/types.go: preemption breaks ties by place.
  node.pods[index] = node.pods[node.pods.length - 1] as PodInfo;
  node.pods.pop();
  const { requests } = pod;
  for (let i = 0; i < requests.length; i++) {
    node.requested[i] = (node.requested[i] ?? 0) - (requests[i] ?? 0);
  }
  node.nonZeroCpuMilli -= pod.boundNonZeroCpuMilli;
  node.nonZeroMemoryBytes -= pod.boundNonZeroMemoryBytes;
  for (const port of pod.hostPorts) {
    const at = indexOfPort(node.usedPorts, port);
    if (at >= 0) node.usedPorts.splice(at, 1);
  }
}

/** Some port is stated by two of the node's pods, or has been: `usedPorts` may lack it by now. */
export function hasSharedPorts({ pods, usedPorts }: CachedNode): boolean {
  let stated = 0;
  for (const { hostPorts } of pods) stated += hostPorts.length;
  return stated !== usedPorts.length;
}

function indexOfPort(ports: readonly HostPort[], port: HostPort): number {
  return ports.findIndex(
    ({ protocol, hostIP, hostPort }) =>
      protocol === port.protocol && hostIP === port.hostIP && hostPort === port.hostPort,
  );
}
