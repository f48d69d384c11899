/** `--until`: adds seeds until what is asked is known well enough. */
import {
  type Comparison,
  compareResults,
  isSettled,
  MAIN_METRICS,
  parseStoppingRule,
  type Results,
  SEEDS_LEAST,
  type StoppingRule,
  seedsFor,
  summaryMetricNames,
} from "../../reports/index.ts";

type MoreSeeds = (results: Results, seeds: readonly string[]) => readonly string[] | undefined;

/** At a look, at most so many times the seeds of the look before: a first guess may be far off. */
const GROWTH_MAX = 2;

/**
 * The seeds to go on with; undefined: it is settled, or `most` are used up, which is said. Means are
 * looked at where one policy runs, differences from the baseline where several do. InputError for a
 * rule that cannot be understood.
 */
export function untilSettled(
  text: string,
  most: number,
  notice: (text: string) => void,
): MoreSeeds {
  let rule: StoppingRule | undefined;
  return (results, seeds) => {
    rule ??= parseStoppingRule(text, summaryMetricNames(results.resources));
    if (seeds.length < Math.min(SEEDS_LEAST, most)) return withMore(seeds, SEEDS_LEAST);
    const open = openQuestions(compareResults(results), rule);
    if (open.length === 0) return undefined;
    if (seeds.length >= most) {
      notice(`--max-seeds ${most}: stopped with ${open.length} intervals wider than ${text}`);
      return undefined;
    }
    const guess = Math.max(...open.map(({ needed }) => needed ?? most));
    const next = Math.min(most, guess, Math.ceil(seeds.length * GROWTH_MAX));
    const names = [...new Set(open.map(({ metric }) => metric))].join(", ");
    notice(
      `${seeds.length} seeds do not settle ${names}; going on to ${Math.max(next, seeds.length + 1)}`,
    );
    return withMore(seeds, Math.max(next, seeds.length + 1));
  };
}

interface OpenQuestion {
  readonly metric: string;
  /** Seeds that it needs, by what is known now. */
  readonly needed: number | undefined;
}

function openQuestions(comparisons: readonly Comparison[], rule: StoppingRule): OpenQuestion[] {
  const isCompared = comparisons.some(({ baseline }) => baseline !== undefined);
  return comparisons.flatMap(({ metric, spread, difference }): OpenQuestion[] => {
    const isAsked =
      rule.metric === undefined ? MAIN_METRICS.includes(metric.name) : metric.name === rule.metric;
    const asked = isCompared ? difference : spread;
    if (!isAsked || asked === undefined || spread === undefined) return [];
    // A relative width of a difference is a share of the baseline's mean.
    const scale = difference === undefined ? spread.mean : spread.mean - difference.mean;
    // A share of nothing is never reached: such a metric cannot be asked for in percent.
    if (rule.isRelative && scale === 0) return [];
    const wanted = { spread: asked, scale };
    if (isSettled(wanted, rule)) return [];
    return [{ metric: metric.name, needed: seedsFor(wanted, rule) }];
  });
}

/** The seeds and whole numbers that are not among them, up to `count`. */
function withMore(seeds: readonly string[], count: number): string[] {
  const all = [...seeds];
  for (let next = 1; all.length < count; next++)
    if (!all.includes(String(next))) all.push(String(next));
  return all;
}
