/** Requests to ExternalName Services: where their names lead, and what the way there takes. */
import { describe, expect, test } from "vitest";
import { defaultClient } from "../sim/network/index.ts";
import { NetworkFixture, plainTraffic, SECOND } from "./network-fixture.ts";

const MS = 1_000;
const OUT = { outsideToNode: "constant(5ms)" };

interface Settings {
  readonly dns?: "cluster" | "none";
  readonly network?: object;
}

/** Service default/web with pod p1, and ExternalNames. */
function world(names: Record<string, string>, { dns = "none", network = OUT }: Settings = {}) {
  const fixture = new NetworkFixture({
    nodes: ["n1", "n2"],
    network,
    dns: { mode: dns, names: "absolute", serviceTime: "constant(100us)" },
  });
  fixture.serve(["p1"]);
  if (dns !== "none") fixture.serveNames(["p53"]);
  for (const [name, externalName] of Object.entries(names))
    fixture.addService({ type: "ExternalName", externalName, ports: undefined }, name);
  fixture.network.start();
  return fixture;
}

function send(fixture: NetworkFixture, service: string, traffic: object = {}): void {
  const load = { service: `default/${service}`, startUs: SECOND, requests: 4 };
  fixture.network.addTraffic({ ...plainTraffic, ...load, ...traffic });
  fixture.plane.settle();
}

const model = { serviceTime: "constant(3ms)", queueLimit: -1, cpu: 1, errors: 0, calls: [] };

describe.each(["none", "cluster"] as const)("with dns.mode %s", (dns) => {
  test("the name of a Service leads to its pods, and counts for the ExternalName", () => {
    const fixture = world({ alias: "web.default.svc.cluster.local" }, { dns });
    send(fixture, "alias");
    const told = fixture.count((fact) => `${fact.service} ${fact.endpoint} ${fact.outcome}`);
    expect(told["default/alias p1 ok"]).toBe(4);
  });

  test("any other name leads to a host outside: two ways of outsideToNode, no pod", () => {
    const fixture = world({ db: "db.example.com" }, { dns });
    send(fixture, "db");
    const facts = fixture.facts.filter(({ service }) => service === "default/db");
    expect(facts.length).toBe(4);
    for (const fact of facts)
      expect(fact).toMatchObject({
        outcome: "ok",
        endpoint: "",
        endpointNode: "",
        networkUs: 10 * MS,
        serviceUs: MS,
      });
    expect(facts.every(({ dnsUs }) => (dns === "none" ? dnsUs === 0 : dnsUs >= 102))).toBe(true);
  });

  test.each([
    ["a loop", { a: "b.default.svc.cluster.local", b: "a.default.svc.cluster.local" }],
    ["a Service that is not there", { a: "none.default.svc.cluster.local" }],
  ])("%s is a name without an address", (_case, names) => {
    const fixture = world(names as Record<string, string>, { dns });
    send(fixture, "a");
    const told = fixture.count(({ service, outcome }) => `${service} ${outcome}`);
    expect(told["default/a name-unknown"]).toBe(4);
  });
});

test("a new connection to a host outside costs its round trip; a kept one only once", () => {
  const fixture = world({ db: "db.example.com" }, { network: { ...OUT, tcpHandshake: true } });
  const client = { ...defaultClient, connections: 1 };
  send(fixture, "db", { client, from: "n1", arrivals: "constant(100ms)" });
  expect(fixture.facts.map(({ networkUs }) => networkUs / MS)).toEqual([20, 10, 10, 10]);
});

test.each([
  ["any number of places unless it is said", 0, [3, 3, 3, 3]],
  ["as many as the model says", 1, [3, 6, 9, 12]],
])("a host outside has %s", (_case, concurrency, expected) => {
  const fixture = world({ db: "db.example.com" });
  fixture.network.setServiceModels({ "default/db": { ...model, concurrency } });
  send(fixture, "db", { serviceTime: "", arrivals: "constant(1us)" });
  const inHostMs = fixture.facts.map(({ queueUs, serviceUs }) =>
    Math.round((queueUs + serviceUs) / MS),
  );
  expect(inHostMs).toEqual(expected);
});

test("the pods of a Service serve by its own model, however they are called", () => {
  const fixture = world({ alias: "web.default.svc.cluster.local" });
  fixture.network.setServiceModels({
    "default/web": { ...model, concurrency: 8 },
    "default/alias": { ...model, concurrency: 1, serviceTime: "constant(9ms)" },
  });
  send(fixture, "alias", { serviceTime: "" });
  expect(fixture.facts.map(({ serviceUs }) => serviceUs / MS)).toEqual([3, 3, 3, 3]);
});

test("the port's number is the one that the client asks for", () => {
  const fixture = world({});
  const ports = [
    { name: "low", port: 1 },
    { name: "http", port: 80 },
  ];
  const externalName = "web.default.svc.cluster.local";
  fixture.addService({ type: "ExternalName", externalName, ports }, "alias");
  fixture.plane.settle();
  send(fixture, "alias", { port: "http" });
  send(fixture, "alias", { port: "low" });
  expect(fixture.count(({ outcome }) => outcome)).toEqual({ "no-endpoints": 4, ok: 4 });
});

test("a host outside hears nothing of a node that is cut off", () => {
  const fixture = world({ db: "db.example.com" });
  fixture.cutOff("n1");
  send(fixture, "db");
  expect(fixture.count(({ sourceNode, outcome }) => `${sourceNode} ${outcome}`)).toEqual({
    "n1 connect-timeout": 2,
    "n2 ok": 2,
  });
});
