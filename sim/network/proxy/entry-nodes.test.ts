/** By which nodes connections from outside come in. */
import { describe, expect, test } from "vitest";
import {
  ProxyFixture,
  type ProxyFixtureSettings,
  ready,
  SECOND,
} from "../../../test/proxy-fixture.ts";
import { InputError } from "../../kernel/index.ts";

/** Nodes n0 .. n(count - 1), and a Service of this type with an endpoint on each. */
function started(type: string, count = 4, settings: ProxyFixtureSettings = {}, spec: object = {}) {
  const fixture = new ProxyFixture(settings);
  const names = Array.from({ length: count }, (_, i) => `n${i}`);
  for (const name of names) fixture.joinNode(name);
  const endpoints = names.map((nodeName, i) => ready(`10.0.0.${i}`, { nodeName }));
  fixture.serve("web", endpoints, { type, ...spec });
  fixture.proxies.start();
  return fixture;
}

/** Numbers of the nodes that come up in many draws. */
function entries(fixture: ProxyFixture): number[] {
  const target = fixture.routing.target("default/web", "");
  const found = new Set<number>();
  for (let i = 0; i < 400; i++) found.add(fixture.routing.entryNode(target, i / 400));
  return [...found].sort((a, b) => a - b);
}

function remove(fixture: ProxyFixture, name: string): void {
  const { client, done, etcd } = fixture.plane;
  const record = etcd.find("Node", name);
  if (record === undefined) throw new Error(`no node ${name}`);
  client.delete(record, {}, done, undefined);
}

describe.each(["NodePort", "LoadBalancer"])("%s", (type) => {
  test("all nodes that exist, evenly", () => {
    const fixture = started(type);
    const target = fixture.routing.target("default/web", "");
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 400; i++) {
      const node = fixture.routing.entryNode(target, i / 400);
      counts[node] = (counts[node] ?? 0) + 1;
    }
    expect(counts).toEqual([100, 100, 100, 100]);
  });

  test("a deleted node is left out, and the connections that it would have had are spread", () => {
    const fixture = started(type);
    fixture.run(SECOND);
    const target = fixture.routing.target("default/web", "");
    const draws = Array.from({ length: 4_000 }, (_, i) => (i + 0.5) / 4_000);
    const before = draws.map((draw) => fixture.routing.entryNode(target, draw));
    remove(fixture, "n2");
    fixture.run(2 * SECOND);
    const after = draws.map((draw) => fixture.routing.entryNode(target, draw));
    expect(new Set(after)).toEqual(new Set([0, 1, 3]));
    // Connections that did not meet it are not moved.
    expect(before.every((node, i) => node === 2 || node === after[i])).toBe(true);
    const moved = after.filter((_, i) => before[i] === 2);
    for (const node of [0, 1, 3]) {
      const share = moved.filter((each) => each === node).length / moved.length;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.06);
    }
  });

  test("no node is left: no way in", () => {
    const fixture = started(type, 1);
    remove(fixture, "n0");
    fixture.run(SECOND);
    expect(entries(fixture)).toEqual([-1]);
  });
});

test("a NodePort's clients don't know that a node is dead; nor whether a load balancer may have it", () => {
  const fixture = started("NodePort", 2);
  const labels = { "node.kubernetes.io/exclude-from-external-load-balancers": "" };
  fixture.joinNode("n2", "", { labels });
  fixture.unreachable.add("n1");
  fixture.run(100 * SECOND);
  expect(entries(fixture)).toEqual([0, 1, 2]);
});

