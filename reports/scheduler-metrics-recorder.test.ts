import { describe, expect, test } from "vitest";
import type { Profile } from "../sim/scheduler/index.ts";
import { FactScript } from "../test/fact-script.ts";
import type { Row } from "./row.ts";
import { SchedulerMetricsRecorder } from "./scheduler-metrics-recorder.ts";

const profile: Profile = {
  schedulerName: "default-scheduler",
  percentageOfNodesToScore: 100,
  plugins: [
    { plugin: { name: "A", preFilter: () => ({ state: 0 }), filter: () => undefined }, weight: 0 },
    { plugin: { name: "B", filter: () => undefined, score: () => 1 }, weight: 2 },
    { plugin: { name: "C", filter: () => undefined, score: () => 1 }, weight: 0 },
    { plugin: { name: "D", bind: () => true }, weight: 0 },
  ],
};
const nodeCosts = {
  schedulingPerNodeFilteredNs: 3_000,
  schedulingPerNodeScoredNs: 1_000,
  schedulingPerNodeDryRunNs: 9_000,
};

/** All rows of a run of 10 s as `metric{labels} statistic le value`, without the prefix. */
function rowsOf(tell: (script: FactScript) => void): string[] {
  const script = new FactScript();
  const recorder = new SchedulerMetricsRecorder({ profiles: [profile], nodeCosts });
  recorder.attach(script.trace);
  tell(script);
  const rows: Row[] = [];
  recorder.finish(10_000_000, (row) => rows.push(row));
  return rows.map(([metric, labels, statistic, le, value]) => {
    const name = String(metric).replace("scheduler_", "");
    return `${name}{${labels}} ${statistic}${le === "" ? "" : ` ${le}`} ${value}`;
  });
}

const only = (rows: readonly string[], metric: string, statistics = /\} (sum|count|total) /) =>
  rows.filter((row) => row.startsWith(`${metric}{`) && statistics.test(row));

