/** Cumulative distributions: which share of pods or jobs took at most how long. */
import type { TextRow } from "../results/index.ts";
import type { MetricUnit } from "../summary-metrics.ts";
import { meanCurve, uncertaintyOf } from "./curve.ts";
import {
  type CurvePlot,
  curveColumns,
  curveHover,
  curveRows,
  curveSpec,
  curveTable,
} from "./curve-plot.ts";
import type { Figure } from "./figure.ts";
import { FIGURE_WIDTH } from "./figure-theme.ts";
import { metricWords } from "./metric-words.ts";
import { digits, quantity, scaleFor, withSpread } from "./quantity.ts";
import type { ScenarioRuns } from "./scenarios.ts";
import type { PolicyLooks } from "./series-encoding.ts";

/** Collects the quantile curves of `distributions.csv`, run by run. */
export class Distributions {
  readonly #series = new Map<string, Series>();

  /** `policy` of the run that the rows are of; `run`: its place among all of the scenario. */
  add(policy: string, run: number, row: TextRow): void {
    const { series = "", unit = "", fraction = "", value = "", censored = "0" } = row;
    const known = this.#series.get(series) ?? emptySeries(unit);
    this.#series.set(series, known);
    known.censored.set(run, { policy, pods: Number(censored) });
    if (value === "" || fraction === "") return;
    let place = known.fractions.indexOf(Number(fraction));
    if (place < 0) place = known.fractions.push(Number(fraction)) - 1;
    const mine = known.runs.get(run) ?? { policy, values: [] };
    known.runs.set(run, mine);
    mine.values[place] = Number(value);
  }

  figures(scenario: ScenarioRuns, looks: PolicyLooks): Figure[] {
    return [...this.#series]
      .filter(([, { runs }]) => runs.size > 0)
      .map(([name, series]) => figureOf(name, series, scenario, looks));
  }
}

interface Series {
  readonly unit: string;
  /** In the order of the file. */
  readonly fractions: number[];
  /** Of each run, those that have no value: they had not come so far. */
  readonly censored: Map<number, { readonly policy: string; readonly pods: number }>;
  readonly runs: Map<number, { readonly policy: string; readonly values: number[] }>;
}

const emptySeries = (unit: string): Series => ({
  unit,
  fractions: [],
  censored: new Map(),
  runs: new Map(),
});

/** Two decades of values or more read better on a logarithmic axis. */
const DECADES = 100;

function figureOf(
  name: string,
  { unit: text, fractions, runs, censored }: Series,
  scenario: ScenarioRuns,
  looks: PolicyLooks,
): Figure {
  const unit: MetricUnit = text === "s" ? "s" : "ratio";
  const curves = scenario.policies.flatMap((policy) => {
    const samples = [...runs.values()].filter((run) => run.policy === policy);
    const curve = meanCurve(
      policy,
      fractions,
      samples.map(({ values }) => complete(values, fractions)),
    );
    const points = [...curve.points].sort((a, b) => a.place - b.place);
    return points.length === 0 ? [] : [{ policy, points }];
  });
  const means = curves.flatMap(({ points }) => points.map(({ mean }) => mean));
  const most = means.reduce((a, b) => Math.max(a, b), 0);
  const least = means.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), most);
  const isLog = least > 0 && most / least >= DECADES;
  const { factor, suffix } = isLog
    ? { factor: 1, suffix: unit === "s" ? " s" : "" }
    : scaleFor(most, unit);
  const scaled = curves.map(({ policy, points }) => ({
    policy,
    points: points.map(({ place, mean, low, high, n }) => ({
      place,
      mean: mean * factor,
      low: low === undefined ? undefined : low * factor,
      high: high === undefined ? undefined : high * factor,
      n,
    })),
  }));
  const words = metricWords(name);
  const plot: CurvePlot = {
    curves: scaled,
    looks,
    along: { field: "fraction", title: "share of all, at most", format: ".0%", min: 0, max: 1 },
    of: {
      field: name,
      title: `${words}${suffix === "" ? "" : `,${suffix}`}`,
      ...(isLog
        ? { scale: "log", min: least, max: most, format: "~g" }
        : { min: Math.min(0, least) }),
    },
    placesOn: "y",
    width: FIGURE_WIDTH,
    height: 260,
  };
  const rows = curveRows(plot);
  const wording = {
    along: "share",
    place: (fraction: number) => `${digits(fraction * 100, false)} %`,
    value: (mean: number, ci95: number | undefined) =>
      withSpread(mean / factor, ci95 === undefined ? undefined : ci95 / factor, unit),
  };
  const counts = scaled.flatMap(({ points }) => points.map(({ n }) => n));
  const said = curves.map(({ policy, points }) => {
    const at = (share: number) => points.find(({ place }) => place >= share - 1e-9)?.mean;
    return `${policy}: median ${quantity(at(0.5), unit)}, 99th percentile ${quantity(at(0.99), unit)}`;
  });
  return {
    name: `distribution-${name.replaceAll("_", "-")}${scenario.suffix}`,
    section: "distributions",
    scenario: scenario.label,
    title: `${words}: its distribution`,
    caption:
      "Line: mean over seeds of each quantile; band: " +
      `${uncertaintyOf(counts, "pointwise 95 % interval")}` +
      (isLog ? " Logarithmic axis." : "") +
      censoredWords(scenario.policies, [...censored.values()]),
    description: `${said.join("; ")}.`,
    spec: curveSpec(plot, rows),
    columns: curveColumns(plot),
    rows,
    table: tableOf(plot, wording),
    hover: curveHover(plot, wording),
  };
}

/** Who is missing from the curves: a curve of the quick ones alone flatters. */
function censoredWords(
  policies: readonly string[],
  runs: readonly { readonly policy: string; readonly pods: number }[],
): string {
  if (runs.every(({ pods }) => pods === 0)) return "";
  const each = policies.map((policy) => {
    const mine = runs.filter((run) => run.policy === policy);
    const mean = mine.reduce((sum, { pods }) => sum + pods, 0) / Math.max(1, mine.length);
    return `${policy} ${quantity(Math.round(mean), "count")}`;
  });
  return ` Not in the curves, since they had not come so far, per run: ${each.join(", ")}.`;
}

/** Fractions that readers ask for. */
const READ = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];

function tableOf(plot: CurvePlot, words: Parameters<typeof curveTable>[2]) {
  const curves = plot.curves.map(({ policy, points }) => ({
    policy,
    points: points.filter(({ place }) => READ.some((each) => Math.abs(each - place) < 1e-9)),
  }));
  return curveTable({ ...plot, curves }, READ.length, words);
}

const complete = (values: readonly number[], fractions: readonly number[]): number[] =>
  fractions.map((_, i) => values[i] ?? Number.NaN);
