/** How requests to Services fared: how long they took, and why they failed. */
import type { TextRow } from "../results/index.ts";
import { spreadOf } from "../statistics/index.ts";
import type { MetricUnit } from "../summary-metrics.ts";
import { dotFigure } from "./dot-figure.ts";
import type { Dot } from "./dot-plot.ts";
import type { Figure } from "./figure.ts";
import type { ScenarioRuns } from "./scenarios.ts";
import type { PolicyLooks } from "./series-encoding.ts";

/** Rows of a figure: the services with most requests, the kinds of failure that occur. */
const ROWS_MOST = 16;

const TIMES = [
  { column: "p50_s", words: "Median time of a request" },
  { column: "p99_s", words: "99th percentile of the time of a request" },
] as const;

/** Columns of services.csv that add up to `failed`, in words. */
const FAILURES: Readonly<Record<string, string>> = {
  name_unknown: "name unknown",
  name_timeout: "no name server answered",
  no_route: "no rule at the ingress",
  no_endpoints: "no endpoint known",
  connection_refused: "connection refused",
  connect_timeout: "connection timed out",
  queue_full: "queue full",
  connection_reset: "connection reset",
  timeout: "client stopped waiting",
  error: "error of the pod",
  upstream_failure: "a further call failed",
};

interface RunRequests {
  readonly policy: string;
  readonly times: Map<string, number>;
  readonly failures: Map<string, number>;
  requests: number;
}

/** Collects `services.csv`, run by run: its rows of all zones. */
export class Requests {
  readonly #runs = new Map<number, RunRequests>();
  readonly #services = new Map<string, number>();

  add(policy: string, run: number, row: TextRow): void {
    if (row["source_zone"] !== "*") return;
    const mine = this.#runs.get(run) ?? emptyRun(policy);
    this.#runs.set(run, mine);
    const service = row["service"] ?? "";
    const requests = Number(row["requests"]);
    this.#services.set(service, (this.#services.get(service) ?? 0) + requests);
    mine.requests += requests;
    for (const { column } of TIMES) {
      const cell = row[column] ?? "";
      if (cell !== "") mine.times.set(`${column}/${service}`, Number(cell));
    }
    for (const kind of Object.keys(FAILURES))
      mine.failures.set(kind, (mine.failures.get(kind) ?? 0) + Number(row[kind] ?? 0));
  }

  figures(scenario: ScenarioRuns, looks: PolicyLooks): Figure[] {
    const services = [...this.#services]
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, ROWS_MOST)
      .map(([service]) => service);
    const times = TIMES.map(({ column, words }) =>
      this.#figure(scenario, looks, {
        name: `requests-${column.replace("_s", "")}`,
        title: `${words}, by Service`,
        axis: words,
        what: "Service",
        unit: "s",
        categories: services.map((service) => [service, service]),
        valueOf: ({ times: mine }, service) => mine.get(`${column}/${service}`),
      }),
    );
    const kinds = Object.entries(FAILURES).filter(([kind]) =>
      [...this.#runs.values()].some(({ failures }) => (failures.get(kind) ?? 0) > 0),
    );
    const failures = this.#figure(scenario, looks, {
      name: "requests-failures",
      title: "Requests that failed, by kind of failure",
      axis: "share of all requests",
      what: "kind of failure",
      unit: "share",
      categories: kinds,
      valueOf: ({ failures: mine, requests }, kind) =>
        requests === 0 ? undefined : (mine.get(kind) ?? 0) / requests,
    });
    return [...times, failures].filter((figure) => figure !== undefined);
  }

  #figure(scenario: ScenarioRuns, looks: PolicyLooks, drawn: Drawn): Figure | undefined {
    const runs = [...this.#runs].sort(([a], [b]) => a - b).map(([, run]) => run);
    const dots = drawn.categories.flatMap(([key, category]) =>
      scenario.policies.flatMap((policy): Dot[] => {
        const mine = runs.filter((run) => run.policy === policy);
        const values = mine.map((run) => drawn.valueOf(run, key)).filter((v) => v !== undefined);
        const spread = spreadOf(values);
        if (spread === undefined) return [];
        return [{ policy, category, mean: spread.mean, ci95: spread.ci95, n: spread.n, values }];
      }),
    );
    if (dots.length === 0) return undefined;
    return dotFigure(dots, { ...drawn, section: "requests", scenario, looks });
  }
}

const emptyRun = (policy: string): RunRequests => ({
  policy,
  times: new Map(),
  failures: new Map(),
  requests: 0,
});

interface Drawn {
  readonly name: string;
  readonly title: string;
  readonly axis: string;
  /** What the rows are. */
  readonly what: string;
  readonly unit: MetricUnit;
  readonly categories: readonly (readonly [key: string, words: string])[];
  valueOf(run: RunRequests, key: string): number | undefined;
}
