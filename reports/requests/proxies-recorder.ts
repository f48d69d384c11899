/**
 * ProxiesRecorder: how long it took until the nodes routed by what had changed (proxies.csv).
 *
 * `programming` is kubeproxy_network_programming_duration_seconds, the SLI of kubernetes/community
 * sig-scalability/slos/network_programming_latency.md.
 */
import type { ProxySyncFact, Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { type Cell, type RowSink, secondsCell } from "../row.ts";
import { SampleSeries } from "../sample-series.ts";
import { secondsCells } from "./service-rows.ts";
import { ALL } from "./service-stats.ts";

/** Columns of proxies.csv, in order. */
export const proxyColumns = [
  "node",
  "full_syncs",
  "partial_syncs",
  "sync_mean_s",
  "sync_p50_s",
  "sync_p99_s",
  "sync_max_s",
  "changes",
  "programming_mean_s",
  "programming_p50_s",
  "programming_p90_s",
  "programming_p99_s",
  "programming_max_s",
] as const;

/** The nodes with the slowest change have a row each: so many, so that the file stays small. */
const WORST_NODES = 10;

/** Sum and maximum of some durations: what 5,000 nodes can each have. */
class Durations {
  count = 0;
  sumUs: Micros = 0;
  maxUs: Micros = 0;

  add(us: Micros): void {
    this.count++;
    this.sumUs += us;
    if (us > this.maxUs) this.maxUs = us;
  }

  get meanCell(): Cell {
    return this.count === 0 ? "" : secondsCell(Math.round(this.sumUs / this.count));
  }

  get maxCell(): Cell {
    return this.count === 0 ? "" : secondsCell(this.maxUs);
  }
}

class NodeStats {
  readonly node: string;
  fullSyncs = 0;
  readonly syncs = new Durations();
  readonly programming = new Durations();

  constructor(node: string) {
    this.node = node;
  }
}

export class ProxiesRecorder {
  readonly #nodes = new Map<string, NodeStats>();
  readonly #syncs = new SampleSeries();
  readonly #programming = new SampleSeries();
  #fullSyncs = 0;

  attach(trace: Trace): void {
    trace.proxySync.subscribe((fact) => this.#add(fact));
  }

  /** A row for all nodes, and one for each of the worst, the slowest first; none without a sync. */
  writeRows(sink: RowSink): void {
    const { count } = this.#syncs;
    if (count === 0) return;
    sink([
      ...[ALL, this.#fullSyncs, count - this.#fullSyncs],
      ...secondsCells(this.#syncs, [0.5, 0.99]),
      this.#programming.count,
      ...secondsCells(this.#programming, [0.5, 0.9, 0.99]),
    ]);
    for (const { node, fullSyncs, syncs, programming } of this.#worst())
      sink([
        ...[node, fullSyncs, syncs.count - fullSyncs],
        ...[syncs.meanCell, "", "", syncs.maxCell, programming.count],
        ...[programming.meanCell, "", "", "", programming.maxCell],
      ]);
  }

  #add({ node, isFull, durationUs, programmingUs }: ProxySyncFact): void {
    let stats = this.#nodes.get(node);
    if (stats === undefined) {
      stats = new NodeStats(node);
      this.#nodes.set(node, stats);
    }
    this.#syncs.add(durationUs);
    stats.syncs.add(durationUs);
    if (isFull) {
      this.#fullSyncs++;
      stats.fullSyncs++;
    }
    for (const us of programmingUs) {
      this.#programming.add(us);
      stats.programming.add(us);
    }
  }

  #worst(): NodeStats[] {
    const nodes = [...this.#nodes.values()].sort(
      (a, b) => b.programming.maxUs - a.programming.maxUs || (a.node < b.node ? -1 : 1),
    );
    return nodes.slice(0, WORST_NODES);
  }
}
