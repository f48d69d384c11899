/** WorkloadsRecorder: how many replicas there were, change by change (workloads.csv). */
import type {
  ApiObject,
  CronJob,
  DaemonSet,
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  ReplicaSet,
  StatefulSet,
  Trace,
  WatchEntry,
} from "../sim/api/index.ts";
import { type Cell, type RowSink, secondsCell } from "./row.ts";

const counts = ["desired", "current", "updated", "ready", "available", "succeeded", "failed"];

/** Columns of workloads.csv, in order. */
export const workloadColumns = [
  "time_s",
  "kind",
  "namespace",
  "name",
  ...counts,
  "metrics",
  "conditions",
] as const;

/** The columns from `desired` to `failed`; undefined: the kind has no such number. */
type Counts = readonly (number | undefined)[];

/** What each kind's status says, as columns. */
const readers: ReadonlyMap<string, (object: ApiObject) => Counts> = new Map([
  ["CronJob", (object) => [undefined, ((object as CronJob).status.active ?? []).length]],
  ["DaemonSet", (object) => daemonSetCounts(object as DaemonSet)],
  ["Deployment", (object) => deploymentCounts(object as Deployment)],
  ["HorizontalPodAutoscaler", (object) => autoscalerCounts(object as HorizontalPodAutoscaler)],
  ["Job", (object) => jobCounts(object as Job)],
  ["ReplicaSet", (object) => replicaSetCounts(object as ReplicaSet)],
  ["StatefulSet", (object) => statefulSetCounts(object as StatefulSet)],
]);

export class WorkloadsRecorder {
  readonly #sink: RowSink;
  /** The last row of each object, without its time, by record number. */
  readonly #last = new Map<number, string>();

  constructor(sink: RowSink) {
    this.#sink = sink;
  }

  attach(trace: Trace): void {
    trace.committed.subscribe((entry) => {
      const read = readers.get(entry.record.kind);
      if (read !== undefined) this.#changed(entry, read);
    });
  }

  #changed(
    { record, type, object, old, timeUs }: WatchEntry,
    read: (object: ApiObject) => Counts,
  ): void {
    if (type === "MODIFIED" && isSame(object, old)) return;
    const isGone = type === "DELETED";
    const cells: Cell[] = isGone ? counts.map(() => "") : countCells(read(object));
    cells.push(isGone ? "" : metricsCell(object), isGone ? "deleted" : conditionsCell(object));
    const row = cells.join();
    if (this.#last.get(record.id) === row) return;
    if (isGone) this.#last.delete(record.id);
    else this.#last.set(record.id, row);
    this.#sink([secondsCell(timeUs), record.kind, record.namespace, record.name, ...cells]);
  }
}

/** Whether neither part that is read here has changed. */
function isSame(object: ApiObject, old: ApiObject | undefined): boolean {
  const { spec, status } = object as Deployment;
  const { spec: oldSpec, status: oldStatus } = (old ?? {}) as Partial<Deployment>;
  return spec === oldSpec && status === oldStatus;
}

function countCells(values: Counts): Cell[] {
  return counts.map((_name, index) => values[index] ?? "");
}

function deploymentCounts({ spec, status }: Deployment): Counts {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  return [spec.replicas ?? 1, replicas, updatedReplicas, readyReplicas, availableReplicas];
}

function replicaSetCounts({ spec, status }: ReplicaSet): Counts {
  const { replicas, readyReplicas = 0, availableReplicas = 0 } = status;
  return [spec.replicas ?? 1, replicas, undefined, readyReplicas, availableReplicas];
}

function statefulSetCounts({ spec, status }: StatefulSet): Counts {
  const { replicas, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  return [spec.replicas ?? 1, replicas, updatedReplicas, readyReplicas, availableReplicas];
}

function daemonSetCounts({ status }: DaemonSet): Counts {
  const { desiredNumberScheduled, currentNumberScheduled, updatedNumberScheduled = 0 } = status;
  const { numberReady, numberAvailable = 0 } = status;
  return [
    desiredNumberScheduled,
    currentNumberScheduled,
    updatedNumberScheduled,
    numberReady,
    numberAvailable,
  ];
}

function jobCounts({ spec, status }: Job): Counts {
  const { active = 0, ready = 0, succeeded = 0, failed = 0 } = status;
  return [spec.completions, active, undefined, ready, undefined, succeeded, failed];
}

function autoscalerCounts({ status }: HorizontalPodAutoscaler): Counts {
  return [status.desiredReplicas, status.currentReplicas];
}

/** What an autoscaler last measured, as kubectl shows it: `cpu=83%`, `requests=120`. */
function metricsCell(object: ApiObject): string {
  if (object.kind !== "HorizontalPodAutoscaler") return "";
  const { currentMetrics } = (object as HorizontalPodAutoscaler).status;
  const texts = (currentMetrics ?? []).map(
    ({ resource, containerResource, pods, object: described, external }) => {
      const { current } = resource ?? containerResource ?? pods ?? described ?? external ?? {};
      const about = (pods ?? described ?? external)?.metric.name;
      const name = resource?.name ?? containerResource?.name ?? about ?? "";
      const { averageUtilization, averageValue, value } = current ?? {};
      const share = averageUtilization === undefined ? undefined : `${averageUtilization}%`;
      return `${name}=${share ?? averageValue ?? value ?? ""}`;
    },
  );
  return texts.join(";");
}

/** `Available=True:MinimumReplicasAvailable;Progressing=...`, by type. */
function conditionsCell(object: ApiObject): string {
  const { conditions = [] } = ((object as Deployment).status ?? {}) as Deployment["status"];
  const texts = conditions.map(({ type, status, reason = "" }) =>
    reason === "" ? `${type}=${status}` : `${type}=${status}:${reason}`,
  );
  return texts.sort().join(";");
}
