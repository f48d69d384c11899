/** How a metric answers to a setting that a sweep varies: a line per policy, with intervals. */
import type { TopLevelSpec } from "vega-lite";
import type { ResultRun, Results } from "../results/index.ts";
import { spreadOf } from "../statistics/index.ts";
import type { Metric } from "../summary-metrics.ts";
import { uncertaintyOf } from "./curve.ts";
import type { Figure, FigureHover, FigureRow } from "./figure.ts";
import { WIDE_FIGURE_WIDTH } from "./figure-theme.ts";
import { metricWords, shownMetrics } from "./metric-words.ts";
import { scaleFor, withSpread } from "./quantity.ts";
import { policiesOf, slugOf } from "./scenarios.ts";
import { type PolicyLooks, policyChannels } from "./series-encoding.ts";

/** Combinations of the other settings that are drawn, the first ones. */
const RESTS_SHOWN = 4;

/** Metrics that are drawn against each setting. */
const METRICS_SHOWN = 8;

/** Figures for each setting that has two values or more. */
export function sensitivityFigures(
  results: Results,
  metrics: readonly Metric[],
  looks: PolicyLooks,
): Figure[] {
  const valuesOf = (name: string) => results.runs.map((run) => run.metrics[name]);
  const shown = shownMetrics(metrics, valuesOf).slice(0, METRICS_SHOWN);
  return results.parameters.flatMap((path) => {
    const rests = restsOf(results.runs, path).filter(
      ({ runs }) => settingsOf(runs, path).length > 1,
    );
    return rests
      .slice(0, RESTS_SHOWN)
      .flatMap((rest) =>
        shown.flatMap((metric) =>
          sensitivityFigure({ path, rest, metric, looks, restCount: rests.length }),
        ),
      );
  });
}

interface Rest {
  /** What does not vary among these runs, in words; "": there is nothing else. */
  readonly label: string;
  readonly runs: readonly ResultRun[];
}

/** Runs that are alike in all but the setting at `path`, the policy and the seed. */
function restsOf(runs: readonly ResultRun[], path: string): Rest[] {
  const rests = new Map<string, ResultRun[]>();
  const worlds = new Set(runs.map(({ labels }) => `${labels.workload}/${labels.cluster ?? ""}`));
  for (const run of runs) {
    const { workload, cluster, parameters = {} } = run.labels;
    const others = Object.entries(parameters).filter(([other]) => other !== path);
    const words = [
      ...(worlds.size > 1
        ? [workload, ...(cluster === undefined ? [] : [`cluster ${cluster}`])]
        : []),
      ...others.map(([other, value]) => `${other} ${value}`),
    ].join(", ");
    const known = rests.get(words);
    if (known === undefined) rests.set(words, [run]);
    else known.push(run);
  }
  return [...rests].map(([label, mine]) => ({ label, runs: mine }));
}

const settingOf = (run: ResultRun, path: string): string => run.labels.parameters?.[path] ?? "";

function settingsOf(runs: readonly ResultRun[], path: string): string[] {
  return [...new Set(runs.map((run) => settingOf(run, path)))];
}

interface Sensitivity {
  readonly path: string;
  readonly rest: Rest;
  readonly restCount: number;
  readonly metric: Metric;
  readonly looks: PolicyLooks;
}

interface Answer {
  readonly setting: string;
  readonly policy: string;
  readonly mean: number;
  readonly ci95: number | undefined;
  readonly n: number;
}

