/**
 * The families of distributions. Each reads its parameters once and gives back a sampler.
 *
 * Samplers invert the cumulative distribution: one draw per sample, monotone in it, so that common
 * random numbers stay common. (Gamma has no cheap inverse: it expands its one draw into a private
 * sequence.) Of Math they use only sqrt (exact), log and exp, which Node's majors compute alike;
 * golden values in `distribution.test.ts` pin them. Formulas: Law, "Simulation Modeling and
 * Analysis", chapter 8 (inverse transforms), unless a line says otherwise.
 */
import type { FormReader } from "./distribution-form.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { DrawCursor } from "./random.ts";
import type { UniformSource } from "./uniform-source.ts";

export interface Sampler {
  /** The expectation, where it is finite and has a simple form. */
  readonly mean: number | undefined;
  /** One sample; takes exactly one draw (`constant`: none). */
  sample(source: UniformSource): number;
  /**
   * For the two families that nearly every step of a run has, what HopLatency needs to sample them
   * without a call: the value of a constant, or mu and sigma of a lognormal.
   */
  readonly constant?: number;
  readonly lognormal?: { readonly mu: number; readonly sigma: number };
}

/** Reads the parameters of one form. */
export type Family = (reader: FormReader) => Sampler;

/** -ln of a draw in (0, 1]: a standard exponential variate, 0 or more, at most 36.8. */
function standardExponential(source: UniformSource): number {
  return -Math.log(1 - source.next());
}

/** 2^-54: draws are multiples of 2^-53. */
export const HALF_STEP = 5.551115123125783e-17;

/** The draw, moved by half a step off 0, where quantiles may be infinite. */
function openDraw(source: UniformSource): number {
  return source.next() || HALF_STEP;
}

function constant(reader: FormReader): Sampler {
  const { given } = reader.form;
  if (given.length !== 1 || given[0]?.key !== "") return reader.fail("constant(VALUE)");
  const value = reader.quantity("");
  return { mean: value, sample: () => value, constant: value };
}

function uniform(reader: FormReader): Sampler {
  const { given } = reader.form;
  if (given.length !== 2 || given.some(({ key }) => key !== ""))
    return reader.fail("uniform(LOW, HIGH)");
  const [low = 0, high = 0] = given.map(({ value }) => reader.quantityOf(value));
  if (low > high) return reader.fail("uniform(LOW, HIGH) with LOW <= HIGH");
  const span = high - low;
  return { mean: low + span / 2, sample: (source) => low + span * source.next() };
}

function exponential(reader: FormReader): Sampler {
  reader.expectKeys(["mean"]);
  const mean = reader.positiveQuantity("mean");
  return { mean, sample: (source) => mean * standardExponential(source) };
}

/** `mean` and `sd` are those of the normal distribution before what is below 0 is cut off. */
function normal(reader: FormReader): Sampler {
  reader.expectKeys(["mean", "sd"]);
  const mean = reader.positiveQuantity("mean");
  const sd = reader.positiveQuantity("sd");
  const cut = -mean / sd;
  const below = probabilityBelow(cut);
  const kept = 1 - below;
  const density = Math.exp(-0.5 * cut * cut) / Math.sqrt(2 * Math.PI);
  return {
    mean: mean + (sd * density) / kept,
    sample: (source) => Math.max(0, mean + sd * normalQuantile(below + kept * openDraw(source))),
  };
}

/** The standard normal distribution at x <= 0, by halving; to 2^-60, less than a draw's step. */
function probabilityBelow(x: number): number {
  let low = 0;
  let high = 0.5;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalQuantile(middle) < x) low = middle;
    else high = middle;
  }
  return low;
}

/** `mu` and `sigma` are of the natural logarithm: of seconds for a time, else of the number. */
function lognormal(reader: FormReader): Sampler {
  const keys = reader.expectKeys(["p50", "p99"], ["p50", "p95"], ["p50", "p90"], ["mu", "sigma"]);
  const [mu, sigma] =
    keys[0] === "mu" ? logMoments(reader) : logQuantiles(reader, keys[1] as "p99" | "p95" | "p90");
  return {
    mean: Math.exp(mu + (sigma * sigma) / 2),
    sample: (source) => Math.exp(mu + sigma * normalQuantile(openDraw(source))),
    lognormal: { mu, sigma },
  };
}

const LOG_SECOND = Math.log(1_000_000);

function logMoments(reader: FormReader): [number, number] {
  const sigma = reader.number("sigma");
  if (sigma < 0) return reader.fail("sigma= of 0 or more");
  return [reader.number("mu") + (reader.isTime ? LOG_SECOND : 0), sigma];
}

function logQuantiles(reader: FormReader, upper: "p99" | "p95" | "p90"): [number, number] {
  const p50 = reader.positiveQuantity("p50");
  const high = reader.positiveQuantity(upper);
  if (high < p50) return reader.fail(`${upper}= not below p50=`);
  const probability = { p99: 0.99, p95: 0.95, p90: 0.9 }[upper];
  return [Math.log(p50), Math.log(high / p50) / normalQuantile(probability)];
}

