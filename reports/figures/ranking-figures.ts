/** Which policy is best by a metric: means with intervals, the best on top. */
import { spreadOf } from "../statistics/index.ts";
import type { Metric } from "../summary-metrics.ts";
import { uncertaintyOf } from "./curve.ts";
import {
  type Dot,
  type DotPlot,
  dotColumns,
  dotHover,
  dotRows,
  dotSpec,
  dotTable,
  ticksWords,
} from "./dot-plot.ts";
import type { Figure } from "./figure.ts";
import { WIDE_FIGURE_WIDTH } from "./figure-theme.ts";
import { metricWords, shownMetrics } from "./metric-words.ts";
import { withSpread } from "./quantity.ts";
import type { ScenarioRuns } from "./scenarios.ts";
import type { PolicyLooks } from "./series-encoding.ts";

/** A figure for each metric that tells something in this scenario. */
export function rankingFigures(
  scenario: ScenarioRuns,
  metrics: readonly Metric[],
  looks: PolicyLooks,
): Figure[] {
  const valuesOf = (name: string) => scenario.runs.map((run) => run.metrics[name]);
  return shownMetrics(metrics, valuesOf).map((metric) => rankingFigure(scenario, metric, looks));
}

function rankingFigure(scenario: ScenarioRuns, metric: Metric, looks: PolicyLooks): Figure {
  const dots = ranked(scenario, metric);
  const words = metricWords(metric.name);
  const plot: DotPlot = {
    dots,
    unit: metric.unit,
    axisTitle: words,
    looks,
    width: WIDE_FIGURE_WIDTH - 200,
  };
  const rows = dotRows(plot);
  const way = metric.better === "higher" ? "More is better" : "Less is better";
  const said = dots.map(
    ({ policy, mean, ci95 }) => `${policy} ${withSpread(mean, ci95, metric.unit)}`,
  );
  const counts = dots.map(({ n }) => n);
  return {
    name: `ranking-${metric.name.replaceAll("_", "-")}${scenario.suffix}`,
    section: "ranking",
    scenario: scenario.label,
    title: `${words}, by policy`,
    caption:
      `${way}: the best is on top. Mark: mean; line: ` +
      `${uncertaintyOf(counts, "95 % interval")}${ticksWords(dots)}`,
    description: `${words}, best first: ${said.join("; ")}.`,
    choice: { of: "metric", label: words },
    spec: dotSpec(plot, rows),
    columns: dotColumns,
    rows,
    table: dotTable(plot, "policy"),
    hover: dotHover(plot),
  };
}

/** Policies that have the figure, best first; equal ones in the order of the experiment. */
function ranked({ runs, policies }: ScenarioRuns, { name, better }: Metric): Dot[] {
  const dots = policies.flatMap((policy, place) => {
    const values = runs
      .filter(({ labels }) => labels.policy === policy)
      .map(({ metrics }) => metrics[name])
      .filter((value) => value !== undefined);
    const spread = spreadOf(values);
    if (spread === undefined) return [];
    const { mean, ci95, n } = spread;
    return [{ place, dot: { policy, mean, ci95, n, values } }];
  });
  const way = better === "higher" ? -1 : 1;
  dots.sort((a, b) => way * (a.dot.mean - b.dot.mean) || a.place - b.place);
  return dots.map(({ dot }) => dot);
}
