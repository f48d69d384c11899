/** Curves of several policies with their bands: over time, over load, over a quantile. */
import type { TopLevelSpec } from "vega-lite";
import type { Curve } from "./curve.ts";
import type { FigureHover, FigureRow } from "./figure.ts";
import { legendFit, type PolicyLooks, policyChannels } from "./series-encoding.ts";

export interface CurveAxis {
  /** Column of the figure's data. */
  readonly field: string;
  readonly title: string;
  /** d3's format of the numbers; absent: vega chooses. */
  readonly format?: string;
  readonly scale?: "linear" | "log";
  readonly min?: number;
  readonly max?: number;
}

export interface CurvePlot {
  readonly curves: readonly Curve[];
  readonly looks: PolicyLooks;
  /** Along which the places lie. */
  readonly along: CurveAxis;
  /** Of the means. */
  readonly of: CurveAxis;
  /** `y`: places on the vertical axis, as the share of a distribution. */
  readonly placesOn: "x" | "y";
  readonly width: number;
  readonly height: number;
  /** A straight line from the origin on which both axes agree, with its name. */
  readonly diagonal?: { readonly end: number };
}

/** Columns: `policy`, both fields, `low`, `high`, `n`. */
export function curveRows({ curves, along, of }: CurvePlot): FigureRow[] {
  return curves.flatMap(({ policy, points }) =>
    points.map(({ place, mean, low, high, n }) => ({
      policy,
      [along.field]: rounded(place),
      [of.field]: rounded(mean),
      low: low === undefined ? undefined : rounded(low),
      high: high === undefined ? undefined : rounded(high),
      n,
    })),
  );
}

export const curveColumns = ({ along, of }: CurvePlot): string[] => [
  "policy",
  along.field,
  of.field,
  "low",
  "high",
  "n",
];

/** Seven digits: more are noise in a picture, and differ in print only. */
const rounded = (value: number): number => Number(value.toPrecision(7));

export function curveSpec(plot: CurvePlot, rows: readonly FigureRow[]): TopLevelSpec {
  const { along, of, placesOn, looks, curves, width, height, diagonal } = plot;
  const shown = curves.map(({ policy }) => policy);
  const { color: plain, strokeDash } = policyChannels(looks, shown);
  const color = {
    ...plain,
    legend: { symbolType: "stroke", symbolSize: 400, ...legendFit(shown, width) },
  };
  const meanOn = placesOn === "x" ? "y" : "x";
  const place = { field: along.field, type: "quantitative", ...axisOf(along) } as const;
  const mean = { field: of.field, type: "quantitative", ...axisOf(of) } as const;
  const inView = clamped(rows, of);
  const band = {
    transform: [{ filter: "isValid(datum.low)" }],
    mark: { type: "area", clip: true, orient: placesOn === "x" ? "vertical" : "horizontal" },
    encoding: {
      [meanOn]: { ...mean, field: "low" },
      [`${meanOn}2`]: { field: "high" },
      [placesOn]: place,
      color,
    },
  };
  const line = {
    mark: { type: "line", clip: true },
    encoding: {
      [meanOn]: mean,
      [placesOn]: place,
      color,
      strokeDash,
      order: { field: along.field, type: "quantitative" },
    },
  };
  const ideal = {
    data: { values: [{ at: 0 }, { at: diagonal?.end ?? 0 }] },
    mark: { type: "line", strokeWidth: 1, color: "#566072", strokeDash: [3, 3], clip: true },
    encoding: {
      x: { field: "at", type: "quantitative" },
      y: { field: "at", type: "quantitative" },
    },
  };
  return {
    width,
    height,
    data: { values: inView },
    layer: [...(diagonal === undefined ? [] : [ideal]), band, line],
  } as TopLevelSpec;
}

/** A logarithm has no room for what is not above zero: it is drawn at the axis' end. */
function clamped(rows: readonly FigureRow[], { field, scale, min }: CurveAxis): FigureRow[] {
  if (scale !== "log" || min === undefined) return [...rows];
  const raise = (cell: unknown) => (typeof cell === "number" && cell < min ? min : cell);
  return rows.map((row) => ({
    ...row,
    [field]: raise(row[field]) as number,
    ...(row["low"] === undefined ? {} : { low: raise(row["low"]) as number }),
  }));
}

function axisOf({ title, format, scale = "linear", min, max }: CurveAxis) {
  return {
    axis: {
      title,
      ...(format === undefined ? {} : { format }),
      ...(scale === "log" ? { values: logTicks(min ?? 1, max ?? 1) } : { tickCount: 6 }),
    },
    scale: {
      type: scale,
      zero: false,
      ...(min === undefined ? {} : { domainMin: min }),
      ...(max === undefined ? {} : { domainMax: max }),
      nice: scale === "log" ? false : max === undefined,
    },
  };
}

/** Decades from `least` to `most`, with their halves and fifths where there are few. */
function logTicks(least: number, most: number): number[] {
  const first = Math.floor(Math.log10(least));
  const decades = Array.from({ length: 25 }, (_, i) => Number(`1e${first + i}`));
  const inside = decades.filter((tick) => tick <= most);
  const steps = inside.length > 4 ? [1] : [1, 2, 5];
  const ticks = inside.flatMap((tick) => steps.map((step) => step * tick));
  return ticks.filter((tick) => tick >= least && tick <= most);
}

/** What a pointer over the figure tells; every curve at the same places. */
export function curveHover(
  { curves, looks, placesOn }: CurvePlot,
  words: { place(place: number): string; value(mean: number, ci95: number | undefined): string },
): FigureHover {
  const places = [...new Set(curves.flatMap(({ points }) => points.map(({ place }) => place)))];
  places.sort((a, b) => a - b);
  return {
    axis: placesOn,
    places,
    labels: places.map(words.place),
    series: curves.map(({ policy, points }) => {
      const at = new Map(points.map((point) => [point.place, point] as const));
      return {
        index: looks.policies.indexOf(policy),
        values: places.map((place) => {
          const point = at.get(place);
          if (point === undefined) return "";
          const ci95 = point.high === undefined ? undefined : point.high - point.mean;
          return words.value(point.mean, ci95);
        }),
      };
    }),
  };
}

/** At most so many places, first and last among them, a column for each policy. */
export function curveTable(
  { curves }: CurvePlot,
  most: number,
  words: {
    readonly along: string;
    place(place: number): string;
    value(mean: number, ci95: number | undefined): string;
  },
): { columns: string[]; rows: string[][] } {
  const places = [...new Set(curves.flatMap(({ points }) => points.map(({ place }) => place)))];
  places.sort((a, b) => a - b);
  const chosen = thinned(places, most);
  const byPlace = curves.map(({ points }) => new Map(points.map((p) => [p.place, p] as const)));
  return {
    columns: [words.along, ...curves.map(({ policy }) => policy)],
    rows: chosen.map((place) => [
      words.place(place),
      ...byPlace.map((points) => {
        const point = points.get(place);
        if (point === undefined) return "–";
        return words.value(
          point.mean,
          point.high === undefined ? undefined : point.high - point.mean,
        );
      }),
    ]),
  };
}

export function thinned<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values];
  return Array.from(
    { length: most },
    (_, i) => values[Math.round((i * (values.length - 1)) / (most - 1))] as T,
  );
}
