/**
 * What the life of a pod costs, from its creation until its object is gone, with all the writes,
 * deliveries and events in it. The plain version beside it is a loop that only passes as many events
 * through the bare kernel.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReportFiles, RunRecorder } from "../../../reports/index.ts";
import { defaultClusterOptions } from "../../../sim/index.ts";
import type { Bench, BenchRow, BenchSettings } from "../bench.ts";
import { collectGarbage } from "../collect-garbage.ts";
import { cpuClockNs } from "../cpu-clock.ts";
import { newCluster, type PodLives, runToEnd } from "./pod-lives.ts";

interface Case extends PodLives {
  readonly label: string;
  readonly writesReports: boolean;
  /** Goal in microseconds per pod. */
  readonly goalUs: number;
}

const SIZES = [1_000, 10_000];

function cases(isQuick: boolean): Case[] {
  const pods = isQuick ? 5_000 : 50_000;
  const shared = { pods, podsPerSecond: 300 };
  return SIZES.flatMap(
    (nodes) =>
      [
        {
          ...shared,
          nodes,
          load: "bare pods",
          decides: false,
          writesReports: false,
          goalUs: 45,
          label: `${nodes} bare`,
        },
        {
          ...shared,
          nodes,
          load: "Job pods",
          decides: false,
          writesReports: false,
          goalUs: 75,
          label: `${nodes} Job`,
        },
        {
          ...shared,
          nodes,
          load: "Job pods",
          decides: true,
          writesReports: true,
          goalUs: 100,
          label: `${nodes} Job all`,
        },
      ] satisfies Case[],
  );
}

export const podLives: Bench = {
  name: "pod lives",
  columns: [
    "nodes load",
    "us/pod",
    "goal",
    "us/write",
    "goal ",
    "writes/pod",
    "deliveries/pod",
    "events/pod",
  ],
  run({ isQuick, wants }: BenchSettings) {
    return Promise.resolve(
      cases(isQuick)
        .filter(({ label }) => wants(label))
        .map((lives) => row(lives, isQuick ? 1 : 3)),
    );
  },
};

function row(lives: Case, rounds: number): BenchRow {
  const counts = count(lives);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) best = Math.min(best, measureUs(lives));
  const perPod = (value: number): string => (value / lives.pods).toFixed(1);
  return [
    lives.label,
    (best / lives.pods).toFixed(1),
    `< ${lives.goalUs}`,
    (best / counts.writes).toFixed(2),
    lives.writesReports ? "" : "<= 8",
    perPod(counts.writes),
    perPod(counts.deliveries),
    perPod(counts.events),
  ];
}

/** Writes, deliveries and events of a run; counted apart, since counting costs time. */
function count(lives: Case): { writes: number; deliveries: number; events: number } {
  const cluster = newCluster({ ...lives, decides: false });
  let writes = 0;
  let deliveries = 0;
  cluster.trace.committed.subscribe(() => {
    writes++;
  });
  cluster.trace.watchDelivered.subscribe(() => {
    deliveries++;
  });
  runToEnd(cluster, lives);
  return { writes, deliveries, events: cluster.kernel.dispatched };
}

function measureUs(lives: Case): number {
  const cluster = newCluster(lives);
  const stop = lives.writesReports ? report(cluster) : () => {};
  collectGarbage();
  const startNs = cpuClockNs();
  runToEnd(cluster, lives);
  stop();
  return (cpuClockNs() - startNs) / 1000;
}

/** Writes all reports of the run into a folder that goes afterwards. */
function report(cluster: ReturnType<typeof newCluster>): () => void {
  const folder = mkdtempSync(join(tmpdir(), "stowage-bench-"));
  const resources = ["cpu", "memory"];
  const files = new ReportFiles({
    directory: join(folder, "out"),
    resources,
    files: ["pods", "utilization", "latency"],
    own: [],
  });
  const labels = { policy: "bench", workload: "bench", seed: "1" };
  const recorder = new RunRecorder({
    labels,
    resources,
    utilizationIntervalUs: 60_000_000,
    scheduler: { profiles: [], nodeCosts: defaultClusterOptions.latency },
    sinks: files.sinks(labels),
  });
  recorder.attach(cluster.trace);
  return () => {
    const { nowUs: endUs, dispatched: events } = cluster.kernel;
    recorder.finish({ endUs, events });
    files.abort();
    rmSync(folder, { recursive: true, force: true });
  };
}
