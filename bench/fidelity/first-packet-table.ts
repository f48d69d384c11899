/** What a connection's first packet costs in the proxies' rules, by mode, number of Services and of nodes. */
import { SampleSeries } from "../../reports/index.ts";
import type { Manifest } from "../../sim/api/index.ts";
import { defaultClusterOptions } from "../../sim/index.ts";
import { defaultClient } from "../../sim/network/index.ts";
import { newCluster, nodes, pausePod, prePulled, SECOND_US } from "./fidelity-cluster.ts";
import type { FidelityRow, FidelityTable } from "./figure.ts";
import { groupedNumber } from "./grouped-number.ts";
import { equalSizes, proxiedServices } from "./proxied-services.ts";
import { firstPackets } from "./published.ts";

/** The pod runs and is in the rules. */
const FROM_US = 60 * SECOND_US;
/** Nodes at most of a quick run. */
const QUICK_NODES = 100;
/** One way between the two ends, which were on one machine: the median with nftables is fitted by it. */
const ONE_WAY_US = 5;

const target: readonly Manifest[] = [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
  },
  {
    ...pausePod("web", "n0"),
    metadata: { name: "web", namespace: "default", labels: { app: "web" } },
  },
];

/** Round trips of first packets, one connection after the other. */
function roundTrips(
  proxyMode: string,
  services: number,
  nodeCount: number,
  requests: number,
): SampleSeries {
  const network = {
    ...defaultClusterOptions.network,
    proxyMode,
    podToPodSameNode: `constant(${ONE_WAY_US}us)`,
    tcpHandshake: false, // it is the first packet that is measured, not the request after it
  };
  const dns = { ...defaultClusterOptions.dns, mode: "none" as const };
  const others = proxiedServices({ sizes: equalSizes(services - 1, 0) });
  const cluster = newCluster([...nodes(nodeCount), ...others, ...target], {
    ...prePulled,
    network,
    dns,
  });
  const series = new SampleSeries();
  cluster.trace.serviceRequest.subscribe(({ networkUs, outcome }) => {
    if (outcome === "ok") series.add(networkUs);
  });
  cluster.addTraffic({
    name: "",
    service: "default/web",
    port: "",
    ingress: undefined,
    from: "n0",
    arrivals: "constant(1ms)",
    clients: 0,
    thinkTime: "",
    serviceTime: "constant(10us)",
    addresses: 1,
    keys: 0,
    keySkew: 0,
    client: defaultClient,
    startUs: FROM_US,
    requests,
  });
  cluster.operations.close();
  cluster.start();
  cluster.run(Number.MAX_SAFE_INTEGER);
  return series;
}

export function firstPacketLatency(isQuick: boolean): FidelityTable {
  const cases = firstPackets.filter(({ nodes: count }) => !isQuick || count <= QUICK_NODES);
  const rows = cases.flatMap(({ mode, services, nodes: nodeCount, quantiles }): FidelityRow[] => {
    const series = roundTrips(mode, services, nodeCount, isQuick ? 1_000 : 20_000);
    const among = nodeCount === 1 ? "" : ` ${groupedNumber(nodeCount)} nodes,`;
    return quantiles.map(({ name, probability, figure }) => ({
      what: `${mode}, ${groupedNumber(services)} Services,${among} ${name}`,
      simulated: series.quantileUs(probability),
      published: figure,
    }));
  });
  return {
    title: "First packet of a connection",
    note:
      "Round trip on one node, through its rules. KEP-3866's times are heights of bars in a figure. The way without " +
      `rules is set so that the median with nftables comes out (${ONE_WAY_US} us one way); the distribution of ` +
      "iptables' lookup is fitted to p50 and p99 with 5,000 Services, above it, and grows in line with the Services. " +
      "Rows with more nodes than one stand beside the same figures: rules know Services, not nodes.",
    rows,
  };
}
