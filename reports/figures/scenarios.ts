/** The runs of a report by scenario and policy. */
import { type Scenario, scenarioKey } from "../comparison.ts";
import type { ResultRun, Results } from "../results/index.ts";

/** Runs that are compared with one another: the same world under several policies. */
export interface ScenarioRuns {
  readonly scenario: Scenario;
  /** In words, and unique: `openb, cluster big, scheduler.percentageOfNodesToScore 100`. */
  readonly label: string;
  /** Ends the names of its figures: empty where there is one scenario, else `-` and a unique word. */
  readonly suffix: string;
  /** In the order of the plan. */
  readonly runs: readonly ResultRun[];
  readonly policies: readonly string[];
}

/** In the order in which the runs first name them. */
export function scenariosOf(results: Results): ScenarioRuns[] {
  const byKey = new Map<string, ResultRun[]>();
  for (const run of results.runs) {
    const key = scenarioKey(run.labels);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [run]);
    else known.push(run);
  }
  const slugs = new Set<string>();
  return [...byKey.values()].map((runs) => {
    const { policy: _policy, seed: _seed, ...scenario } = (runs[0] as ResultRun).labels;
    const label = scenarioLabel(scenario);
    const suffix = byKey.size === 1 ? "" : `-${unique(slugOf(label), slugs)}`;
    return { scenario, label, suffix, runs, policies: policiesOf(runs) };
  });
}

export const policiesOf = (runs: readonly ResultRun[]): string[] => [
  ...new Set(runs.map(({ labels }) => labels.policy)),
];

export function scenarioLabel({ workload, cluster, parameters = {} }: Scenario): string {
  const settings = Object.entries(parameters).map(([path, value]) => `${path} ${value}`);
  return [workload, ...(cluster === undefined ? [] : [`cluster ${cluster}`]), ...settings].join(
    ", ",
  );
}

/** Lower case, digits and single dashes. */
export function slugOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return slug === "" ? "all" : slug.slice(0, 80);
}

function unique(slug: string, taken: Set<string>): string {
  let found = slug;
  for (let n = 2; taken.has(found); n++) found = `${slug}-${n}`;
  taken.add(found);
  return found;
}
