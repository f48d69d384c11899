/** How full the cluster was and how many pods waited, over time; and what was allocated of what came. */
import { resourceStems } from "../resource-columns.ts";
import type { TextRow } from "../results/index.ts";
import type { MetricUnit } from "../summary-metrics.ts";
import { type Curve, meanCurve, uncertaintyOf } from "./curve.ts";
import {
  type CurvePlot,
  curveColumns,
  curveHover,
  curveRows,
  curveSpec,
  curveTable,
} from "./curve-plot.ts";
import type { Figure, FigureSection } from "./figure.ts";
import { FIGURE_WIDTH } from "./figure-theme.ts";
import { resourceWords } from "./metric-words.ts";
import { digits, quantity, scaleFor, withSpread } from "./quantity.ts";
import type { ScenarioRuns } from "./scenarios.ts";
import type { PolicyLooks } from "./series-encoding.ts";
import { TimeBins, type TimeGrid, timeGrid } from "./time-bins.ts";

/** Spans on the time axis: finer is not to be seen on paper. */
const TIME_SPANS = 160;

/** Steps of arrived load at which allocation is read. */
const LOAD_STEPS = 120;

/** Rows of a table of values over time. */
const TABLE_ROWS = 13;

interface RunSeries {
  readonly policy: string;
  readonly bins: ReadonlyMap<string, TimeBins>;
  /** Of each resource whose arrived load is told: pairs in the order of time. */
  readonly loads: ReadonlyMap<string, { readonly arrived: number[]; readonly allocated: number[] }>;
}

/** Collects `utilization.csv`, run by run. */
export class TimeSeries {
  readonly #scenario: ScenarioRuns;
  readonly #stems: readonly string[];
  readonly #grid: TimeGrid;
  readonly #runs = new Map<number, RunSeries>();

