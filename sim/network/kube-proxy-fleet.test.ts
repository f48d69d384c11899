import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { roundRobin } from "../../policies/balance/index.ts";
import {
  endpoint,
  firstEndpoint,
  NetworkFixture,
  plainTraffic,
  SECOND,
} from "../../test/network-fixture.ts";
import type { Service } from "../api/index.ts";
import { defineBalancer } from "./balancer.ts";
import type { KubeProxyFleet } from "./kube-proxy-fleet.ts";
import { ServiceHistory } from "./service-history.ts";

describe("KubeProxyFleet", () => {
  test("stale routing: requests to a pod that is gone fail until the proxy has caught up", () => {
    const fixture = new NetworkFixture({ network: { proxySync: "constant(500ms)" } });
    fixture.serve(["p1", "p2"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND, requests: 200 });
    fixture.run(2 * SECOND - 500);
    fixture.stopPod("p1");
    fixture.setEndpoints([endpoint("p2")]);
    fixture.plane.settle();
    const outcomes = fixture.facts.map(({ outcome, endpoint: name }) =>
      `${outcome} ${name}`.trim(),
    );
    const refused = outcomes.indexOf("connection-refused");
    const healed = outcomes.indexOf("ok p2");
    // A request each 10 ms: 500 ms of lag are 50 requests.
    expect([refused, healed - refused]).toEqual([99, 50]);
    expect(new Set(outcomes.slice(0, refused))).toEqual(new Set(["ok p1"]));
    expect(new Set(outcomes.slice(refused, healed))).toEqual(new Set(["connection-refused"]));
    expect(new Set(outcomes.slice(healed))).toEqual(new Set(["ok p2"]));
  });

  test("at first a proxy knows nothing, until its lag behind the first list has passed", () => {
    const fixture = new NetworkFixture({ network: { proxySync: "constant(500ms)" } });
    fixture.serve(["p1"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, requests: 100 });
    fixture.plane.settle();
    expect(fixture.facts.map(({ outcome }) => outcome).indexOf("ok")).toBe(49);
    expect(fixture.count(({ outcome }) => outcome)).toEqual({ "no-endpoints": 49, ok: 51 });
  });

  test("versions that no proxy needs any more are let go", () => {
    const fixture = new NetworkFixture({ nodes: ["n1", "n2"] });
    fixture.serve(["p1", "p2"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, startUs: 10 * SECOND, requests: 1 });
    fixture.run(SECOND);
    for (let i = 0; i < 200; i++) {
      fixture.setEndpoints([endpoint(i % 2 === 0 ? "p1" : "p2")]);
      fixture.run(SECOND + i * 1_000);
    }
    const { states } = fixture.plane.kernel.snapshot().image;
    const { histories } = states.get("network/kube-proxies") as KubeProxyFleet["state"];
    const history = histories.get("default/web");
    expect(history?.versions.at(-1)?.number).toBeGreaterThan(190);
    expect(history?.versions.length).toBeLessThan(20);
  });

  test("each node has a lag of its own", () => {
    const nodes = ["n1", "n2", "n3", "n4"];
    const fixture = new NetworkFixture({ nodes, network: { proxySync: "uniform(100ms, 900ms)" } });
    fixture.serve(["p1", "p2"]);
    fixture.network.start();
    const fast = { arrivals: "constant(1ms)", serviceTime: "constant(1us)", requests: 2_000 };
    for (const from of nodes)
      fixture.network.addTraffic({ ...plainTraffic, ...fast, from, startUs: SECOND });
    fixture.run(2 * SECOND - 1);
    fixture.setEndpoints([endpoint("p2")]);
    fixture.plane.settle();
    const first = nodes.map((node) =>
      fixture.facts.find(({ sourceNode, endpoint: name }) => sourceNode === node && name === "p2"),
    );
    const lags = first.map((fact) => (fact?.startUs ?? 0) - 2 * SECOND);
    expect(new Set(lags).size).toBe(4);
    for (const lag of lags) expect([lag >= 99_000, lag <= 901_000]).toEqual([true, true]);
  });

  test("a deleted Service has no endpoints once the proxy knows", () => {
    const fixture = new NetworkFixture({});
    fixture.serve(["p1"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND, requests: 20 });
    fixture.run(SECOND + 100_000);
    const service = fixture.plane.etcd.find("Service", "default/web");
    if (service === undefined) throw new Error("no Service");
    fixture.plane.client.delete(service, {}, fixture.plane.done, undefined);
    fixture.plane.settle();
    expect(fixture.count(({ outcome }) => outcome)).toEqual({ "no-endpoints": 10, ok: 10 });
  });

  test("a slice that changes its Service leaves the old one", () => {
    const fixture = new NetworkFixture({});
    fixture.serve(["p1"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND, requests: 20 });
    fixture.run(SECOND + 100_000);
    const slice = fixture.plane.etcd.find("EndpointSlice", "default/web-1");
    if (slice === undefined) throw new Error("no slice");
    const metadata = { labels: { "kubernetes.io/service-name": "other" } };
    fixture.plane.client.patch(slice, { metadata }, "", fixture.plane.done, undefined);
    fixture.plane.settle();
    expect(fixture.count(({ outcome }) => outcome)).toEqual({ "no-endpoints": 10, ok: 10 });
  });

  test("traffic that begins late finds what was there before", () => {
    const fixture = new NetworkFixture({});
    fixture.serve(["p1"]);
    fixture.network.start();
    fixture.plane.settle();
    fixture.network.addTraffic({ ...plainTraffic, requests: 5 });
    fixture.plane.settle();
    expect(fixture.count(({ outcome }) => outcome)).toEqual({ ok: 5 });
  });

  test("the clients of a headless Service choose by themselves", () => {
    const fixture = new NetworkFixture({ balancer: firstEndpoint });
    fixture.serve(["p1", "p2"], { clusterIP: "None" });
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND });
    fixture.plane.settle();
    expect(Object.keys(fixture.count(({ endpoint: name }) => name))).toEqual(["p1", "p2"]);
  });

  test("a balancer's memory belongs to a node and a Service", () => {
    const fixture = new NetworkFixture({ nodes: ["n1", "n2"], balancer: roundRobin() });
    fixture.serve(["p1", "p2", "p3"]);
    fixture.network.start();
    fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND, requests: 6 });
    fixture.plane.settle();
    expect(fixture.facts.map((fact) => fact.endpoint)).toEqual([
      "p1",
      "p1",
      "p2",
      "p2",
      "p3",
      "p3",
    ]);
  });

  test.each([2, -1, 0.5, Number.NaN])(
    "a choice of %s is refused, and names the balancer",
    (choice) => {
      const balancer = defineBalancer({ name: "wild", choose: () => choice });
      const fixture = new NetworkFixture({ balancer });
      fixture.serve(["p1", "p2"]);
      fixture.network.start();
      fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND });
      expect(() => fixture.plane.settle()).toThrow(
        `Balancer "wild" chose endpoint ${choice} of Service default/web: want a whole number, 0 .. 1.`,
      );
    },
  );
});

