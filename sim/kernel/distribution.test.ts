import { describe, expect, test } from "vitest";
import { parseDistribution, parseTimeDistribution } from "./distribution.ts";
import { InputError } from "./input-error.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { createStream, Draws, hashString } from "./random.ts";

const SAMPLES = 200_000;

function samples(text: string): number[] {
  const distribution = parseDistribution(text, "test");
  const stream = createStream("1", text);
  return Array.from({ length: SAMPLES }, () => distribution.sample(stream)).sort((a, b) => a - b);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Text, its mean, and quantiles by the formula of its distribution. */
const families: readonly (readonly [
  string,
  number | undefined,
  Readonly<Record<string, number>>,
])[] = [
  ["constant(3)", 3, { "0.01": 3, "0.99": 3 }],
  ["uniform(-1, 3)", 1, { "0.25": 0, "0.75": 2 }],
  ["exponential(mean=2)", 2, { "0.5": 2 * Math.LN2, "0.99": 2 * Math.log(100) }],
  ["normal(mean=100, sd=10)", 100, { "0.1587": 90, "0.5": 100, "0.9772": 120 }],
  // Half of a normal distribution: mean sd * sqrt(2 / pi) when mean is near 0.
  ["normal(mean=0.000001, sd=1)", Math.sqrt(2 / Math.PI), { "0.5": 0.67449, "0.9": 1.64485 }],
  ["lognormal(p50=2, p99=8)", undefined, { "0.5": 2, "0.99": 8 }],
  ["lognormal(p50=2, p95=8)", undefined, { "0.5": 2, "0.95": 8 }],
  ["lognormal(p50=2, p90=8)", undefined, { "0.5": 2, "0.9": 8 }],
  ["lognormal(mu=0, sigma=0.5)", Math.exp(0.125), { "0.5": 1, "0.8413": Math.exp(0.5) }],
  ["gamma(shape=1, mean=2)", 2, { "0.5": 2 * Math.LN2, "0.99": 2 * Math.log(100) }],
  ["gamma(shape=2, mean=2)", 2, { "0.5": 1.67835, "0.95": 4.74386 }],
  ["gamma(shape=0.5, mean=1)", 1, { "0.5": 0.45494, "0.95": 3.84146 }], // chi-square, 1 degree
  ["pareto(min=1, alpha=3)", 1.5, { "0.5": Math.cbrt(2), "0.99": Math.cbrt(100) }],
  [
    "weibull(scale=2, shape=0.5)",
    undefined,
    { "0.5": 2 * Math.LN2 * Math.LN2, "0.9": 2 * Math.LN10 * Math.LN10 },
  ],
  ["zipf(n=3, s=1)", 18 / 11, { "0.5": 1, "0.6": 2, "0.9": 3 }],
  ["empirical(1:3, 5:1)", 2, { "0.7": 1, "0.8": 5 }],
];

describe("distributions", () => {
  test.each(families)("%s has its mean and quantiles", (text, mean, quantiles) => {
    const sorted = samples(text);
    const stated = parseDistribution(text, "test").mean;
    if (mean !== undefined) expect(stated).toBeCloseTo(mean, 5);
    if (stated !== undefined) expect(Math.abs(meanOf(sorted) / stated - 1)).toBeLessThan(0.02);
    for (const [probability, value] of Object.entries(quantiles)) {
      const got = sorted[Math.floor(Number(probability) * SAMPLES)]!;
      expect(Math.abs(got - value), `quantile ${probability}: ${got}`).toBeLessThan(
        0.03 * Math.max(1, Math.abs(value)),
      );
    }
  });

  test.each(families)("%s is never out of its range, even for extreme draws", (text) => {
    const distribution = parseDistribution(text, "test");
    const low = text.startsWith("uniform(-1") ? -1 : 0;
    for (const draw of [0, Number.EPSILON / 2, 0.5, 1 - Number.EPSILON / 2]) {
      const value = distribution.sample({ next: () => draw });
      expect(value).toBeGreaterThanOrEqual(low);
      expect(value).toBeLessThan(Number.POSITIVE_INFINITY);
    }
  });

  test.each(families)("%s takes one draw per sample, or none", (text) => {
    const distribution = parseDistribution(text, "test");
    const stream = createStream("1", "count");
    let taken = 0;
    const counting = {
      next: () => {
        taken++;
        return stream.next();
      },
    };
    for (let i = 0; i < 1_000; i++) distribution.sample(counting);
    expect(taken).toBe(text.startsWith("constant") ? 0 : 1_000);
  });

  test.each(families.filter(([text]) => !text.startsWith("gamma")))(
    "%s is monotone in its draw",
    (text) => {
      const distribution = parseDistribution(text, "test");
      let last = Number.NEGATIVE_INFINITY;
      for (let draw = 0; draw < 1; draw += 1 / 1024) {
        const value = distribution.sample({ next: () => draw });
        expect(value).toBeGreaterThanOrEqual(last);
        last = value;
      }
    },
  );
});

describe("parseTimeDistribution", () => {
  test.each([
    ["2ms", "constant(2ms)", 2_000],
    ["  1.5s ", "constant(1.5s)", 1_500_000],
    ["0", "constant(0)", 0],
    ["constant(1m)", "constant(1m)", 60_000_000],
    ["UNIFORM(1s,3s)", "uniform(1s, 3s)", 2_000_000],
    ["exponential( mean = 2h )", "exponential(mean=2h)", 7_200_000_000],
    ["gamma(mean=10us, shape=3)", "gamma(mean=10us, shape=3)", 10],
    ["zipf(n=1, s=2, unit=10ms)", "zipf(n=1, s=2, unit=10ms)", 10_000],
    ["empirical(1s, 3s)", "empirical(1s, 3s)", 2_000_000],
    ["pareto(min=1s, alpha=1)", "pareto(min=1s, alpha=1)", undefined],
  ])("%s is %s with a mean of %s us", (text, normalised, meanUs) => {
    const distribution = parseTimeDistribution(text, "test");
    expect([distribution.text, distribution.meanUs]).toEqual([normalised, meanUs]);
    expect(parseTimeDistribution(normalised, "test").text).toBe(normalised);
  });

  test("mu is of the logarithm of seconds", () => {
    const distribution = parseTimeDistribution("lognormal(mu=0, sigma=0)", "test");
    expect(distribution.sampleUs({ next: () => 0.3 })).toBe(1_000_000);
  });

  test("samples are whole microseconds, and never more than 2^50", () => {
    const heavy = parseTimeDistribution("pareto(min=1h, alpha=0.2)", "test");
    const stream = createStream("1", "heavy");
    let longest = 0;
    for (let i = 0; i < 10_000; i++) {
      const us = heavy.sampleUs(stream);
      expect(Number.isSafeInteger(us)).toBe(true);
      longest = Math.max(longest, us);
    }
    expect(longest).toBe(1_125_899_906_842_624);
  });

  const bad: readonly (readonly [string, string])[] = [
    ["", "want a distribution such as 2ms or lognormal(p50=2s, p99=8s)"],
    ["2", "want a time of 0 or more with its unit (us, ms, s, m, h, d)"],
    ["-2ms", "want a time of 0 or more with its unit"],
    ["2 fortnights", "want a distribution such as"],
    [
      "lognorml(p50=2s, p99=3s)",
      "one of constant, uniform, exponential, normal, lognormal, gamma, pareto, weibull, zipf, empirical. Did you mean lognormal?",
    ],
    ["poisson(mean=2s)", "want a distribution such as"],
    ["lognormal(p50=2s, p99=8s", "Did you mean lognormal?"],
    ["lognormal(p50=2s)", "want lognormal(p50=, p99=) or lognormal(p50=, p95=)"],
    ["lognormal(p50=2s, p98=8s)", "(did you mean p99= for p98=?)"],
    ["lognormal(p50=2s, p99=1s)", "want p99= not below p50="],
    ["lognormal(p50=0s, p99=1s)", "want p50= above 0"],
    ["lognormal(mu=1, sigma=-1)", "want sigma= of 0 or more"],
    ["uniform(3s, 1s)", "want uniform(LOW, HIGH) with LOW <= HIGH"],
    ["uniform(3s)", "want uniform(LOW, HIGH)"],
    ["constant()", "want constant(VALUE)"],
    ["exponential(mean=-1s)", "want mean= as a time of 0 or more with its unit"],
    ["exponential(mean=0)", "want mean= above 0"],
    ["exponential(2s)", "want exponential(mean=)"],
    ["normal(mean=1s, sd=0s)", "want sd= above 0"],
    ["normal(mean=1s, mean=2s)", "want normal(mean=, sd=)"],
    ["gamma(shape=x, mean=1s)", "want shape= as a number"],
    ["gamma(shape=0, mean=1s)", "want shape= above 0"],
    ["weibull(scale=1s, shape=1s)", "want shape= as a number"],
    ["pareto(min=1s, alpha=1e999)", "want alpha= as a number"],
    ["zipf(n=10, s=1)", "want zipf(n=, s=, unit=)"],
    ["zipf(n=2.5, s=1, unit=1s)", "want n= as a whole number from 1 to 1000000"],
    ["zipf(n=10, s=-1, unit=1s)", "want s= of 0 or more"],
    ["empirical()", "want empirical(VALUE:WEIGHT, VALUE:WEIGHT, ...)"],
    ["empirical(1s:1:1)", "want empirical(VALUE:WEIGHT, VALUE:WEIGHT, ...)"],
    ["empirical(1s:x)", "want WEIGHT= as a number"],
    ["empirical(1s:0, 2s:0)", "want weights of 0 or more, not all 0"],
  ];
  test.each(bad)("refuses %j: %s", (text, message) => {
    const parse = (): unknown => parseTimeDistribution(text, "latency.etcdFsync");
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(`latency.etcdFsync: got "${text}", want `);
    expect(parse).toThrow(message);
  });

  test("a plain number is refused where a time is wanted, and the other way round", () => {
    expect(() => parseTimeDistribution("uniform(1, 2)", "x")).toThrow("with its unit");
    expect(() => parseDistribution("uniform(1s, 2s)", "x")).toThrow("want a number");
    expect(parseDistribution("-3", "x").sample({ next: () => 0 })).toBe(-3);
  });
});

describe("normalQuantile", () => {
  // Tables of the normal distribution; AS 241's own check values are the first three.
  test.each([
    [0.25, -0.6744897501960817],
    [0.001, -3.090232306167813],
    [1e-20, -9.26234008979841],
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
  ])("of %d is %d", (p, x) => {
    expect(normalQuantile(p)).toBeCloseTo(x, 13);
  });
});

describe("golden draws", () => {
  test.each([
    ["uniform(1s, 3s)", [2101086, 2320713, 1322958, 2864194]],
    ["exponential(mean=2s)", [1599431, 2159718, 352231, 5379347]],
    ["normal(mean=2s, sd=500ms)", [2063535, 2206733, 1505855, 2745804]],
    ["lognormal(p50=2s, p99=8s)", [2157279, 2558748, 1109768, 4864685]],
    ["gamma(shape=0.5, mean=2s)", [64612, 8299797, 1007465, 337266]],
    ["gamma(shape=3, mean=2s)", [2967401, 1456728, 2076181, 2032610]],
    ["pareto(min=1s, alpha=1.5)", [1704281, 2054240, 1124581, 6008143]],
    ["weibull(scale=2s, shape=1.5)", [1723139, 2105109, 628389, 3868088]],
    ["zipf(n=100, s=1.1, unit=10ms)", [70000, 130000, 10000, 640000]],
    ["empirical(1s:3, 5s:1)", [1000000, 1000000, 1000000, 5000000]],
  ])("%s: the same on every machine and Node major", (text, expected) => {
    const distribution = parseTimeDistribution(text, "test");
    const draws = new Draws("1", "golden");
    const object = hashString("Pod/default/web-0");
    const got = [0, 1, 2, 3].map((number) => distribution.sampleUs(draws.source(object, number)));
    expect(got).toEqual(expected);
  });
});