describe("a load balancer", () => {
  const excluded = { labels: { "node.kubernetes.io/exclude-from-external-load-balancers": "" } };

  test("leaves out nodes that their label excludes", () => {
    const fixture = new ProxyFixture();
    fixture.joinNode("n0");
    fixture.joinNode("n1", "", excluded);
    fixture.serve("web", [ready("10.0.0.1")], { type: "LoadBalancer" });
    fixture.proxies.start();
    expect(entries(fixture)).toEqual([0]);
  });

  test("leaves out nodes that the cluster autoscaler is about to delete, though they are Ready", () => {
    const fixture = started("LoadBalancer", 1);
    const taints = [{ key: "ToBeDeletedByClusterAutoscaler", effect: "NoSchedule" }];
    const metadata = { name: "n1", namespace: "" };
    fixture.plane.store({ kind: "Node", metadata, spec: { taints } });
    fixture.nodes.add("n1", "", 4);
    expect(entries(fixture)).toEqual([0]);
  });

  test.each<[object, number, number]>([
    [{}, 24, 23.9],
    [{ healthCheckInterval: "10s", healthCheckThreshold: 2 }, 20, 19.9],
    [{ healthCheckInterval: "1s", healthCheckThreshold: 1 }, 1, 0.9],
  ])("with %j leaves a dead node out after %i s", (network, leftOutS, stillInS) => {
    const fixture = started("LoadBalancer", 3, { network });
    expect(entries(fixture)).toEqual([0, 1, 2]); // its checks go on from here
    fixture.unreachable.add("n1");
    fixture.run(stillInS * SECOND);
    expect(entries(fixture)).toEqual([0, 1, 2]);
    fixture.run(leftOutS * SECOND);
    expect(entries(fixture)).toEqual([0, 2]);
  });

  test("takes a node back after one check that passes", () => {
    const fixture = started("LoadBalancer", 2);
    entries(fixture);
    fixture.unreachable.add("n1");
    fixture.run(30 * SECOND);
    fixture.unreachable.clear();
    expect(entries(fixture)).toEqual([0]);
    fixture.run(32 * SECOND);
    expect(entries(fixture)).toEqual([0, 1]);
  });

  test("has known for long of a node that was dead before the first connection", () => {
    const fixture = started("LoadBalancer", 2);
    fixture.unreachable.add("n1");
    expect(entries(fixture)).toEqual([0]);
  });

  test("sends to a node that joins once a check has passed", () => {
    const fixture = started("LoadBalancer", 1);
    entries(fixture);
    fixture.run(10 * SECOND);
    fixture.joinNode("n1");
    expect(entries(fixture)).toEqual([0]);
    fixture.run(16 * SECOND);
    expect(entries(fixture)).toEqual([0, 1]);
  });

  test("whose nodes all fail sends to all of them", () => {
    const fixture = started("LoadBalancer", 2);
    for (const name of ["n0", "n1"]) fixture.unreachable.add(name);
    expect(entries(fixture)).toEqual([0, 1]);
  });

  test("with externalTrafficPolicy Local leaves out dead nodes, too", () => {
    const fixture = started("LoadBalancer", 3, {}, { externalTrafficPolicy: "Local" });
    entries(fixture);
    fixture.setEndpoints("web", [
      ready("10.0.0.0", { nodeName: "n0" }),
      ready("10.0.0.1", { nodeName: "n1" }),
    ]);
    fixture.unreachable.add("n1");
    fixture.run(8 * SECOND);
    expect(entries(fixture)).toEqual([0, 1]);
    fixture.run(30 * SECOND);
    expect(entries(fixture)).toEqual([0]);
  });

  test("does not keep the run alive by its checks", () => {
    const fixture = started("LoadBalancer", 2);
    entries(fixture);
    fixture.plane.settle();
    expect(fixture.plane.kernel.nowUs).toBeLessThan(SECOND);
  });

  test("goes on in a fork with what its checks have found", () => {
    const fixture = started("LoadBalancer", 2);
    entries(fixture);
    fixture.unreachable.add("n1");
    fixture.run(17 * SECOND);
    const isApiObject = (object: object): boolean => "metadata" in object && "kind" in object;
    const snapshot = fixture.plane.kernel.snapshot(isApiObject);
    fixture.run(40 * SECOND);
    fixture.plane.kernel.restore(snapshot);
    expect(entries(fixture)).toEqual([0, 1]);
    fixture.run(24 * SECOND);
    expect(entries(fixture)).toEqual([0]);
  });
});

test.each([
  [{ healthCheckInterval: "often" }, 'network.healthCheckInterval: got "often", want a duration'],
  [{ healthCheckInterval: "0s" }, 'network.healthCheckInterval: got "0s", want a duration above 0'],
  [{ healthCheckThreshold: 0 }, "network.healthCheckThreshold: got 0, want how many"],
])("%j is refused", (network, message) => {
  expect(() => new ProxyFixture({ network })).toThrow(InputError);
  expect(() => new ProxyFixture({ network })).toThrow(message);
});
