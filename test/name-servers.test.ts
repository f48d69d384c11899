/** Names in a network with name servers' pods: what they answer, remember, and who hears of their end. */
import { describe, expect, test } from "vitest";
import { roundRobin } from "../policies/balance/index.ts";
import type { NameLookupFact, ServiceRequestFact } from "../sim/api/index.ts";
import { defaultClient } from "../sim/network/index.ts";
import type { DnsOptions } from "../sim/options/index.ts";
import { endpoint, NetworkFixture, plainTraffic, SECOND } from "./network-fixture.ts";

const MS = 1_000;
const PODS = ["p51", "p52"];

interface World {
  readonly fixture: NetworkFixture;
  readonly lookups: NameLookupFact[];
  /** Queries that ended, as requests to kube-dns. */
  queries(): ServiceRequestFact[];
}

function world(dns: Partial<DnsOptions> = {}, nodes = ["n1"], pods = PODS): World {
  const fixture = new NetworkFixture({
    balancer: roundRobin(),
    nodes,
    network: { podToPodSameNode: "constant(10us)", podToPod: "constant(10us)" },
    dns: { mode: "cluster", names: "absolute", serviceTime: "constant(100us)", ...dns },
  });
  fixture.serve(["p1"]);
  fixture.serveNames(pods);
  const lookups: NameLookupFact[] = [];
  fixture.plane.trace.nameLookup.subscribe((fact) => lookups.push(fact));
  fixture.network.start();
  return {
    fixture,
    lookups,
    queries: () => fixture.facts.filter(({ service }) => service === "kube-system/kube-dns"),
  };
}

function send({ fixture }: World, requests: number, traffic: object = {}): void {
  fixture.network.addTraffic({ ...plainTraffic, startUs: SECOND, requests, ...traffic });
}

