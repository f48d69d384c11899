/** The CSV files of an experiment: their names, their columns, and where a run's rows go. */
import { apiRequestColumns } from "./api-requests-recorder.ts";
import { comparisonColumns } from "./comparison-rows.ts";
import { faultColumns } from "./faults-recorder.ts";
import { latencyColumns } from "./latency-recorder.ts";
import { nodeColumns } from "./nodes-recorder.ts";
import { operationColumns } from "./operations-recorder.ts";
import { distributionColumns, namespaceColumns } from "./outcomes/index.ts";
import { podColumns } from "./pods-recorder.ts";
import {
  endpointColumns,
  nameColumns,
  proxyColumns,
  requestColumns,
  serviceColumns,
  traceColumns,
} from "./requests/index.ts";
import type { RunSinks } from "./run-recorder.ts";
import { schedulerMetricColumns } from "./scheduler-metric-set.ts";
import { runColumns, summaryColumns } from "./summary.ts";
import type { Metric } from "./summary-metrics.ts";
import { utilizationColumns } from "./utilization-recorder.ts";
import { workloadColumns } from "./workloads-recorder.ts";

/** All CSV files, in the order in which they are listed to the user. */
export const reportFiles = [
  "pods",
  "workloads",
  "operations",
  "faults",
  "utilization",
  "nodes",
  "namespaces",
  "distributions",
  "latency",
  "api-requests",
  "services",
  "requests",
  "endpoints",
  "proxies",
  "names",
  "request-traces",
  "scheduler-metrics",
  "runs",
  "comparison",
] as const;

/** The name of a CSV file, without its ending. */
export type ReportFile = (typeof reportFiles)[number];

/** Columns of each file, for runs that report these resources. */
export const reportColumns = (
  resources: readonly string[],
  own: readonly Metric[],
): Readonly<Record<ReportFile, readonly string[]>> => ({
  pods: [...runColumns, ...podColumns],
  workloads: [...runColumns, ...workloadColumns],
  operations: [...runColumns, ...operationColumns],
  faults: [...runColumns, ...faultColumns],
  utilization: [...runColumns, ...utilizationColumns(resources)],
  nodes: [...runColumns, ...nodeColumns(resources)],
  namespaces: [...runColumns, ...namespaceColumns(resources)],
  distributions: [...runColumns, ...distributionColumns],
  latency: [...runColumns, ...latencyColumns],
  "api-requests": [...runColumns, ...apiRequestColumns],
  services: [...runColumns, ...serviceColumns],
  requests: [...runColumns, ...requestColumns],
  endpoints: [...runColumns, ...endpointColumns],
  proxies: [...runColumns, ...proxyColumns],
  names: [...runColumns, ...nameColumns],
  "request-traces": [...runColumns, ...traceColumns],
  "scheduler-metrics": [...runColumns, ...schedulerMetricColumns],
  runs: summaryColumns(resources, own),
  comparison: comparisonColumns(),
});

/** Files whose rows come from a run's recorders, by their sink. */
const SINKS: Readonly<Record<keyof RunSinks, ReportFile>> = {
  pods: "pods",
  workloads: "workloads",
  operations: "operations",
  faults: "faults",
  utilization: "utilization",
  nodes: "nodes",
  namespaces: "namespaces",
  distributions: "distributions",
  latency: "latency",
  apiRequests: "api-requests",
  services: "services",
  requests: "requests",
  endpoints: "endpoints",
  proxies: "proxies",
  names: "names",
  requestTraces: "request-traces",
  schedulerMetrics: "scheduler-metrics",
};

/** The sinks of a run: for each file what `sinkOf` makes for it; undefined: nobody wants its rows. */
export function runSinks(
  sinkOf: (file: ReportFile) => RunSinks[keyof RunSinks] | undefined,
): RunSinks {
  const wanted = Object.entries(SINKS).flatMap(([name, file]) => {
    const sink = sinkOf(file);
    return sink === undefined ? [] : [[name, sink] as const];
  });
  return Object.fromEntries(wanted);
}
