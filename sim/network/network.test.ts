/** The network wired into one: shares of endpoints, no request lost or made up, forks. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random, roundRobin } from "../../policies/balance/index.ts";
import {
  endpoint,
  kept,
  NetworkFixture,
  plainTraffic,
  SECOND,
  sliceManifest,
} from "../../test/network-fixture.ts";
import { census } from "../../test/request-census.ts";
import type { ServiceRequestFact } from "../api/index.ts";

const MS = 1_000;
const PODS = ["p1", "p2", "p3", "p4", "p5"];

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
    for (const share of shares(random(), requests)) {
      const more = share - expected;
      chiSquare += (more * more) / expected;
    }
    expect(chiSquare).toBeLessThan(18.47); // 4 degrees of freedom
    expect(chiSquare).toBeGreaterThan(0.09); // the lower 0.1 %: too even to be random
  });
});

describe("one request", () => {
  test("takes what its parts take", () => {
    const fixture = new NetworkFixture({
      nodes: ["n1", "n2"],
      network: { podToPodSameNode: "constant(30us)", podToPod: "constant(200us)" },
    });
    fixture.serve(["p1"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND, requests: 2 });
    fixture.plane.settle();
    const [local, remote] = fixture.facts;
    expect(local).toMatchObject({
      service: "default/web",
      sourceNode: "n1",
      endpoint: "p1",
      startUs: SECOND + 10 * MS,
      endUs: SECOND + 10 * MS + 1_060,
      networkUs: 60,
      queueUs: 0,
      serviceUs: 1_000,
      attempts: 1,
      outcome: "ok",
    });
    expect([remote?.sourceNode, remote?.networkUs]).toEqual(["n2", 400]);
  });

  test.each([
    ["no Service", 0],
    ["a Service without endpoints", 1],
    ["a slice without a Service", 2],
  ])("to %s: no endpoints, at once", (_case, which) => {
    const fixture = new NetworkFixture({});
    if (which === 1) fixture.serve([]);
    if (which === 2) {
      fixture.startPod("p1");
      fixture.plane.store(sliceManifest("web-1", [endpoint("p1")]));
    }
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND, requests: 3 });
    fixture.plane.settle();
    const told = fixture.count(({ outcome, startUs, endUs }) => `${outcome} ${endUs - startUs}`);
    expect(told).toEqual({ "no-endpoints 0": 3 });
  });

  test("the way there and the way back are two draws", () => {
    const fixture = new NetworkFixture({ network: { podToPodSameNode: "uniform(1ms, 2ms)" } });
    fixture.serve(["p1"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND });
    fixture.plane.settle();
    // Twice one draw would always be even.
    expect(fixture.facts.filter(({ networkUs }) => networkUs % 2 === 1).length).toBeGreaterThan(30);
  });
});

test("kept connections keep their endpoint until it ends, then take another", () => {
  const fixture = new NetworkFixture({ balancer: roundRobin() });
  fixture.serve(["p1", "p2", "p3"]);
  fixture.network.start();
  fixture.network.addTraffic({ ...plainTraffic, ...kept(2), startUs: SECOND, requests: 200 });
  fixture.run(2 * SECOND + 1_500);
  expect(fixture.count(({ endpoint: name }) => name)).toEqual({ p1: 50, p2: 50 });
  fixture.stopPod("p1");
  fixture.facts.length = 0;
  fixture.plane.settle();
  // The client was told, between two requests: none is lost. The turn is p3's.
  expect(fixture.count(({ endpoint: name }) => name)).toEqual({ p2: 50, p3: 50 });
});

test("draws belong to the request: under another policy the same requests come", () => {
  const runs = [1, 3].map((pods) => {
    const fixture = new NetworkFixture(pods === 1 ? {} : { balancer: roundRobin() });
    fixture.serve(["p1", "p2", "p3"].slice(0, pods));
    fixture.network.start();
    const load = { arrivals: "exponential(mean=5ms)", serviceTime: "exponential(mean=4ms)" };
    fixture.network.addTraffic({ ...plainTraffic, ...load, startUs: SECOND });
    fixture.plane.settle();
    return fixture.facts
      .map(({ startUs, serviceUs }) => ({ startUs, serviceUs }))
      .sort((a, b) => a.startUs - b.startUs);
  });
  expect(runs[0]).toHaveLength(100);
  expect(runs[0]).toEqual(runs[1]);
});

describe("requests are conserved", () => {
  test("sent = answered + failed + on their way, whatever comes and goes", () => {
    const step = fc.record({
      act: fc.constantFrom("start", "stop", "list", "drop", "wait", "wait"),
      pod: fc.constantFrom(...PODS),
    });
    const scenario = fc.record({
      first: fc.nat({ max: 2 }),
      steps: fc.array(step, { maxLength: 25 }),
      connections: fc.constantFrom(0, 3),
      isRandom: fc.boolean(),
      seed: fc.nat({ max: 99 }),
    });
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(scenario, ({ first, steps, connections, isRandom, seed }) => {
        const fixture = new NetworkFixture({
          seed: String(seed),
          balancer: isRandom ? random() : roundRobin(),
          nodes: ["n1", "n2"],
          network: { podToPod: "exponential(mean=2ms)", proxySync: "exponential(mean=10ms)" },
        });
        const listed = new Set(["p1", "p2"].slice(0, first));
        fixture.serve([...listed]);
        fixture.network.start();
        const load = { arrivals: "exponential(mean=1ms)", serviceTime: "exponential(mean=2ms)" };
        const requests = 300;
        for (const source of [{ from: "n1" }, { from: "random-node", ...kept(connections) }])
          fixture.network.addTraffic({ ...plainTraffic, ...load, ...source, requests });
        for (const { act, pod } of steps) {
          perform(fixture, listed, act, pod);
          const { sent, ended, inFlight } = census(fixture.plane.kernel.snapshot());
          expect([sent, ended]).toEqual([ended + inFlight, fixture.facts.length]);
        }
        fixture.plane.settle();
        const all = 2 * requests;
        const last = census(fixture.plane.kernel.snapshot());
        expect(last).toEqual({ sent: all, ended: all, inFlight: 0 });
        for (const fact of fixture.facts) {
          outcomes.add(fact.outcome);
          expectParts(fact);
        }
      }),
      { seed: 1, numRuns: 60 },
    );
    expect([...outcomes].sort()).toEqual([
      "connection-refused",
      "connection-reset",
      "no-endpoints",
      "ok",
    ]);
  });
});

function expectParts(fact: ServiceRequestFact): void {
  const { networkUs, queueUs, serviceUs, dnsUs, retryUs, startUs, endUs } = fact;
  expect(networkUs + queueUs + serviceUs + dnsUs + retryUs).toBe(endUs - startUs);
  expect(Math.min(networkUs, queueUs, serviceUs, dnsUs, retryUs)).toBeGreaterThanOrEqual(0);
}

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
