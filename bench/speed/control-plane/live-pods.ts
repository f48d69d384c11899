/** What a live pod weighs, and a million pods in one run. */
import type { Bench, BenchRow, BenchSettings } from "../bench.ts";
import { collectGarbage } from "../collect-garbage.ts";
import { cpuClockNs } from "../cpu-clock.ts";
import { newCluster, type PodLives, runToEnd } from "./pod-lives.ts";

/** Pods that run when the memory is looked at. */
const LIVE_PODS = 20_000;
const STARTED_US = 600_000_000;

const weighed = { load: "bare pods", podsPerSecond: 300, decides: false } as const;

export const livePods: Bench = {
  name: "live pods",
  columns: ["nodes", "bytes/pod", "goal"],
  run({ isQuick, wants }: BenchSettings) {
    const sizes = (isQuick ? [1_000] : [1_000, 10_000]).filter((size) => wants(String(size)));
    return Promise.resolve(
      sizes.map((nodes): BenchRow => {
        const bytes =
          bytesOf({ ...weighed, nodes, pods: LIVE_PODS }) - bytesOf({ ...weighed, nodes, pods: 0 });
        return [String(nodes), (bytes / LIVE_PODS).toFixed(0), "< 2500"];
      }),
    );
  },
};

/** Heap of a cluster whose pods have all started and none has ended. */
function bytesOf(lives: PodLives): number {
  const cluster = newCluster({ ...lives, endless: true });
  runToEnd(cluster, { ...lives, endless: true }, STARTED_US);
  collectGarbage();
  const { heapUsed } = process.memoryUsage();
  if (cluster.list("Pod").length !== lives.pods) throw new Error("not all pods are there");
  return heapUsed;
}

export const millionPods: Bench = {
  name: "million pods",
  columns: ["nodes", "pods", "seconds", "goal", "peak MB", "goal "],
  run({ isQuick }: BenchSettings) {
    const lives: PodLives = {
      load: "Job pods",
      nodes: 10_000,
      pods: isQuick ? 50_000 : 1_000_000,
      podsPerSecond: 1_000,
      decides: true,
    };
    const cluster = newCluster(lives);
    const startNs = cpuClockNs();
    runToEnd(cluster, lives);
    const seconds = (cpuClockNs() - startNs) / 1e9;
    const peakMb = process.resourceUsage().maxRSS / 1024;
    return Promise.resolve([
      [
        String(lives.nodes),
        String(lives.pods),
        seconds.toFixed(1),
        "< 120",
        peakMb.toFixed(0),
        "< 2048",
      ],
    ]);
  },
};
