import { type ClusterInfo, definePlugin, type NodeCounts, type PodInfo, SKIP } from "stowage";

const MAX_PER_NODE = 8;

/** Pods of one template: of one namespace, and alike in the label `app`. */
interface Replicas {
  readonly app: string;
  readonly on: NodeCounts; // how many are on each node, kept up to date by the framework
  readonly moved: Map<number, number>; // by slot of a node: what preemption tries out
}

function replicasOf({ namespace, labels }: PodInfo, cluster: ClusterInfo): Replicas | undefined {
  const app = labels["app"];
  if (app === undefined) return undefined;
  const on = cluster.countPods({
    key: `${namespace}/${app}`, // equal keys, equal queries
    narrowedBy: { namespace, label: ["app", app] },
    matches: (_namespace, _labels, isTerminating) => !isTerminating,
  });
  return { app, on, moved: new Map() };
}

/** Keeps replicas apart: only so many of them per node, and the node with the fewest first. */
export default definePlugin<Replicas, Replicas>({
  name: "Apart",
  locality: "cluster",
  reads: ["namespace", "labels"],
  isMonotone: true, // a pod more never makes room
  preFilter: (pod, cluster) => {
    const state = replicasOf(pod, cluster);
    // With `counts` the filter is asked once per number of replicas, not once per node.
    return state === undefined ? SKIP : { state, counts: [state.on] };
  },
  filter: (_pod, { slot }, { on, moved }) =>
    on.at(slot) + (moved.get(slot) ?? 0) < MAX_PER_NODE ? undefined : "too many replicas",
  addPod: (pod, other, { slot }, state) => move(state, pod, other, slot, 1),
  removePod: (pod, other, { slot }, state) => move(state, pod, other, slot, -1),
  preScore: (pod, cluster) => {
    const state = replicasOf(pod, cluster);
    return state === undefined ? SKIP : { state, counts: [state.on] };
  },
  score: (_pod, { slot }, { on }) => on.at(slot),
  normalize: "maxReversed", // the fewest replicas: 100
});

function move(
  { app, moved }: Replicas,
  pod: PodInfo,
  other: PodInfo,
  slot: number,
  by: number,
): void {
  if (other.namespace !== pod.namespace || other.labels["app"] !== app) return;
  if (other.pod.metadata.deletionTimestamp !== undefined) return; // not counted before either
  moved.set(slot, (moved.get(slot) ?? 0) + by);
}
