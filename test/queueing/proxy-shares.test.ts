/** Shares of the endpoints behind kube-proxy in mode ipvs, by its scheduler and the pods' weights. */
import { describe, expect, test } from "vitest";
import { balancerByName } from "../../policies/balance/index.ts";
import { defaultClient, type TrafficSettings } from "../../sim/network/index.ts";
import {
  endpoint,
  NetworkFixture,
  plainTraffic,
  SECOND,
  sliceManifest,
} from "../network-fixture.ts";

/** Answers of each pod, p1 first. `pods`: the annotations of each. */
function shares(
  balancer: string,
  pods: readonly Record<string, string>[],
  traffic: Partial<TrafficSettings>,
  nodes = ["n1"],
): number[] {
  const fixture = new NetworkFixture({
    balancer: balancerByName(balancer),
    nodes,
    network: { proxyMode: "ipvs" },
  });
  const names = pods.map((_, i) => `p${i + 1}`);
  fixture.addService();
  names.forEach((name, i) => {
    fixture.startPod(name, pods[i]);
  });
  fixture.plane.store(
    sliceManifest(
      "web-1",
      names.map((name) => endpoint(name)),
    ),
  );
  fixture.network.start();
  fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND, ...traffic });
  fixture.plane.settle();
  const counts = fixture.count(({ outcome, endpoint: name }) =>
    outcome === "ok" ? name : outcome,
  );
  expect(Object.keys(counts).every((name) => names.includes(name))).toBe(true);
  return names.map((name) => counts[name] ?? 0);
}

const weights = (...of: number[]): Record<string, string>[] =>
  of.map((weight) => ({
    "stowage.dev/weight": String(weight),
    "stowage.dev/concurrency": "1000",
  }));

const places = (...of: number[]): Record<string, string>[] =>
  of.map((concurrency) => ({ "stowage.dev/concurrency": String(concurrency) }));

/** So many clients, each with its next request at once: about as many connections are always open. */
function crowd(clients: number): Partial<TrafficSettings> {
  const serviceTime = "exponential(mean=10ms)";
  return { arrivals: "", clients, thinkTime: "constant(1us)", serviceTime, requests: 40_000 };
}

function expectShares(counts: readonly number[], parts: readonly number[], precision: number) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const whole = parts.reduce((sum, part) => sum + part, 0);
  counts.forEach((count, i) => {
    const share = (parts[i] ?? 0) / whole;
    expect(Math.abs(count / total - share)).toBeLessThanOrEqual(precision * share);
  });
}

describe("wrr: by weight, exactly", () => {
  test.each([[[1, 2, 5]], [[3, 3]], [[0, 1, 4]], [[0.5, 2, 0.25]]])("weights %o", (parts) => {
    // A whole number of rounds: each is of the weights over their greatest common divisor.
    const counts = shares("wrr", weights(...parts), { requests: 8 * 5 * 6 * 11 });
    expectShares(counts, parts, 0);
  });

  test("each node's proxy has its own turn", () => {
    const counts = shares("wrr", weights(1, 3), { requests: 3 * 400 }, ["n1", "n2", "n3"]);
    expect(counts).toEqual([300, 900]);
  });
});

describe("by open connections", () => {
  // All clients wait at pods that never idle: equal numbers wait at each, whatever it can do.
  test("sed: an equal number open at each pod, so that fast ones answer more", () => {
    expectShares(shares("sed", places(1, 2, 4), crowd(60)), [1, 2, 4], 0.02);
  });

  // 256 answers of the last two minutes weigh as much as a connection that is open.
  test("lc: what has ended lately counts, so that fast ones get less than their part", () => {
    const [slow = 0, , fast = 0] = shares("lc", places(1, 2, 4), crowd(60));
    expect(fast / slow).toBeGreaterThan(1);
    expect(fast / slow).toBeLessThan(3);
  });

  test.each<[string, number[]]>([
    ["lc", [100, 100, 100]],
    ["sed", [300, 0, 0]],
  ])("%s among pods that are always idle", (scheduler, expected) => {
    const load = { arrivals: "constant(10ms)", requests: 300 };
    expect(shares(scheduler, places(1, 1, 1), load)).toEqual(expected);
  });

  test("rr beside it: equal shares, and the fast ones wait for the slow", () => {
    expectShares(shares("rr", places(1, 2, 4), crowd(60)), [1, 1, 1], 0.001);
  });

  // No pod ever makes a request wait: answers are as connections open, and these as weights.
  test.each(["wlc", "sed"])("%s: open connections by weight", (scheduler) => {
    expectShares(shares(scheduler, weights(1, 2, 5), crowd(80)), [1, 2, 5], 0.03);
  });

  test("lc does not look at weights, but for those that are 0", () => {
    expectShares(shares("lc", weights(1, 2, 0, 5), crowd(60)), [1, 1, 0, 1], 0.03);
  });

  test("wlc: kept connections are open, used or not", () => {
    const client = { ...defaultClient, connections: 16 };
    const load = { client, arrivals: "constant(1ms)", requests: 1_600 };
    expect(shares("wlc", weights(1, 3, 4), load)).toEqual([200, 600, 800]);
  });
});
