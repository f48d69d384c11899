/**
 * What somebody who looks on is told of a scheduling cycle, in as much detail as he asks for: for
 * `stowage explain` and `stowage diff`. Asking changes nothing, and nobody pays who is not asked.
 */
import type { Micros } from "../kernel/index.ts";
import type {
  ClusterInfo,
  Framework,
  PodInfo,
  PreemptionDetail,
  SchedulerCache,
  SearchDetail,
} from "./framework/index.ts";
import type { QueuedPodInfo } from "./queue/queued-pod-info.ts";
import type { Decision } from "./scheduling-cycle.ts";

/** How much of a resource a node has, and a pod asks for, in cpu milli, bytes, or its own unit. */
export interface ResourceRoom {
  readonly resource: string;
  readonly requested: number;
  /** Of the node, not taken by its pods. Below 0 where a node shrank. */
  readonly free: number;
}

/** A cycle that was decided and is not in effect yet. Ask in the observer: later the cluster is another. */
export interface CycleFact {
  readonly namespace: string;
  readonly name: string;
  readonly pod: PodInfo;
  /** schedulerName of the profile. */
  readonly profile: string;
  readonly attempt: number;
  readonly startUs: Micros;
  readonly decision: Decision;
  /** What draws among equal totals, 0..1; undefined: the lowest name is taken. */
  readonly tieDraw: number | undefined;
  /** Nodes and the pods on them, as the scheduler knows them. */
  readonly cluster: ClusterInfo;
  /** Every node by every plugin: a full pass. */
  search(): SearchDetail;
  /** All that preemption weighs for a pod that fits nowhere; undefined: no plugin preempts. */
  preemption(): PreemptionDetail | undefined;
  /** What the pod asks for on a node, and what is free there; the number of pods as `pods`. */
  room(node: string): readonly ResourceRoom[];
}

/** Where the facts come from. */
export interface CycleSurroundings {
  readonly framework: Framework;
  readonly cache: SchedulerCache;
  readonly nowUs: Micros;
  /** Where the cycle's walk over the nodes began. */
  readonly startIndex: number;
  readonly tieDraw: number | undefined;
  /** PostFilter's draws of this attempt, from the first one. */
  draw(): (count: number) => number;
}

export function cycleFact(
  { info, attempts }: QueuedPodInfo,
  decision: Decision,
  { framework, cache, nowUs, startIndex, tieDraw, draw }: CycleSurroundings,
): CycleFact {
  const { record } = info;
  return {
    namespace: record.namespace,
    name: record.name,
    pod: info,
    profile: framework.schedulerName,
    attempt: attempts,
    startUs: nowUs,
    decision,
    tieDraw,
    cluster: cache.cluster,
    search: () => framework.explainSearch(info, startIndex),
    preemption: () =>
      framework.explainPostFilter(info, {
        diagnosis: framework.diagnose(info),
        draw: draw(),
        isLowestName: tieDraw === undefined,
      }),
    room: (node) => roomOn(cache, info, node),
  };
}

function roomOn(cache: SchedulerCache, pod: PodInfo, name: string): ResourceRoom[] {
  const slot = cache.state.slotOf.get(name);
  if (slot === undefined) return [];
  const { allocatable, requested, pods, allowedPodNumber } = cache.nodeAt(slot);
  const rooms = cache.state.resources.names.flatMap((resource, i): ResourceRoom[] => {
    const wanted = pod.requests[i] ?? 0;
    if (wanted === 0) return [];
    return [{ resource, requested: wanted, free: (allocatable[i] ?? 0) - (requested[i] ?? 0) }];
  });
  return [...rooms, { resource: "pods", requested: 1, free: allowedPodNumber - pods.length }];
}
