/**
 * TracesRecorder: a sample of the trees of calls, call by call (request-traces.csv).
 *
 * Whether a tree is in the sample depends on its number alone (a hash of it), never on how it went
 * or under which policy: the same trees are seen under each. Where there are more than the limit,
 * those with the least hashes stay, so that the sample is spread evenly over the whole run.
 */
import type { ServiceRequestFact, Trace } from "../../sim/api/index.ts";
import { Draws } from "../../sim/kernel/index.ts";
import { type Row, type RowSink, secondsCell } from "../row.ts";

/** Columns of request-traces.csv, in order. */
export const traceColumns = [
  "trace",
  "span",
  "parent_span",
  "service",
  "source",
  "source_node",
  "source_zone",
  "endpoint",
  "endpoint_node",
  "endpoint_zone",
  "start_s",
  "end_s",
  "network_s",
  "queue_s",
  "service_s",
  "dns_s",
  "retry_s",
  "attempts",
  "outcome",
] as const;

export interface TraceOptions {
  /** Share of the trees that may be in the sample, 0..1. */
  readonly share: number;
  /** Most trees of a run, 0 or more. */
  readonly limit: number;
}

/** All trees have the same chance, and 200 of them are kept: our choice, some 100 kB a run. */
export const defaultTraceOptions: TraceOptions = { share: 1, limit: 200 };

/** Most calls of a tree: our choice, so that a runaway tree fills no memory. The first call stays. */
const SPANS_MAX = 1000;

/** Trees of one source that have numbers of their own: see ServiceRequestFact.trace. */
const TREES_OF_SOURCE = 4_294_967_296;

/** A tree in the sample. */
interface Tree {
  readonly trace: number;
  /** Uniform in [0, 1), by the tree's number. */
  readonly rank: number;
  /** By number of the call. A call ends before its caller, but for those made in vain. */
  readonly spans: { readonly span: number; readonly row: Row }[];
  /** Its first call has ended. */
  isComplete: boolean;
}

export class TracesRecorder {
  readonly #limit: number;
  readonly #trees = new Map<number, Tree>();
  /** A fixed seed: the sample of one seed of an experiment is that of every other. */
  readonly #draws = new Draws("traces", "report/traces");
  /** Trees below this rank are in the sample, as far as it is known. */
  #below: number;

  constructor({ share, limit }: TraceOptions = defaultTraceOptions) {
    this.#limit = limit;
    this.#below = limit === 0 ? 0 : share;
  }

  attach(trace: Trace): void {
    trace.serviceRequest.subscribe((fact) => this.#add(fact));
  }

  /** Trees in the order of their numbers, calls likewise; those whose first call ended. */
  writeRows(sink: RowSink): void {
    this.#prune();
    const trees = [...this.#trees.values()].sort((a, b) => a.trace - b.trace);
    for (const { spans, isComplete } of trees) {
      if (!isComplete) continue;
      spans.sort((a, b) => a.span - b.span);
      for (const { row } of spans) sink(row);
    }
  }

  #add(fact: ServiceRequestFact): void {
    // Trees of several sources differ above 2^32.
    const source = Math.floor(fact.trace / TREES_OF_SOURCE);
    const rank = this.#draws.uniform(fact.trace % TREES_OF_SOURCE, source);
    if (rank >= this.#below) return;
    let tree = this.#trees.get(fact.trace);
    if (tree === undefined) {
      tree = { trace: fact.trace, rank, spans: [], isComplete: false };
      this.#trees.set(fact.trace, tree);
      if (this.#trees.size > 2 * this.#limit) this.#prune();
    }
    const isFirst = fact.parentSpan < 0;
    if (isFirst) tree.isComplete = true;
    if (isFirst || tree.spans.length < SPANS_MAX)
      tree.spans.push({ span: fact.span, row: spanRow(fact) });
  }

  /** Keeps the trees with the least ranks, and refuses from now on what could not be among them. */
  #prune(): void {
    const trees = [...this.#trees.values()].sort((a, b) => a.rank - b.rank || a.trace - b.trace);
    if (trees.length <= this.#limit) return;
    for (const { trace } of trees.slice(this.#limit)) this.#trees.delete(trace);
    this.#below = trees[this.#limit]?.rank ?? 0;
  }
}

/** The cells of `traceColumns`. */
function spanRow(fact: ServiceRequestFact): Row {
  return [
    ...[fact.trace, fact.span, fact.parentSpan < 0 ? "" : fact.parentSpan],
    ...[fact.service, fact.source, fact.sourceNode, fact.sourceZone],
    ...[fact.endpoint, fact.endpointNode, fact.endpointZone],
    ...[fact.startUs, fact.endUs].map(secondsCell),
    ...[fact.networkUs, fact.queueUs, fact.serviceUs, fact.dnsUs, fact.retryUs].map(secondsCell),
    ...[fact.attempts, fact.outcome],
  ];
}
