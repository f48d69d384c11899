import { describe, expect, test } from "vitest";
import { hashString } from "../../kernel/index.ts";
import { ArrivalDraws, ArrivalState } from "./arrival-process.ts";
import { parseArrivalProcess } from "./parse-arrivals.ts";
import { sineOfTurns } from "./sine-of-turns.ts";

const SECOND = 1_000_000;
const HOUR = 3_600 * SECOND;

/** Times of arrivals up to a time, us. */
function arrivals(text: string, untilUs: number, { seed = "1", startUs = 0 } = {}): number[] {
  const process = parseArrivalProcess(text, "arrivals");
  const state = new ArrivalState(startUs);
  const draws = new ArrivalDraws(seed);
  const hash = hashString("source");
  const times: number[] = [];
  for (;;) {
    const timeUs = process.nextUs(state, draws, hash, times.length);
    if (timeUs < 0 || timeUs > untilUs) return times;
    times.push(timeUs);
  }
}

const gapsOf = (times: readonly number[]): number[] =>
  times.map((time, i) => time - (times[i - 1] ?? 0));
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const inWindow = (times: readonly number[], fromUs: number, toUs: number): number =>
  times.filter((time) => time >= fromUs && time < toUs).length;

/** Within four standard deviations of a Poisson count. */
function expectPoissonCount(count: number, expected: number): void {
  expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected));
}

describe("renewal", () => {
  test("gaps come from the distribution", () => {
    expect(arrivals("constant(10ms)", 50_000)).toEqual([10_000, 20_000, 30_000, 40_000, 50_000]);
    expect(arrivals("10ms", 20_000, { startUs: 5 })).toEqual([10_005]);
  });

  test("gaps of no time are a standstill", () => {
    expect(parseArrivalProcess("constant(0s)", "").isStandstill).toBe(true);
    expect(parseArrivalProcess("constant(1us)", "").isStandstill).toBe(false);
  });
});

describe("poisson", () => {
  const times = arrivals("poisson(rate=100/s)", 500 * SECOND);

  test("has its rate", () => expectPoissonCount(times.length, 50_000));

  test("has exponential gaps: Kolmogorov and Smirnov do not object at 1 %", () => {
    const gaps = gapsOf(times).sort((a, b) => a - b);
    const distance = Math.max(
      ...gaps.map((gap, i) => Math.abs(1 - Math.exp(-gap / 10_000) - (i + 0.5) / gaps.length)),
    );
    expect(distance).toBeLessThan(1.63 / Math.sqrt(gaps.length) + 0.5 / gaps.length);
  });

  test("has independent gaps", () => {
    const gaps = gapsOf(times);
    const m = mean(gaps);
    const variance = mean(gaps.map((gap) => (gap - m) * (gap - m)));
    const covariance = mean(gaps.slice(1).map((gap, i) => (gap - m) * ((gaps[i] ?? 0) - m)));
    expect(Math.abs(covariance / variance)).toBeLessThan(4 / Math.sqrt(gaps.length));
  });

  test.each(["poisson(rate=6000/m)", "poisson(rate=0.1/ms)", "POISSON( rate = 100/s )"])(
    "%s is the same process",
    (text) => expect(arrivals(text, SECOND)).toEqual(times.filter((time) => time <= SECOND)),
  );

  test("keeps a rate that is above the clock's steps", () => {
    expectPoissonCount(arrivals("poisson(rate=5000000/s)", 20_000).length, 100_000);
  });
});

