/** What a request in flight weighs, and ten million of them in one run. */
import { RequestsRecorder } from "../../../reports/requests/index.ts";
import type { Bench, BenchRow, BenchSettings } from "../bench.ts";
import { collectGarbage } from "../collect-garbage.ts";
import { cpuClockNs } from "../cpu-clock.ts";
import { addRequests, type RequestLoad, readyCluster } from "./request-cluster.ts";

const load: RequestLoad = {
  nodes: 1_000,
  endpoints: 2_000,
  balancer: "random",
  client: {},
  hops: 1,
  perSecond: 40_000,
};

const IN_FLIGHT = 200_000;

export const requestsInFlight: Bench = {
  name: "requests in flight",
  columns: ["client", "bytes/request", "goal"],
  run({ wants }: BenchSettings) {
    const clients = [
      { label: "plain", client: {} },
      { label: "time-outs", client: { timeoutUs: 3_600_000_000 } },
    ];
    return Promise.resolve(
      clients
        .filter(({ label }) => wants(label))
        .map(({ label, client }): BenchRow => {
          const bytes = heapWith({ ...load, client }, IN_FLIGHT) - heapWith({ ...load, client }, 1);
          return [label, (bytes / IN_FLIGHT).toFixed(0), "< 600"];
        }),
    );
  },
};

/** Heap while so many requests are worked on or wait in their pods. */
function heapWith(of: RequestLoad, requests: number): number {
  const cluster = readyCluster(of);
  const startUs = cluster.kernel.nowUs;
  addRequests(cluster, { ...of, serviceTime: "constant(1h)" }, requests);
  cluster.run(startUs + Math.round((requests / of.perSecond) * 1_100_000));
  collectGarbage();
  const { heapUsed } = process.memoryUsage();
  if (cluster.kernel.nowUs === 0) throw new Error("the cluster must live until here");
  return heapUsed;
}

export const tenMillionRequests: Bench = {
  name: "ten million requests",
  columns: ["requests", "seconds", "thousand/s", "goal", "peak MB", "goal "],
  run({ isQuick }: BenchSettings) {
    const count = isQuick ? 500_000 : 10_000_000;
    const cluster = readyCluster(load);
    const sink = (): void => {};
    const recorder = new RequestsRecorder(60_000_000, { services: sink, requests: sink });
    recorder.attach(cluster.trace);
    const startNs = cpuClockNs();
    addRequests(cluster, load, count);
    cluster.run(Number.MAX_SAFE_INTEGER);
    recorder.finish(cluster.kernel.nowUs);
    const seconds = (cpuClockNs() - startNs) / 1e9;
    const peakMb = process.resourceUsage().maxRSS / 1024;
    return Promise.resolve([
      [
        String(count),
        seconds.toFixed(1),
        (count / seconds / 1_000).toFixed(0),
        "",
        peakMb.toFixed(0),
        "< 1024",
      ],
    ]);
  },
};