  constructor(scenario: ScenarioRuns, resources: readonly string[]) {
    this.#scenario = scenario;
    this.#stems = resourceStems(resources);
    const ends = scenario.runs.map(({ metrics }) => metrics["virtual_s"] ?? 0);
    this.#grid = timeGrid(
      ends.reduce((a, b) => Math.max(a, b), 0),
      TIME_SPANS,
    );
  }

  /** `policy` of the run that the row is of; `run`: its place among all of the scenario. */
  add(policy: string, run: number, row: TextRow): void {
    const mine = this.#runs.get(run) ?? this.#empty(policy);
    this.#runs.set(run, mine);
    const start = Number(row["start_s"]);
    const end = Number(row["end_s"]);
    for (const [column, bins] of mine.bins) {
      const cell = row[column];
      if (cell !== undefined && cell !== "") bins.add(start, end, Number(cell));
    }
    for (const [stem, load] of mine.loads) {
      const arrived = row[`${stem}_arrived_share`];
      if (arrived === undefined || arrived === "") continue;
      load.arrived.push(Number(arrived));
      load.allocated.push(Number(row[`${stem}_share`]));
    }
  }

  figures(looks: PolicyLooks): Figure[] {
    const shares = this.#stems.map((stem) =>
      this.#overTime(looks, {
        column: `${stem}_share`,
        title: `${resourceWords(stem)} allocated over time`,
        axis: "share of allocatable",
        unit: "share",
      }),
    );
    const queues = QUEUES.map((queue) => this.#overTime(looks, queue));
    const loads = this.#stems.map((stem) => this.#againstLoad(looks, stem));
    return [...shares, ...queues, ...loads].filter((figure) => figure !== undefined);
  }

  #empty(policy: string): RunSeries {
    const columns = [...this.#stems.map((stem) => `${stem}_share`), ...QUEUES.map((q) => q.column)];
    return {
      policy,
      bins: new Map(columns.map((column) => [column, new TimeBins(this.#grid)])),
      loads: new Map(this.#stems.map((stem) => [stem, { arrived: [], allocated: [] }])),
    };
  }

  #curves(places: readonly number[], valuesOf: (run: RunSeries) => ArrayLike<number>): Curve[] {
    const runs = [...this.#runs].sort(([a], [b]) => a - b).map(([, run]) => run);
    return this.#scenario.policies
      .map((policy) =>
        meanCurve(policy, places, runs.filter((run) => run.policy === policy).map(valuesOf)),
      )
      .filter(({ points }) => points.length > 0);
  }

  #overTime(looks: PolicyLooks, { column, title, axis, unit }: Queue): Figure | undefined {
    const { count, widthS } = this.#grid;
    const { factor, suffix } = scaleFor(count * widthS, "s");
    const places = Array.from({ length: count }, (_, bin) => (bin + 0.5) * widthS * factor);
    const curves = this.#curves(places, ({ bins }) => bins.get(column)?.means() ?? []);
    if (curves.length === 0 || areZero(curves)) return undefined;
    const most = largest(curves);
    const plot: CurvePlot = {
      curves,
      looks,
      along: { field: `time_${suffix.trim()}`, title: `virtual time,${suffix}`, min: 0 },
      of: {
        field: column,
        title: axis,
        format: unit === "share" ? ".0%" : ",~r",
        min: 0,
        ...(unit === "share" && most > 0.5 ? { max: Math.max(1, most) } : {}),
      },
      placesOn: "x",
      width: FIGURE_WIDTH,
      height: 230,
    };
    return this.#figure(plot, unit, {
      name: `time-${column.replaceAll("_", "-")}`,
      section: "time",
      title,
      along: "time",
      place: (place) => `${digits(place, false)}${suffix}`,
      drawn: `Line: mean over spans of ${quantity(widthS, "s")}`,
    });
  }

  /** What was allocated when so much had arrived: the fuller, the less is lost to fragmentation. */
  #againstLoad(looks: PolicyLooks, stem: string): Figure | undefined {
    const arrived = [...this.#runs.values()].flatMap(({ loads }) => loads.get(stem)?.arrived ?? []);
    const most = arrived.reduce((a, b) => Math.max(a, b), 0);
    if (most === 0) return undefined;
    const places = Array.from({ length: LOAD_STEPS + 1 }, (_, i) => (i * most) / LOAD_STEPS);
    const curves = this.#curves(places, ({ loads }) => {
      const load = loads.get(stem);
      return places.map((place) => allocatedAt(load?.arrived ?? [], load?.allocated ?? [], place));
    });
    if (curves.length === 0) return undefined;
    const words = resourceWords(stem);
    const plot: CurvePlot = {
      curves,
      looks,
      along: {
        field: `${stem}_arrived_share`,
        title: "arrived load, share of allocatable",
        format: ".0%",
        min: 0,
      },
      of: { field: `${stem}_share`, title: "share allocated", format: ".0%", min: 0, max: 1 },
      placesOn: "x",
      width: FIGURE_WIDTH,
      height: 260,
      diagonal: { end: Math.min(most, 1) },
    };
    return this.#figure(plot, "share", {
      name: `load-${stem.replaceAll("_", "-")}`,
      section: "load",
      title: `${words} allocated against arrived load`,
      along: "arrived",
      place: (place) => quantity(place, "share"),
      drawn: "Thin: all that arrived is allocated. Line: mean",
    });
  }

  #figure(plot: CurvePlot, unit: MetricUnit, words: Words): Figure {
    const { curves } = plot;
    const rows = curveRows(plot);
    const counts = curves.flatMap(({ points }) => points.map(({ n }) => n));
    const wording = {
      along: words.along,
      place: words.place,
      value: (mean: number, ci95: number | undefined) => withSpread(mean, ci95, unit),
    };
    const said = curves.map(({ policy, points }) => {
      const last = points.at(-1)?.mean;
      const peak = points.reduce((a, { mean }) => Math.max(a, mean), 0);
      return `${policy}: highest ${quantity(peak, unit)}, at the end ${quantity(last, unit)}`;
    });
    return {
      name: `${words.name}${this.#scenario.suffix}`,
      section: words.section,
      scenario: this.#scenario.label,
      title: words.title,
      caption: `${words.drawn}; band: ${uncertaintyOf(counts, "pointwise 95 % interval")}`,
      description: `${said.join("; ")}.`,
      spec: curveSpec(plot, rows),
      columns: curveColumns(plot),
      rows,
      table: curveTable(plot, TABLE_ROWS, wording),
      hover: curveHover(plot, wording),
    };
  }
}

interface Queue {
  readonly column: string;
  readonly title: string;
  readonly axis: string;
  readonly unit: MetricUnit;
}

const queue = (column: string, title: string, axis: string): Queue => ({
  ...{ column, title, axis, unit: "count" },
});

const QUEUES: readonly Queue[] = [
  queue("pending_pods", "Pods waiting over time", "pending pods"),
  queue("running_pods", "Pods running over time", "running pods"),
  queue("queue_active", "The scheduler's active queue over time", "pods"),
  queue("queue_backoff", "The scheduler's backoff queue over time", "pods"),
  queue("queue_unschedulable", "Pods found unschedulable over time", "pods"),
  queue("queue_gated", "Pods behind scheduling gates over time", "pods"),
];

interface Words {
  readonly name: string;
  readonly section: FigureSection;
  readonly title: string;
  readonly along: string;
  place(place: number): string;
  readonly drawn: string;
}

/** Allocation at the first moment when `place` had arrived; NaN: that much never came. */
function allocatedAt(
  arrived: readonly number[],
  allocated: readonly number[],
  place: number,
): number {
  let low = 0;
  let high = arrived.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((arrived[middle] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return allocated[low] ?? Number.NaN;
}

const largest = (curves: readonly Curve[]): number =>
  curves.reduce((most, { points }) => points.reduce((a, p) => Math.max(a, p.mean), most), 0);

const areZero = (curves: readonly Curve[]): boolean => largest(curves) === 0;
