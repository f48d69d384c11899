import { describe, expect, test } from "vitest";
import { balancerNames } from "../../../policies/balance/index.ts";
import {
  firstOf,
  inTurn,
  ProxyFixture,
  type ProxyFixtureSettings,
  ready,
  SECOND,
  slice,
} from "../../../test/proxy-fixture.ts";
import { type Manifest, timestamp } from "../../api/index.ts";
import { defaultClusterOptions } from "../../options/index.ts";
import { type BalanceSite, balancerNameOf, defineBalancer, type EndpointSet } from "./index.ts";

const A = "10.0.0.1";
const B = "10.0.0.2";
const leaving = { conditions: { ready: false, serving: true, terminating: true } };

/** Two nodes in two zones, and the Service default/web. */
function started(
  endpoints = [ready(A), ready(B)],
  spec: object = {},
  settings: ProxyFixtureSettings = {},
): ProxyFixture {
  const fixture = new ProxyFixture(settings);
  fixture.joinNode("n1", "a");
  fixture.joinNode("n2", "b");
  fixture.serve("web", endpoints, spec);
  fixture.proxies.start();
  return fixture;
}

function siteOf(fixture: ProxyFixture, node = 0, port = "", isExternal = false): BalanceSite {
  const target = fixture.routing.target("default/web", port);
  return fixture.routing.proxySite(target, node, isExternal);
}

function addresses(fixture: ProxyFixture, site: BalanceSite): string[] {
  return (fixture.routing.endpoints(site)?.endpoints ?? []).map(({ address }) => address);
}

