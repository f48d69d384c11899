/** etcd alone: clients that write one after the other, as etcd's own benchmark does. */
import { SampleSeries } from "../../reports/index.ts";
import { Quorum } from "../../sim/etcd/index.ts";
import { defaultClusterOptions } from "../../sim/index.ts";
import { Kernel } from "../../sim/kernel/index.ts";
import { SECOND_US } from "./fidelity-cluster.ts";
import type { FidelityTable } from "./figure.ts";
import { published } from "./published.ts";

interface Write {
  readonly drawHash: number;
  readonly drawNumber: number;
  proposedUs: number;
}

/** Writes per second, and the mean time of one in ms. */
function writeLoop(clients: number, seconds: number): { perSecond: number; meanMs: number } {
  const { seed, latency, etcd } = defaultClusterOptions;
  const kernel = new Kernel(seed);
  const electionTimeoutUs = etcd.electionTimeoutMilliseconds * 1000;
  const { members, batching } = etcd;
  const quorum = new Quorum({ kernel, members, batching, electionTimeoutUs, latency });
  const series = new SampleSeries();
  const propose = (client: number): void => {
    const write: Write = { drawHash: client, drawNumber: series.count, proposedUs: 0 };
    quorum.propose(write);
  };
  quorum.onApplied(({ drawHash, proposedUs }) => {
    series.add(kernel.nowUs - proposedUs);
    propose(drawHash);
  });
  for (let client = 0; client < clients; client++) propose(client);
  kernel.run(seconds * SECOND_US);
  return { perSecond: series.count / seconds, meanMs: series.meanUs() / 1000 };
}

export function etcdWrites(isQuick: boolean): FidelityTable {
  const one = writeLoop(1, isQuick ? 10 : 60);
  const many = writeLoop(1000, isQuick ? 2 : 10);
  const { etcdOneClientRate, etcdOneClientDelay, etcdManyClientsRate, etcdManyClientsDelay } =
    published;
  return {
    title: "etcd",
    note:
      "Three members; each client writes again as soon as its write is committed. The published figures are for " +
      "256-byte values to the leader. Linearizable reads of etcd itself are no part of the model: reads come from " +
      "the API server's watch cache.",
    rows: [
      { what: "1 client: writes", simulated: one.perSecond, published: etcdOneClientRate },
      { what: "1 client: mean time", simulated: one.meanMs, published: etcdOneClientDelay },
      { what: "1,000 clients: writes", simulated: many.perSecond, published: etcdManyClientsRate },
      { what: "1,000 clients: mean time", simulated: many.meanMs, published: etcdManyClientsDelay },
    ],
  };
}
