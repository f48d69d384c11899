/** The network as a queueing system: shares, waiting times, and no request lost or made up. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random, roundRobin } from "../../policies/balance/index.ts";
import { endpoint, NetworkFixture, plainTraffic, SECOND } from "../../test/network-fixture.ts";
import type { ServiceBackends } from "./service-backend.ts";
import { ServiceRequest } from "./service-request.ts";
import type { Traffic } from "./traffic.ts";

const PODS = ["p1", "p2", "p3", "p4", "p5"];

const square = (x: number): number => x * x;

function shares(balancer: ReturnType<typeof random>, requests: number, nodes = ["n1"]): number[] {
  const fixture = new NetworkFixture({ balancer, nodes });
  fixture.serve(PODS);
  fixture.network.start();
  fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND, requests });
  fixture.plane.settle();
  const counts = fixture.count(({ endpoint: name, outcome }) =>
    outcome === "ok" ? name : outcome,
  );
  expect(Object.keys(counts)).toEqual(PODS);
  return Object.values(counts);
}

describe("shares of the endpoints", () => {
  test("round robin: equal within one for each node's proxy", () => {
    expect(shares(roundRobin(), 1_002)).toEqual([201, 201, 200, 200, 200]);
    expect(shares(roundRobin(), 3_006, ["n1", "n2", "n3"])).toEqual([603, 603, 600, 600, 600]);
  });

  test("random: uniform by a chi-square test at 0.1 %, but not equal", () => {
    const requests = 20_000;
    const expected = requests / PODS.length;
    let chiSquare = 0;
    for (const share of shares(random(), requests))
      chiSquare += square(share - expected) / expected;
    expect(chiSquare).toBeLessThan(18.47); // 4 degrees of freedom
    expect(chiSquare).toBeGreaterThan(0.09); // the lower 0.1 %: too even to be random
  });
});

describe("a pod as a queue", () => {
  /** Time in the pod of each request, in ms, in order of arrival, after a warm-up of 10 %. */
  function sojournsMs(arrivals: string, serviceTime: string, requests: number): number[] {
    const fixture = new NetworkFixture({});
    fixture.serve(["p1"]);
    fixture.network.start();
    const load = { arrivals, serviceTime, requests };
    fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND, ...load });
    fixture.plane.settle();
    expect(fixture.facts).toHaveLength(requests);
    const times = fixture.facts.map(({ queueUs, serviceUs }) => (queueUs + serviceUs) / 1_000);
    return times.slice(requests / 10);
  }

  /** Mean and half width of its 99 % confidence interval by 30 batch means (t = 2.756). */
  function batchMeans(values: readonly number[]): { mean: number; halfWidth: number } {
    const batches = 30;
    const size = Math.floor(values.length / batches);
    const means = Array.from({ length: batches }, (_, i) => {
      const batch = values.slice(i * size, (i + 1) * size);
      return batch.reduce((sum, value) => sum + value, 0) / size;
    });
    const mean = means.reduce((sum, value) => sum + value, 0) / batches;
    const variance = means.reduce((sum, value) => sum + square(value - mean), 0) / (batches - 1);
    return { mean, halfWidth: 2.756 * Math.sqrt(variance / batches) };
  }

  test.each([
    // M/M/1: E[T] = 1 / (mu - lambda), mu = 100 per second.
    ["M/M/1, load 0.5", "exponential(mean=20ms)", "exponential(mean=10ms)", 20],
    ["M/M/1, load 0.8", "exponential(mean=12.5ms)", "exponential(mean=10ms)", 50],
    // M/D/1: E[T] = 1/mu + rho / (2 mu (1 - rho)) (Pollaczek-Khinchine).
    ["M/D/1, load 0.8", "exponential(mean=12.5ms)", "constant(10ms)", 30],
  ])("%s: the mean sojourn time is the formula's", (_case, arrivals, serviceTime, expectedMs) => {
    const { mean, halfWidth } = batchMeans(sojournsMs(arrivals, serviceTime, 60_000));
    expect(halfWidth / expectedMs).toBeLessThan(0.12);
    expect(Math.abs(mean - expectedMs)).toBeLessThan(halfWidth);
  });
});