describe("KubeProxies", () => {
  test("what was there at the start is known at once, also when it is asked for later", () => {
    const fixture = started();
    expect(fixture.ask(siteOf(fixture))).toBe(A);
    expect(addresses(fixture, siteOf(fixture, 1))).toEqual([A, B]);
    expect(siteOf(fixture)).toBe(siteOf(fixture));
  });

  test("lag model: a node goes on with the old list until its lag has passed", () => {
    const network = { syncModel: "lag", proxySync: "constant(500ms)" };
    const fixture = started(undefined, {}, { network });
    const site = siteOf(fixture);
    fixture.run(SECOND);
    fixture.setEndpoints("web", [ready(B)]);
    expect(fixture.when(site, B, 2 * SECOND) - SECOND).toBe(501_000);
  });

  test("a deleted Service has no endpoints, and comes back with its new ones", () => {
    const fixture = started();
    const site = siteOf(fixture);
    const { plane } = fixture;
    const record = plane.etcd.find("Service", "default/web");
    if (record === undefined) throw new Error("no Service");
    plane.client.delete(record, {}, plane.done, undefined);
    fixture.run(SECOND);
    expect(fixture.ask(site)).toBe("none");
    fixture.plane.client.create(
      "Service",
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "web", namespace: "default" },
        spec: { ports: [{ port: 80 }] },
      },
      plane.done,
      undefined,
    );
    fixture.run(3 * SECOND);
    expect(fixture.ask(site)).toBe(A);
  });

  test("a node that joins knows nothing until its first sync, which is full, has ended", () => {
    const fixture = started(undefined, {}, { isObserved: true });
    fixture.run(SECOND);
    fixture.joinNode("n3");
    const site = siteOf(fixture, 2);
    // 10 ms and 1 ms for each of 5 + 2 x 3 rules.
    expect(fixture.when(site, A, 2 * SECOND) - SECOND).toBe(22_000);
    expect(fixture.facts).toMatchObject([{ node: "n3", isFull: true, durationUs: 21_000 }]);
  });

  test("slots stay with addresses, and indexes are by address", () => {
    const fixture = started([ready(B), ready(A)]);
    const site = siteOf(fixture);
    const slotOf = (address: string): number | undefined =>
      fixture.routing.endpoints(site)?.endpoints.find((each) => each.address === address)?.slot;
    expect([addresses(fixture, site), slotOf(B)]).toEqual([[A, B], 0]);
    fixture.setEndpoints("web", [ready("10.0.0.0"), ready(B)]);
    fixture.run(SECOND);
    expect([addresses(fixture, site), slotOf(B)]).toEqual([["10.0.0.0", B], 0]);
  });

  test("a list that did not change is the same object; a balancer hears of changes only", () => {
    const told: number[] = [];
    const balancer = defineBalancer({
      name: "told",
      changed: (_memory, { endpoints }) => void told.push(endpoints.length),
      choose: () => 0,
    });
    const fixture = started(undefined, {}, { balancer });
    const site = siteOf(fixture);
    const first = fixture.routing.endpoints(site);
    fixture.ask(site);
    const unready = { conditions: { ready: false, serving: false, terminating: false } };
    fixture.setEndpoints("web", [ready(A), ready(B), ready("10.0.0.3", unready)]);
    fixture.run(SECOND);
    fixture.ask(site);
    expect(fixture.routing.endpoints(site)).toBe(first);
    fixture.setEndpoints("web", [ready(A)]);
    fixture.run(3 * SECOND);
    fixture.ask(site);
    expect(told).toEqual([2, 1]);
  });

  test("a balancer's memory belongs to one node's proxy", () => {
    const taken: string[] = [];
    const fixture = started(undefined, {}, { balancer: inTurn });
    for (const node of [0, 1, 0, 1]) taken.push(fixture.ask(siteOf(fixture, node)));
    expect(taken).toEqual([A, A, B, B]);
  });

  test("what opens and closes is told to the balancer, also to that of a client", () => {
    const told: string[] = [];
    const balancer = defineBalancer({
      name: "hooks",
      choose: () => 0,
      opened: (_memory, { address }) => void told.push(`+${address}`),
      closed: (_memory, { address }, latencyUs, isOk) =>
        void told.push(`-${address} ${latencyUs} ${isOk}`),
    });
    const fixture = started();
    const target = fixture.routing.target("default/web", "");
    const site = fixture.routing.clientSite(target, -1, "c", balancer);
    expect(fixture.routing.clientSite(target, -1, "c", balancer)).toBe(site);
    const [endpoint] = fixture.routing.endpoints(site)?.endpoints ?? [];
    if (endpoint === undefined) throw new Error("no endpoint");
    fixture.routing.opened(site, endpoint);
    fixture.routing.closed(site, endpoint, 7, true);
    expect(told).toEqual([`+${A}`, `-${A} 7 true`]);
  });

  test.each([2, -2, 0.5, Number.NaN])(
    "a choice of %s is refused, with the balancer's name",
    (choice) => {
      const fixture = started(undefined, {}, { balancer: { name: "wild", choose: () => choice } });
      expect(() => fixture.ask(siteOf(fixture))).toThrow(
        `Balancer "wild" chose endpoint ${choice} of Service default/web: ` +
          "want a whole number, 0 .. 1 (-1: none of them).",
      );
    },
  );

  test("a balancer may choose none", () => {
    const fixture = started(undefined, {}, { balancer: { name: "no", choose: () => -1 } });
    expect(fixture.ask(siteOf(fixture))).toBe("none");
  });

  test("a Service's name needs its namespace", () => {
    expect(() => started().routing.target("web", "")).toThrow(
      'got Service "web", want namespace/name',
    );
  });

  test("weights are the pods' annotations, and must be numbers", () => {
    const targetRef = { kind: "Pod", namespace: "default", name: "p" };
    const weightOf = (weight: string): number | undefined => {
      const fixture = new ProxyFixture();
      fixture.joinNode("n1");
      const annotations = { "stowage.dev/weight": weight };
      fixture.plane.store({
        kind: "Pod",
        metadata: { name: "p", namespace: "default", annotations },
        spec: { containers: [{ name: "main", image: "app" }] },
      });
      fixture.serve("web", [ready(A, { targetRef })]);
      fixture.proxies.start();
      return fixture.routing.endpoints(siteOf(fixture))?.endpoints[0]?.weight;
    };
    expect([weightOf("0"), weightOf("2.5")]).toEqual([0, 2.5]);
    expect(() => weightOf("-1")).toThrow('pod default/p: annotation stowage.dev/weight: got "-1"');
  });
});

