/**
 * What a request costs, from its arrival to its end: the proxy's choice, both ways, the pod's queue
 * and its work. The plain version is the first row: any endpoint, a new connection for each request,
 * and nobody listens.
 */
import { balancerNames } from "../../../policies/balance/index.ts";
import { RequestsRecorder } from "../../../reports/requests/index.ts";
import type { Cluster } from "../../../sim/index.ts";
import type { Bench, BenchRow, BenchSettings } from "../bench.ts";
import { collectGarbage } from "../collect-garbage.ts";
import { cpuClockNs } from "../cpu-clock.ts";
import { addRequests, type RequestLoad, readyCluster } from "./request-cluster.ts";

interface Case extends RequestLoad {
  readonly label: string;
  readonly records: boolean;
  /** Requests per second of processor time, in thousands; 0: none. */
  readonly goal: number;
}

const NODES = 1_000;
const ENDPOINTS = 2_000;
const GOAL = 400;

const plain: Case = {
  label: "random",
  nodes: NODES,
  endpoints: ENDPOINTS,
  balancer: "random",
  client: {},
  hops: 1,
  perSecond: 40_000,
  records: false,
  goal: GOAL,
};

const TIMEOUTS = { timeoutUs: 1_000_000, attemptTimeoutUs: 500_000, attempts: 2 };

function cases(isQuick: boolean): Case[] {
  const balancers = isQuick ? ["least-connection"] : balancerNames();
  const named = (label: string, other: Partial<Case>): Case => ({
    ...plain,
    goal: 0,
    ...other,
    label,
  });
  return [
    plain,
    named("random recorded", { records: true }),
    named("random kept", { client: { connections: 4 } }),
    named("random time-outs", { client: TIMEOUTS }),
    named("random 3 services", { hops: 3, perSecond: 15_000 }),
    ...balancers.flatMap((balancer) =>
      [ENDPOINTS, ENDPOINTS / 10].map((endpoints) => {
        const label = `${balancer} one-node ${endpoints}`;
        const perSecond = 20 * endpoints;
        return named(label, { balancer, endpoints, perSecond, fromOneNode: true });
      }),
    ),
  ];
}

export const requests: Bench = {
  name: "requests",
  columns: ["balancer case", "thousand/s", "goal", "us/request", "events", "vs plain"],
  run({ isQuick, wants }: BenchSettings) {
    const count = isQuick ? 50_000 : 500_000;
    const chosen = cases(isQuick).filter(({ label }) => wants(label));
    const costs = chosen.map((load) => measure(load, count, isQuick ? 1 : 3));
    const plainUs = costs[chosen.indexOf(plain)]?.us;
    return Promise.resolve(chosen.map((load, i) => row(load, costs[i], plainUs)));
  },
};

interface Cost {
  readonly us: number;
  readonly events: number;
}

/** The best of some rounds on one cluster, per request. */
function measure(load: Case, count: number, rounds: number): Cost {
  const cluster = readyCluster(load);
  if (load.records) new RequestsRecorder(60_000_000, { requests() {} }).attach(cluster.trace);
  runRequests(cluster, load, Math.min(count, 100_000)); // warm
  let best = Number.POSITIVE_INFINITY;
  let events = 0;
  for (let round = 0; round < rounds; round++) {
    collectGarbage();
    const before = cluster.kernel.dispatched;
    const startNs = cpuClockNs();
    runRequests(cluster, load, count);
    best = Math.min(best, cpuClockNs() - startNs);
    events = cluster.kernel.dispatched - before;
  }
  return { us: best / 1000 / count, events: events / count };
}

function row({ label, goal }: Case, cost: Cost | undefined, plainUs: number | undefined): BenchRow {
  if (cost === undefined) throw new Error(`${label} was not measured`);
  return [
    label,
    (1000 / cost.us).toFixed(0),
    goal > 0 ? `>= ${goal}` : "",
    cost.us.toFixed(2),
    cost.events.toFixed(1),
    plainUs === undefined ? "" : (cost.us / plainUs).toFixed(2),
  ];
}

function runRequests(cluster: Cluster, load: RequestLoad, count: number): void {
  addRequests(cluster, load, count);
  cluster.run(Number.MAX_SAFE_INTEGER);
}
