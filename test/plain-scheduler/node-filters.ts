/** The filters that look at one node and the pods on it. */
import { conflicts, hostPortsOf } from "./host-ports.ts";
import type { IncomingPod } from "./incoming-pod.ts";
import {
  matchesNodeSelector,
  matchesRequiredAffinity,
  requiredNodeAffinity,
} from "./node-affinity.ts";
import type { NodeState } from "./node-state.ts";
import { podRequests } from "./pod-requests.ts";
import { amountOf, isCountedResource } from "./quantities.ts";
import { type Status, unresolvable, unschedulable } from "./step.ts";
import { tolerates, untoleratedTaint } from "./taints.ts";

type NodeFilter = (incoming: IncomingPod, state: NodeState) => Status | undefined;

/** plugins/nodeunschedulable/node_unschedulable.go */
export const nodeUnschedulable: NodeFilter = ({ pod }, { node }) => {
  const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
  const { tolerations = [] } = pod.spec;
  if (!node.spec.unschedulable || tolerations.some((one) => tolerates(one, taint))) {
    return undefined;
  }
  return unresolvable("NodeUnschedulable", "node(s) were unschedulable");
};

/** plugins/nodename/node_name.go */
export const nodeName: NodeFilter = ({ pod }, { name }) =>
  pod.spec.nodeName && pod.spec.nodeName !== name
    ? unresolvable("NodeName", "node(s) didn't match the requested node name")
    : undefined;

/** plugins/tainttoleration/taint_toleration.go */
export const taintToleration: NodeFilter = ({ pod }, { node }) => {
  const taint = untoleratedTaint(node, pod);
  if (taint === undefined) return undefined;
  const text = `{${taint.key}: ${taint.value ?? ""}}`;
  return unresolvable("TaintToleration", `node(s) had untolerated taint ${text}`);
};

/** plugins/nodeaffinity/node_affinity.go */
export const nodeAffinity: NodeFilter = ({ pod, profile }, { node }) => {
  const plugin = "NodeAffinity";
  const added = requiredNodeAffinity(profile.arguments(plugin).addedAffinity);
  if (added !== undefined && !matchesNodeSelector(added, node)) {
    return unresolvable(plugin, "node(s) didn't match scheduler-enforced node affinity");
  }
  if (matchesRequiredAffinity(pod, node)) return undefined;
  return unresolvable(plugin, "node(s) didn't match Pod's node affinity/selector");
};

/** plugins/nodeports/node_ports.go */
export const nodePorts: NodeFilter = ({ pod }, { usedPorts }) => {
  const used = [...usedPorts.values()];
  const isTaken = hostPortsOf(pod).some((port) => used.some((other) => conflicts(port, other)));
  if (!isTaken) return undefined;
  return unschedulable("NodePorts", "node(s) didn't have free ports for the requested pod ports");
};

/** fitsRequest, in plugins/noderesources/fit.go */
export const nodeResourcesFit: NodeFilter = (incoming, node) => {
  const reasons: string[] = [];
  if (node.pods.length + 1 > node.podsAllowed) reasons.push("Too many pods");
  for (const [resource, quantity] of podRequests(incoming.pod)) {
    if (!isCountedResource(resource) || isIgnored(resource, incoming)) continue;
    const wanted = amountOf(resource, quantity);
    const free = (node.allocatable.get(resource) ?? 0) - (node.requested.get(resource) ?? 0);
    if (wanted > 0 && wanted > free) reasons.push(`Insufficient ${resource}`);
  }
  return reasons.length > 0 ? unschedulable("NodeResourcesFit", ...reasons) : undefined;
};

/** Only extended resources can be ignored. */
function isIgnored(resource: string, { profile }: IncomingPod): boolean {
  const [group, name] = resource.split("/");
  if (name === undefined || group === undefined || resource.includes("kubernetes.io/"))
    return false;
  const { ignoredResources = [], ignoredResourceGroups = [] } =
    profile.arguments("NodeResourcesFit");
  return ignoredResources.includes(resource) || ignoredResourceGroups.includes(group);
}