/** G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", TOMS 26 (2000). */
function gamma(reader: FormReader): Sampler {
  reader.expectKeys(["shape", "mean"]);
  const shape = reader.positive("shape");
  const mean = reader.positiveQuantity("mean");
  const scale = mean / shape;
  const d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  const own = new DrawCursor();
  const sample = (source: UniformSource): number => {
    const draw = source.next() * 0x1_0000_0000;
    const high = Math.floor(draw);
    own.begin(high, (draw - high) * 0x20_0000);
    // A shape below 1 is one above it, times a power of a uniform draw (their section 6).
    const boost = shape < 1 ? Math.exp(-standardExponential(own) / shape) : 1;
    for (;;) {
      const x = normalQuantile(openDraw(own));
      const root = 1 + c * x;
      const u = openDraw(own);
      if (root <= 0) continue;
      const v = root * root * root;
      if (Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return scale * d * v * boost;
    }
  };
  return { mean, sample };
}

/** P(X > x) = (min / x)^alpha. The mean is infinite when alpha is 1 or less. */
function pareto(reader: FormReader): Sampler {
  reader.expectKeys(["min", "alpha"]);
  const min = reader.positiveQuantity("min");
  const alpha = reader.positive("alpha");
  return {
    mean: alpha > 1 ? (alpha * min) / (alpha - 1) : undefined,
    sample: (source) => min * Math.exp(standardExponential(source) / alpha),
  };
}

/** P(X > x) = exp(-(x / scale)^shape). */
function weibull(reader: FormReader): Sampler {
  reader.expectKeys(["scale", "shape"]);
  const scale = reader.positiveQuantity("scale");
  const shape = reader.positive("shape");
  const sample = (source: UniformSource): number => {
    const e = standardExponential(source);
    return e === 0 ? 0 : scale * Math.exp(Math.log(e) / shape);
  };
  return { mean: undefined, sample };
}

/** Ranks in the table of a zipf: 8 bytes each. */
const ZIPF_RANKS_MAX = 1_000_000;

/** Rank k of 1..n with a weight of k^-s. For times `unit=` says what one rank is worth. */
function zipf(reader: FormReader): Sampler {
  reader.expectKeys(reader.isTime ? ["n", "s", "unit"] : ["n", "s"]);
  const n = reader.number("n");
  if (!Number.isInteger(n) || n < 1 || n > ZIPF_RANKS_MAX)
    return reader.fail(`n= as a whole number from 1 to ${ZIPF_RANKS_MAX}`);
  const s = reader.number("s");
  if (s < 0) return reader.fail("s= of 0 or more");
  const unit = reader.isTime ? reader.positiveQuantity("unit") : 1;
  const values = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    values[i] = (i + 1) * unit;
    weights[i] = Math.exp(-s * Math.log(i + 1));
  }
  return discrete(values, weights);
}

/** `empirical(1s:3, 5s:1)`: these values, with these weights (1 where none is given). */
function empirical(reader: FormReader): Sampler {
  const { given } = reader.form;
  if (given.length === 0 || given.some(({ key }) => key !== ""))
    return reader.fail("empirical(VALUE:WEIGHT, VALUE:WEIGHT, ...)");
  const pairs = given.map(({ value: text }) => {
    const [value = "", weight = "1", ...rest] = text.split(":").map((part) => part.trim());
    if (rest.length > 0) return reader.fail("empirical(VALUE:WEIGHT, VALUE:WEIGHT, ...)");
    return [reader.quantityOf(value), reader.numberOf(weight, "WEIGHT")] as const;
  });
  pairs.sort(([a], [b]) => a - b); // by value: so that a sample is monotone in its draw
  const weights = Float64Array.from(pairs, ([, weight]) => weight);
  if (weights.some((weight) => weight < 0) || weights.every((weight) => weight === 0))
    return reader.fail("weights of 0 or more, not all 0");
  return discrete(
    Float64Array.from(pairs, ([value]) => value),
    weights,
  );
}

/** Values with weights, by binary search in the cumulative weights. O(log n) a sample. */
function discrete(values: Float64Array, weights: Float64Array): Sampler {
  const cumulative = new Float64Array(weights.length);
  let total = 0;
  let weighted = 0;
  weights.forEach((weight, index) => {
    total += weight;
    weighted += weight * (values[index] ?? 0);
    cumulative[index] = total;
  });
  const sample = (source: UniformSource): number => {
    const target = source.next() * total;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return values[low]!;
  };
  return { mean: weighted / total, sample };
}

/** By name. */
export const families: ReadonlyMap<string, Family> = new Map([
  ["constant", constant],
  ["uniform", uniform],
  ["exponential", exponential],
  ["normal", normal],
  ["lognormal", lognormal],
  ["gamma", gamma],
  ["pareto", pareto],
  ["weibull", weibull],
  ["zipf", zipf],
  ["empirical", empirical],
]);
