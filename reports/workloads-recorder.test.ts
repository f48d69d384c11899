import { describe, expect, test } from "vitest";
import { type ApiObject, type ChangeType, createTrace, KeyRecord } from "../sim/api/index.ts";
import type { Row } from "./row.ts";
import { WorkloadsRecorder, workloadColumns } from "./workloads-recorder.ts";

/** One row for each object, from its kind's name on. */
function rowsOf(...changes: [ChangeType, string, object, object][]): Record<string, unknown>[] {
  const rows: Row[] = [];
  const recorder = new WorkloadsRecorder((row) => rows.push(row));
  const trace = createTrace();
  recorder.attach(trace);
  const records = new Map<string, KeyRecord>();
  for (const [index, [type, kind, spec, status]] of changes.entries()) {
    const record = records.get(kind) ?? new KeyRecord(records.size, kind, "default", "web");
    records.set(kind, record);
    const object = { kind, metadata: {}, spec, status } as unknown as ApiObject;
    const old = type === "MODIFIED" ? ({} as ApiObject) : undefined;
    trace.committed.emit({ type, revision: index, timeUs: index, record, object, old });
  }
  return rows.map((row) =>
    Object.fromEntries(workloadColumns.map((name, i) => [name, row[i]] as const)),
  );
}

describe("WorkloadsRecorder", () => {
  const status = { replicas: 3, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2 };
  const conditions = [{ type: "Progressing", status: "True", reason: "ReplicaSetUpdated" }];

  test.each([
    [
      "Deployment",
      { replicas: 2 },
      { ...status, conditions },
      { ...{ desired: 2, current: 3, updated: 1, ready: 2, available: 2, succeeded: "" } },
    ],
    ["ReplicaSet", { replicas: 4 }, { replicas: 3 }, { desired: 4, current: 3, ready: 0 }],
    ["StatefulSet", { replicas: 4 }, status, { desired: 4, current: 3, updated: 1 }],
    [
      "DaemonSet",
      {},
      { desiredNumberScheduled: 5, currentNumberScheduled: 4, numberReady: 3 },
      { desired: 5, current: 4, ready: 3, available: 0 },
    ],
    [
      "Job",
      { completions: 6 },
      { active: 2, ready: 1, succeeded: 3, failed: 1 },
      { desired: 6, current: 2, ready: 1, succeeded: 3, failed: 1 },
    ],
    ["CronJob", {}, { active: [{}] }, { desired: "", current: 1 }],
    [
      "HorizontalPodAutoscaler",
      {},
      {
        desiredReplicas: 5,
        currentReplicas: 3,
        currentMetrics: [
          { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 83 } } },
          { type: "Pods", pods: { metric: { name: "rps" }, current: { averageValue: "120" } } },
        ],
      },
      { desired: 5, current: 3, metrics: "cpu=83%;rps=120" },
    ],
  ])("reads the numbers of a %s", (kind, spec, said, row) => {
    expect(rowsOf(["ADDED", kind, spec, said])[0]).toMatchObject({ kind, name: "web", ...row });
  });

  test("writes a row for a change of its numbers or conditions, and for the end", () => {
    const rows = rowsOf(
      ["ADDED", "Deployment", { replicas: 2 }, status],
      ["MODIFIED", "Deployment", { replicas: 2 }, { ...status, observedGeneration: 2 }],
      ["MODIFIED", "Deployment", { replicas: 2 }, { ...status, conditions }],
      ["DELETED", "Deployment", { replicas: 2 }, status],
    );
    expect(rows.map((row) => [row["time_s"], row["ready"], row["conditions"]])).toEqual([
      ["0.000000", 2, ""],
      ["0.000002", 2, "Progressing=True:ReplicaSetUpdated"],
      ["0.000003", "", "deleted"],
    ]);
  });

  test("has no rows for other kinds", () => {
    expect(rowsOf(["ADDED", "Pod", {}, {}])).toEqual([]);
  });
});
