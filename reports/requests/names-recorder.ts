/** NamesRecorder: how clients came to know addresses, name by name (names.csv). */
import type { NameLookupFact, Trace } from "../../sim/api/index.ts";
import type { RowSink } from "../row.ts";
import { SampleSeries } from "../sample-series.ts";
import { ratio, secondsCells } from "./service-rows.ts";
import { ALL } from "./service-stats.ts";

/** Columns of names.csv, in order. */
export const nameColumns = [
  "name",
  "lookups",
  "name_unknown",
  "name_timeout",
  "queries",
  "queries_per_lookup",
  "client_cache_share",
  "node_cache_share",
  "server_cache_share",
  "no_cache_share",
  "mean_s",
  "p50_s",
  "p90_s",
  "p99_s",
  "max_s",
  "is_exact",
] as const;

/** Later names count in the row of all only: a client that asks for random names fills no memory. */
const NAMES_MAX = 10_000;
const EXACT_SAMPLES = 1024;

class NameStats {
  lookups = 0;
  queries = 0;
  unknown = 0;
  timeouts = 0;
  readonly caches = { client: 0, node: 0, server: 0, none: 0 };
  readonly latency = new SampleSeries(EXACT_SAMPLES);

  add({ startUs, endUs, queries, outcome, cache }: NameLookupFact): void {
    this.lookups++;
    this.queries += queries;
    this.caches[cache]++;
    if (outcome === "name-unknown") this.unknown++;
    else if (outcome === "name-timeout") this.timeouts++;
    this.latency.add(endUs - startUs);
  }

  writeRow(name: string, sink: RowSink): void {
    const { lookups, queries, unknown, timeouts, caches, latency } = this;
    sink([
      ...[name, lookups, unknown, timeouts, queries, ratio(queries, lookups)],
      ...[ratio(caches.client, lookups), ratio(caches.node, lookups)],
      ...[ratio(caches.server, lookups), ratio(caches.none, lookups)],
      ...[...secondsCells(latency, [0.5, 0.9, 0.99]), latency.isExact],
    ]);
  }
}

export class NamesRecorder {
  readonly #all = new NameStats();
  readonly #names = new Map<string, NameStats>();

  attach(trace: Trace): void {
    trace.nameLookup.subscribe((fact) => {
      this.#all.add(fact);
      this.#stats(fact.name)?.add(fact);
    });
  }

  /** A row for all names, and one for each in their order; none without a look-up. */
  writeRows(sink: RowSink): void {
    if (this.#all.lookups === 0) return;
    this.#all.writeRow(ALL, sink);
    const names = [...this.#names].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, stats] of names) stats.writeRow(name, sink);
  }

  #stats(name: string): NameStats | undefined {
    let stats = this.#names.get(name);
    if (stats === undefined && this.#names.size < NAMES_MAX) {
      stats = new NameStats();
      this.#names.set(name, stats);
    }
    return stats;
  }
}
