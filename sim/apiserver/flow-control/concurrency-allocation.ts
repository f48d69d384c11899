/**
 * How a server's seats are divided among the priority levels: each gets what it needs in proportion
 * to the others, but no less than its lower bound and no more than its upper one.
 * Source: apiserver/pkg/util/flowcontrol/conc_alloc.go of v1.30, whose result is unique; the way to
 * it is our own: the sum of the allocations grows with the common factor, between two bounds on a
 * straight line.
 */
export interface AllocationClass {
  /** What the class would have at a factor of 1; at least `lowerBound`. */
  target: number;
  lowerBound: number;
  upperBound: number;
}

/** A smaller target counts as this. */
const MIN_TARGET = 0.001;

/**
 * Seats for each class, not yet rounded, that sum to `sum`: target x factor within the bounds, with
 * one factor for all. Undefined when the bounds allow no such sum. O(classes^2).
 */
export function allocateConcurrency(
  sum: number,
  classes: readonly AllocationClass[],
): number[] | undefined {
  const lowest = classes.reduce((total, each) => total + each.lowerBound, 0);
  const highest = classes.reduce((total, each) => total + each.upperBound, 0);
  if (lowest > sum + 1e-7 || highest < sum - 1e-7) return undefined;
  const steps = classes
    .flatMap((each) => [each.lowerBound / targetOf(each), each.upperBound / targetOf(each)])
    .sort((a, b) => a - b);
  let from = 0;
  for (const to of steps) {
    if (sumAt(classes, to) < sum) from = to;
    else return at(classes, factorBetween(classes, sum, from, to));
  }
  return at(classes, steps.at(-1) ?? 0);
}

/** The factor at which the sum is reached; no class runs into a bound between the two given. */
function factorBetween(
  classes: readonly AllocationClass[],
  sum: number,
  from: number,
  to: number,
): number {
  const low = sumAt(classes, from);
  const high = sumAt(classes, to);
  return high === low ? to : from + ((sum - low) / (high - low)) * (to - from);
}

function sumAt(classes: readonly AllocationClass[], factor: number): number {
  let sum = 0;
  for (const each of classes) sum += bounded(each, factor);
  return sum;
}

function at(classes: readonly AllocationClass[], factor: number): number[] {
  return classes.map((each) => bounded(each, factor));
}

function bounded(each: AllocationClass, factor: number): number {
  return Math.max(each.lowerBound, Math.min(each.upperBound, factor * targetOf(each)));
}

function targetOf({ target }: AllocationClass): number {
  return target < MIN_TARGET ? MIN_TARGET : target;
}
