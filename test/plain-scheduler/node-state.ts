/** A node and the pods on it: NodeInfo, in pkg/scheduler/framework/types.go. */
import { type HostPort, hostPortsOf, portKey } from "./host-ports.ts";
import { nonZeroRequest, podRequests } from "./pod-requests.ts";
import { amountOf, isCountedResource, parseQuantity } from "./quantities.ts";
import { keyOf, type Node, type Pod } from "./scenario.ts";

export class NodeState {
  readonly node: Node;
  readonly name: string;
  pods: Pod[] = [];
  /** Amounts, see amountOf. */
  readonly allocatable = new Map<string, number>();
  podsAllowed = 0;
  requested = new Map<string, number>();
  /** With defaults for containers that request nothing: for scores. */
  nonZeroCpuMilli = 0;
  nonZeroMemoryBytes = 0;
  usedPorts = new Map<string, HostPort>();

  constructor(node: Node) {
    this.node = node;
    this.name = node.metadata.name;
    for (const [resource, text] of Object.entries(node.status.allocatable ?? {})) {
      const amount = amountOf(resource, parseQuantity(text));
      if (resource === "pods") this.podsAllowed = amount;
      else if (isCountedResource(resource)) this.allocatable.set(resource, amount);
    }
  }

  /** A copy to try changes on. */
  clone(): NodeState {
    const copy = new NodeState(this.node);
    copy.pods = [...this.pods];
    copy.requested = new Map(this.requested);
    copy.nonZeroCpuMilli = this.nonZeroCpuMilli;
    copy.nonZeroMemoryBytes = this.nonZeroMemoryBytes;
    copy.usedPorts = new Map(this.usedPorts);
    return copy;
  }

  addPod(pod: Pod): void {
    this.pods.push(pod);
    this.#count(pod, 1);
    for (const port of hostPortsOf(pod)) this.usedPorts.set(portKey(port), port);
  }

  /**
   * As NodeInfo.RemovePod: the last pod takes its place in the list, and its ports are free, even
   * one that another pod of the node has as well.
   */
  removePod(pod: Pod): void {
    const index = this.pods.findIndex((other) => keyOf(other) === keyOf(pod));
    const last = this.pods.pop();
    if (index < 0 || last === undefined) throw new Error(`${keyOf(pod)} is not on ${this.name}`);
    if (index < this.pods.length) this.pods[index] = last;
    this.#count(pod, -1);
    for (const port of hostPortsOf(pod)) this.usedPorts.delete(portKey(port));
  }

  #count(pod: Pod, sign: 1 | -1): void {
    for (const [resource, quantity] of podRequests(pod)) {
      if (!isCountedResource(resource)) continue;
      const before = this.requested.get(resource) ?? 0;
      this.requested.set(resource, before + sign * amountOf(resource, quantity));
    }
    const { cpuMilli, memoryBytes } = nonZeroRequest(pod);
    this.nonZeroCpuMilli += sign * cpuMilli;
    this.nonZeroMemoryBytes += sign * memoryBytes;
  }
}
