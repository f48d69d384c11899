import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../test/builders.ts";
import { FactScript } from "../test/fact-script.ts";
import type { Row } from "./row.ts";
import { RunRecorder } from "./run-recorder.ts";
import { summaryColumns, summaryRow } from "./summary.ts";
import { summaryMetrics } from "./summary-metrics.ts";

const resources = ["cpu", "memory"];
const labels = { policy: "default", workload: "hand-made", seed: "1" };

/** Two pods, one of which finds a place. */
function tellRun(script: FactScript, node = "n1", bindingUs = 2_000_000): void {
  script
    .node("n1", makeNode("n1").cpu("2").memory("1Ki").build(), 0)
    .request("create", "Pod", { code: 201 })
    .request("create", "Pod", { code: 409 })
    .created(makePod("a").cpu("1").build(), 1_000_000)
    .created(makePod("b").cpu("9").build(), 1_000_000)
    .attempted("a", 1, [1_000_000, 1_000_000, 1_500_000, 1_600_000], { node })
    .attempted("b", 1, [1_000_000, 1_000_000, 1_600_000, 1_700_000], { message: "no" })
    .bound("a", node, bindingUs)
    .bindingAnswered("a", node, 1_600_000, 2_100_000)
    .bindingAnswered("a", node, 1_600_000, 2_100_000, false)
    .started("a", node, 3_000_000)
    .reported("a", "Running", 3_000_000)
    .finished("a", 5_000_000, "Succeeded")
    .reported("a", "Succeeded", 6_000_000);
}

function record(tell: (script: FactScript) => void) {
  const rows: Record<"pods" | "utilization" | "latency", Row[]> = {
    pods: [],
    utilization: [],
    latency: [],
  };
  const recorder = new RunRecorder({
    labels,
    resources,
    utilizationIntervalUs: 10_000_000,
    sinks: {
      pods: (row) => rows.pods.push(row),
      utilization: (row) => rows.utilization.push(row),
      latency: (row) => rows.latency.push(row),
    },
  });
  const script = new FactScript();
  recorder.attach(script.trace);
  tell(script);
  return { rows, summary: recorder.finish({ endUs: 10_000_000, events: 42 }) };
}

describe("RunRecorder", () => {
  test("sums a run up in one row", () => {
    const { summary } = record(tellRun);
    const names = summaryColumns(resources);
    const row = Object.fromEntries(summaryRow(summary).map((cell, i) => [names[i], cell]));
    expect(row).toMatchObject({
      ...labels,
      pods_created: "2",
      pods_scheduled: "1",
      pods_never_scheduled: "1",
      pods_started: "1",
      pods_finished: "1",
      pods_preempted: "0",
      makespan_s: "4.000000",
      pod_startup_mean_s: "2.000000",
      pod_startup_slo_p99_s: "2.000000",
      scheduling_wait_max_s: "1.000000",
      cpu_share_mean: "0.200000", // 1 of 2 CPU for 4 of 10 s
      cpu_share_end: "0.000000",
      memory_share_mean: "0.000000",
      attempts: "2",
      attempts_failed: "1",
      binding_failures: "1",
      api_requests: "2",
      api_requests_failed: "1",
      api_requests_rejected: "0",
      user_operations: "0",
      user_operations_failed: "0",
      kernel_events: "42",
      virtual_s: "10.000000",
    });
    expect(row["digest_decisions"]).toMatch(/^[0-9a-f]{8,}$/);
  });

  test("counts a victim of preemption once, and its end as none of the work", () => {
    const { summary } = record((script) => {
      tellRun(script);
      script
        .bound("b", "n1", 6_500_000)
        .started("b", "n1", 6_600_000)
        .preempted("b", 7_000_000)
        .finished("b", 7_500_000, "Failed", "Error")
        .deleted("b", 8_000_000);
    });
    expect(summary.metrics).toMatchObject({ pods_preempted: 1, pods_finished: 2, makespan_s: 4 });
  });

  test("sums up requests by how they ended, and by where they went", () => {
    const { summary } = record((script) =>
      script
        .served(1_000_000, { startUs: 0, sourceZone: "a", endpointZone: "b" })
        .served(2_000_000, { sourceZone: "a", endpointZone: "a", attempts: 3 })
        .served(3_000_000, { outcome: "timeout", endpoint: "" })
        .served(3_000_000, { outcome: "connection-refused", endpoint: "web-1" })
        .served(4_000_000, { outcome: "no-endpoints", endpoint: "" }),
    );
    expect(summary.metrics).toMatchObject({
      service_requests: 5,
      service_requests_failed: 3,
      service_requests_no_endpoints: 1,
      service_requests_refused: 1,
      service_request_error_share: 0.6,
      service_request_goodput_per_s: 0.5,
      service_request_retries: 0.4,
      service_request_cross_zone_share: 0.5,
      service_request_endpoint_cv: 1 / 3,
      service_request_max_s: 1,
    });
  });

  test("has no share of failures and no goodput where there was no request", () => {
    const { metrics } = record(tellRun).summary;
    for (const name of ["error_share", "goodput_per_s", "retries", "endpoint_cv"])
      expect(metrics[`service_request_${name}`], name).toBeUndefined();
  });

  test("makes every figure that runs.csv has a column for, and no other", () => {
    const names = summaryMetrics(resources).map((metric) => metric.name);
    expect(Object.keys(record(tellRun).summary.metrics).sort()).toEqual(names.sort());
  });

  test("leaves cells empty where a run has no such figure", () => {
    const { summary } = record(() => {});
    expect(summary.metrics["makespan_s"]).toBeUndefined();
    expect(summary.metrics["pod_startup_p99_s"]).toBeUndefined();
    expect(summaryRow(summary)).toContain("");
  });

  test("hands over the rows of all files", () => {
    const { rows } = record(tellRun);
    expect([rows.pods.length, rows.utilization.length]).toEqual([2, 1]);
    expect(rows.latency.length).toBeGreaterThan(5);
  });

  test("works without any sink", () => {
    const options = { labels, resources, utilizationIntervalUs: 1_000_000, sinks: {} };
    const recorder = new RunRecorder(options);
    const script = new FactScript();
    recorder.attach(script.trace);
    tellRun(script);
    const summary = recorder.finish({ endUs: 10_000_000, events: 42 });
    expect(summary).toEqual(record(tellRun).summary);
  });

  describe("digests", () => {
    const digestsOf = (tell: (script: FactScript) => void) => record(tell).summary.digests;
    const original = digestsOf(tellRun);

    test("are equal for equal runs", () => {
      expect(digestsOf(tellRun)).toEqual(original);
    });

    test("tell another decision apart, but not by what was committed", () => {
      const other = digestsOf((script) => tellRun(script, "n2"));
      expect(other.decisions).not.toBe(original.decisions);
    });

    test("tell another time of a commit apart", () => {
      const other = digestsOf((script) => tellRun(script, "n1", 2_000_001));
      expect(other.commits).not.toBe(original.commits);
      expect(other.decisions).toBe(original.decisions);
    });
  });
});