describe("mmpp", () => {
  test("has the rate of its stays in the long run, and more variance than Poisson", () => {
    const text = "mmpp(rates=[10/s, 200/s], stays=[30s, 10s])";
    const runs = Array.from({ length: 40 }, (_, i) =>
      arrivals(text, 4_000 * SECOND, { seed: `${i}` }),
    );
    const rates = runs.map((times) => times.length / 4_000);
    const m = mean(rates);
    const variance = mean(rates.map((rate) => (rate - m) * (rate - m)));
    // (10 x 30 + 200 x 10) / 40 a second.
    expect(Math.abs(m - 57.5)).toBeLessThan(4 * Math.sqrt(variance / 40));
    expect(variance / (57.5 / 4_000)).toBeGreaterThan(20);
  });

  test("a rate of 0 is a pause", () => {
    const times = arrivals("mmpp(rates=[0/s, 100/s], stays=[10s, 10s])", 2_000 * SECOND);
    const gaps = gapsOf(times);
    expect(gaps.filter((gap) => gap > SECOND).length).toBeGreaterThan(50);
    expect(times[0]).toBeGreaterThan(0);
  });

  test("visits its states in turn, or at random", () => {
    const text = "rates=[1/s, 10/s, 1000/s], stays=[20s, 20s, 20s]";
    const rates = (order: string): number => {
      const times = arrivals(`mmpp(${text}, order=${order})`, 2_000 * SECOND);
      return times.length / 2_000;
    };
    // By any order each state has a third of the time.
    for (const order of ["cyclic", "random"]) {
      expect(rates(order)).toBeGreaterThan(200);
      expect(rates(order)).toBeLessThan(470);
    }
    expect(rates("cyclic")).not.toBe(rates("random"));
  });
});

/** Compares counts in windows with the integral of the rate, by the midpoints of many steps. */
function expectIntegral(text: string, untilUs: number, rateAt: (timeUs: number) => number): void {
  const times = arrivals(text, untilUs);
  const windows = 24;
  const steps = 1_000;
  for (let window = 0; window < windows; window++) {
    const fromUs = (untilUs * window) / windows;
    const toUs = (untilUs * (window + 1)) / windows;
    let integral = 0;
    for (let i = 0; i < steps; i++)
      integral +=
        rateAt(fromUs + ((i + 0.5) * (toUs - fromUs)) / steps) * ((toUs - fromUs) / steps);
    expectPoissonCount(inWindow(times, fromUs, toUs), integral);
  }
}

describe("diurnal", () => {
  test.each([0, 0.6, 1])("follows its sine with amplitude %d", (amplitude) => {
    const text = `diurnal(mean=20/s, amplitude=${amplitude}, period=1h, peak=10m)`;
    expectIntegral(text, 2 * HOUR, (timeUs) => {
      const turns = (timeUs - HOUR / 6) / HOUR;
      return (20 / SECOND) * (1 + amplitude * Math.cos(2 * Math.PI * turns));
    });
  });

  test("has its days and its peak where nothing else is said", () => {
    const times = arrivals("diurnal(mean=1/s, amplitude=0.9)", 24 * HOUR);
    expect(inWindow(times, 0, HOUR)).toBeGreaterThan(
      10 * inWindow(times, 11.5 * HOUR, 12.5 * HOUR),
    );
  });

  test("goes through a rate of 0 when arrivals are rare", () => {
    const times = arrivals("diurnal(mean=1/h, amplitude=1, period=1h)", 20_000 * HOUR);
    expectPoissonCount(times.length, 20_000);
    expect(gapsOf(times).every((gap) => gap >= 0)).toBe(true);
  });
});

describe("flash", () => {
  test("rises, stays and falls", () => {
    const text = "flash(base=50/s, peak=1000/s, at=60s, ramp=10s, hold=60s, decay=30s)";
    expectIntegral(text, 240 * SECOND, (timeUs) => {
      const s = timeUs / SECOND;
      if (s < 60 || s >= 160) return 50 / SECOND;
      if (s < 70) return (50 + 95 * (s - 60)) / SECOND;
      return (s < 130 ? 1_000 : 1_000 - (950 * (s - 130)) / 30) / SECOND;
    });
  });

  test("jumps where no ramp is given", () => {
    const times = arrivals("flash(base=10/s, peak=1000/s, at=10s, hold=10s)", 30 * SECOND);
    expectPoissonCount(inWindow(times, 10 * SECOND, 20 * SECOND), 10_000);
    expectPoissonCount(inWindow(times, 20 * SECOND, 30 * SECOND), 100);
  });
});

