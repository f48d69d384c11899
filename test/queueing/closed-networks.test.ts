/** Clients that think and wait, against mean value analysis; and Little's law, run by run. */
import { describe, expect, test } from "vitest";
import type { ServiceRequestFact } from "../../sim/api/index.ts";
import { census } from "../request-census.ts";
import { batchMeans } from "./batch-means.ts";
import { meanValueAnalysis } from "./formulas.ts";
import { callTo, openWorld, type QueueingWorld, requestsOf, sojournsMs } from "./queueing-world.ts";

const CLIENTS = { arrivals: "", thinkTime: "exponential(mean=50ms)", requests: 150_000 };

/** Requests per millisecond, batch by batch, after the first tenth. */
function gapsMs(facts: readonly ServiceRequestFact[]): number[] {
  const ends = facts.map(({ endUs }) => endUs / 1000).sort((a, b) => a - b);
  return ends.slice(1).map((end, i) => end - (ends[i] ?? 0));
}

function expectEstimate(series: readonly number[], expected: number, precision: number): void {
  const { mean, halfWidth } = batchMeans(series);
  expect(halfWidth / expected).toBeLessThan(precision);
  expect(Math.abs(mean - expected) / halfWidth).toBeLessThan(1);
}

const of = (facts: readonly ServiceRequestFact[], service: string): ServiceRequestFact[] =>
  facts.filter((fact) => fact.service === `default/${service}`);

describe("a closed network (exact MVA)", () => {
  test.each([1, 4, 12])("%i clients, one station", (clients) => {
    const facts = requestsOf({
      pods: { web: ["p1"] },
      models: { web: { serviceTime: "exponential(mean=10ms)" } },
      traffic: [{ ...CLIENTS, clients }],
    });
    // A request also takes two hops of 1 us.
    const { throughput, responses } = meanValueAnalysis(clients, 50.002, [10]);
    expectEstimate(sojournsMs(facts), responses[0] ?? 0, 0.03);
    expectEstimate(gapsMs(facts), 1 / throughput, 0.03);
  });

  test.each([3, 10])("%i clients, two stations in sequence: a core, then a queue", (clients) => {
    const facts = requestsOf({
      fixture: { cores: 1 },
      pods: { web: ["p1"], db: ["p2"] },
      models: {
        // Processor sharing: a request keeps no core while it waits for the other Service.
        web: {
          serviceTime: "exponential(mean=8ms)",
          concurrency: 1000,
          cpu: 1,
          calls: [[callTo("db")]],
        },
        db: { serviceTime: "exponential(mean=12ms)" },
      },
      traffic: [{ ...CLIENTS, clients }],
    });
    const { throughput, responses } = meanValueAnalysis(clients, 50.004, [8, 12]);
    const [first = 0, second = 0] = responses;
    expectEstimate(sojournsMs(of(facts, "db")), second, 0.04);
    expectEstimate(sojournsMs(of(facts, "web")), first + second + 0.002, 0.04);
    expectEstimate(gapsMs(of(facts, "web")), 1 / throughput, 0.03);
    expect(of(facts, "db")).toHaveLength(of(facts, "web").length);
  });
});

describe("Little's law is an identity", () => {
  const web = { serviceTime: "gamma(shape=0.5, mean=10ms)" };
  const crowd = { serviceTime: "exponential(mean=8ms)", concurrency: 50, cpu: 1 };
  const cases: [string, QueueingWorld][] = [
    [
      "an open queue",
      {
        pods: { web: ["p1"] },
        models: { web },
        traffic: [{ arrivals: "exponential(mean=12ms)", requests: 150 }],
      },
    ],
    [
      "clients, and a call graph on one core",
      {
        fixture: { cores: 1 },
        pods: { web: ["p1"], db: ["p2"] },
        models: { web: { ...crowd, calls: [[callTo("db"), callTo("db")]] }, db: web },
        traffic: [{ ...CLIENTS, clients: 8, requests: 60 }],
      },
    ],
  ];

  /** Between two ends of requests nothing changes: what is in flight, summed over time, is exact. */
  test.each(cases)("%s: the sum of latencies is the integral of what is in flight", (_case, w) => {
    const facts = requestsOf(w);
    const timesUs = [...new Set(facts.flatMap(({ startUs, endUs }) => [startUs, endUs]))];
    timesUs.sort((a, b) => a - b);
    const twin = openWorld(w);
    let integralUs = 0;
    timesUs.forEach((timeUs, i) => {
      twin.run(timeUs);
      const nextUs = timesUs[i + 1] ?? timeUs;
      integralUs += census(twin.plane.kernel.snapshot()).inFlight * (nextUs - timeUs);
    });
    const latenciesUs = facts.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
    expect(integralUs).toBe(latenciesUs);
  });
});
