/** All tables of figures beside published ones. */
import { endpointTraffic } from "./endpoint-traffic-table.ts";
import { etcdWrites } from "./etcd-table.ts";
import type { FidelityTable } from "./figure.ts";
import { firstPacketLatency } from "./first-packet-table.ts";
import { networkProgramming } from "./network-programming-table.ts";
import { reactions } from "./reactions-table.ts";
import { ruleProgramming } from "./rule-programming-table.ts";
import { hundredNodes, largeClusters } from "./start-up-tables.ts";
import { throughput } from "./throughput-table.ts";

/**
 * Runs everything. The same tables every time; quick: smaller clusters and shorter runs, so its
 * figures are rough.
 */
export function* fidelityTables(isQuick: boolean): Generator<FidelityTable> {
  yield hundredNodes(isQuick);
  yield* largeClusters(isQuick);
  yield etcdWrites(isQuick);
  yield throughput(isQuick);
  yield endpointTraffic(isQuick);
  yield firstPacketLatency(isQuick);
  yield ruleProgramming();
  yield networkProgramming(isQuick);
  yield reactions();
}
