/** Rows of services.csv, requests.csv and endpoints.csv. */
import type { Micros } from "../../sim/kernel/index.ts";
import { type Cell, type Row, roundTo, secondsCell } from "../row.ts";
import type { SampleSeries } from "../sample-series.ts";
import { imbalanceOf } from "./imbalance.ts";
import { outcomeColumns } from "./outcome-columns.ts";
import { type IntervalStats, type RequestStats, requestParts } from "./request-stats.ts";
import type { EndpointStats } from "./service-stats.ts";

/** Columns of services.csv, in order. */
export const serviceColumns: readonly string[] = [
  "service",
  "source_zone",
  "requests",
  ...outcomeColumns,
  "first_s",
  "last_s",
  "goodput_per_s",
  "attempts",
  "retries_per_request",
  "mean_s",
  "p50_s",
  "p90_s",
  "p95_s",
  "p99_s",
  "p99_9_s",
  "max_s",
  ...requestParts.flatMap((part) => [`${part}_p50_s`, `${part}_p99_s`]),
  "is_exact",
  "cross_zone_share",
  "endpoints",
  "endpoint_cv",
  "endpoint_max_over_mean",
];

/** Columns of requests.csv, in order. */
export const requestColumns: readonly string[] = [
  "start_s",
  "end_s",
  "service",
  "source_zone",
  "requests",
  ...outcomeColumns,
  "attempts",
  "goodput_per_s",
  "mean_s",
  "p50_s",
  "p90_s",
  "p95_s",
  "p99_s",
  "p99_9_s",
  "max_s",
];

/** Columns of endpoints.csv, in order. */
export const endpointColumns = [
  "service",
  "endpoint",
  "node",
  "zone",
  "requests",
  "share",
  "ok",
  "failed",
  "failed_attempts",
  "mean_s",
  "p50_s",
  "p99_s",
  "max_s",
] as const;

/** The cells of `serviceColumns`. */
export function serviceRow(service: string, zone: string, stats: RequestStats): Row {
  const { outcomes, attempts, latency } = stats.past;
  const { total, ok } = outcomes;
  const { endpoints, cv, maxOverMean } = imbalanceOf(stats.byEndpoint);
  return [
    ...[service, zone, total, ...outcomes.cells()],
    ...[secondsCell(stats.firstStartUs), secondsCell(stats.lastEndUs)],
    perSecond(ok, stats.lastEndUs - stats.firstStartUs),
    ...[attempts, ratio(attempts - total, total)],
    ...secondsCells(latency, [0.5, 0.9, 0.95, 0.99, 0.999]),
    ...requestParts.flatMap((part) => {
      const series = stats.parts[part];
      return [quantileCell(series, 0.5), quantileCell(series, 0.99)];
    }),
    ...[latency.isExact, ratio(stats.crossZone, stats.zoned)],
    ...(endpoints === 0 ? [0, "", ""] : [endpoints, roundTo(cv, 6), roundTo(maxOverMean, 6)]),
  ];
}

/** The cells of `requestColumns`. */
export function intervalRow(
  [startUs, endUs]: readonly [Micros, Micros],
  [service, zone]: readonly [string, string],
  { outcomes, attempts, latency }: IntervalStats,
): Row {
  return [
    ...[secondsCell(startUs), secondsCell(endUs), service, zone],
    ...[outcomes.total, ...outcomes.cells(), attempts, perSecond(outcomes.ok, endUs - startUs)],
    ...secondsCells(latency, [0.5, 0.9, 0.95, 0.99, 0.999]),
  ];
}

/** The cells of `endpointColumns`; `total`: requests that reached any endpoint of the Service. */
export function endpointRow(service: string, endpoint: EndpointStats, total: number): Row {
  const { name, node, zone, requests, ok, failedAttempts, latency } = endpoint;
  return [
    ...[service, name, node, zone, requests, ratio(requests, total), ok, requests - ok],
    ...[failedAttempts, ...secondsCells(latency, [0.5, 0.99])],
  ];
}

/** Mean, quantiles and maximum as cells, empty where nothing was measured. */
export function secondsCells(series: SampleSeries, probabilities: readonly number[]): Cell[] {
  if (series.count === 0) return new Array<Cell>(probabilities.length + 2).fill("");
  return [
    secondsCell(series.meanUs()),
    ...probabilities.map((probability) => secondsCell(series.quantileUs(probability))),
    secondsCell(series.maxUs),
  ];
}

/** A part of a whole as a cell, empty where there is no whole. */
export function ratio(part: number, whole: number): Cell {
  return whole === 0 ? "" : roundTo(part / whole, 6);
}

function quantileCell(series: SampleSeries, probability: number): Cell {
  return series.count === 0 ? "" : secondsCell(series.quantileUs(probability));
}

function perSecond(count: number, us: Micros): Cell {
  return us <= 0 ? "" : roundTo((count * 1_000_000) / us, 3);
}
