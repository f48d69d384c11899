/** Requests through clusters in which things go wrong: none is lost, made up, or counted twice. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Manifest, ServiceRequestFact } from "../sim/api/index.ts";
import { type Cluster, defaultClusterOptions } from "../sim/index.ts";
import { Digest } from "../sim/kernel/index.ts";
import { defaultClient } from "../sim/network/index.ts";
import {
  ALL_FAULTS,
  END_US,
  faultyCluster,
  type History,
  historyOf,
  SECOND,
} from "./faulty-cluster.ts";
import { plainTraffic } from "./network-fixture.ts";
import { census } from "./request-census.ts";

const UNTIL_US = 100 * SECOND;
const SETTLED_US = END_US + 3600 * SECOND;

function service(name: string, spec: object = {}): Manifest {
  const metadata = { name, namespace: "default" };
  const selector = { app: name };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: { selector, ports: [{ port: 80 }], ...spec },
  };
}

/** web asks load and db at once, then db again; db is headless, short of places, and fails now and then. */
function addRequests(cluster: Cluster): void {
  const once = { probability: 1, times: 1, cacheHits: 0, isOptional: false };
  const patient = {
    ...defaultClient,
    attempts: 3,
    attemptTimeoutUs: 300_000,
    timeoutUs: 2_000_000,
  };
  const keeping = { ...patient, connections: 2, retryBudget: 0.5 };
  const model = { concurrency: 4, queueLimit: -1, cpu: 0.5, errors: 0, calls: [] };
  cluster.setServiceModels({
    "default/web": {
      ...model,
      serviceTime: "exponential(mean=20ms)",
      calls: [
        [
          { ...once, to: "default/load", client: keeping },
          { ...once, to: "default/db", isOptional: true, client: patient },
        ],
        [
          {
            ...once,
            to: "default/db",
            probability: 0.5,
            cacheHits: 0.2,
            times: 2,
            client: keeping,
          },
        ],
      ],
    },
    "default/load": { ...model, serviceTime: "exponential(mean=10ms)" },
    "default/db": {
      ...model,
      serviceTime: "exponential(mean=30ms)",
      concurrency: 1,
      queueLimit: 2,
      errors: 0.02,
    },
  });
  const source = {
    ...plainTraffic,
    service: "default/web",
    serviceTime: "",
    from: "random-node",
    requests: undefined,
    untilUs: UNTIL_US,
  };
  const own = { ...keeping, balancer: "least-outstanding" };
  const inLine = { ...patient, connections: 2, isExclusive: true };
  for (const [name, client] of [
    ["plain", defaultClient],
    ["own", own],
    ["in-line", inLine],
  ] as const)
    cluster.addTraffic({ ...source, name, arrivals: "poisson(rate=3/s)", client });
  cluster.addTraffic({
    ...source,
    name: "loop",
    arrivals: "",
    clients: 4,
    thinkTime: "exponential(mean=1s)",
    client: patient,
  });
}

interface Modes {
  readonly dns: "none" | "cluster" | "node-local";
  readonly proxy: string;
  readonly stopping: string;
}

const modesOf: fc.Arbitrary<Modes> = fc.record({
  dns: fc.constantFrom("none", "cluster", "node-local"),
  proxy: fc.constantFrom("iptables", "ipvs", "nftables"),
  stopping: fc.constantFrom("drain", "drop"),
});

function clusterOf(history: History, modes: Modes): Cluster {
  const { dns, network } = defaultClusterOptions;
  const options = {
    dns: { ...dns, mode: modes.dns },
    network: { ...network, proxyMode: modes.proxy, stoppingServers: modes.stopping },
  };
  const extra = [service("db", { clusterIP: "None" }), service("load")];
  return faultyCluster(history, options, { extra, attach: addRequests });
}

function isApiObject(object: object): boolean {
  return "metadata" in object && "kind" in object && "apiVersion" in object;
}

