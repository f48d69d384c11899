/** What a comparison says, in words. */
import type { Comparison, PolicyDifference } from "./comparison.ts";
import { byScenario, numberText, scenarioTitle } from "./comparison-table.ts";
import { SEEDS_MAX } from "./statistics/index.ts";
import { isMainMetric, type Metric } from "./summary-metrics.ts";
import { comparisonWarnings } from "./verdict-warnings.ts";

/** Below this adjusted p-value a difference is called one. */
const SIGNIFICANT = 0.05;

/**
 * A line for each policy that is compared with the baseline, per scenario: what is better, what is
 * worse, by how much and how surely; what cannot be told, and how many more seeds would tell it.
 * Then, beginning with `Beware`, what makes the two hard to compare.
 */
export function verdict(comparisons: readonly Comparison[]): string[] {
  return byScenario(comparisons).flatMap((scenario, _i, all) => {
    const title = all.length < 2 ? "" : `${scenarioTitle(scenario[0] as Comparison)}: `;
    const base = scenario.filter(({ baseline }) => baseline === undefined);
    const policies = new Set(
      scenario.filter(({ baseline }) => baseline !== undefined).map(({ policy }) => policy),
    );
    return [...policies].flatMap((policy) => {
      const mine = scenario.filter((each) => each.policy === policy);
      const warnings = comparisonWarnings(mine, base);
      return [policyVerdict(mine), ...warnings].map((text) => title + text);
    });
  });
}

function policyVerdict(comparisons: readonly Comparison[]): string {
  const { policy, baseline } = comparisons[0] as Comparison;
  const judged = comparisons.flatMap(({ metric, difference }) =>
    isMainMetric(metric) && difference !== undefined ? [{ metric, difference }] : [],
  );
  const n = judged.reduce((most, { difference }) => Math.max(most, difference.n), 0);
  const head = `${policy} against ${baseline}`;
  if (n === 0) return `${head}: no seed has figures of both, so nothing can be said.`;
  if (n === 1) return `${head}: one seed shows no more than luck may. Run more: --seeds 20.`;
  const said = judged.map(({ metric, difference }) => judge(metric, difference));
  const clauses = [
    ["better", "better"],
    ["worse", "worse"],
    ["equal", "equal in every seed"],
    ["open", "cannot be told apart"],
  ] as const;
  const text = clauses
    .map(([kind, words]) => ({ words, mine: said.filter((each) => each.kind === kind) }))
    .filter(({ mine }) => mine.length > 0)
    .map(({ words, mine }) => `${words}: ${mine.map((each) => each.text).join(", ")}`)
    .join("; ");
  return `${head}, n = ${n} seeds: ${text}.`;
}

interface Judgement {
  readonly kind: "better" | "worse" | "equal" | "open";
  readonly text: string;
}

function judge(metric: Metric, difference: PolicyDifference): Judgement {
  const { mean, holmP, t, sd, moreSeeds } = difference;
  if (mean === 0 && sd === 0) return { kind: "equal", text: metric.name };
  if (holmP === undefined || holmP >= SIGNIFICANT || t === undefined)
    return { kind: "open", text: `${metric.name} (${moreText(moreSeeds)})` };
  const isUp = mean > 0;
  const kind = isUp === (metric.better === "higher") ? "better" : "worse";
  const scale = Math.max(Math.abs(t.low), Math.abs(t.high));
  const signed = (value: number): string =>
    `${value < 0 ? "-" : "+"}${numberText(metric, Math.abs(value), scale)}`;
  const unit = metric.unit === "share" ? " points" : metric.unit === "s" ? " s" : "";
  const share =
    difference.relative === undefined || metric.unit === "share"
      ? ""
      : ` or ${signedPercent(difference.relative)}`;
  const how =
    sd === 0 ? "in every seed" : `95 % ${signed(t.low)} to ${signed(t.high)}, p ${pText(holmP)}`;
  return { kind, text: `${metric.name} by ${signed(mean)}${unit}${share} (${how})` };
}

function moreText(more: number | undefined): string {
  if (more === undefined) return `more than ${SEEDS_MAX} more seeds would be needed`;
  if (more === 0) return "alone it would count, among so many policies it does not";
  return `about ${more} more seed${more === 1 ? "" : "s"} would settle it`;
}

function signedPercent(share: number): string {
  const percent = 100 * Math.abs(share);
  return percent < 0.05 ? "less than 0.1 %" : `${share < 0 ? "-" : "+"}${percent.toFixed(1)} %`;
}

const pText = (p: number): string => (p < 0.0001 ? "< 0.0001" : `= ${p.toFixed(4)}`);