describe("ServiceHistory", () => {
  const version = (name: string): Service => ({ metadata: { name } }) as unknown as Service;

  test("a proxy never goes back, and pruning changes nothing that any proxy sees", () => {
    const step = fc.record({ gapUs: fc.integer({ min: 1, max: 40 }), node: fc.nat({ max: 3 }) });
    const nodeCount = 4;
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 200 }), fc.nat(), (steps, salt) => {
        // A lag of 1 .. 300 us for each version and node, drawn by a small hash.
        const lagOf = (_: ServiceHistory, { number }: { number: number }, node: number): number =>
          1 + (((number * 7919 + node * 104_729 + salt) >>> 0) % 300);
        const pruned = new ServiceHistory("a", 0);
        const whole = new ServiceHistory("a", 0);
        const seen = Array<number>(nodeCount).fill(0);
        let nowUs = 0;
        for (const [i, { gapUs, node }] of steps.entries()) {
          nowUs += gapUs;
          for (const history of [pruned, whole]) history.publish(version(`v${i}`), [], nowUs);
          pruned.prune(nodeCount, nowUs, lagOf);
          if (!pruned.entries.has(node)) pruned.entries.set(node, { seen: 0, memory: {} });
          const found = pruned.seenBy(node, nowUs, lagOf);
          expect(found).toEqual(whole.seenBy(node, nowUs, lagOf));
          expect(found?.number ?? 0).toBeGreaterThanOrEqual(seen[node] ?? 0);
          seen[node] = found?.number ?? 0;
        }
        expect(whole.versions).toHaveLength(steps.length);
        expect(pruned.versions.length + pruned.droppedCount).toBe(steps.length);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("versions that all proxies have left behind are dropped", () => {
    const history = new ServiceHistory("a", 0);
    for (let i = 0; i < 10_000; i++) {
      history.publish(version(`v${i}`), [], i);
      history.prune(5, i, () => 10);
    }
    expect(history.versions.length).toBeLessThan(40);
  });

  test("a proxy that joins after versions were dropped has at least the oldest kept", () => {
    const history = new ServiceHistory("a", 0);
    const lagOf = (_: ServiceHistory, _version: unknown, node: number): number =>
      node === 0 ? 1 : 1_000_000;
    for (let i = 0; i < 50; i++) {
      history.publish(version(`v${i}`), [], i * 10);
      history.prune(1, i * 10, lagOf);
    }
    expect(history.droppedCount).toBeGreaterThan(0);
    expect(history.seenBy(1, 500, lagOf)).toBe(history.versions[0]);
    expect(new ServiceHistory("b", 0).seenBy(1, 500, lagOf)).toBeUndefined();
  });

  test("changes within one microsecond are one version", () => {
    const history = new ServiceHistory("a", 0);
    history.publish(version("a"), [], 5);
    history.publish(version("b"), [], 5);
    expect(history.versions.map(({ number, service }) => [number, service?.metadata.name])).toEqual(
      [[1, "b"]],
    );
  });
});
