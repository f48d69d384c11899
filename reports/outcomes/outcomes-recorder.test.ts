import { describe, expect, test } from "vitest";
import { type Job, KeyRecord } from "../../sim/api/index.ts";
import { makePod } from "../../test/builders.ts";
import { FactScript } from "../../test/fact-script.ts";
import { PodJourneys } from "../pod-journeys.ts";
import type { Row } from "../row.ts";
import { distributionColumns } from "./distribution.ts";
import { namespaceColumns } from "./namespace-uses.ts";
import { OutcomesRecorder } from "./outcomes-recorder.ts";
import { noWarmup, type WarmupRule } from "./warmup.ts";

const S = 1_000_000;
const resources = ["cpu"];

function record(endS: number, tell: (script: FactScript) => void, rule: WarmupRule = noWarmup) {
  const script = new FactScript();
  const journeys = new PodJourneys();
  const recorder = new OutcomesRecorder(resources, rule);
  journeys.attach(script.trace);
  recorder.attach(script.trace, journeys);
  tell(script);
  recorder.endAt(endS * S);
  journeys.finish();
  recorder.finish();
  const rows = (columns: readonly string[], write: (sink: (row: Row) => void) => void) => {
    const found: Record<string, unknown>[] = [];
    write((row) => found.push(Object.fromEntries(columns.map((name, i) => [name, row[i]]))));
    return found;
  };
  const curves = rows(distributionColumns, (sink) => recorder.writeDistributions(sink, []));
  return {
    metrics: recorder.metrics(),
    namespaces: rows(namespaceColumns(resources), (sink) => recorder.writeNamespaces(sink)),
    curves,
    at: (series: string, fraction: number) =>
      curves.find((row) => row["series"] === series && row["fraction"] === fraction),
  };
}

interface Life {
  readonly fromS?: number;
  /** Until it is bound; it starts a second later. */
  readonly waitS?: number;
  readonly runS?: number;
  readonly owner?: string;
  readonly cpu?: string;
}

const pod = (name: string, { owner, cpu = "1" }: Life = {}) => {
  const builder = makePod(name).cpu(cpu);
  return (owner === undefined ? builder : builder.ownedBy(owner, "owner")).build();
};

/** A pod that is bound, starts, runs and ends. */
function live(script: FactScript, name: string, life: Life = {}): void {
  const { fromS = 0, waitS = 2, runS = 10 } = life;
  const at = (s: number): number => (fromS + s) * S;
  script
    .created(pod(name, life), at(0))
    .attempted(name, 1, [at(0), at(0), at(waitS), at(waitS)], { node: "n1" })
    .bound(name, "n1", at(waitS))
    .started(name, "n1", at(waitS + 1))
    .reported(name, "Running", at(waitS + 1))
    .finished(name, at(waitS + 1 + runS), "Succeeded")
    .reported(name, "Succeeded", at(waitS + 1 + runS));
}

const SERIES = ["pod_startup", "pod_startup_slo", "scheduling_wait", "pod_completion"] as const;

describe("distributions.csv", () => {
  const { curves, at } = record(300, (script) => {
    live(script, "a");
    live(script, "b", { fromS: 100, waitS: 4, runS: 30 });
    script.created(pod("c"), 200 * S);
  });

  test("has every percent and the far end of each series", () => {
    const fractions = curves.filter(({ series }) => series === "scheduling_wait");
    expect(fractions).toHaveLength(103);
    expect(fractions.slice(-4).map(({ fraction }) => fraction)).toEqual([0.99, 0.995, 0.999, 1]);
  });

  test.each([
    ["pod_startup", "s", ["3.000000", "4.000000", "5.000000"]],
    ["pod_startup_slo", "s", ["3.000000", "4.000000", "5.000000"]],
    ["scheduling_wait", "s", ["2.000000", "3.000000", "4.000000"]],
    ["pod_completion", "s", ["13.000000", "24.000000", "35.000000"]],
    ["pod_slowdown", "ratio", ["1.166667", "1.233334", "1.300000"]], // 35/30, 13/10
  ])("%s is what two pods say, the third one is censored", (series, unit, values) => {
    const lead = { series, unit, n: 2, censored: 1, is_exact: true };
    for (const [i, fraction] of [0, 0.5, 1].entries())
      expect(at(series, fraction)).toEqual({ ...lead, fraction, value: values[i] });
  });

  test("a series that nobody came to the end of is told, not dropped", () => {
    const { curves } = record(10, (script) => script.created(pod("c"), 0));
    const lead = { n: 0, censored: 1, is_exact: true, fraction: "", value: "" };
    expect(curves).toEqual([
      ...SERIES.map((series) => ({ series, unit: "s", ...lead })),
      { series: "pod_slowdown", unit: "ratio", ...lead },
    ]);
  });
});

