/**
 * fitsEmptyNode: could a node take the pod if nothing ran there? What NodeResourcesFit's queueing
 * hint asks of a node that came or changed (isFit of
 * kubernetes/pkg/scheduler/framework/plugins/noderesources/fit.go, v1.30). Resources that the
 * plugin's arguments ignore count here, as they do there.
 */
import { cpuMilli, type Node, podRequests, wholeUnits } from "../../sim/api/index.ts";
import type { PodInfo } from "../../sim/scheduler/index.ts";

export function fitsEmptyNode({ pod }: PodInfo, node: Node): boolean {
  const allocatable = node.status.allocatable ?? {};
  if (wholeUnits(String(allocatable["pods"] ?? "0")) < 1) return false;
  for (const [name, amount] of podRequests(pod.spec)) {
    const text = String(allocatable[name] ?? "0");
    if (amount > (name === "cpu" ? cpuMilli(text) : wholeUnits(text))) return false;
  }
  return true;
}
