/** A figure of dots in rows: a row for each thing, a dot for each policy. */
import type { MetricUnit } from "../summary-metrics.ts";
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
import { quantity, withSpread } from "./quantity.ts";
import type { ScenarioRuns } from "./scenarios.ts";
import type { PolicyLooks } from "./series-encoding.ts";

export interface DotFigure {
  /** Stem of its name; the scenario is added. */
  readonly name: string;
  readonly section: Figure["section"];
  readonly title: string;
  readonly axis: string;
  /** What the rows are. */
  readonly what: string;
  readonly unit: MetricUnit;
  readonly scenario: ScenarioRuns;
  readonly looks: PolicyLooks;
  readonly note?: string | undefined;
  readonly choice?: Figure["choice"];
}

/** Two decades or more read better on a logarithmic axis. */
const DECADES = 100;

/** Dots in rows, as a figure. */
export function dotFigure(dots: readonly Dot[], words: DotFigure): Figure {
  const { unit, looks, scenario } = words;
  const means = dots.map(({ mean }) => mean).filter((mean) => mean > 0);
  const most = means.reduce((a, b) => Math.max(a, b), 0);
  const least = means.reduce((a, b) => Math.min(a, b), most);
  const isLog = unit === "s" && most > 0 && most / least >= DECADES;
  const plot: DotPlot = {
    dots,
    unit,
    axisTitle: words.axis,
    looks,
    width: WIDE_FIGURE_WIDTH - 210,
    ...(isLog ? { scale: "log" } : {}),
  };
  const rows = dotRows(plot);
  const highest = dots.reduce((a, b) => (b.mean > a.mean ? b : a));
  const lowest = dots.reduce((a, b) => (b.mean < a.mean ? b : a));
  const said = ({ category, policy, mean, ci95 }: Dot) =>
    `${category === undefined ? "" : `${category} under `}${policy} (${withSpread(mean, ci95, unit)})`;
  const counts = dots.map(({ n }) => n);
  return {
    name: `${words.name}${scenario.suffix}`,
    section: words.section,
    scenario: scenario.label,
    title: words.title,
    caption:
      `Mark: mean; line: ${uncertaintyOf(counts, "95 % interval")}${ticksWords(dots)}` +
      (isLog ? " Logarithmic axis." : "") +
      (words.note === undefined ? "" : ` ${words.note}`),
    description: `Highest: ${said(highest)}; lowest: ${said(lowest)}. All lie between ${quantity(lowest.mean, unit)} and ${quantity(highest.mean, unit)}.`,
    ...(words.choice === undefined ? {} : { choice: words.choice }),
    spec: dotSpec(plot, rows),
    columns: dotColumns,
    rows,
    table: dotTable(plot, words.what),
    hover: dotHover(plot),
  };
}