describe("pods", () => {
  test.each<[string, number, (script: FactScript) => void]>([
    ["a bare pod that ended", 1, (script) => live(script, "a")],
    ["a Job's pod that ended", 1, (script) => live(script, "a", { owner: "Job" })],
    ["a replica that ended", 0, (script) => live(script, "a", { owner: "ReplicaSet" })],
    [
      "a victim of preemption",
      0,
      (script) => {
        script
          .created(pod("a"), 0)
          .bound("a", "n1", S)
          .started("a", "n1", 2 * S);
        script
          .preempted("a", 3 * S)
          .finished("a", 4 * S, "Failed")
          .deleted("a", 4 * S);
      },
    ],
    ["a pod that failed before it started", 0, failedAtOnce],
  ])("%s has %i completions", (_case, completions, tell) => {
    expect(record(60, tell).metrics["pod_completion_n"]).toBe(completions);
  });

  test("that are left at the end are counted by where they stand", () => {
    const { metrics } = record(60, (script) => {
      live(script, "done");
      script.created(pod("pending"), 0).created(pod("starting"), 0).bound("starting", "n1", S);
      script.created(pod("running"), 0).bound("running", "n1", S).started("running", "n1", S);
      script.created(pod("deleted"), 0).deleted("deleted", S);
      script.created(pod("replica", { owner: "ReplicaSet" }), 0).bound("replica", "n1", S);
    });
    expect(metrics).toMatchObject({
      ...{ pods_created: 6, pods_scheduled: 4, pods_never_scheduled: 2, pods_finished: 1 },
      ...{ pods_pending_at_end: 1, pods_running_at_end: 3, pods_unfinished: 4 },
      ...{ pod_completion_n: 1, pods_incomplete: 4, scheduling_wait_n: 4, pod_startup_n: 1 },
    });
  });

  test.each<[string, number, (script: FactScript) => void]>([
    ["was never attempted", 1, () => {}],
    ["is bound and has not started", 1, (s) => attempt(s, 1, "n1").bound("a", "n1", S)],
    ["found no node at first", 0, (s) => attempt(s, 1, "")],
    ["found one at the second attempt", 0, (s) => attempt(attempt(s, 1, ""), 2, "n1")],
  ])("one that %s is censored in the SLO's series %i times", (_case, censored, tell) => {
    const { curves } = record(60, (script) => tell(script.created(pod("a"), 0)));
    const rows = curves.filter(({ series }) => series === "pod_startup_slo");
    expect(rows.map((row) => row["censored"])).toEqual(censored === 0 ? [] : [censored]);
  });
});

function failedAtOnce(script: FactScript): void {
  script.created(pod("a"), 0).bound("a", "n1", S);
  script.finished("a", 2 * S, "Failed").reported("a", "Failed", 2 * S);
}

const attempt = (script: FactScript, number: number, node: string): FactScript =>
  script.attempted("a", number, [0, 0, number * S, number * S], {
    node,
    message: node ? "" : "no",
  });

describe("Jobs", () => {
  /** Tells commits of Jobs: the first of a name creates it. */
  function jobs(script: FactScript) {
    const records = new Map<string, KeyRecord<Job>>();
    return (name: string, atS: number, condition?: "Complete" | "Failed"): void => {
      const known = records.get(name);
      const record = known ?? new KeyRecord<Job>(1_000 + records.size, "Job", "default", name);
      records.set(name, record);
      const conditions = condition === undefined ? [] : [{ type: condition, status: "True" }];
      const object = { metadata: { name }, spec: {}, status: { conditions } } as unknown as Job;
      const type = known === undefined ? "ADDED" : "MODIFIED";
      script.trace.committed.emit({
        ...{ type, revision: 0, record, object, old: undefined, timeUs: atS * S },
      });
    };
  }

  test("take from their creation to the commit that says Complete", () => {
    const { metrics, at } = record(100, (script) => {
      const job = jobs(script);
      for (const name of ["a", "b", "failed", "left"]) job(name, 10);
      job("a", 15, "Complete");
      job("failed", 30, "Failed");
      job("b", 40, "Complete");
      job("a", 90, "Complete"); // once is enough
    });
    expect(metrics).toMatchObject({
      ...{ jobs_created: 4, jobs_failed: 1, jobs_incomplete: 2 },
      ...{ job_completion_n: 2, job_completion_mean_s: 17.5, job_completion_max_s: 30 },
    });
    expect(at("job_completion", 0)).toMatchObject({ n: 2, censored: 2, value: "5.000000" });
  });
});

