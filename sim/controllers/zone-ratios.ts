/**
 * How the cluster's CPU is shared among its zones.
 * Source: TopologyCache.SetNodes in staging/src/k8s.io/endpointslice/topologycache/topologycache.go
 * of v1.30.
 */
import { cpuMilli, isConditionTrue, type Node } from "../api/index.ts";
import type { ZoneRatios } from "./topology-hints.ts";

export const ZONE = "topology.kubernetes.io/zone";
/** Nodes with one of these labels do not count. */
const EXCLUDED = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/**
 * Share of each zone in the CPU of all ready nodes, by zone name in order; undefined when a node
 * lacks a zone or CPU, or all are in one zone.
 */
export function zoneRatios(nodes: Iterable<Node>): ZoneRatios {
  const milliByZone = new Map<string, number>();
  let total = 0;
  for (const node of nodes) {
    const { labels = {} } = node.metadata;
    if (EXCLUDED.some((label) => label in labels) || !isNodeReady(node)) continue;
    const milli = cpuMilli(String(node.status?.allocatable?.["cpu"] ?? "0"));
    const zone = labels[ZONE] ?? "";
    if (zone === "" || milli === 0) return undefined;
    total += milli;
    milliByZone.set(zone, (milliByZone.get(zone) ?? 0) + milli);
  }
  if (total === 0 || milliByZone.size < 2) return undefined;
  const zones = [...milliByZone.keys()].sort();
  return new Map(zones.map((zone) => [zone, (milliByZone.get(zone) ?? 0) / total]));
}

export function isNodeReady({ status }: Node): boolean {
  return isConditionTrue(status?.conditions, "Ready");
}
