/**
 * preCheckForNode: when a node has come or changed, only pods that it could take on the face of it
 * are worth trying again (kubernetes/pkg/scheduler/eventhandlers.go, preCheckForNode and
 * AdmissionCheck, v1.30): they fit, their nodeName, node selector and required node affinity match,
 * their host ports are free, and they tolerate its NoSchedule taints.
 */
import { compileNodeSelector, findUntoleratedTaint } from "../api/index.ts";
import type { NodeInfo, PodInfo } from "./framework/index.ts";
import type { PreCheck } from "./queue/scheduling-queue.ts";

const NO_SCHEDULE = ["NoSchedule"];
const ANY_ADDRESS = "0.0.0.0";

export function preCheckForNode(node: NodeInfo): PreCheck {
  return (info) =>
    resourcesFit(info, node) &&
    nameMatches(info, node) &&
    findUntoleratedTaint(node.taints, info.pod.spec.tolerations, NO_SCHEDULE) === undefined &&
    selectorMatches(info, node) &&
    portsAreFree(info, node);
}

function resourcesFit({ requests }: PodInfo, node: NodeInfo): boolean {
  if (node.pods.length + 1 > node.allowedPodNumber) return false;
  for (let i = 0; i < requests.length; i++) {
    const wanted = requests[i] ?? 0;
    if (wanted > 0 && wanted > (node.allocatable[i] ?? 0) - (node.requested[i] ?? 0)) return false;
  }
  return true;
}

function nameMatches({ pod }: PodInfo, node: NodeInfo): boolean {
  const wanted = pod.spec.nodeName ?? "";
  return wanted === "" || wanted === node.name;
}

function selectorMatches({ pod }: PodInfo, node: NodeInfo): boolean {
  const { nodeSelector, affinity } = pod.spec;
  for (const [key, value] of Object.entries(nodeSelector ?? {}))
    if (node.labels[key] !== value) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || compileNodeSelector(required)(node.labels, node.name);
}

function portsAreFree({ hostPorts }: PodInfo, node: NodeInfo): boolean {
  return hostPorts.every(({ protocol, hostIP, hostPort }) =>
    node.usedPorts.every(
      (used) =>
        used.hostPort !== hostPort ||
        used.protocol !== protocol ||
        (used.hostIP !== hostIP && used.hostIP !== ANY_ADDRESS && hostIP !== ANY_ADDRESS),
    ),
  );
}