describe("ports", () => {
  const ports = [
    { name: "http", port: 80 },
    { name: "admin", port: 9000 },
  ];

  test.each([
    ["", [A]],
    ["http", [A]],
    ["80", [A]],
    ["admin", [B]],
    ["9000", [B]],
    ["other", []],
  ])("port %j has its own slices", (port, expected) => {
    const fixture = new ProxyFixture();
    fixture.joinNode("n1");
    fixture.serve("web", [], { ports });
    fixture.plane.store(slice("web", [ready(A)], [{ name: "http", port: 8080 }], 2));
    fixture.plane.store(slice("web", [ready(B)], [{ name: "admin", port: 9090 }], 3));
    fixture.proxies.start();
    expect(addresses(fixture, siteOf(fixture, 0, port))).toEqual(expected);
  });
});

describe("traffic policies", () => {
  const local = [ready(A), ready(B, { nodeName: "n2" })];
  const n1Leaving = [ready(A, leaving), ready(B, { nodeName: "n2" })];

  test.each<[string, object, ReturnType<typeof ready>[], boolean, string[]]>([
    ["Cluster", {}, local, false, [A, B]],
    ["Local: those on the node", { internalTrafficPolicy: "Local" }, local, false, [A]],
    [
      "internal Local says nothing of external",
      { internalTrafficPolicy: "Local" },
      local,
      true,
      [A, B],
    ],
    ["external Local", { type: "NodePort", externalTrafficPolicy: "Local" }, local, true, [A]],
    [
      "external Local, asked within",
      { type: "NodePort", externalTrafficPolicy: "Local" },
      local,
      false,
      [A, B],
    ],
    [
      "Local: leaving ones here before ready ones elsewhere",
      { internalTrafficPolicy: "Local" },
      n1Leaving,
      false,
      [A],
    ],
    ["ExternalName", { type: "ExternalName", externalName: "x.y" }, local, false, []],
  ])("%s", (_case, spec, endpoints, isExternal, expected) => {
    const fixture = started(endpoints, spec);
    expect(addresses(fixture, siteOf(fixture, 0, "", isExternal))).toEqual(expected);
  });

  test("a headless Service has no proxy; its clients choose among the ready ones", () => {
    const fixture = started([ready(A), ready(B, leaving)], { clusterIP: "None" });
    const target = fixture.routing.target("default/web", "");
    expect(fixture.routing.isHeadless(target, 0)).toBe(true);
    expect(addresses(fixture, siteOf(fixture))).toEqual([]);
    expect(addresses(fixture, fixture.routing.clientSite(target, 0, "c", firstOf))).toEqual([A]);
  });

  test.each<[string, object, number[]]>([
    ["ClusterIP: no way in", {}, [-1, -1]],
    ["NodePort: any node", { type: "NodePort", externalTrafficPolicy: "Local" }, [0, 1]],
    ["ExternalName: no way in", { type: "ExternalName", externalName: "x.y" }, [-1, -1]],
    ["LoadBalancer: any node", { type: "LoadBalancer" }, [0, 1]],
    [
      "LoadBalancer, Local: nodes with a ready endpoint",
      { type: "LoadBalancer", externalTrafficPolicy: "Local" },
      [1, 1],
    ],
  ])("%s", (_case, spec, expected) => {
    const endpoints = [ready(A, leaving), ready(B, { nodeName: "n2" })];
    const fixture = started(endpoints, spec);
    const target = fixture.routing.target("default/web", "");
    expect([0.1, 0.9].map((uniform) => fixture.routing.entryNode(target, uniform))).toEqual(
      expected,
    );
  });
});

