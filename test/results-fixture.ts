/** Results that were never run, for reports: every file that they read, with figures that one can check. */
import type { ResultRun, Results, RunLabels } from "../reports/index.ts";

export interface FixtureOptions {
  readonly policies?: readonly string[];
  readonly seeds?: number;
  /** Values of the one setting that is varied; absent: none is. */
  readonly settings?: readonly string[];
  readonly name?: string;
  readonly command?: string;
  readonly failures?: Results["failures"];
  /** Files that the runs have not. */
  readonly without?: readonly string[];
}

export const VARIED = "scheduler.percentageOfNodesToScore";

/** Seconds of virtual time of every run. */
export const RUN_LENGTH_S = 7_200;

type Rows = Record<string, string>[];

/** Policy number p (from 0) with seed s (from 1) is worse by `10 p + s`. */
export function fixtureResults(options: FixtureOptions = {}): Results {
  const { policies = ["default", "most-allocated", "random"], seeds = 3, settings } = options;
  const { name = "study", command = "stowage sweep study.yaml", failures = [] } = options;
  const runs = (settings ?? [undefined]).flatMap((setting) =>
    policies.flatMap((policy, p) =>
      Array.from({ length: seeds }, (_, s) => fixtureRun(policy, p, s + 1, setting)),
    ),
  );
  const badness = new Map(runs.map((run) => [run, run.metrics["pods_never_scheduled"] ?? 0]));
  return {
    name,
    version: "0.1.0",
    command,
    directory: "/nowhere",
    parameters: settings === undefined ? [] : [VARIED],
    resources: ["cpu", "memory"],
    runs,
    failures,
    has: (file) => file in files && !(options.without ?? []).includes(file),
    async *rows(file, run) {
      yield* files[file]?.(badness.get(run) ?? 0) ?? [];
    },
  };
}

function fixtureRun(policy: string, p: number, s: number, setting: string | undefined): ResultRun {
  const worse = 10 * p + s + Number(setting ?? 0);
  const labels: RunLabels = {
    policy,
    workload: "trace",
    ...(setting === undefined ? {} : { parameters: { [VARIED]: setting } }),
    seed: String(s),
  };
  return {
    labels,
    metrics: {
      pods_created: 1_000,
      pods_scheduled: 1_000 - worse,
      pods_never_scheduled: worse,
      pods_started: 1_000 - worse,
      pods_finished: 900 - worse,
      pods_preempted: 0,
      makespan_s: 6_000 + worse,
      scheduling_wait_mean_s: 0.01 * worse,
      pod_startup_p99_s: 2 + worse / 100,
      cpu_share_end: 0.9 - worse / 1_000,
      virtual_s: RUN_LENGTH_S,
    },
    digestCommits: `c${p}${s}`.padEnd(16, "0"),
    digestDecisions: `d${p}${s}`.padEnd(16, "0"),
    folder: "",
  };
}

const INTERVALS = 24;
const FRACTIONS = [0, 0.25, 0.5, 0.75, 0.9, 0.99, 1];

const cells = (row: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, String(cell)]));

const files: Readonly<Record<string, (worse: number) => Rows>> = {
  utilization: (worse) =>
    Array.from({ length: INTERVALS }, (_, i) => {
      const width = RUN_LENGTH_S / INTERVALS;
      const arrived = (1.4 * (i + 1)) / INTERVALS;
      const share = Math.min(arrived, 1 - worse / 100);
      return cells({
        ...{ start_s: i * width, end_s: (i + 1) * width, nodes: 4 },
        ...{ pending_pods: Math.max(0, arrived - share) * 100, running_pods: share * 100 },
        ...{ queue_unschedulable: 0, cpu_share: share, cpu_arrived_share: arrived },
        ...{ memory_share: share / 2, memory_arrived_share: arrived / 2 },
      });
    }),
  distributions: (worse) =>
    ["scheduling_wait", "pod_startup"].flatMap((series) =>
      FRACTIONS.map((fraction) =>
        cells({
          ...{ series, unit: "s", n: 100, censored: worse, is_exact: "true", fraction },
          value: (series === "pod_startup" ? 1 : 0.001) * (1 + worse * fraction * fraction),
        }),
      ),
    ),
  nodes: (worse) =>
    Array.from({ length: 4 }, (_, node) =>
      Array.from({ length: 12 }, (__, i) =>
        cells({
          ...{ node: `node-${node}`, nodes: 1, pods: 3 },
          ...{ start_s: i * 600, end_s: (i + 1) * 600 },
          cpu_share: Math.min(1, ((i + 1) / 12) * (1 - worse / 100)),
          memory_share: 0.25 * node,
        }),
      ),
    ).flat(),
  namespaces: (worse) =>
    ["ads", "batch", "search"].map((namespace, i) =>
      cells({
        ...{ namespace, pods_created: 100 * (3 - i), pod_slowdown_mean: 1 + i * worse },
        ...{ scheduling_wait_mean_s: 0.1 * worse, scheduling_wait_p99_s: worse },
        ...{ cpu_share_of_use: 1 / 3, memory_share_of_use: 1 / 3 },
      }),
    ),
  services: (worse) =>
    ["shop/cart", "shop/web"].map((service) =>
      cells({
        ...{ service, source_zone: "*", requests: 1_000, ok: 1_000 - worse, failed: worse },
        ...{ no_endpoints: worse, timeout: 0, p50_s: 0.01, p99_s: 0.05 + worse / 1_000 },
      }),
    ),
};
