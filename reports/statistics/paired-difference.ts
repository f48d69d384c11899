/**
 * Two policies compared seed by seed: under common random numbers every policy of a seed meets the
 * same workload and the same luck, so the differences spread far less than the values do.
 */
import type { Bootstrap } from "./bootstrap.ts";
import { studentTTwoSided } from "./laws.ts";
import { moreToSettle } from "./seeds-needed.ts";
import { type Interval, type Spread, spreadOf } from "./spread.ts";
import { signedRanks } from "./wilcoxon.ts";

/** What needs two pairs is undefined with one. */
export interface PairedDifference extends Spread {
  /** 95 % interval of the mean difference, by Student's t. */
  readonly t: Interval | undefined;
  /** The same by the bootstrap (BCa): without the assumption that means are normal. */
  readonly bootstrap: Interval | undefined;
  /** Mean difference over the baseline's mean; undefined where that is 0. */
  readonly relative: number | undefined;
  /** Two-sided p-values that there is no difference. */
  readonly tP: number | undefined;
  readonly wilcoxonP: number | undefined;
  /** Effect sizes: mean over deviation of the differences, undefined where they are all alike; */
  readonly cohenDz: number | undefined;
  /** and the share of ranks above zero less that below, -1..1 (Kerby 2014). */
  readonly rankBiserial: number | undefined;
  /** More seeds that would settle which is larger; undefined: more than SEEDS_MAX. */
  readonly moreSeeds: number | undefined;
}

/** One seed under both policies. */
export interface Pair {
  readonly value: number;
  readonly baseline: number;
}

/** undefined when there are no pairs. */
export function pairedDifference(
  pairs: readonly Pair[],
  bootstrap: Bootstrap,
): PairedDifference | undefined {
  const differences = differencesOf(pairs);
  const spread = spreadOf(differences);
  if (spread === undefined) return undefined;
  const { n, mean, sd, ci95 } = spread;
  const base = pairs.reduce((sum, { baseline }) => sum + baseline, 0) / n;
  const relative = base === 0 ? undefined : mean / Math.abs(base);
  if (sd === undefined || ci95 === undefined) return { ...spread, ...ONE_PAIR, relative };
  const ranks = signedRanks(differences);
  const all = ranks.positive + ranks.negative;
  return {
    ...spread,
    relative,
    t: { low: mean - ci95, high: mean + ci95 },
    bootstrap: bootstrap.intervalOfMean(differences),
    tP: tTest(mean, sd, n),
    wilcoxonP: ranks.p,
    cohenDz: sd === 0 ? undefined : mean / sd,
    rankBiserial: all === 0 ? 0 : (ranks.positive - ranks.negative) / all,
    moreSeeds: moreToSettle(mean, sd, n),
  };
}

const ONE_PAIR = {
  t: undefined,
  bootstrap: undefined,
  tP: undefined,
  wilcoxonP: undefined,
  cohenDz: undefined,
  rankBiserial: undefined,
  moreSeeds: undefined,
} as const;

/** Differences are exact to this share of the largest value: 2^-40, about 1e-12. */
const GRAIN = 1 / 1_099_511_627_776;

/**
 * Value less baseline, without the noise of binary fractions: 5.3 - 4.3 and 3.1 - 2.1 are equal,
 * which ranks and deviations would otherwise take for two sizes. Whole numbers stay whole.
 */
function differencesOf(pairs: readonly Pair[]): number[] {
  const largest = pairs.reduce(
    (most, { value, baseline }) => Math.max(most, Math.abs(value), Math.abs(baseline)),
    0,
  );
  if (largest === 0) return pairs.map(() => 0);
  let grain = GRAIN;
  for (let power = 1; power < largest; power *= 2) grain *= 2;
  for (let power = 1; power / 2 >= largest; power /= 2) grain /= 2;
  return pairs.map(({ value, baseline }) => Math.round((value - baseline) / grain) * grain);
}

/** Differences that are all alike prove themselves: 0 where they are not zero, 1 where they are. */
function tTest(mean: number, sd: number, n: number): number {
  if (sd === 0) return mean === 0 ? 1 : 0;
  return studentTTwoSided((mean / sd) * Math.sqrt(n), n - 1);
}
