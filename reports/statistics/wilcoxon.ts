/**
 * The Wilcoxon signed-rank test (Wilcoxon 1945): are differences symmetric about zero? Zeros are left
 * out, as Wilcoxon did and R's wilcox.test does; ties share their mean rank.
 */
import { normalCdf } from "./laws.ts";

export interface SignedRanks {
  /** Sums of the ranks of the differences above and below zero. */
  readonly positive: number;
  readonly negative: number;
  /** Differences that are not zero. */
  readonly n: number;
  /** Two-sided; 1 when every difference is zero. */
  readonly p: number;
}

/** Up to so many differences the distribution is counted out, ties included. */
const EXACT_MAX = 50;

export function signedRanks(differences: readonly number[]): SignedRanks {
  const sizes = differences
    .filter((difference) => difference !== 0)
    .map((difference) => ({ size: Math.abs(difference), isPositive: difference > 0 }))
    .sort((a, b) => a.size - b.size);
  const { doubledRanks, tieTerm } = rank(sizes.map(({ size }) => size));
  const n = sizes.length;
  const doubledPositive = sizes.reduce(
    (sum, { isPositive }, i) => sum + (isPositive ? (doubledRanks[i] as number) : 0),
    0,
  );
  const total = n * (n + 1); // doubled
  const p =
    n === 0
      ? 1
      : n <= EXACT_MAX
        ? exactP(doubledRanks, doubledPositive)
        : approximateP(n, doubledPositive / 2, tieTerm);
  return { positive: doubledPositive / 2, negative: (total - doubledPositive) / 2, n, p };
}

/** Twice the rank of each of the sorted values (whole numbers, ties included), and sum(t^3 - t). */
function rank(sorted: readonly number[]): { doubledRanks: number[]; tieTerm: number } {
  const doubledRanks: number[] = [];
  let tieTerm = 0;
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    const count = end - start;
    for (let i = start; i < end; i++) doubledRanks.push(start + 1 + end);
    tieTerm += count * count * count - count;
    start = end;
  }
  return { doubledRanks, tieTerm };
}

/** Each sign is a fair coin: the distribution of the doubled sum of positive ranks. */
function exactP(doubledRanks: readonly number[], observed: number): number {
  const total = doubledRanks.reduce((sum, value) => sum + value, 0);
  let shares = new Float64Array(total + 1);
  shares[0] = 1;
  for (const value of doubledRanks) {
    const next = new Float64Array(total + 1);
    for (let sum = 0; sum <= total; sum++) {
      const share = (shares[sum] as number) / 2;
      if (share === 0) continue;
      next[sum] = (next[sum] as number) + share;
      next[sum + value] = (next[sum + value] as number) + share;
    }
    shares = next;
  }
  let below = 0;
  let above = 0;
  for (let sum = 0; sum <= total; sum++) {
    if (sum <= observed) below += shares[sum] as number;
    if (sum >= observed) above += shares[sum] as number;
  }
  return Math.min(1, 2 * Math.min(below, above));
}

/** Normal approximation with the corrections for ties and for continuity. */
function approximateP(n: number, positive: number, tieTerm: number): number {
  const mean = (n * (n + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tieTerm / 48;
  const distance = Math.max(0, Math.abs(positive - mean) - 0.5);
  return Math.min(1, 2 * normalCdf(-distance / Math.sqrt(variance)));
}