describe("requests are conserved", () => {
  test("sent = answered + failed + on their way, whatever comes and goes", () => {
    const step = fc.record({
      act: fc.constantFrom("start", "stop", "list", "drop", "wait", "wait"),
      pod: fc.constantFrom(...PODS),
    });
    const scenario = fc.record({
      steps: fc.array(step, { maxLength: 25 }),
      connections: fc.constantFrom(0, 3),
      isRandom: fc.boolean(),
      seed: fc.nat({ max: 99 }),
    });
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(scenario, ({ steps, connections, isRandom, seed }) => {
        const fixture = new NetworkFixture({
          seed: String(seed),
          balancer: isRandom ? random() : roundRobin(),
          nodes: ["n1", "n2"],
          network: { podToPod: "exponential(mean=2ms)", proxySync: "exponential(mean=10ms)" },
        });
        fixture.serve(["p1", "p2"]);
        fixture.network.start();
        const random5 = { arrivals: "exponential(mean=1ms)", serviceTime: "exponential(mean=2ms)" };
        const requests = 300;
        const sources = [{ from: "n1" }, { from: "random-node", connections }];
        for (const source of sources)
          fixture.network.addTraffic({ ...plainTraffic, ...random5, ...source, requests });
        const listed = new Set(["p1", "p2"]);
        for (const { act, pod } of steps) {
          perform(fixture, listed, act, pod);
          const { sent, ended, onTheirWay } = census(fixture);
          expect([sent, ended]).toEqual([ended + onTheirWay, fixture.facts.length]);
        }
        fixture.plane.settle();
        expect(census(fixture)).toEqual({ sent: 2 * requests, ended: 2 * requests, onTheirWay: 0 });
        for (const { outcome, ...fact } of fixture.facts) {
          outcomes.add(outcome);
          expect(fact.networkUs + fact.queueUs + fact.serviceUs).toBe(fact.endUs - fact.startUs);
          expect(Math.min(fact.networkUs, fact.queueUs, fact.serviceUs)).toBeGreaterThanOrEqual(0);
        }
      }),
      { seed: 1, numRuns: 60 },
    );
    expect([...outcomes].sort()).toEqual(["connection-refused", "no-endpoints", "ok"]);
  });
});

function perform(fixture: NetworkFixture, listed: Set<string>, act: string, pod: string): void {
  const exists = fixture.plane.etcd.find("Pod", `default/${pod}`) !== undefined;
  if (act === "start" && !exists) fixture.startPod(pod);
  if (act === "stop" && exists) fixture.stopPod(pod);
  if (act === "list") listed.add(pod);
  if (act === "drop") listed.delete(pod);
  if (act === "list" || act === "drop") {
    fixture.setEndpoints([...listed].sort().map((name) => endpoint(name)));
  }
  fixture.run(fixture.plane.kernel.nowUs + 20_000);
}

/** Counts requests where they are: in events and in pods' queues, apart from what sources count. */
function census(fixture: NetworkFixture): { sent: number; ended: number; onTheirWay: number } {
  const { events, states } = fixture.plane.kernel.snapshot().image;
  const { sources } = states.get("network/traffic") as Traffic["state"];
  const { servers } = states.get("network/backends") as ServiceBackends["state"];
  let onTheirWay = events.filter(({ a }) => a instanceof ServiceRequest).length;
  for (const { waiting } of servers.values()) onTheirWay += waiting.length;
  let sent = 0;
  let ended = 0;
  for (const source of sources) {
    sent += source.sent;
    ended += source.answered + source.failed;
  }
  return { sent, ended, onTheirWay };
}