describe("counts", () => {
  test("has exactly so many in each unit, and ends", () => {
    const times = arrivals("counts([0, 12, 40, 0, 33, 0], unit=10s)", HOUR, { startUs: 5_000 });
    const perUnit = Array.from({ length: 7 }, (_, i) =>
      inWindow(times, 5_000 + i * 10 * SECOND, 5_000 + (i + 1) * 10 * SECOND),
    );
    expect(perUnit).toEqual([0, 12, 40, 0, 33, 0, 0]);
    expect(parseArrivalProcess("counts([1])", "").isFinite).toBe(true);
  });

  test("spreads them evenly over the minute", () => {
    const times = arrivals("counts([60000])", HOUR);
    expect(times).toHaveLength(60_000);
    for (let i = 0; i < 60; i++)
      expectPoissonCount(inWindow(times, i * SECOND, (i + 1) * SECOND), 1_000);
  });
});

test("a process is a function of the state: a copy goes on alike", () => {
  const texts = [
    "exponential(mean=1s)",
    "mmpp(rates=[1/s, 9/s], stays=[1s, 1s], order=random)",
    "diurnal(mean=1/s, amplitude=0.5, period=10s)",
    "counts([5, 5, 5])",
  ];
  for (const text of texts) {
    const process = parseArrivalProcess(text, "");
    const draws = new ArrivalDraws("1");
    const state = new ArrivalState(0);
    for (let i = 0; i < 7; i++) process.nextUs(state, draws, 1, i);
    const copy = structuredClone(state);
    const rest = (of: ArrivalState): number[] =>
      [7, 8, 9].map((number) => process.nextUs(of, draws, 1, number));
    expect(rest(copy)).toEqual(rest(state));
  }
});

test("sineOfTurns is the sine", () => {
  for (let turns = -3; turns <= 3; turns += 0.0137)
    expect(Math.abs(sineOfTurns(turns) - Math.sin(2 * Math.PI * turns))).toBeLessThan(1e-13);
});

describe("parseArrivalProcess", () => {
  test.each([
    ["poisson(rate=0/s)", 'a: got "poisson(rate=0/s)", want rate= as a rate above 0.'],
    ["poisson(rate=-1/s)", "want rate= as a rate of 0 or more"],
    ["poisson(rate=100)", "want rate= as a rate with its unit, such as 100/s"],
    ["poisson(mean=5ms)", "want poisson(rate=100/s)."],
    ["poisson(rat=5/s)", "(did you mean rate= for rat=?)"],
    ["poisson(rate=1/s, rate=2/s)", "want poisson(rate=100/s)."],
    ["poisson()", "want poisson(rate=100/s)."],
    ["poison(rate=5/s)", "Did you mean poisson?"],
    ["expnential(mean=1s)", "Did you mean exponential?"],
    ["5 apples", "want a distribution such as"],
    ["poisson", "want a distribution such as"],
    ["mmpp(rates=[1/s, 2/s], stays=[1s])", "want as many stays as rates."],
    ["mmpp(rates=[1/s], stays=[1s])", "want at least two rates"],
    ["mmpp(rates=[0/s, 0/s], stays=[1s, 1s])", "want rates= with at least one above 0."],
    ["mmpp(rates=[1/s, 2/s], stays=[1s, 0s])", "want stays= as a time above 0."],
    ["mmpp(rates=[1/s, -2/s], stays=[1s, 1s])", "want rates= as a rate of 0 or more."],
    ["mmpp(rates=1/s, stays=[1s])", "want rates= as a list such as [a, b]."],
    ["mmpp(rates=[1/s, 2/s], stays=[1s, 1s], order=up)", "want order= as cyclic or random."],
    ["diurnal(mean=1/s, amplitude=1.5)", "want amplitude= as a number from 0 to 1."],
    ["diurnal(mean=1/s, amplitude=0.5, period=0s)", "want period= as a time above 0."],
    ["flash(base=0/s, peak=1/s, at=1s, hold=1s)", "want base= as a rate above 0."],
    ["flash(base=1/s, peak=2/s, at=1s)", "want flash(base=50/s, "],
    ["counts([1, -2])", "want whole numbers of 0 or more, not -2."],
    ["counts([0, 0])", "want counts of which at least one is above 0."],
    ["counts([], unit=1m)", "want a list such as [a, b]."],
    ["counts(file=a.csv)", "only an experiment file may name a file"],
  ])("refuses %s", (text, message) => {
    expect(() => parseArrivalProcess(text, "a")).toThrow(message);
    expect(() => parseArrivalProcess(text, "a")).toThrow(/^a: got "/);
  });
});
