/** What rate limits of clients allow, and what the scheduler can do without one. */

import type { Manifest } from "../../sim/api/index.ts";
import { type Cluster, defaultClusterOptions } from "../../sim/index.ts";
import { newCluster, nodes, pausePod, SECOND_US, withLimits } from "./fidelity-cluster.ts";
import type { FidelityTable } from "./figure.ts";
import { groupedNumber } from "./grouped-number.ts";
import { byArithmetic, published } from "./published.ts";

const START_US = SECOND_US;

function createAll({ operations }: Cluster, objects: readonly Manifest[]): void {
  for (const object of objects) operations.append(START_US, { verb: "create", object, source: "" });
  operations.close();
}

function barePods(count: number, nodeName?: string): Manifest[] {
  return Array.from({ length: count }, (_, i) => pausePod(`p${i}`, nodeName));
}

/** Events per second, from the event number `skipped` until nine of ten are over. */
function rateAfter(timesUs: readonly number[], skipped: number): number {
  const sorted = timesUs.toSorted((a, b) => a - b);
  const last = Math.floor(sorted.length * 0.9);
  const spanUs = (sorted[last] ?? 0) - (sorted[skipped] ?? 0);
  return ((last - skipped) * 1e6) / spanUs;
}

/** When each call left a client, of a cluster that gets these objects at once. */
function callsOf(client: string, cluster: Cluster, objects: readonly Manifest[]): number[] {
  const sentUs: number[] = [];
  cluster.trace.apiRequest.subscribe((fact) => {
    if (fact.client === client && fact.verb !== "list" && fact.verb !== "watch")
      sentUs.push(fact.sentUs);
  });
  createAll(cluster, objects);
  cluster.start();
  cluster.run(Number.MAX_SAFE_INTEGER);
  return sentUs;
}

function replicaSet(replicas: number): Manifest {
  const labels = { app: "web" };
  const { spec } = pausePod("");
  const template = { metadata: { labels }, spec };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "web", namespace: "default" },
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

/** Pods bound per second and the mean cycle in ms, of `pods` that come at once, without a limit. */
function unlimitedScheduler(
  nodeCount: number,
  pods: number,
): { perSecond: number; meanMs: number } {
  const cluster = newCluster(nodes(nodeCount), withLimits("kube-scheduler"));
  const boundUs: number[] = [];
  let cyclesUs = 0;
  cluster.trace.binding.subscribe(({ endUs }) => boundUs.push(endUs));
  cluster.trace.schedulingAttempt.subscribe(({ startUs, endUs }) => {
    cyclesUs += endUs - startUs;
  });
  createAll(cluster, barePods(pods));
  cluster.start();
  cluster.run(Number.MAX_SAFE_INTEGER);
  return { perSecond: rateAfter(boundUs, 0), meanMs: cyclesUs / boundUs.length / 1000 };
}

function qpsOf(client: string): { qps: number; burst: number } {
  const limit = defaultClusterOptions.clients[client];
  if (limit === undefined) throw new Error(`the client ${client} has no limit`);
  return limit;
}

export function throughput(isQuick: boolean): FidelityTable {
  const limited = (client: string, nodeCount: number, objects: readonly Manifest[]) => {
    const { qps, burst } = qpsOf(client);
    const timesUs = callsOf(client, newCluster(nodes(nodeCount)), objects);
    const rule = `docs/latency-model.md: clients.${client}, ${qps} a second after ${burst} at once`;
    const simulated = rateAfter(timesUs, burst + 1);
    return { simulated, published: byArithmetic(qps, "/s", rule) };
  };
  const nodeCount = isQuick ? 1000 : 5000;
  const free = unlimitedScheduler(nodeCount, isQuick ? 1000 : 10_000);
  const large = `${groupedNumber(nodeCount)} nodes, no limit`;
  return {
    title: "Throughput",
    note:
      "Pods come all at once. A limit of a client is a definition: one call binds a pod or creates a replica, so " +
      "these are pods per second too; a kubelet needs two calls until a pod runs. Real clusters bind fewer pods a " +
      "second than the algorithm alone allows: KEP-5229 names the API calls within the cycle.",
    rows: [
      { what: "kube-scheduler: calls", ...limited("kube-scheduler", 100, barePods(800)) },
      {
        what: "ReplicaSet controller: calls",
        ...limited("replicaset-controller", 100, [replicaSet(isQuick ? 300 : 1000)]),
      },
      { what: "one kubelet: calls", ...limited("kubelet", 1, barePods(240, "n0")) },
      {
        what: `kube-scheduler, ${large}: pods`,
        simulated: free.perSecond,
        published: published.schedulerRate,
      },
      {
        what: `the same, above CI's floor`,
        simulated: free.perSecond,
        published: published.schedulerPerfBasic,
      },
      {
        what: `kube-scheduler, ${large}: mean cycle`,
        simulated: free.meanMs,
        published: published.schedulerCycle,
      },
    ],
  };
}
