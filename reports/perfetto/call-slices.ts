/** Requests to Services as trees of nested async slices: a sample, by a hash of the tree's number. */
import type { ServiceRequestFact, Trace } from "../../sim/api/index.ts";
import { hashString } from "../../sim/kernel/index.ts";
import type { TraceSlice, TraceTrack, TraceWriter } from "./trace-writer.ts";

/** Calls of a tree that wait for their first one to end: our choice, against runaway trees. */
const CALLS_MAX = 1000;

export class CallSlices {
  readonly #writer: TraceWriter;
  readonly #track: TraceTrack;
  readonly #share: number;
  /** By the tree's number. */
  readonly #open = new Map<number, TraceSlice[]>();

  /** `share`: of the trees, 0..1. */
  constructor(writer: TraceWriter, track: TraceTrack, share: number) {
    this.#writer = writer;
    this.#track = track;
    this.#share = share;
  }

  attach(trace: Trace): void {
    if (this.#share > 0) trace.serviceRequest.subscribe((fact) => this.#ended(fact));
  }

  /** Writes the trees whose first call has not ended. */
  finish(): void {
    for (const slices of this.#open.values()) this.#draw(slices);
    this.#open.clear();
  }

  /** A tree is drawn when its first call ends; calls that go on in vain come on their own. */
  #ended(fact: ServiceRequestFact): void {
    const { trace, parentSpan } = fact;
    if (hashString(`trace ${trace}`) / 4_294_967_296 >= this.#share) return;
    const slices = this.#open.get(trace) ?? [];
    slices.push(sliceOf(fact));
    if (parentSpan === -1 || slices.length >= CALLS_MAX) {
      this.#open.delete(trace);
      this.#draw(slices);
    } else this.#open.set(trace, slices);
  }

  /** Calls at the same time need lanes of their own: within a lane slices nest. */
  #draw(slices: TraceSlice[]): void {
    slices.sort((a, b) => a.fromUs - b.fromUs || b.toUs - a.toUs);
    const lanes: { open: TraceSlice[]; readonly all: TraceSlice[] }[] = [];
    for (const slice of slices) {
      let lane = lanes.find((each) => {
        each.open = each.open.filter(({ toUs }) => toUs > slice.fromUs);
        return each.open.every(({ toUs }) => slice.toUs <= toUs);
      });
      if (lane === undefined) {
        lane = { open: [], all: [] };
        lanes.push(lane);
      }
      lane.open.push(slice);
      lane.all.push(slice);
    }
    for (const { all } of lanes) this.#writer.async(this.#track, all);
  }
}

function sliceOf(fact: ServiceRequestFact): TraceSlice {
  const { service, source, endpoint, outcome, attempts, trace, span, parentSpan } = fact;
  return {
    name: service,
    category: "request",
    fromUs: fact.startUs,
    toUs: fact.endUs,
    args: { source, endpoint, outcome, attempts, trace: String(trace), span, parentSpan },
  };
}