describe("SchedulerMetricsRecorder", () => {
  test("knows how many pods are pending in each queue: mean over time, most, and at the end", () => {
    const rows = rowsOf((s) =>
      s
        .queued("a", 0)
        .queued("b", 1_000_000)
        .dequeued("a", 2_000_000)
        .queued("a", 4_000_000, "unschedulable", "ScheduleAttemptFailure")
        .queued("c", 5_000_000, "gated"),
    );
    expect(rows.filter((row) => row.startsWith("pending_pods"))).toEqual([
      "pending_pods{queue=active} mean 1.1",
      "pending_pods{queue=active} max 2",
      "pending_pods{queue=active} end 1",
      "pending_pods{queue=backoff} mean 0",
      "pending_pods{queue=backoff} max 0",
      "pending_pods{queue=backoff} end 0",
      "pending_pods{queue=gated} mean 0.5",
      "pending_pods{queue=gated} max 1",
      "pending_pods{queue=gated} end 1",
      "pending_pods{queue=unschedulable} mean 0.6",
      "pending_pods{queue=unschedulable} max 1",
      "pending_pods{queue=unschedulable} end 1",
    ]);
  });

  test("counts incoming pods by queue and event, but not gated ones", () => {
    const rows = rowsOf((s) =>
      s
        .queued("a", 0)
        .queued("b", 0)
        .queued("c", 0, "gated")
        .queued("a", 5, "backoff", "NodeAdd")
        .queued("a", 9, "active", "BackoffComplete"),
    );
    expect(only(rows, "queue_incoming_pods_total")).toEqual([
      "queue_incoming_pods_total{event=BackoffComplete;queue=active} total 1",
      "queue_incoming_pods_total{event=NodeAdd;queue=backoff} total 1",
      "queue_incoming_pods_total{event=PodAdd;queue=active} total 2",
    ]);
  });

  test("an attempt that succeeds ends with its binding, one that fails with its cycle", () => {
    const rows = rowsOf((s) =>
      s
        .attempted("a", 1, [0, 0, 1_000, 2_000], { message: "0/1" })
        .attempted("a", 2, [0, 3_000, 4_000, 5_000], { node: "n1" })
        .bindingAnswered("a", "n1", 5_000, 7_000)
        .attempted("b", 1, [0, 0, 8_000, 9_000], { node: "n1" })
        .bindingAnswered("b", "n1", 9_000, 14_000, false)
        .attempted("c", 1, [0, 0, 20_000, 21_000], { node: "n1" }),
    );
    expect(only(rows, "schedule_attempts_total")).toEqual([
      "schedule_attempts_total{profile=default-scheduler;result=error} total 1",
      "schedule_attempts_total{profile=default-scheduler;result=scheduled} total 1",
      "schedule_attempts_total{profile=default-scheduler;result=unschedulable} total 1",
    ]);
    expect(only(rows, "scheduling_attempt_duration_seconds", /sum/)).toEqual([
      "scheduling_attempt_duration_seconds{profile=default-scheduler;result=error} sum 0.006",
      "scheduling_attempt_duration_seconds{profile=default-scheduler;result=scheduled} sum 0.003",
      "scheduling_attempt_duration_seconds{profile=default-scheduler;result=unschedulable} sum 0.001",
    ]);
    expect(only(rows, "scheduling_algorithm_duration_seconds")).toEqual([
      "scheduling_algorithm_duration_seconds{} sum 0.003",
      "scheduling_algorithm_duration_seconds{} count 3",
    ]);
    expect(only(rows, "pod_scheduling_sli_duration_seconds")).toEqual([
      "pod_scheduling_sli_duration_seconds{attempts=2} sum 0.007",
      "pod_scheduling_sli_duration_seconds{attempts=2} count 1",
    ]);
    expect(only(rows, "pod_scheduling_attempts")).toEqual([
      "pod_scheduling_attempts{} sum 2",
      "pod_scheduling_attempts{} count 1",
    ]);
  });

  test("the SLI of a gated pod begins when it first becomes active", () => {
    const rows = rowsOf((s) =>
      s
        .queued("a", 0, "gated")
        .queued("a", 1_000_000, "active", "PodUpdate")
        .queued("a", 2_000_000, "active", "BackoffComplete")
        .attempted("a", 16, [0, 2_000_000, 2_000_000, 2_000_500], { node: "n1" })
        .bindingAnswered("a", "n1", 2_000_500, 2_500_000),
    );
    expect(only(rows, "pod_scheduling_sli_duration_seconds", /sum/)).toEqual([
      "pod_scheduling_sli_duration_seconds{attempts=15+} sum 1.5",
    ]);
  });

  test("counts preemptions and their victims", () => {
    const times = [0, 0, 1, 2] as const;
    const rows = rowsOf((s) =>
      s
        .attempted("a", 1, times, { victimCount: 0 })
        .attempted("a", 2, times, { victimCount: 3 })
        .attempted("b", 1, times, { victimCount: 1 })
        .attempted("c", 1, times),
    );
    expect(only(rows, "preemption_attempts_total")).toEqual([
      "preemption_attempts_total{} total 3",
    ]);
    expect(only(rows, "preemption_victims", /sum|count|bucket (1|2|4) /)).toEqual([
      "preemption_victims{} bucket 1 1",
      "preemption_victims{} bucket 2 1",
      "preemption_victims{} bucket 4 2",
      "preemption_victims{} sum 4",
      "preemption_victims{} count 2",
    ]);
  });

  test("divides a cycle's time among extension points and their plugins", () => {
    const facts = { node: "n1", evaluatedNodes: 100, feasibleNodes: 50 };
    const rows = rowsOf((s) =>
      s.attempted("a", 1, [0, 0, 0, 1_000], facts).bindingAnswered("a", "n1", 1_000, 3_000),
    );
    const name = "framework_extension_point_duration_seconds";
    const labels = (point: string) =>
      `extension_point=${point};profile=default-scheduler;status=Success`;
    expect(only(rows, name, /sum/)).toEqual([
      `${name}{${labels("Bind")}} sum 0.002`,
      `${name}{${labels("Filter")}} sum 0.0003`,
      `${name}{${labels("PreFilter")}} sum 0.00065`,
      `${name}{${labels("Score")}} sum 0.00005`,
    ]);
    const plugins = only(rows, "plugin_execution_duration_seconds").map((row) =>
      row.replace("plugin_execution_duration_seconds", "").replace(";status=Success", ""),
    );
    expect(plugins).toEqual([
      "{extension_point=Bind;plugin=D} sum 0.002",
      "{extension_point=Bind;plugin=D} count 1",
      ...["A", "B", "C"].flatMap((plugin) => [
        `{extension_point=Filter;plugin=${plugin}} sum 0.0001`,
        `{extension_point=Filter;plugin=${plugin}} count 100`,
      ]),
      "{extension_point=PreFilter;plugin=A} sum 0.00065",
      "{extension_point=PreFilter;plugin=A} count 1",
      "{extension_point=Score;plugin=B} sum 0.00005",
      "{extension_point=Score;plugin=B} count 50",
    ]);
  });

  test("has kube-scheduler's buckets, each with those below it", () => {
    const rows = rowsOf((s) =>
      s.attempted("a", 1, [0, 0, 0, 1_500]).attempted("a", 2, [0, 0, 0, 5]),
    );
    const buckets = only(rows, "scheduling_attempt_duration_seconds", /bucket/);
    expect(buckets).toHaveLength(16);
    expect(buckets.map((row) => row.split(" bucket ")[1]).slice(0, 3)).toEqual([
      "0.001 1",
      "0.002 2",
      "0.004 2",
    ]);
    expect(buckets.at(-2)).toContain("bucket 16.384 2");
    expect(buckets.at(-1)).toContain("bucket +Inf 2");
  });
});