/** Everything that is told of requests, as a fingerprint. */
function digestOf(cluster: Cluster): Digest {
  const digest = new Digest();
  cluster.trace.serviceRequest.subscribe((fact) => {
    digest.addString(`${fact.source} ${fact.sourceNode} ${fact.service} ${fact.outcome}`);
    digest.addString(fact.endpoint).add(fact.startUs).add(fact.endUs).add(fact.queueUs);
    digest.add(fact.trace).add(fact.span).add(fact.attempts);
  });
  return digest;
}

const history = historyOf(ALL_FAULTS);
/** Milliseconds. */
const moment = fc.integer({ min: 1_000, max: 110_000 });
const moments = fc.array(moment, { maxLength: 5 });

describe("requests in a cluster where things go wrong", () => {
  test("sent = answered + failed + in flight, at every moment; and all end", () => {
    const outcomes = new Set<string>();
    let most = 0;
    fc.assert(
      fc.property(history, modesOf, moments, (lived, modes, momentsMs) => {
        const cluster = clusterOf(lived, modes);
        const facts: ServiceRequestFact[] = [];
        cluster.trace.serviceRequest.subscribe((fact) => facts.push(fact));
        for (const momentMs of momentsMs.sort((a, b) => a - b)) {
          cluster.run(momentMs * 1000);
          const { sent, ended, inFlight } = census(cluster.kernel.snapshot(isApiObject));
          expect([inFlight, ended]).toEqual([sent - ended, facts.length]);
          most = Math.max(most, inFlight);
        }
        expect(cluster.run(SETTLED_US)).toBe("idle");
        const { sent, ended, inFlight } = census(cluster.kernel.snapshot(isApiObject));
        expect([sent, ended, inFlight]).toEqual([facts.length, facts.length, 0]);
        for (const fact of facts) {
          outcomes.add(fact.outcome);
          expectParts(fact);
        }
        expectTrees(facts);
      }),
      { seed: 3, numRuns: 15 },
    );
    expect(most).toBeGreaterThan(5);
    for (const outcome of ["ok", "timeout", "queue-full", "error", "upstream-failure"])
      expect([...outcomes]).toContain(outcome);
  });

  test("the same seed gives the same requests, and a fork goes on as the run does", () => {
    fc.assert(
      fc.property(history, modesOf, moment, (lived, modes, momentMs) => {
        const [first, twin] = [clusterOf(lived, modes), clusterOf(lived, modes)];
        const whole = [first, twin].map(digestOf);
        first.run(momentMs * 1000);
        const fork = first.fork();
        const rest = [first, fork].map(digestOf);
        for (const cluster of [fork, first, twin]) cluster.run(SETTLED_US);
        expect(whole[0]?.words).toBeGreaterThan(10_000);
        expect(whole[1]?.hex).toBe(whole[0]?.hex);
        expect(rest[1]?.hex).toBe(rest[0]?.hex);
      }),
      { seed: 4, numRuns: 6 },
    );
  });
});

function expectParts(fact: ServiceRequestFact): void {
  const { networkUs, queueUs, serviceUs, dnsUs, retryUs, startUs, endUs } = fact;
  if (
    networkUs + queueUs + serviceUs + dnsUs + retryUs === endUs - startUs &&
    Math.min(networkUs, queueUs, serviceUs, dnsUs, retryUs) >= 0
  )
    return;
  throw new Error(`the parts do not add up: ${JSON.stringify(fact)}`);
}

/** Every call has a number of its own in its tree, its caller is there, and it begins within it. */
function expectTrees(facts: readonly ServiceRequestFact[]): void {
  const bySpan = new Map<string, ServiceRequestFact>();
  for (const fact of facts) {
    const key = `${fact.trace}/${fact.span}`;
    if (bySpan.has(key))
      throw new Error(`two calls are ${key}: ${JSON.stringify([bySpan.get(key), fact])}`);
    bySpan.set(key, fact);
  }
  for (const fact of facts) {
    if (fact.parentSpan < 0) continue;
    const parent = bySpan.get(`${fact.trace}/${fact.parentSpan}`);
    const isWithin =
      parent !== undefined &&
      fact.startUs >= parent.startUs &&
      (parent.outcome !== "ok" || parent.attempts > 1 || fact.endUs <= parent.endUs);
    if (!isWithin) throw new Error(`outside its caller: ${JSON.stringify([fact, parent])}`);
  }
}
