/** Network programming: from what happens to a pod until a node routes by it. */
import { defaultClusterOptions } from "../../sim/index.ts";
import type { NetworkOptions } from "../../sim/options/index.ts";
import { newCluster, nodes, pausePod, prePulled, SECOND_US } from "./fidelity-cluster.ts";
import type { FidelityRow, FidelityTable } from "./figure.ts";
import { equalSizes, proxiedServices } from "./proxied-services.ts";
import { programming } from "./published.ts";
import { SyncRecorder } from "./sync-recorder.ts";

/** Services of a namespace of the load test, by size; there is one namespace to a hundred nodes. */
const SIZES = [...equalSizes(2, 250), ...equalSizes(13, 30), ...equalSizes(150, 5)];
/** Of its 10 pods a second half are behind a Service. */
const PODS_PER_SECOND = 5;
const LIFE_SECONDS = 20;
const PROXIES = 100;
const STEP = 7_919;
const BEGIN_US = 10 * SECOND_US;

interface Load {
  readonly namespaces: number;
  readonly seconds: number;
  readonly network: Partial<NetworkOptions>;
}

/** Pods come and go behind all Services, as many as have endpoints there; the second half is measured. */
function measure({ namespaces, seconds, network }: Load): SyncRecorder {
  const sizes = Array.from({ length: namespaces }, () => SIZES).flat();
  const proxied = proxiedServices({ sizes, selects: true });
  const cluster = newCluster([...nodes(PROXIES), ...proxied], {
    ...prePulled,
    network: { ...defaultClusterOptions.network, ...network },
  });
  const recorder = new SyncRecorder();
  recorder.attach(cluster.trace, BEGIN_US + (seconds / 2) * SECOND_US);
  const { operations } = cluster;
  const ofEndpoint = sizes.flatMap((size, number) => equalSizes(size, number));
  const count = PODS_PER_SECOND * seconds;
  const lag = PODS_PER_SECOND * LIFE_SECONDS;
  for (let i = 0; i < count; i++) {
    const timeUs = BEGIN_US + Math.round((i * SECOND_US) / PODS_PER_SECOND);
    if (i >= lag) operations.append(timeUs, { verb: "delete", object: pod(i - lag), source: "" });
    // A step that has no factor in common with their number, so that all have their turn.
    const service = ofEndpoint[(i * STEP) % ofEndpoint.length] ?? 0;
    const object = pod(i, `svc-${service}`);
    operations.append(timeUs, { verb: "create", object, source: "" });
  }
  operations.close();
  cluster.start();
  cluster.run(BEGIN_US + seconds * SECOND_US);
  return recorder;
}

function pod(number: number, app = "") {
  const manifest = pausePod(`p${number}`, `n${number % PROXIES}`);
  const labels = { app };
  return { ...manifest, metadata: { name: `p${number}`, namespace: "default", labels } };
}

const QUANTILES = [
  { name: "p50", probability: 0.5, figure: programming.nftablesP50 },
  { name: "p90", probability: 0.9, figure: programming.nftablesP90 },
  { name: "p99", probability: 0.99, figure: programming.nftablesP99 },
];

export function networkProgramming(isQuick: boolean): FidelityTable {
  const large = (seconds: number, network: Partial<NetworkOptions>): number => {
    const load = isQuick ? { namespaces: 2, seconds: 60 } : { namespaces: 50, seconds };
    return measure({ ...load, network }).programming.quantileUs(0.5) / SECOND_US;
  };
  const rows: FidelityRow[] = [
    {
      what: "5,000 nodes, iptables, all written, p50",
      simulated: large(1_200, { partialSync: false, minSyncPeriod: "10s" }),
      published: programming.full,
    },
    {
      what: "5,000 nodes, iptables, partial, p50",
      simulated: large(600, { minSyncPeriod: "10s" }),
      published: programming.partial,
    },
    {
      what: "5,000 nodes, iptables, partial, minSyncPeriod 1 s, p50",
      simulated: large(600, {}),
      published: programming.partialOften,
    },
    ...[false, true].flatMap((partialSync): FidelityRow[] => {
      const network = { proxyMode: "nftables", partialSync };
      const recorder = measure({ namespaces: 1, seconds: isQuick ? 120 : 600, network });
      return QUANTILES.map(({ name, probability, figure }) => ({
        what: `100 nodes, nftables, ${partialSync ? "partial" : "all written"}, ${name}`,
        simulated: recorder.programming.quantileUs(probability) / SECOND_US,
        published: figure,
      }));
    }),
  ];
  return {
    title: "Network programming",
    note:
      "From what happens to a pod until a node's rules have it, under the Services of sig-scalability's load test " +
      "(kubernetes/perf-tests clusterloader2/testing/load): 165 to a hundred nodes, with 5, 30 or 250 pods, and 5 pods a " +
      "second behind them that come and go. All nodes are told of the same changes, so 100 proxies stand for 5,000. " +
      "KEP-3453's first two rows had minSyncPeriod 10 s; the proxies of kubernetes PR 124272 wrote all rules each time.",
    rows,
  };
}
