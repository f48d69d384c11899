/**
 * A pod as a queue, against queueing theory: whole runs, open loop. Service takes 10 ms on average,
 * requests are a Poisson process. Loads are shares of what the servers can do.
 */
import { describe, expect, test } from "vitest";
import { batchMeans } from "./batch-means.ts";
import { erlangC, pollaczekKhinchine } from "./formulas.ts";
import { type Model, requestsOf, sojournsMs } from "./queueing-world.ts";

const SERVICE_MS = 10;
const EXPONENTIAL = "exponential(mean=10ms)";

interface Queue {
  /** Requests a millisecond. */
  readonly lambda: number;
  readonly model: Partial<Model>;
  readonly requests: number;
  readonly fixture?: { readonly cores: number };
}

function serve({ lambda, model, requests, fixture }: Queue) {
  const arrivals = `exponential(mean=${Math.round(1000 / lambda)}us)`;
  const facts = requestsOf({
    ...(fixture === undefined ? {} : { fixture }),
    pods: { web: ["p1"] },
    models: { web: model },
    traffic: [{ arrivals, requests }],
  });
  expect(facts).toHaveLength(requests);
  expect(facts.every(({ outcome }) => outcome === "ok")).toBe(true);
  return facts;
}

/** The series' mean is the formula's value, which its interval is narrow enough to tell. */
function expectMean(series: readonly number[], expected: number, precision: number): void {
  const { mean, halfWidth } = batchMeans(series);
  expect(halfWidth / expected).toBeLessThan(precision);
  expect(Math.abs(mean - expected) / halfWidth).toBeLessThan(1);
}

describe("M/M/1", () => {
  test.each([0.5, 0.8, 0.9])("load %s: mean wait and P(wait > t)", (load) => {
    const mu = 1 / SERVICE_MS;
    const lambda = load * mu;
    const requests = load > 0.85 ? 400_000 : 150_000;
    const facts = serve({ lambda, model: { serviceTime: EXPONENTIAL }, requests });
    const waits = facts.map(({ queueUs }) => queueUs / 1000);
    expectMean(waits, load / (mu - lambda), 0.15);
    for (const t of [0, 20, 60]) {
      const longer = waits.map((wait) => (wait > t ? 1 : 0));
      expectMean(longer, load * Math.exp(-(mu - lambda) * t), 0.25);
    }
  });
});

describe("M/M/c", () => {
  test.each([
    [2, 0.8],
    [4, 0.9],
    [16, 0.85],
  ])("%i servers, load %s: who waits, and how long (Erlang C)", (concurrency, load) => {
    const lambda = (load * concurrency) / SERVICE_MS;
    const model = { serviceTime: EXPONENTIAL, concurrency };
    const waits = serve({ lambda, model, requests: 250_000 }).map(({ queueUs }) => queueUs / 1000);
    const waiting = erlangC(concurrency, load * concurrency);
    const positive = waits.map((wait) => (wait > 0 ? 1 : 0));
    expectMean(positive, waiting, 0.06);
    expectMean(waits, (waiting * SERVICE_MS) / (concurrency * (1 - load)), 0.15);
  });
});

/** The second moment, ms^2, of distributions with a mean of 10 ms. */
const SERVICES: [string, number][] = [
  ["constant(10ms)", 100],
  ["uniform(5ms, 15ms)", 100 + 100 / 12],
  ["gamma(shape=4, mean=10ms)", 125],
  ["gamma(shape=0.5, mean=10ms)", 300],
  // 10 ms as the mean of exp(mu + sigma^2 / 2) s with sigma 1: mu = ln 0.01 - 1/2.
  ["lognormal(mu=-5.105170185988091, sigma=1)", 100 * Math.E],
  ["empirical(5ms:9, 55ms:1)", 0.9 * 25 + 0.1 * 55 * 55],
];

describe("M/G/1 (Pollaczek-Khinchine)", () => {
  test.each(SERVICES)("%s at load 0.7: the mean wait", (serviceTime, secondMoment) => {
    const lambda = 0.7 / SERVICE_MS;
    const facts = serve({ lambda, model: { serviceTime }, requests: 150_000 });
    const waits = facts.map(({ queueUs }) => queueUs / 1000);
    expectMean(waits, pollaczekKhinchine(lambda, SERVICE_MS, secondMoment), 0.1);
  });
});

describe("M/G/1 with processor sharing: one core, any number of requests at once", () => {
  test.each(["constant(10ms)", EXPONENTIAL, "gamma(shape=0.5, mean=10ms)"])(
    "%s at load 0.7: the mean time in the pod does not depend on the distribution",
    (serviceTime) => {
      const model = { serviceTime, concurrency: 100_000, cpu: 1 };
      const fixture = { cores: 1 };
      const facts = serve({ lambda: 0.07, model, requests: 100_000, fixture });
      expectMean(sojournsMs(facts), SERVICE_MS / (1 - 0.7), 0.1);
    },
  );
});
