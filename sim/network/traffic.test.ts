import { describe, expect, test } from "vitest";
import { roundRobin } from "../../policies/balance/index.ts";
import {
  endpoint,
  NetworkFixture,
  plainTraffic,
  SECOND,
  sliceManifest,
} from "../../test/network-fixture.ts";
import type { ServiceRequestFact } from "../api/index.ts";

const MS = 1_000;
/** Time for the first list and its way to the proxies. */
const SETTLED = { startUs: SECOND };

describe("Traffic", () => {
  test("a request's latency is the sum of its parts", () => {
    const fixture = new NetworkFixture({
      nodes: ["n1", "n2"],
      network: { podToPodSameNode: "constant(30us)", podToPod: "constant(200us)" },
    });
    fixture.serve(["p1"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, ...SETTLED, requests: 2 });
    fixture.plane.settle();
    const [local, remote] = fixture.facts;
    expect(local).toEqual({
      service: "default/web",
      sourceNode: "n1",
      endpoint: "p1",
      startUs: SECOND + 10 * MS,
      endUs: SECOND + 10 * MS + 1_060,
      networkUs: 60,
      queueUs: 0,
      serviceUs: 1_000,
      outcome: "ok",
    });
    expect([remote?.sourceNode, remote?.networkUs]).toEqual(["n2", 400]);
    for (const fact of fixture.facts) expectParts(fact);
  });

  test.each([
    [undefined, [0, 9, 18, 27]],
    ["2", [0, 0, 8, 8]],
    ["4", [0, 0, 0, 0]],
  ])("a pod with concurrency %s serves in the order of arrival", (concurrency, queuedMs) => {
    const fixture = new NetworkFixture({});
    fixture.addService();
    const isStated = concurrency !== undefined;
    fixture.startPod("p1", isStated ? { "stowage.dev/concurrency": concurrency } : {});
    fixture.plane.store(sliceOf("p1"));
    fixture.network.start();
    const burst = { arrivals: "constant(1ms)", serviceTime: "constant(10ms)", requests: 4 };
    fixture.network.addTraffic({ ...plainTraffic, ...SETTLED, ...burst });
    fixture.plane.settle();
    expect(fixture.facts.map(({ queueUs }) => queueUs / MS)).toEqual(queuedMs);
    for (const fact of fixture.facts) expectParts(fact);
  });

  test("a concurrency that cannot be read is the user's mistake", () => {
    const fixture = new NetworkFixture({});
    fixture.addService();
    fixture.startPod("p1", { "stowage.dev/concurrency": "many" });
    fixture.plane.store(sliceOf("p1"));
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, ...SETTLED });
    expect(() => fixture.plane.settle()).toThrow(
      'pod default/p1: annotation stowage.dev/concurrency: got "many", want',
    );
  });

  test.each(["no Service", "a Service without endpoints", "a slice without a Service"])(
    "%s: no endpoints, at once",
    (which) => {
      const fixture = new NetworkFixture({});
      if (which === "a Service without endpoints") fixture.serve([]);
      if (which === "a slice without a Service") {
        fixture.startPod("p1");
        fixture.plane.store(sliceOf("p1"));
      }
      fixture.network.start();
      fixture.network.addTraffic({ ...plainTraffic, ...SETTLED, requests: 3 });
      fixture.plane.settle();
      expect(
        fixture.count(({ outcome, startUs, endUs }) => `${outcome} ${endUs - startUs}`),
      ).toEqual({
        "no-endpoints 0": 3,
      });
    },
  );

  test("when a pod ends, requests in it fail at that moment, wherever they stand", () => {
    const fixture = new NetworkFixture({});
    fixture.serve(["p1"]);
    fixture.network.start();
    const slow = { arrivals: "constant(1ms)", serviceTime: "constant(1s)", requests: 3 };
    fixture.network.addTraffic({ ...plainTraffic, ...SETTLED, ...slow });
    fixture.run(SECOND + 10 * MS);
    fixture.stopPod("p1");
    fixture.plane.settle();
    expect(fixture.count(({ outcome, endUs }) => `${outcome} ${endUs}`)).toEqual({
      [`connection-refused ${SECOND + 10 * MS + 1}`]: 3,
    });
    for (const fact of fixture.facts) expectParts(fact);
  });

  test("a pod that took the name of another is not reached through the other's endpoint", () => {
    const fixture = new NetworkFixture({});
    fixture.addService();
    fixture.startPod("p1");
    const targetRef = { kind: "Pod", namespace: "default", name: "p1", uid: "of-its-forerunner" };
    fixture.plane.store(sliceOf("p1", { targetRef }));
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, ...SETTLED, requests: 1 });
    fixture.plane.settle();
    expect(fixture.facts[0]?.outcome).toBe("connection-refused");
  });

  test.each([
    ["a node's name", "n2", { n2: 600 }],
    ["each-node", "each-node", { n1: 200, n2: 200, n3: 200 }],
  ])("requests start at %s", (_case, from, expected) => {
    const fixture = new NetworkFixture({ nodes: ["n1", "n2", "n3"] });
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, from, requests: 600 });
    fixture.plane.settle();
    expect(fixture.count(({ sourceNode }) => sourceNode)).toEqual(expected);
  });

  test("random-node: every node has its share, within four standard deviations", () => {
    const fixture = new NetworkFixture({ nodes: ["n1", "n2", "n3"] });
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, from: "random-node", requests: 6_000 });
    fixture.plane.settle();
    const counts = Object.values(fixture.count(({ sourceNode }) => sourceNode));
    expect(counts).toHaveLength(3);
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(4 * 36.5);
  });

  test("kept-alive connections keep their endpoint until it ends, then take another", () => {
    const fixture = new NetworkFixture({ balancer: roundRobin() });
    fixture.serve(["p1", "p2", "p3"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, ...SETTLED, connections: 2, requests: 200 });
    fixture.run(2 * SECOND + 1_500);
    expect(fixture.count(({ endpoint: name }) => name)).toEqual({ p1: 50, p2: 50 });
    fixture.stopPod("p1");
    fixture.facts.length = 0;
    fixture.plane.settle();
    // The client was told, between two requests: none is lost. The turn is p3's.
    expect(fixture.count(({ endpoint: name }) => name)).toEqual({ p2: 50, p3: 50 });
  });

  test("a connection to a pod that does not listen is opened anew", () => {
    const fixture = new NetworkFixture({ balancer: roundRobin() });
    fixture.serve(["p1", "p2"]);
    fixture.stopPod("p1");
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, ...SETTLED, connections: 1, requests: 5 });
    fixture.plane.settle();
    const outcomes = fixture.facts.map(({ outcome, endpoint: name }) =>
      `${outcome} ${name}`.trim(),
    );
    expect(outcomes).toEqual(["connection-refused", "ok p2", "ok p2", "ok p2", "ok p2"]);
  });

  test("the way there and the way back are two draws", () => {
    const fixture = new NetworkFixture({ network: { podToPodSameNode: "uniform(1ms, 2ms)" } });
    fixture.serve(["p1"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, ...SETTLED });
    fixture.plane.settle();
    // Twice one draw would always be even.
    expect(fixture.facts.filter(({ networkUs }) => networkUs % 2 === 1).length).toBeGreaterThan(30);
  });

  test("a source without end does not keep the run alive; one until a time does", () => {
    const endless = new NetworkFixture({});
    endless.network.start();
    endless.network.addTraffic({ ...plainTraffic, requests: undefined });
    expect(endless.plane.kernel.run(100 * SECOND)).toBe("idle");
    const ending = new NetworkFixture({});
    ending.network.start();
    ending.network.addTraffic({ ...plainTraffic, requests: undefined, untilUs: SECOND });
    expect(ending.plane.kernel.run(100 * SECOND)).toBe("idle");
    expect([endless.facts.length, ending.facts.length]).toEqual([0, 100]);
  });

  test("draws belong to the request: another policy sees the same requests", () => {
    const runs = [1, 3].map((pods) => {
      const balancer = pods === 1 ? undefined : roundRobin();
      const fixture = new NetworkFixture(balancer === undefined ? {} : { balancer });
      fixture.serve(["p1", "p2", "p3"].slice(0, pods));
      fixture.network.start();
      const random = { arrivals: "exponential(mean=5ms)", serviceTime: "exponential(mean=4ms)" };
      fixture.network.addTraffic({ ...plainTraffic, ...SETTLED, ...random });
      fixture.plane.settle();
      return fixture.facts
        .map(({ startUs, serviceUs }) => ({ startUs, serviceUs }))
        .sort((a, b) => a.startUs - b.startUs);
    });
    expect(runs[0]).toHaveLength(100);
    expect(runs[0]).toEqual(runs[1]);
  });

  test("two sources to one Service have draws of their own", () => {
    const fixture = new NetworkFixture({ nodes: ["n1", "n2"] });
    fixture.network.start();
    for (const from of ["n1", "n2"]) {
      fixture.network.addTraffic({ ...plainTraffic, from, arrivals: "exponential(mean=5ms)" });
    }
    fixture.plane.settle();
    const starts = (node: string): number[] =>
      fixture.facts.filter(({ sourceNode }) => sourceNode === node).map(({ startUs }) => startUs);
    expect(starts("n1")).toHaveLength(100);
    expect(starts("n1")).not.toEqual(starts("n2"));
  });

  test.each([
    [{ service: "web" }, 'traffic: got service "web", want namespace/name of a Service.'],
    [{ arrivals: "5 apples" }, "traffic to default/web: arrivals: got"],
    [{ serviceTime: "expnential(mean=1s)" }, "Did you mean exponential?"],
    [{ connections: -1 }, "traffic to default/web: connections: got -1, want a whole number, 0"],
    [{ requests: 0.5 }, "traffic to default/web: requests: got 0.5, want a whole number, 1"],
    [{ from: "node-O1" }, 'from: got "node-O1", and no node of that name has joined by 0.01 s'],
    [{ from: "node-O1" }, "Did you mean node-01?"],
  ])("settings %o are refused", (settings, message) => {
    const fixture = new NetworkFixture({ nodes: ["node-01"] });
    const act = (): void => {
      fixture.network.addTraffic({ ...plainTraffic, ...settings });
      fixture.plane.settle();
    };
    expect(act).toThrow(message);
  });

  test("traffic before any node has joined is refused when it is due", () => {
    const fixture = new NetworkFixture({ nodes: [] });
    fixture.network.addTraffic({ ...plainTraffic, from: "random-node" });
    expect(() => fixture.plane.settle()).toThrow("from: no node has joined by 0.01 s");
  });
});

function expectParts(fact: ServiceRequestFact): void {
  expect(fact.networkUs + fact.queueUs + fact.serviceUs).toBe(fact.endUs - fact.startUs);
}

function sliceOf(name: string, change: object = {}): ReturnType<typeof sliceManifest> {
  return sliceManifest("web-1", [{ ...endpoint(name), ...change }]);
}
