/** How long one kube-proxy takes to write its rules, beside so many Services. */

import type { Manifest } from "../../sim/api/index.ts";
import { defaultClusterOptions } from "../../sim/index.ts";
import type { NetworkOptions } from "../../sim/options/index.ts";
import { newCluster, nodes, prePulled, SECOND_US } from "./fidelity-cluster.ts";
import type { FidelityRow, FidelityTable } from "./figure.ts";
import { groupedNumber } from "./grouped-number.ts";
import { equalSizes, proxiedServices } from "./proxied-services.ts";
import { ruleWriting as one } from "./published.ts";
import { SyncRecorder } from "./sync-recorder.ts";

const CHANGE_US = 60 * SECOND_US;
/** Longer than the longest sync. */
const END_US = 4 * 3600 * SECOND_US;

/** kube-proxy of 2017 wrote all rules each time, and iptables-restore was slow: docs/latency-model.md. */
const OF_2017 = { partialSync: false, iptablesSyncPerRuleUs: 16_500 };

/** Syncs of a node beside so many Services with one endpoint each, after an object is created. */
function syncAfter(
  services: number,
  network: Partial<NetworkOptions>,
  created: readonly Manifest[],
): SyncRecorder {
  const before = proxiedServices({ sizes: equalSizes(services, 1) });
  const cluster = newCluster([...nodes(1), ...before], {
    ...prePulled,
    network: { ...defaultClusterOptions.network, ...network },
  });
  const recorder = new SyncRecorder();
  recorder.attach(cluster.trace, CHANGE_US);
  const { operations } = cluster;
  for (const object of created)
    operations.append(CHANGE_US, { verb: "create", object, source: "" });
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: "end" } };
  operations.append(END_US, { verb: "create", object, source: "" });
  operations.close();
  cluster.start();
  cluster.run(Number.MAX_SAFE_INTEGER);
  return recorder;
}

/** Milliseconds that the sync takes which writes one more Service's rules. */
function oneMoreMs(services: number, network: Partial<NetworkOptions>): number {
  const created = proxiedServices({ sizes: [1], from: services });
  return syncAfter(services, network, created).longestUs / 1_000;
}

/** Seconds of the first sync of a node that joins. */
function restartSeconds(services: number, proxyMode: string): number {
  const [, late] = nodes(2);
  if (late === undefined) throw new Error("no second node");
  return syncAfter(services, { proxyMode }, [late]).longestFullUs / SECOND_US;
}

export function ruleProgramming(): FidelityTable {
  const rows: FidelityRow[] = [
    row("iptables of 2017, 1 Service: one more", oneMoreMs(1, OF_2017), one.iptables1),
    row("iptables of 2017, 5,000: one more", oneMoreMs(5_000, OF_2017) / 1e3, one.iptables5000),
    row("iptables of 2017, 20,000: one more", oneMoreMs(20_000, OF_2017) / 1e3, one.iptables20000),
    ...[1, 5_000, 20_000].map((services) =>
      row(
        `ipvs, ${groupedNumber(services)}: one more`,
        oneMoreMs(services, { proxyMode: "ipvs" }),
        services === 1 ? one.ipvs1 : one.ipvsMany,
      ),
    ),
    row("iptables, restart with 10,000", restartSeconds(10_000, "iptables"), one.restartIptables),
    row("nftables, restart with 10,000", restartSeconds(10_000, "nftables"), one.restartNftables),
    row(
      "nftables, 10,000: one more, all written",
      oneMoreMs(10_000, { proxyMode: "nftables", partialSync: false }) / 1e3,
      one.nftablesFull,
    ),
    row(
      "nftables, 10,000: one more, partial",
      oneMoreMs(10_000, { proxyMode: "nftables" }),
      one.nftablesPartial,
    ),
  ];
  return {
    title: "Writing the proxies' rules",
    note:
      "One sync of one node; each Service has one endpoint, 8 rules. The model is linear in the rules that are " +
      "written. What was measured in 2017 was not: 2 ms for the first, and from 5,000 to 20,000 Services 27 times as " +
      "long. One constant, 16.5 ms a rule, is set for these rows, as docs/latency-model.md says; the others have the defaults.",
    rows,
  };
}

const row = (what: string, simulated: number, figure: FidelityRow["published"]): FidelityRow => ({
  what,
  simulated,
  published: figure,
});
