/**
 * How long the queues of many pods are, by how one client of all of them chooses: against the limits
 * for many queues. Each pod is one server, 10 ms a request, exponential.
 */
import { describe, expect, test } from "vitest";
import { balancerByName } from "../../policies/balance/index.ts";
import type { ServiceRequestFact } from "../../sim/api/index.ts";
import { defaultClient } from "../../sim/network/index.ts";
import { average } from "./batch-means.ts";
import { erlangC, supermarketTail } from "./formulas.ts";
import { requestsOf, sojournsMs } from "./queueing-world.ts";

const PODS = 500;
const REQUESTS = 300_000;
const LENGTHS = [1, 2, 3, 4];

interface Queues {
  /** Share of the pods that hold at least k requests, on average over time, by k. */
  readonly tail: number[];
  /** Mean time in a pod, in service times. */
  readonly sojourn: number;
}

function queuesOf(balancer: string, load: number): Queues {
  const gapUs = 10_000 / (PODS * load);
  const facts = requestsOf({
    fixture: { balancerNamed: balancerByName },
    pods: { web: Array.from({ length: PODS }, (_, i) => `p${i}`) },
    models: { web: { serviceTime: "exponential(mean=10ms)" } },
    traffic: [
      {
        arrivals: `poisson(rate=${1_000_000 / gapUs}/s)`,
        requests: REQUESTS,
        client: { ...defaultClient, balancer },
      },
    ],
  });
  return {
    tail: tailOf(facts),
    sojourn: average(sojournsMs(facts.slice(REQUESTS / 10))) / 10,
  };
}

/** Sweeps over all arrivals and departures but those of the first and last tenth. */
function tailOf(facts: readonly ServiceRequestFact[]): number[] {
  const lengths = new Map<string, number>();
  const counts = LENGTHS.map(() => 0); // pods that hold at least so many
  const sums = LENGTHS.map(() => 0);
  const fromUs = facts[REQUESTS / 10]?.startUs ?? 0;
  const untilUs = facts[(REQUESTS * 9) / 10]?.startUs ?? 0;
  let atUs = fromUs;
  for (const { endpoint, timeUs, change } of changes(facts)) {
    if (timeUs > untilUs) break;
    if (timeUs > atUs)
      counts.forEach((count, i) => {
        sums[i] = (sums[i] ?? 0) + count * (timeUs - atUs);
      });
    atUs = Math.max(atUs, timeUs);
    const before = lengths.get(endpoint) ?? 0;
    lengths.set(endpoint, before + change);
    const crossed = change > 0 ? before : before - 1;
    if (crossed < counts.length) counts[crossed] = (counts[crossed] ?? 0) + change;
  }
  return sums.map((sum) => sum / (atUs - fromUs) / PODS);
}

function changes(facts: readonly ServiceRequestFact[]) {
  return facts
    .flatMap(({ endpoint, startUs, endUs }) => [
      { endpoint, timeUs: startUs + 1, change: 1 },
      { endpoint, timeUs: endUs - 1, change: -1 },
    ])
    .sort((a, b) => a.timeUs - b.timeUs || b.change - a.change);
}

/** Mean time in the system of the supermarket model, in service times. */
function supermarketSojourn(load: number, choices: number): number {
  let sum = 0;
  for (let length = 1; length < 60; length++) sum += supermarketTail(load, choices, length);
  return sum / load; // Little's law
}

describe.each([0.7, 0.9])("load %s", (load) => {
  test.each([
    ["random", 1],
    ["power-of-two", 2],
  ])("%s: queues with at least k are a share of load^((d^k - 1) / (d - 1))", (name, choices) => {
    const { sojourn, tail } = queuesOf(name, load);
    const [busy = 0] = tail;
    expect(Math.abs(busy / load - 1)).toBeLessThan(0.01);
    // Against the load that there was: the tails are steep in it.
    LENGTHS.forEach((length, i) => {
      const limit = supermarketTail(busy, choices, length);
      // Half a queue of the 500; and what a run of this length leaves open, more for longer queues.
      expect(Math.abs((tail[i] ?? 0) - limit)).toBeLessThan(0.01 * length * limit + 0.001);
    });
    expect(Math.abs(sojourn / supermarketSojourn(busy, choices) - 1)).toBeLessThan(0.02);
  });
});

test("join the shortest queue: no longer than two choices, no shorter than one queue for all", () => {
  const load = 0.9;
  const { sojourn, tail } = queuesOf("least-outstanding", load);
  const oneQueue = 1 + erlangC(PODS, load * PODS) / (PODS * (1 - load));
  expect(sojourn).toBeGreaterThan(0.995 * oneQueue);
  expect(sojourn).toBeLessThan(supermarketSojourn(load, 2) / 2);
  expect(tail[1]).toBeLessThan(0.05); // with many queues hardly one has a second request
  expect(tail[2]).toBeLessThan(0.001);
});