describe("both queries for a name", () => {
  test("go over one socket to one pod; the next name has its own", () => {
    const w = world();
    send(w, 4);
    w.fixture.plane.settle();
    const pods = w.queries().map(({ endpoint: pod }) => pod);
    expect(pods).toEqual(["p51", "p51", "p52", "p52", "p51", "p51", "p52", "p52"]);
  });

  test("are sent again to the pod that does not answer, as long as the rules have it", () => {
    const w = world({ timeoutSeconds: 5, attempts: 2 }, ["n1", "n2"]);
    const { fixture } = w;
    // The name servers' node is lost, and the endpoints stay: the control plane does not know yet.
    fixture.cutOff("n1");
    send(w, 1, { from: "n2" });
    fixture.plane.settle();
    expect(w.lookups.map(({ outcome }) => outcome)).toEqual(["name-timeout"]);
    expect(w.queries().map(({ endpoint: pod, attempts }) => `${pod} ${attempts}`)).toEqual([
      "p51 2",
      "p51 2",
    ]);
  });

  test("are answered by a pod that is told to stop, until its containers end", () => {
    const w = world({}, ["n1"], ["p51"]);
    w.fixture.run(SECOND);
    w.fixture.signalPod("p51", "kube-system");
    send(w, 3);
    w.fixture.run(1.5 * SECOND);
    expect(w.lookups.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
    w.fixture.stopPod("p51", "kube-system");
    send(w, 1, { startUs: 2 * SECOND });
    w.fixture.plane.settle();
    expect(w.lookups.at(-1)?.outcome).toBe("name-timeout");
  });
});

test("a query that is sent again takes a time of its own in the name server", () => {
  // A third of the queries are too slow for the client; with the same draw they would always be.
  const w = world({
    serviceTime: "exponential(mean=1s)",
    timeoutSeconds: 1,
    attempts: 12,
    queriesPerName: 1,
    ttlSeconds: 0,
  });
  send(w, 60, { arrivals: "constant(20s)" });
  w.fixture.plane.settle();
  expect(w.lookups.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  expect(w.queries().filter(({ attempts }) => attempts > 1).length).toBeGreaterThan(10);
});

describe("a name server", () => {
  test.each([
    ["that has the answer still", 5, "ok"],
    ["that asks the API again", 40, "name-unknown"],
  ])("%s: %i s after the Service was deleted", (_case, seconds, expected) => {
    const w = world({ ttlSeconds: 30 }, ["n1"], ["p51"]);
    const { client, done, etcd } = w.fixture.plane;
    send(w, 1);
    w.fixture.run(2 * SECOND);
    const record = etcd.find("Service", "default/web");
    if (record === undefined) throw new Error("no Service");
    client.delete(record, {}, done, undefined);
    send(w, 1, { startUs: (2 + seconds) * SECOND });
    w.fixture.plane.settle();
    expect(w.lookups.map(({ outcome }) => outcome)).toEqual(["ok", expected]);
  });

  test("that begins anew has forgotten what it knew", () => {
    const w = world({ ttlSeconds: 3_600 }, ["n1"], ["p51"]);
    const { client, done, etcd } = w.fixture.plane;
    send(w, 1);
    w.fixture.run(2 * SECOND);
    w.fixture.stopPod("p51", "kube-system");
    w.fixture.restartPod("p51", "kube-system");
    const record = etcd.find("Service", "default/web");
    if (record === undefined) throw new Error("no Service");
    client.delete(record, {}, done, undefined);
    send(w, 1, { startUs: 10 * SECOND });
    w.fixture.plane.settle();
    expect(w.lookups.map(({ outcome }) => outcome)).toEqual(["ok", "name-unknown"]);
  });

  test("gives the addresses of a headless Service: its ready endpoints", () => {
    const w = world();
    for (const name of ["p7", "p8"]) w.fixture.startPod(name);
    w.fixture.addService({ clusterIP: "None" }, "db");
    const ends = [endpoint("p7"), { ...endpoint("p8"), conditions: { ready: false } }];
    w.fixture.plane.store(w.fixture.sliceOf("db", ends));
    w.fixture.run(SECOND);
    send(w, 3, { service: "default/db" });
    w.fixture.plane.settle();
    const told = w.fixture.facts.filter(({ service }) => service === "default/db");
    expect(told.map(({ endpoint: pod }) => pod)).toEqual(["p7", "p7", "p7"]);
  });
});

describe("a client that remembers names", () => {
  const keeping = { clientCacheSeconds: 10 };

  test("asks once in its time", () => {
    const w = world(keeping);
    send(w, 30, { arrivals: "constant(1s)" });
    w.fixture.plane.settle();
    expect(w.lookups.map(({ cache }) => cache).filter((cache) => cache === "server").length).toBe(
      3,
    );
  });

  test("has its own memory, on its own node", () => {
    const w = world(keeping, ["n1", "n2"]);
    send(w, 6, { from: "each-node" });
    w.fixture.plane.settle();
    const asked = w.lookups.filter(({ cache }) => cache === "server").map(({ node }) => node);
    expect(asked.sort()).toEqual(["n1", "n2"]);
  });

  test("is another one for each address", () => {
    const w = world(keeping);
    send(w, 9, { addresses: 3 });
    w.fixture.plane.settle();
    expect(w.lookups.filter(({ cache }) => cache === "server").length).toBe(3);
  });
});

describe("the node's cache", () => {
  test("serves all clients of its node, and names that do not exist for a shorter time", () => {
    const w = world({ mode: "node-local", nodeCacheSeconds: 30, nodeNegativeCacheSeconds: 5 });
    send(w, 20, { arrivals: "constant(1s)", addresses: 20 });
    send(w, 20, { arrivals: "constant(1s)", addresses: 20, service: "default/none" });
    w.fixture.plane.settle();
    const asked = (name: string): number =>
      w.lookups.filter((fact) => fact.name.startsWith(name) && fact.cache === "server").length;
    expect([asked("web."), asked("none.")]).toEqual([1, 4]);
  });
});

test("pods that call others leave nothing behind when they end", () => {
  const w = world({ clientCacheSeconds: 3_600 });
  const { fixture } = w;
  const call = { probability: 1, times: 1, cacheHits: 0, isOptional: false };
  const model = {
    serviceTime: "1ms",
    concurrency: 9,
    queueLimit: -1,
    cpu: 0,
    errors: 0,
    calls: [],
  };
  const client = { ...defaultClient, connections: 2 };
  fixture.network.setServiceModels({
    "default/web": { ...model, calls: [[{ ...call, to: "default/db", client }]] },
    "default/db": model,
  });
  fixture.startPod("p9");
  fixture.addService({}, "db");
  fixture.plane.store(fixture.sliceOf("db", [endpoint("p9")]));
  const web = (): NameLookupFact[] => w.lookups.filter(({ name }) => name.startsWith("db."));
  for (let life = 0; life < 3; life++) {
    send(w, 2, { startUs: (1 + life * 10) * SECOND, serviceTime: "" });
    fixture.run((5 + life * 10) * SECOND);
    // It has asked once in its life: a pod of the same name that begins anew has not.
    expect(web().filter(({ cache }) => cache === "server").length).toBe(life + 1);
    fixture.stopPod("p1");
    fixture.restartPod("p1");
  }
  expect(fixture.count(({ service, outcome }) => `${service} ${outcome}`)["default/db ok"]).toBe(6);
  expect(fixture.facts.every(({ outcome }) => outcome === "ok")).toBe(true);
  expect(fixture.facts.some(({ networkUs }) => networkUs > 10 * MS)).toBe(false);
});