describe("namespaces.csv", () => {
  const both = record(24, (script) => {
    live(script, "a"); // 1 CPU from 2 to 13
    script.created(pod("b", { cpu: "500m" }), 0).bound("b", "n1", 4 * S);
    script.created(pod("c", { cpu: "9" }), 0);
  });

  test("tells what its pods waited for and used, those that are left to the end", () => {
    expect(both.namespaces).toEqual([
      {
        namespace: "default",
        ...{ pods_created: 3, pods_scheduled: 2, pods_finished: 1, pods_never_scheduled: 1 },
        scheduling_wait_mean_s: "3.000000",
        scheduling_wait_p99_s: "3.980000",
        ...{ pod_slowdown_n: 1, pod_slowdown_mean: "1.300000" },
        cpu_seconds: "21000.000", // 1000 m for 11 s, 500 m for 20 s
        cpu_share_of_use: "1.000000",
      },
    ]);
  });

  test("one tenant alone is neither treated well nor badly", () => {
    expect(both.metrics["namespace_fairness"]).toBeUndefined();
  });

  const tenant = (script: FactScript, namespace: string, startS: number): void => {
    script
      .created(makePod(namespace).namespace(namespace).cpu("1").build(), 0)
      .bound(namespace, "n1", startS * S)
      .started(namespace, "n1", startS * S)
      .finished(namespace, (startS + 10) * S, "Succeeded");
  };

  test("Jain's index is 1 for equal slowdowns, and less the more they differ", () => {
    const equal = record(100, (script) => {
      tenant(script, "red", 10);
      tenant(script, "blue", 10);
    });
    expect(equal.metrics["namespace_fairness"]).toBe(1);
    const uneven = record(100, (script) => {
      tenant(script, "red", 0); // slowdown 1
      tenant(script, "blue", 20); // slowdown 3
    });
    expect(uneven.metrics["namespace_fairness"]).toBe(16 / (2 * 10)); // (1+3)^2 / (2 (1+9))
    expect(uneven.namespaces.map((row) => row["namespace"])).toEqual(["blue", "red"]);
  });
});

describe("warm-up", () => {
  /** Pods every 1,000 s; the first ten wait for 50 or 49 s, the others for 2 or 1 s. */
  const settling = (script: FactScript): void => {
    const waits = Array.from({ length: 40 }, (_, i) => (i < 10 ? 50 : 2));
    for (const [i, waitS] of waits.entries())
      live(script, `p${i}`, { fromS: 1_000 * i, waitS: waitS - (i % 2), runS: 20 });
    // Pods are not closed in the order of their creation.
    for (let i = 39; i > 5; i -= 3) script.deleted(`p${i}`, 45_000 * S);
  };

  test("is nothing unless it is asked for", () => {
    const { metrics } = record(50_000, settling);
    expect(metrics).toMatchObject({ warmup_s: 0, pods_in_warmup: 0, pods_created: 40 });
  });

  test("of a fixed time leaves out the pods created before", () => {
    const rule: WarmupRule = { warmupUs: 12_000 * S, of: "scheduling_wait" };
    const { metrics, namespaces } = record(50_000, settling, rule);
    expect(metrics).toMatchObject({
      ...{ warmup_s: 12_000, pods_in_warmup: 12, pods_created: 28, scheduling_wait_n: 28 },
      scheduling_wait_max_s: 2,
      makespan_s: 39_000 + 1 + 1 + 20, // of the whole run
    });
    expect(namespaces[0]).toMatchObject({ pods_created: 28, cpu_seconds: "588000.000" });
  });

  test.each(["scheduling_wait", "pod_startup", "pod_completion", "pod_slowdown"] as const)(
    "by MSER-5 on %s ends with the first pod that is like the rest",
    (of) => {
      const { metrics } = record(50_000, settling, { warmupUs: "mser-5", of });
      expect(metrics).toMatchObject({ warmup_s: 10_000, pods_in_warmup: 10, pods_created: 30 });
    },
  );

  test("by MSER-5 equals a fixed one of the same length, figure by figure", () => {
    const byFixed = record(50_000, settling, { warmupUs: 10_000 * S, of: "scheduling_wait" });
    const byMser = record(50_000, settling, { warmupUs: "mser-5", of: "scheduling_wait" });
    expect(byMser.metrics).toEqual(byFixed.metrics);
    expect(byMser.curves).toEqual(byFixed.curves);
    expect(byMser.namespaces).toEqual(byFixed.namespaces);
  });

  test("by MSER-5 is none for a handful of pods", () => {
    const few = (script: FactScript) => live(script, "a");
    const { metrics } = record(100, few, { warmupUs: "mser-5", of: "scheduling_wait" });
    expect(metrics).toMatchObject({ warmup_s: 0, pods_created: 1, scheduling_wait_n: 1 });
  });
});