function sensitivityFigure({ path, rest, restCount, metric, looks }: Sensitivity): Figure[] {
  const settings = settingsOf(rest.runs, path);
  const policies = policiesOf(rest.runs);
  const answers = policies.flatMap((policy) =>
    settings.flatMap((setting): Answer[] => {
      const values = rest.runs
        .filter((run) => run.labels.policy === policy && settingOf(run, path) === setting)
        .map(({ metrics }) => metrics[metric.name]);
      const spread = spreadOf(values);
      return spread === undefined ? [] : [{ setting, policy, ...spread }];
    }),
  );
  if (answers.length === 0) return [];
  const words = metricWords(metric.name);
  const rows = answers.map(({ setting, policy, mean, ci95, n }): FigureRow => {
    const low = ci95 === undefined ? undefined : mean - ci95;
    return {
      [path]: setting,
      policy,
      mean,
      low,
      high: ci95 === undefined ? undefined : mean + ci95,
      n,
    };
  });
  const at = rest.label === "" ? "" : `, at ${rest.label}`;
  const left = restCount - RESTS_SHOWN;
  const said = policies.map((policy) => {
    const mine = answers.filter((answer) => answer.policy === policy);
    return `${policy}: ${mine.map(({ setting, mean, ci95 }) => `${setting} gives ${withSpread(mean, ci95, metric.unit)}`).join(", ")}`;
  });
  const restSlug = rest.label === "" ? "" : `-${slugOf(rest.label)}`;
  return [
    {
      name: `sensitivity-${slugOf(path)}-${metric.name.replaceAll("_", "-")}${restSlug}`,
      section: "sensitivity",
      scenario: "",
      title: `${words} against ${path}${at}`,
      caption:
        `Mark: mean; line: ${uncertaintyOf(
          answers.map(({ n }) => n),
          "95 % interval",
        )}` +
        (left > 0 ? ` ${left} further combinations of other settings are in runs.csv alone.` : ""),
      description: `${said.join("; ")}.`,
      choice: { of: "answer", label: `${words} against ${path}${at}` },
      spec: sensitivitySpec(answers, { path, metric, looks, policies, settings }),
      columns: [path, "policy", "mean", "low", "high", "n"],
      rows,
      hover: sensitivityHover(answers, { path, metric, looks, policies, settings }),
      table: {
        columns: [path, "policy", "mean ±95 % interval", "seeds"],
        rows: answers.map(({ setting, policy, mean, ci95, n }) => [
          ...[setting, policy, withSpread(mean, ci95, metric.unit), String(n)],
        ]),
      },
    },
  ];
}

interface SensitivityAxes {
  readonly path: string;
  readonly metric: Metric;
  readonly looks: PolicyLooks;
  readonly policies: readonly string[];
  readonly settings: readonly string[];
}

function sensitivityHover(
  answers: readonly Answer[],
  { path, metric, looks, policies, settings }: SensitivityAxes,
): FigureHover {
  return {
    axis: "x",
    places: settings.map((text) => (areNumbers(settings) ? Number(text) : text)),
    labels: settings.map((text) => `${path} ${text}`),
    series: policies.map((policy) => ({
      index: looks.policies.indexOf(policy),
      values: settings.map((setting) => {
        const found = answers.find((a) => a.policy === policy && a.setting === setting);
        return found === undefined ? "" : withSpread(found.mean, found.ci95, metric.unit);
      }),
    })),
  };
}

const areNumbers = (settings: readonly string[]): boolean =>
  settings.every((text) => text !== "" && Number.isFinite(Number(text)));

/** A setting that is not a number has its values side by side, in the order of the plan. */
function sensitivitySpec(answers: readonly Answer[], axes: SensitivityAxes): TopLevelSpec {
  const { path, metric, looks, policies, settings } = axes;
  const isNumeric = areNumbers(settings);
  const size = answers.reduce((most, { mean }) => Math.max(most, Math.abs(mean)), 0);
  const { factor, suffix } = scaleFor(size, metric.unit);
  const values = answers.map(({ setting, policy, mean, ci95 }) => ({
    setting: isNumeric ? Number(setting) : setting,
    policy,
    mean: mean * factor,
    ...(ci95 === undefined ? {} : { low: (mean - ci95) * factor, high: (mean + ci95) * factor }),
  }));
  const { color, strokeDash: dash, shape } = policyChannels(looks, policies);
  // The points of the legend would be dashed too.
  const strokeDash = { ...dash, legend: null };
  const x = {
    field: "setting",
    ...(isNumeric
      ? { type: "quantitative", scale: { zero: false, padding: 16, nice: false } }
      : { type: "ordinal", sort: [...settings] }),
    axis: { title: path, labelAngle: 0, ...(isNumeric ? { values: settings.map(Number) } : {}) },
  };
  const title = `${metricWords(metric.name)}${suffix === "" ? "" : `,${suffix}`}`;
  const y = {
    type: "quantitative",
    scale: { zero: false, nice: true },
    axis: { title, tickCount: 6 },
  };
  return {
    width: WIDE_FIGURE_WIDTH - 100,
    height: 280,
    data: { values },
    layer: [
      {
        mark: { type: "line", strokeWidth: 1.5 },
        encoding: { x, y: { ...y, field: "mean" }, color, strokeDash },
      },
      {
        transform: [{ filter: "isValid(datum.low)" }],
        mark: { type: "rule", strokeWidth: 2 },
        encoding: {
          x,
          y: { ...y, field: "low" },
          y2: { field: "high" },
          color,
        },
      },
      {
        mark: { type: "point", size: 80 },
        encoding: {
          x,
          y: { ...y, field: "mean" },
          color,
          shape,
        },
      },
    ],
  } as TopLevelSpec;
}
