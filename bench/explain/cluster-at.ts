/** A recorded run's cluster at a moment: the run is repeated up to there. */
import { type ClusterMoment, clusterMoment, QueueRecorder } from "../../reports/index.ts";
import type { Cluster } from "../../sim/index.ts";
import { InputError, type Micros } from "../../sim/kernel/index.ts";
import { type RepeatHooks, type RepeatQuery, repeatRun } from "../repeat/index.ts";

/** Rejects with InputError for a moment after the run's end, and where it cannot be repeated. */
export async function clusterAt(
  query: RepeatQuery & { readonly atUs: Micros },
  hooks: RepeatHooks,
): Promise<{ readonly moment: ClusterMoment; readonly run: string }> {
  const { atUs } = query;
  let seen: Cluster | undefined;
  const queues = new QueueRecorder();
  const { labels, endUs } = await repeatRun(query, hooks, {
    attach: (cluster) => {
      seen = cluster;
      queues.attach(cluster.trace);
    },
    isDone: () => false,
    untilUs: atUs,
  });
  if (seen === undefined) throw new Error("a run without a cluster");
  if (endUs < atUs)
    throw new InputError(
      `--at: got ${atUs / 1_000_000} s, want a time before the run ended: ` +
        `nothing happened after ${endUs / 1_000_000} s.`,
    );
  const run = `${labels.workload} / ${labels.policy} / seed ${labels.seed}`;
  return { moment: clusterMoment(seen, queues.now(), atUs), run };
}
