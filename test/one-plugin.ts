/**
 * One plugin by itself on a small cluster: for tables of cases.
 */
import type { ApiObject, Node, Pod } from "../sim/api/index.ts";
import type { AnyPlugin, Profile } from "../sim/scheduler/index.ts";
import { PlainCluster } from "./plain-cluster.ts";
import { plainFilter, plainScores, type Status } from "./plain-cycle.ts";

interface HasBuild<T> {
  build(): T;
}

export interface SmallCluster {
  readonly nodes: readonly HasBuild<Node>[];
  /** Pods that run there already. */
  readonly bound?: readonly HasBuild<Pod>[];
  /** Of other kinds: Services, Namespaces, ... */
  readonly objects?: readonly ApiObject[];
}

/** `node: reason, reason` for every rejected node, `preFilter: reason` for a pod-wide rejection. */
export function rejections(
  plugin: AnyPlugin,
  pod: HasBuild<Pod>,
  small: SmallCluster,
): readonly string[] {
  const cluster = clusterOf(small);
  const detail = plainFilter(profileOf(plugin), cluster.podInfo(pod.build()), cluster);
  const text = ({ code, reasons }: Status): string =>
    `${reasons.join(", ")}${code === "Unschedulable" ? "" : " (unresolvable)"}`;
  if (detail.preFilter !== undefined) return [`preFilter: ${text(detail.preFilter)}`];
  return [
    ...[...detail.filtered].map(([node, status]) => `${node}: ${text(status)}`),
    ...detail.excluded.map((node) => `${node}: left out`),
  ];
}

/** Normalised scores by node, all nodes being feasible; undefined when the plugin skips the pod. */
export function scores(
  plugin: AnyPlugin,
  pod: HasBuild<Pod>,
  small: SmallCluster,
): readonly number[] | undefined {
  const cluster = clusterOf(small);
  const info = cluster.podInfo(pod.build());
  return plainScores(profileOf(plugin), info, cluster, cluster.nodes).get(plugin.name);
}

/** The cluster as plugins see it. */
export function clusterOf({ nodes, bound = [], objects = [] }: SmallCluster): PlainCluster {
  const cluster = new PlainCluster(
    nodes.map((node) => node.build()),
    bound.map((pod) => pod.build()),
  );
  for (const object of objects) cluster.addObject(object);
  return cluster;
}

function profileOf(plugin: AnyPlugin): Profile {
  return {
    schedulerName: "default-scheduler",
    plugins: [{ plugin, weight: 1 }],
    percentageOfNodesToScore: 100,
  };
}
