/** All figures of some results, as specifications: which files are read, and what is made of them. */
import type { ReportFile } from "../report-columns.ts";
import type { Results } from "../results/index.ts";
import { summaryMetrics } from "../summary-metrics.ts";
import { Distributions } from "./distribution-figures.ts";
import { Namespaces } from "./fairness-figures.ts";
import type { Figure } from "./figure.ts";
import { NodeHeatMaps } from "./node-heat-map.ts";
import { rankingFigures } from "./ranking-figures.ts";
import { Requests } from "./request-figures.ts";
import { policiesOf, type ScenarioRuns } from "./scenarios.ts";
import { sensitivityFigures } from "./sensitivity-figures.ts";
import { type PolicyLooks, policyLooks } from "./series-encoding.ts";
import { TimeSeries } from "./time-figures.ts";

export interface FigureCollection {
  readonly signal?: AbortSignal | undefined;
  /** After each run whose files were read; `runs`: of how many. */
  readonly onProgress?: ((done: number, runs: number) => void) | undefined;
}

/** Figures of these scenarios, which are some of the results', and those over all of them. */
export async function collectFigures(
  results: Results,
  scenarios: readonly ScenarioRuns[],
  { signal, onProgress }: FigureCollection = {},
): Promise<Figure[]> {
  const looks = policyLooks(policiesOf(results.runs));
  const metrics = summaryMetrics(results.resources, results.own);
  const figures: Figure[] = [];
  const runs = scenarios.reduce((sum, scenario) => sum + scenario.runs.length, 0);
  const files = new Set(FILES.filter((file) => results.has(file)));
  let done = 0;
  for (const scenario of scenarios) {
    figures.push(...rankingFigures(scenario, metrics, looks));
    const read = await readScenario({ results, scenario, looks, files }, () => {
      signal?.throwIfAborted();
      done++;
      onProgress?.(done, runs);
    });
    figures.push(...read);
  }
  figures.push(...sensitivityFigures(results, metrics, looks));
  return figures;
}

const FILES = ["utilization", "services", "distributions", "nodes", "namespaces"] as const;

interface Reading {
  readonly results: Results;
  readonly scenario: ScenarioRuns;
  readonly looks: PolicyLooks;
  /** Those that are there. */
  readonly files: ReadonlySet<ReportFile>;
}

async function readScenario(
  { results, scenario, looks, files }: Reading,
  runDone: () => void,
): Promise<Figure[]> {
  const distributions = new Distributions();
  const time = new TimeSeries(scenario, results.resources);
  const nodes = new NodeHeatMaps(scenario, results.resources);
  const namespaces = new Namespaces(results.resources);
  const requests = new Requests();
  for (const [place, run] of scenario.runs.entries()) {
    const { policy, seed } = run.labels;
    const each = async (
      file: ReportFile,
      take: (row: Readonly<Record<string, string>>) => void,
    ): Promise<void> => {
      if (!files.has(file)) return;
      for await (const row of results.rows(file, run)) take(row);
    };
    await each("utilization", (row) => time.add(policy, place, row));
    await each("services", (row) => requests.add(policy, place, row));
    await each("distributions" as ReportFile, (row) => distributions.add(policy, place, row));
    if (nodes.wants(policy, seed))
      await each("nodes" as ReportFile, (row) => nodes.add(policy, row));
    await each("namespaces" as ReportFile, (row) => namespaces.add(policy, place, row));
    runDone();
  }
  return [
    ...distributions.figures(scenario, looks),
    ...time.figures(looks),
    ...nodes.figures(),
    ...namespaces.figures(scenario, looks),
    ...requests.figures(scenario, looks),
  ];
}
