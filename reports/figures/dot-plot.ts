/** Means with their intervals as dots on a line, a row for each policy or for each of some things. */
import type { TopLevelSpec } from "vega-lite";
import type { MetricUnit } from "../summary-metrics.ts";
import type { FigureHover, FigureRow, FigureTable } from "./figure.ts";
import { quantity, scaleFor, withSpread } from "./quantity.ts";
import { legendFit, type PolicyLooks, policyChannels } from "./series-encoding.ts";

export interface Dot {
  readonly policy: string;
  /** The row; absent: the policy's own. */
  readonly category?: string;
  readonly mean: number;
  /** Half of the 95 % interval; undefined with one seed. */
  readonly ci95: number | undefined;
  readonly n: number;
  /** Of each seed; drawn small behind the mean. */
  readonly values?: readonly number[];
}

export interface DotPlot {
  readonly dots: readonly Dot[];
  readonly unit: MetricUnit;
  readonly axisTitle: string;
  readonly looks: PolicyLooks;
  readonly width: number;
  readonly scale?: "linear" | "log";
}

export const dotColumns = ["category", "policy", "mean", "low", "high", "n"] as const;

export function dotRows({ dots }: DotPlot): FigureRow[] {
  return dots.map(({ category, policy, mean, ci95, n }) => ({
    category: category ?? policy,
    policy,
    mean,
    low: ci95 === undefined ? undefined : mean - ci95,
    high: ci95 === undefined ? undefined : mean + ci95,
    n,
  }));
}

/** Seeds of a dot that are drawn one by one; more are a smear, and large. */
const TICKS_MOST = 30;

/** What a caption says of them. */
export const ticksWords = (dots: readonly Dot[]): string =>
  dots.every(({ values = [] }) => values.length > TICKS_MOST) ? "" : " Ticks: each seed.";

/** Height of a row with one dot, and of each further dot in it, in pixels. */
const ROW = 34;
const FURTHER = 14;

export function dotSpec(plot: DotPlot, rows: readonly FigureRow[]): TopLevelSpec {
  const { dots, unit, looks, width, axisTitle } = plot;
  const shown = looks.policies.filter((policy) => dots.some((dot) => dot.policy === policy));
  const categories = [...new Set(rows.map((row) => String(row["category"])))];
  const isGrouped = dots.some(({ category }) => category !== undefined);
  const each = isGrouped ? ROW + FURTHER * (shown.length - 1) : ROW;
  const { color, shape } = policyChannels(looks, shown);
  const legend = {
    legend: isGrouped ? { offset: 12, symbolOpacity: 1, ...legendFit(shown, width) } : null,
  };
  const size = rows.reduce((most, { mean, high }) => Math.max(most, Number(high ?? mean)), 0);
  const { factor, suffix } = scaleFor(size, unit);
  const isLog = plot.scale === "log";
  const scale = { type: isLog ? "log" : "linear", zero: false, nice: true, padding: 12 };
  const x = {
    type: "quantitative",
    scale,
    axis: { title: `${axisTitle}${suffix === "" ? "" : `,${suffix}`}`, grid: true, tickCount: 6 },
  };
  const y = {
    field: "category",
    type: "nominal",
    sort: categories,
    axis: { title: null, labelFontSize: 12, labelLimit: 260, labelColor: "#1b2330" },
  };
  const place = isGrouped
    ? { y, yOffset: { field: "policy", type: "nominal", scale: { domain: shown } } }
    : { y };
  const floor = isLog ? positiveFloor(rows) : Number.NEGATIVE_INFINITY;
  const scaled = rows.map(({ category, policy, mean, low, high }) => ({
    category,
    policy,
    mean: Math.max(Number(mean), floor) * factor,
    ...(low === undefined ? {} : { low: Math.max(Number(low), floor) * factor }),
    ...(high === undefined ? {} : { high: Math.max(Number(high), floor) * factor }),
  }));
  const seeds = dots.flatMap(({ category, policy, values = [] }) =>
    (values.length > TICKS_MOST ? [] : values).map((value) => ({
      category: category ?? policy,
      policy,
      mean: Math.max(value, floor) * factor,
    })),
  );
  return {
    width,
    height: Math.max(1, categories.length) * each,
    layer: [
      {
        data: { values: seeds },
        mark: { type: "tick", thickness: 1.5, size: 12, opacity: 0.45 },
        encoding: { ...place, x: { ...x, field: "mean" }, color: { ...color, ...legend } },
      },
      {
        data: { values: scaled.filter(({ low }) => low !== undefined) },
        mark: { type: "rule", strokeWidth: 2.5 },
        encoding: {
          ...place,
          x: { ...x, field: "low" },
          x2: { field: "high" },
          color: { ...color, ...legend },
        },
      },
      {
        data: { values: scaled },
        mark: { type: "point", size: 90 },
        encoding: {
          ...place,
          x: { ...x, field: "mean" },
          color: { ...color, ...legend },
          shape: { ...shape, ...legend },
        },
      },
    ],
  } as TopLevelSpec;
}

/** Where zero is drawn on a logarithmic axis: at the least of what is above it. */
function positiveFloor(rows: readonly FigureRow[]): number {
  return rows.reduce((least, { mean }) => {
    const value = Number(mean);
    return value > 0 ? Math.min(least, value) : least;
  }, 1);
}

/** What a pointer over a row tells. */
export function dotHover({ dots, looks, unit }: DotPlot): FigureHover {
  const places = [...new Set(dots.map(({ category, policy }) => category ?? policy))];
  const shown = looks.policies.filter((policy) => dots.some((dot) => dot.policy === policy));
  return {
    axis: "y",
    places,
    labels: places,
    series: shown.map((policy) => ({
      index: looks.policies.indexOf(policy),
      values: places.map((place) => {
        const dot = dots.find((d) => d.policy === policy && (d.category ?? d.policy) === place);
        return dot === undefined ? "" : withSpread(dot.mean, dot.ci95, unit);
      }),
    })),
  };
}

export function dotTable({ dots, unit }: DotPlot, what: string): FigureTable {
  const isGrouped = dots.some(({ category }) => category !== undefined);
  return {
    columns: [
      ...(isGrouped ? [what] : []),
      "policy",
      "mean ±95 % interval",
      "least",
      "most",
      "seeds",
    ],
    rows: dots.map(({ category, policy, mean, ci95, n, values = [] }) => [
      ...(isGrouped ? [category ?? ""] : []),
      policy,
      withSpread(mean, ci95, unit),
      values.length === 0
        ? "–"
        : quantity(
            values.reduce((a, b) => Math.min(a, b)),
            unit,
          ),
      values.length === 0
        ? "–"
        : quantity(
            values.reduce((a, b) => Math.max(a, b)),
            unit,
          ),
      String(n),
    ]),
  };
}