describe("session affinity", () => {
  const sessionAffinityConfig = { clientIP: { timeoutSeconds: 10 } };
  const spec = { sessionAffinity: "ClientIP", sessionAffinityConfig };
  const ask = (fixture: ProxyFixture, clientHash: number): string =>
    fixture.ask(siteOf(fixture), { clientHash });

  test("a client stays until it was away for the timeout, and each connection counts", () => {
    const fixture = started(undefined, spec, { balancer: inTurn });
    const taken = [ask(fixture, 1), ask(fixture, 2)];
    for (const second of [9, 18, 27]) {
      fixture.run(second * SECOND);
      taken.push(ask(fixture, 1));
    }
    expect(taken).toEqual([A, B, A, A, A]);
    fixture.run(37 * SECOND);
    // Its time is up: it is the next one's turn, which is A for the third chosen connection.
    expect([ask(fixture, 3), ask(fixture, 1)]).toEqual([A, B]);
  });

  test("a client whose endpoint is gone is sent elsewhere, and stays there", () => {
    const fixture = started(undefined, spec);
    expect(ask(fixture, 1)).toBe(A);
    fixture.setEndpoints("web", [ready(B)]);
    fixture.run(SECOND);
    expect(ask(fixture, 1)).toBe(B);
    fixture.setEndpoints("web", [ready(A), ready(B)]);
    fixture.run(3 * SECOND);
    expect([ask(fixture, 1), ask(fixture, 2)]).toEqual([B, A]);
  });

  test("memory is bounded by the clients of one timeout", () => {
    const fixture = started(undefined, spec);
    for (let i = 0; i < 20; i++) {
      fixture.run((i + 1) * 20 * SECOND);
      for (let client = 0; client < 1_000; client++) ask(fixture, i * 1_000 + client);
    }
    const site = siteOf(fixture) as unknown as { affinities: Map<number, unknown> };
    expect(site.affinities.size).toBeLessThan(3_000);
  });
});

describe("modes", () => {
  const { network } = defaultClusterOptions;

  test.each<[object, string]>([
    [{}, "random"],
    [{ proxyMode: "nftables" }, "random"],
    [{ proxyMode: "ipvs" }, "round-robin"],
    [{ proxyMode: "ipvs", balancer: "random" }, "random"],
  ])("%j balances by %s", (given, name) => {
    expect(balancerNameOf({ ...network, ...given })).toBe(name);
  });

  test.each<[object, string]>([
    [
      { proxyMode: "iptable" },
      'network.proxyMode: got "iptable", want one of iptables, ipvs, nftables. Did you mean iptables?',
    ],
    [{ proxyMode: "ipvs", ipvsScheduler: "rx" }, 'network.ipvsScheduler: got "rx"'],
  ])("%j is refused", (given, message) => {
    expect(() => balancerNameOf({ ...network, ...given })).toThrow(message);
  });

  test.each(["rr", "wrr", "lc", "wlc", "sh", "dh", "sed", "nq"])(
    "%s is a known balancer",
    (name) => {
      const options = { ...network, proxyMode: "ipvs", ipvsScheduler: name };
      expect(balancerNames()).toContain(balancerNameOf(options));
    },
  );

  test.each<[object, string]>([
    [{ syncModel: "rule" }, 'network.syncModel: got "rule"'],
    [{ minSyncPeriod: "1" }, 'network.minSyncPeriod: got "1", want a duration'],
    [{ minSyncPeriod: "2h" }, "network.minSyncPeriod: got 2h, want no more than"],
    [{ iptablesSyncPerRuleUs: -1 }, "network.iptablesSyncPerRuleUs: got -1"],
  ])("a proxy with %j is refused", (given, message) => {
    expect(() => new ProxyFixture({ network: given })).toThrow(message);
  });

  test("the first packet's cost grows with the Services in iptables only", () => {
    const lookups = (mode: object, services: number): number => {
      const fixture = new ProxyFixture({ network: mode });
      fixture.joinNode("n1");
      for (let i = 0; i < services; i++) fixture.serve(i === 0 ? "web" : `s${i}`, []);
      fixture.proxies.start();
      return fixture.routing.lookupUs(siteOf(fixture), 1, 1);
    };
    const iptables = { iptablesLookup: "constant(70us)" };
    expect([lookups(iptables, 100), lookups(iptables, 1_000)]).toEqual([1, 7]);
    const ipvs = { proxyMode: "ipvs" };
    expect([lookups(ipvs, 100), lookups(ipvs, 1_000)]).toEqual([1, 1]);
  });
});

