/**
 * NodePorts rejects nodes where a host port of the pod is taken: same protocol and port, and the
 * same host IP or one of the two is every address (0.0.0.0). Init containers' ports are ignored.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/nodeports and HostPortInfo.CheckConflict in
 * framework/types.go, v1.30.
 */
import {
  type AnyPlugin,
  definePlugin,
  type HostPort,
  type Rejection,
  SKIP,
} from "../../sim/scheduler/index.ts";
import { NODE_CHANGED_OR_POD_DELETED } from "../cluster-events.ts";

const ALL_ADDRESSES = "0.0.0.0";

const PORT_TAKEN: Rejection = {
  code: "Unschedulable",
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
};

export function nodePorts(): AnyPlugin {
  return definePlugin({
    name: "NodePorts",
    locality: "node",
    isMonotone: true,
    reads: ["hostPorts"],
    requeueOn: NODE_CHANGED_OR_POD_DELETED,
    preFilter: (pod) => (pod.hostPorts.length === 0 ? SKIP : { state: undefined }),
    filter: (pod, node) => (anyConflict(pod.hostPorts, node.usedPorts) ? PORT_TAKEN : undefined),
  });
}

function anyConflict(wanted: readonly HostPort[], used: readonly HostPort[]): boolean {
  for (const want of wanted) {
    for (const taken of used) if (conflicts(want, taken)) return true;
  }
  return false;
}

function conflicts(a: HostPort, b: HostPort): boolean {
  if (a.hostPort !== b.hostPort || (a.protocol || "TCP") !== (b.protocol || "TCP")) return false;
  const addressA = a.hostIP || ALL_ADDRESSES;
  const addressB = b.hostIP || ALL_ADDRESSES;
  return addressA === addressB || addressA === ALL_ADDRESSES || addressB === ALL_ADDRESSES;
}
