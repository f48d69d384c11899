/**
 * How long pods take to start, as the start-up SLO has it: from the creation of a pod until a
 * watcher of all pods sees that its containers run.
 */
import { SampleSeries } from "../../reports/index.ts";
import type { Pod, Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import type { Span } from "./fidelity-cluster.ts";

/** Its informer watches all pods. */
const WATCHER = "kube-scheduler";

export class StartUpRecorder {
  readonly series = new SampleSeries();
  /** Watch events that the watcher got while it was measured, and the delay of each. */
  readonly deliveries = new SampleSeries();
  /** Creation of each pod that starts, by the revision that says that it runs. */
  readonly #starts = new Map<number, Micros>();
  readonly #created = new Map<number, Micros>();

  /** Counts pods that are created in that span. */
  attach(trace: Trace, { fromUs, toUs }: Span): void {
    trace.committed.subscribe(({ type, record, object, old, revision, timeUs }) => {
      if (object.kind !== "Pod") return;
      if (type === "ADDED" && timeUs >= fromUs && timeUs < toUs)
        this.#created.set(record.id, timeUs);
      const isRunning = (object as Pod).status.phase === "Running";
      const wasRunning = old !== undefined && (old as Pod).status.phase === "Running";
      const createdUs = this.#created.get(record.id);
      if (!isRunning || wasRunning || createdUs === undefined) return;
      this.#created.delete(record.id);
      this.#starts.set(revision, createdUs);
    });
    trace.watchDelivered.subscribe(({ kind, client, revision, timeUs, lagUs }) => {
      if (kind !== "Pod" || client !== WATCHER) return;
      if (timeUs >= fromUs && timeUs < toUs) this.deliveries.add(lagUs);
      const createdUs = this.#starts.get(revision);
      if (createdUs === undefined) return;
      this.#starts.delete(revision);
      this.series.add(timeUs - createdUs);
    });
  }

  /** A quantile, in seconds. */
  seconds(probability: number): number {
    return this.series.quantileUs(probability) / 1e6;
  }
}
