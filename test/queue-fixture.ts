/** Pods, a hand-set clock and a queue for the tests of this folder. */
import { KeyRecord, type Pod } from "../sim/api/index.ts";
import type { Kernel } from "../sim/kernel/index.ts";
import { definePlugin } from "../sim/scheduler/framework/define-plugin.ts";
import type {
  AnyPlugin,
  ClusterInfo,
  PodInfo,
  Profile,
} from "../sim/scheduler/framework/interface.ts";
import type { SchedulingQueueSettings } from "../sim/scheduler/queue/queue-state.ts";
import { SchedulingQueue } from "../sim/scheduler/queue/scheduling-queue.ts";

export const PRIORITY_SORT: AnyPlugin = definePlugin({
  name: "PrioritySort",
  requeueOn: [],
  compare: (a, b) => b.info.priority - a.info.priority || a.timestampUs - b.timestampUs,
});

export const SCHEDULING_GATES: AnyPlugin = definePlugin({
  name: "SchedulingGates",
  requeueOn: [],
  preEnqueue: ({ pod }) => ((pod.spec.schedulingGates ?? []).length > 0 ? "gated" : undefined),
});

export function makeProfile(schedulerName: string, plugins: readonly AnyPlugin[]): Profile {
  const used = [PRIORITY_SORT, SCHEDULING_GATES, ...plugins];
  return {
    schedulerName,
    plugins: used.map((plugin) => ({ plugin, weight: 0 })),
    percentageOfNodesToScore: 100,
  };
}

export interface PodSketch {
  readonly priority?: number;
  readonly gated?: boolean;
  readonly schedulerName?: string;
  readonly labels?: Record<string, string>;
  readonly nominatedNodeName?: string;
}

const records = new Map<string, KeyRecord<Pod>>();

/** A pod of that name; the same name is the same key. */
export function makePodInfo(name: string, sketch: PodSketch = {}): PodInfo {
  let record = records.get(name);
  if (record === undefined) {
    record = new KeyRecord<Pod>(records.size, "Pod", "default", name);
    records.set(name, record);
  }
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", uid: name, labels: sketch.labels ?? {} },
    spec: {
      containers: [],
      schedulerName: sketch.schedulerName ?? "default-scheduler",
      ...(sketch.gated ? { schedulingGates: [{ name: "wait" }] } : {}),
    },
    status: { nominatedNodeName: sketch.nominatedNodeName ?? "" },
  } as unknown as Pod;
  return { record, pod, namespace: "default", name, priority: sketch.priority ?? 0 } as PodInfo;
}

/** A queue whose clock only the test moves, in microseconds: no flush happens by itself. */
export function makeStillQueue(
  profiles: readonly Profile[],
  given: Partial<SchedulingQueueSettings> = {},
) {
  const clock = { nowUs: 0, handler: () => 0, keep() {}, at() {}, background() {} };
  const queue = new SchedulingQueue({
    kernel: clock as unknown as Kernel,
    profiles,
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 10,
    podMaxInUnschedulablePodsSeconds: 300,
    queueingHints: false,
    cluster: {} as ClusterInfo,
    namespaceLabels: () => undefined,
    onActive: () => {},
    ...given,
  });
  return { clock, queue };
}
