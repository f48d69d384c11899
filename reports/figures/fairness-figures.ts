/** Whether namespaces were served alike: what each got, and Jain's index over all of them. */
import { resourceStems } from "../resource-columns.ts";
import type { TextRow } from "../results/index.ts";
import { spreadOf } from "../statistics/index.ts";
import type { MetricUnit } from "../summary-metrics.ts";
import { dotFigure } from "./dot-figure.ts";
import type { Dot } from "./dot-plot.ts";
import type { Figure } from "./figure.ts";
import { resourceWords } from "./metric-words.ts";
import type { ScenarioRuns } from "./scenarios.ts";
import type { PolicyLooks } from "./series-encoding.ts";

/** Namespaces in a figure: those with most pods. */
const NAMESPACES_MOST = 16;

interface Measure {
  readonly column: string;
  readonly words: string;
  readonly unit: MetricUnit;
  /** Whether Jain's index over namespaces is drawn: equal values are fair. */
  readonly isJudged: boolean;
}

const MEASURES: readonly Measure[] = [
  { column: "pod_slowdown_mean", words: "Mean slowdown", unit: "ratio", isJudged: true },
  { column: "scheduling_wait_mean_s", words: "Mean wait until bound", unit: "s", isJudged: true },
  { column: "scheduling_wait_p99_s", words: "Wait until bound, p99", unit: "s", isJudged: false },
];

interface RunNamespaces {
  readonly policy: string;
  /** By column and namespace. */
  readonly values: Map<string, Map<string, number>>;
}

/** Collects `namespaces.csv`, run by run. */
export class Namespaces {
  readonly #measures: readonly Measure[];
  readonly #runs = new Map<number, RunNamespaces>();
  readonly #pods = new Map<string, number>();

  constructor(resources: readonly string[]) {
    const shares = resourceStems(resources).map(
      (stem): Measure => ({
        column: `${stem}_share_of_use`,
        words: `Share of all use of ${resourceWords(stem)}`,
        unit: "share",
        isJudged: false,
      }),
    );
    this.#measures = [...MEASURES, ...shares];
  }

  add(policy: string, run: number, row: TextRow): void {
    const mine = this.#runs.get(run) ?? emptyRun(policy);
    this.#runs.set(run, mine);
    const namespace = row["namespace"] ?? "";
    const pods = Number(row["pods_created"] ?? 0);
    this.#pods.set(namespace, (this.#pods.get(namespace) ?? 0) + pods);
    for (const { column } of this.#measures) {
      const cell = row[column] ?? "";
      if (cell === "") continue;
      const known = mine.values.get(column) ?? new Map<string, number>();
      mine.values.set(column, known.set(namespace, Number(cell)));
    }
  }

  /** None for one namespace: it has nobody to be compared with. */
  figures(scenario: ScenarioRuns, looks: PolicyLooks): Figure[] {
    if (this.#pods.size < 2) return [];
    const shown = [...this.#pods]
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, NAMESPACES_MOST)
      .map(([namespace]) => namespace);
    const left = this.#pods.size - shown.length;
    const note = left === 0 ? undefined : `The ${left} namespaces with fewest pods are left out.`;
    const judged = this.#measures.filter(({ isJudged }) => isJudged);
    const indices = this.#dots(
      scenario,
      judged.map(({ column, words }) => [column, words]),
      jain,
    );
    const jains =
      indices.length === 0
        ? []
        : [
            dotFigure(indices, {
              ...{ name: "fairness-jain", section: "fairness", scenario, looks, unit: "ratio" },
              title: "Jain's index over namespaces",
              axis: "Jain's index: 1 is fair",
              what: "over",
              note: "1: all namespaces alike; 1/n: one of n has it all (Jain, Chiu and Hawe 1984).",
            }),
          ];
    const measures = this.#measures.flatMap(({ column, words, unit }) => {
      const categories = shown.map((namespace) => [namespace, namespace] as const);
      const dots = this.#dots(scenario, categories, (run, namespace) =>
        run.values.get(column)?.get(namespace),
      );
      if (dots.length === 0) return [];
      return [
        dotFigure(dots, {
          ...{ name: `fairness-${column.replaceAll("_", "-")}`, section: "fairness" },
          ...{ scenario, looks, unit, note, what: "namespace" },
          title: `${words}, by namespace`,
          axis: words,
          choice: { of: "namespaces", label: words },
        }),
      ];
    });
    return [...jains, ...measures];
  }

  #dots(
    { policies }: ScenarioRuns,
    categories: readonly (readonly [key: string, words: string])[],
    measure: (run: RunNamespaces, key: string) => number | undefined,
  ): Dot[] {
    const runs = [...this.#runs].sort(([a], [b]) => a - b).map(([, run]) => run);
    return categories.flatMap(([key, category]) =>
      policies.flatMap((policy): Dot[] => {
        const mine = runs.filter((run) => run.policy === policy);
        const values = mine.map((run) => measure(run, key)).filter((v) => v !== undefined);
        const spread = spreadOf(values);
        if (spread === undefined) return [];
        return [{ policy, category, mean: spread.mean, ci95: spread.ci95, n: spread.n, values }];
      }),
    );
  }
}

const emptyRun = (policy: string): RunNamespaces => ({ policy, values: new Map() });

/** Square of the sum over n times the sum of squares; undefined for fewer than two namespaces. */
function jain({ values }: RunNamespaces, column: string): number | undefined {
  const all = [...(values.get(column)?.values() ?? [])];
  const sum = all.reduce((a, b) => a + b, 0);
  const squares = all.reduce((a, b) => a + b * b, 0);
  if (all.length < 2 || squares === 0) return undefined;
  return (sum * sum) / (all.length * squares);
}
