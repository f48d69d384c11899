/** Tables of runs: what did not finish, which runs failed, and all runs. */

import type { ScenarioRuns } from "../figures/index.ts";
import { metricWords, quantity, shownMetrics, withSpread } from "../figures/index.ts";
import type { FailedRun, Results } from "../results/index.ts";
import { spreadOf } from "../statistics/index.ts";
import type { RunLabels } from "../summary.ts";
import { summaryMetrics } from "../summary-metrics.ts";
import { type Html, html } from "./html.ts";
import { dataTable } from "./table.ts";

/** Metrics in the table of all runs. */
const METRICS_OF_RUNS = 7;

/** Digits of a digest that tell runs apart to the eye; the rest is in runs.csv. */
const DIGEST_DIGITS = 10;

/** Counts of what a mean of times does not hold, and what it is a part of. */
const CENSORED = [
  ...["pods_created", "pods_never_scheduled", "pods_pending_at_end", "pods_running_at_end"],
  ...["pods_unfinished", "pods_incomplete", "pods_preempted", "pods_in_warmup"],
  ...["jobs_created", "jobs_incomplete"],
];

/** Pods and Jobs that a mean of times does not count, of one scenario. */
export function censoredPods({ runs, policies }: ScenarioRuns, all: readonly string[]): Html {
  const shown = CENSORED.filter(
    (name, place) =>
      runs.some(({ metrics }) => metrics[name] !== undefined) &&
      (place < 2 || runs.some(({ metrics }) => (metrics[name] ?? 0) > 0)),
  );
  const rows = policies.map((policy) => {
    const mine = runs.filter(({ labels }) => labels.policy === policy);
    const means = shown.map((name) => {
      const spread = spreadOf(mine.map(({ metrics }) => metrics[name]));
      return withSpread(spread?.mean, spread?.ci95, "count");
    });
    return [policy, ...means, mine.length];
  });
  return dataTable({
    label: "Pods and Jobs that did not finish",
    columns: ["policy", ...shown.map(metricWords), "seeds"],
    rows,
    policyOf: (row) => all.indexOf(policies[row] ?? ""),
  });
}

export function failureTable(failures: readonly FailedRun[], parameters: readonly string[]): Html {
  return dataTable({
    label: "Runs without results",
    columns: [...labelColumns(parameters, failures), "message"],
    wordColumns: Number.MAX_SAFE_INTEGER,
    rows: failures.map(({ labels, message }) => [
      ...labelCells(labels, parameters, failures),
      message,
    ]),
  });
}

/** Numbers in one unit per column, so that they sort. */
export function runTable(results: Results, policies: readonly string[]): Html {
  const { runs, parameters, resources, own } = results;
  const metrics = shownMetrics(summaryMetrics(resources, own), (name) =>
    runs.map((run) => run.metrics[name]),
  ).slice(0, METRICS_OF_RUNS);
  const labels = labelColumns(parameters, runs);
  return dataTable({
    label: "All runs",
    columns: [
      ...labels,
      ...metrics.map(({ name, unit }) => metricWords(name) + (UNITS[unit] ?? "")),
      "digest of decisions",
    ],
    canSort: true,
    wordColumns: labels.length,
    policyOf: (row) => policies.indexOf(runs[row]?.labels.policy ?? ""),
    rows: runs.map((run) => [
      ...labelCells(run.labels, parameters, runs),
      ...metrics.map(({ name, unit }) => plain(run.metrics[name], unit)),
      html`<code>${run.digestDecisions.slice(0, DIGEST_DIGITS)}</code>`,
    ]),
  });
}

const UNITS: Readonly<Record<string, string>> = { s: ", s", share: ", %", per_s: ", /s" };

function plain(value: number | undefined, unit: string): string {
  if (value === undefined) return "";
  if (unit === "count") return String(value);
  const shown = unit === "share" ? value * 100 : value;
  return String(Number(shown.toPrecision(5)));
}

type Labelled = readonly { readonly labels: RunLabels }[];

const hasClusters = (runs: Labelled): boolean =>
  runs.some(({ labels }) => labels.cluster !== undefined);

const labelColumns = (parameters: readonly string[], runs: Labelled): string[] => [
  ...["policy", "workload", ...(hasClusters(runs) ? ["cluster"] : []), ...parameters, "seed"],
];

function labelCells(labels: RunLabels, parameters: readonly string[], runs: Labelled): string[] {
  const { policy, workload, cluster = "", seed } = labels;
  return [
    policy,
    workload,
    ...(hasClusters(runs) ? [cluster] : []),
    ...parameters.map((path) => labels.parameters?.[path] ?? ""),
    seed,
  ];
}

/** `1,200 runs`. */
export const countOf = (n: number, what: string): string =>
  `${quantity(n, "count")} ${n === 1 ? what : `${what}s`}`;