describe("the tracepoint proxySync", () => {
  const trigger = "endpoints.kubernetes.io/last-change-trigger-time";

  test("tells of each node's syncs, with how long ago each change was triggered", () => {
    const fixture = started(undefined, {}, { isObserved: true });
    fixture.run(5 * SECOND);
    fixture.setEndpoints("web", [ready(B)], { [trigger]: timestamp(3 * SECOND) });
    fixture.run(8 * SECOND);
    const of = (node: string): object => ({ node, isFull: false, durationUs: 21_000 });
    expect(fixture.facts).toMatchObject([of("n1"), of("n2")]);
    for (const { timeUs, programmingUs } of fixture.facts) {
      expect(Math.floor(timeUs / 1_000)).toBe(5_021);
      expect(programmingUs).toEqual([timeUs - 3 * SECOND]);
    }
  });

  test("tells of the first sync of a node that joins, though nothing changes and nobody asks", () => {
    const fixture = started(undefined, {}, { isObserved: true });
    fixture.run(5 * SECOND);
    fixture.joinNode("n3");
    fixture.run(7 * SECOND);
    const first = { node: "n3", isFull: true, durationUs: 21_000, programmingUs: [] };
    expect(fixture.facts).toMatchObject([first]);
    expect(fixture.facts.map(({ timeUs }) => Math.floor(timeUs / 1_000))).toEqual([5_021]);
  });

  test("with the lag model, a node that joins has no sync to tell of", () => {
    const network = { syncModel: "lag" };
    const fixture = started(undefined, {}, { isObserved: true, network });
    fixture.joinNode("n3");
    fixture.run(2 * SECOND);
    expect(fixture.facts).toEqual([]);
  });

  test("without a trigger's time it is the change's own; Services are not measured", () => {
    const fixture = started(undefined, {}, { isObserved: true });
    const { plane } = fixture;
    fixture.run(5 * SECOND);
    fixture.setEndpoints("web", [ready(B)]);
    fixture.run(7 * SECOND);
    const record = plane.etcd.find("Service", "default/web");
    if (record === undefined) throw new Error("no Service");
    const change = { spec: { internalTrafficPolicy: "Local" } };
    plane.client.patch(record, change as unknown as Manifest, "", plane.done, undefined);
    fixture.run(9 * SECOND);
    expect(fixture.facts.map(({ programmingUs }) => programmingUs)).toEqual([
      [21_001],
      [21_001],
      [],
      [],
    ]);
  });

  test("a listener changes nothing that a node sees", () => {
    const seenBy = (isObserved: boolean): string[] => {
      const fixture = started(undefined, {}, { isObserved });
      const seen: string[] = [];
      for (let i = 0; i < 60; i++) {
        fixture.setEndpoints("web", [ready(`10.0.0.${i}`)]);
        fixture.run((i + 1) * 170_000);
        if (i % 7 === 0) seen.push(fixture.ask(siteOf(fixture)));
      }
      return seen;
    };
    const seen = seenBy(false);
    expect(seenBy(true)).toEqual(seen);
    expect(new Set(seen).size).toBeGreaterThan(4);
  });
});

