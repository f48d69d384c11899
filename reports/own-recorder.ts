/** Recorders of users: they observe a run, and what they say of it stands beside our own figures. */
import type { Trace } from "../sim/api/index.ts";
import { InputError } from "../sim/kernel/index.ts";
import type { RunEnd, RunLabels } from "./summary.ts";
import { type Metric, type MetricUnit, summaryMetricNames } from "./summary-metrics.ts";

/** What an own metric is, for tables and verdicts. */
export interface OwnMetric {
  /** `ratio`, a plain number, if absent. */
  readonly unit?: MetricUnit | undefined;
  /** Which way is better; absent: neither is, and no verdict is given on it. */
  readonly better?: "higher" | "lower" | undefined;
}

/** What a recorder says at the end of a run: by metric; `undefined`: the run has no such figure. */
export type OwnFigures = Readonly<Record<string, number | undefined>>;

/**
 * Observes runs and gives figures of its own: columns of runs.csv, metrics of comparison.csv.
 *
 *   const longestQueue: Recorder = {
 *     name: "queue",
 *     metrics: { queue_longest: { unit: "count", better: "lower" } },
 *     attach(trace) {
 *       let waiting = 0;
 *       let longest = 0;
 *       trace.podQueued.subscribe(() => { longest = Math.max(longest, ++waiting); });
 *       trace.podDequeued.subscribe(() => { waiting--; });
 *       return () => ({ queue_longest: longest });
 *     },
 *   };
 */
export interface Recorder {
  /** For messages. */
  readonly name: string;
  /** Its metrics by name: lower-case letters, digits and `_`, and none of stowage's own. */
  readonly metrics: Readonly<Record<string, OwnMetric>>;
  /**
   * Called once for each run, before its first event; state belongs into it, so that no run sees
   * another's. Facts are read at once and not kept; the simulated world is not to be changed.
   * Returns what is asked when the run is over.
   */
  attach(trace: Trace, run: RunLabels): (end: RunEnd) => OwnFigures;
}

/** The metrics of these recorders, in order. InputError for a name that cannot be a column. */
export function ownMetrics(recorders: readonly Recorder[]): Metric[] {
  const taken = new Map([...summaryMetricNames([]), ...LABELS].map((name) => [name, "stowage"]));
  return recorders.flatMap(({ name: recorder, metrics }) =>
    Object.entries(metrics).map(([name, { unit = "ratio", better }]): Metric => {
      const where = `recorder "${recorder}": metrics: got "${name}"`;
      const owner = /_share_(mean|end)$/.test(name) ? "stowage" : taken.get(name);
      if (owner !== undefined)
        throw new InputError(`${where}, which ${owner} has already. Give it another name.`);
      if (!/^[a-z][a-z0-9_]*$/.test(name))
        throw new InputError(
          `${where}, want lower-case letters, digits and "_", such as queue_longest. Rename it.`,
        );
      taken.set(name, `recorder "${recorder}"`);
      return { name, unit, kind: "run", better, isOwn: true };
    }),
  );
}

/** Columns of runs.csv that are no metrics. */
const LABELS = [
  ...["policy", "workload", "cluster", "seed", "folder"],
  ...["digest_decisions", "digest_commits"],
];

/** The recorders of one run. */
export class OwnRecorders {
  readonly #recorders: readonly Recorder[];
  readonly #finish: ((end: RunEnd) => OwnFigures)[] = [];

  constructor(recorders: readonly Recorder[]) {
    this.#recorders = recorders;
  }

  attach(trace: Trace, run: RunLabels): void {
    for (const recorder of this.#recorders) this.#finish.push(recorder.attach(trace, run));
  }

  /** What all of them say. InputError for a figure that was not declared, or is no number. */
  figures(end: RunEnd): OwnFigures {
    const all: Record<string, number | undefined> = {};
    for (const [index, { name: recorder, metrics }] of this.#recorders.entries())
      for (const [name, value] of Object.entries(this.#finish[index]?.(end) ?? {})) {
        if (metrics[name] === undefined)
          throw new InputError(
            `recorder "${recorder}": gave "${name}", want one of its metrics: ` +
              `${Object.keys(metrics).join(", ")}. Add it there.`,
          );
        if (value !== undefined && !Number.isFinite(value))
          throw new InputError(
            `recorder "${recorder}": ${name}: got ${value}, want a finite number, or undefined.`,
          );
        all[name] = value;
      }
    return all;
  }
}