test("versions and changes that no node needs are let go", () => {
  const fixture = started();
  const site = siteOf(fixture) as unknown as { history: { versions: unknown[] } };
  for (let i = 0; i < 5_000; i++) {
    fixture.setEndpoints("web", [ready(`10.0.${i >> 8}.${i & 255}`)]);
    fixture.run((i + 1) * 100_000);
  }
  expect(fixture.ask(siteOf(fixture))).not.toBe("none");
  expect(site.history.versions.length).toBeLessThan(140);
  expect(fixture.routing.endpoints(siteOf(fixture))?.slotCount).toBeLessThan(300);
});

test("sets of nodes that have long gone are let go", () => {
  const fixture = started(undefined, { internalTrafficPolicy: "Local" });
  for (let i = 0; i < 1_000; i++) {
    const nodeName = `x${i}`;
    fixture.joinNode(nodeName);
    fixture.run((i * 3 + 2) * SECOND); // its proxy has rules
    fixture.setEndpoints("web", [ready(A, { nodeName }), ready(B, { nodeName: "n1" })]);
    fixture.run((i + 1) * 3 * SECOND);
    expect(fixture.ask(siteOf(fixture, i + 2))).toBe(A);
  }
  const { history } = siteOf(fixture) as unknown as { history: { lastSets: Map<string, unknown> } };
  expect(history.lastSets.size).toBeLessThan(150);
});

test("a site of a client that another state has with the same number is balanced as its own", () => {
  const fixture = started();
  const target = fixture.routing.target("default/web", "");
  const last = { name: "last", choose: ({ endpoints }: EndpointSet) => endpoints.length - 1 };
  const snapshot = fixture.plane.kernel.snapshot();
  expect(fixture.ask(fixture.routing.clientSite(target, 0, "a", firstOf))).toBe(A);
  fixture.plane.kernel.restore(snapshot);
  const again = fixture.routing.target("default/web", "");
  expect(fixture.ask(fixture.routing.clientSite(again, 0, "b", last))).toBe(B);
});

test("the tracked UDP entries of endpoints that serve are kept, of others deleted with the next sync", () => {
  const fixture = started([ready(A), ready(B)]);
  const site = siteOf(fixture);
  const [a, b] = fixture.routing.endpoints(site)?.endpoints ?? [];
  if (a === undefined || b === undefined) throw new Error("no endpoints");
  const serving = (): boolean[] => [a, b].map((each) => fixture.routing.isServing(site, each));
  expect(serving()).toEqual([true, true]);
  fixture.setEndpoints("web", [ready(A, leaving), ready(B)]);
  fixture.run(3 * SECOND);
  expect([addresses(fixture, site), serving()]).toEqual([[B], [true, true]]);
  fixture.setEndpoints("web", [ready(B, { conditions: { ready: false, serving: false } })]);
  fixture.run(3 * SECOND + 5_000); // the node's sync is not over
  expect(serving()).toEqual([true, true]);
  fixture.run(6 * SECOND);
  expect(serving()).toEqual([false, false]);
});

test("a fork goes on as the run does", () => {
  const fixture = started(undefined, {}, { balancer: inTurn });
  const site = siteOf(fixture);
  fixture.run(SECOND);
  for (let i = 0; i < 3; i++) fixture.setEndpoints("web", [ready(A), ready(`10.0.0.${i + 3}`)]);
  fixture.run(SECOND + 5_000);
  fixture.ask(site);
  // In the middle of a sync.
  const follow = (): string[] => {
    const seen: string[] = [];
    for (let i = 0; i < 40; i++) {
      fixture.run(fixture.plane.kernel.nowUs + 100_000);
      seen.push(fixture.ask(siteOf(fixture)), fixture.ask(siteOf(fixture, 1)));
    }
    return seen;
  };
  const isApiObject = (object: object): boolean => "metadata" in object && "kind" in object;
  const snapshot = fixture.plane.kernel.snapshot(isApiObject);
  const first = follow();
  fixture.plane.kernel.restore(snapshot);
  expect(follow()).toEqual(first);
  expect(new Set(first)).toEqual(new Set([A, "10.0.0.5"]));
});
