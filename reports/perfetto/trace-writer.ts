/**
 * TraceWriter: the Chrome trace event format ("Trace Event Format", the Chromium project): an object
 * with `traceEvents`. Phases used: X complete slices, b and e nestable async ones, C counters,
 * i instants, M names. `ts` and `dur` are whole microseconds.
 */
import type { Micros } from "../../sim/kernel/index.ts";

export type TraceArguments = Readonly<Record<string, string | number>>;

/** A thread of a process. Ids are unique over both, since some viewers take `tid` alone. */
export interface TraceTrack {
  readonly pid: number;
  readonly tid: number;
}

export interface TraceSlice {
  readonly name: string;
  readonly category: string;
  readonly fromUs: Micros;
  /** At or after `fromUs`. */
  readonly toUs: Micros;
  readonly args?: TraceArguments;
}

export class TraceWriter {
  readonly #write: (text: string) => void;
  readonly #sinceUs: Micros;
  #ids = 0;
  #asyncIds = 0;
  #isFirst = true;

  /** What ended before `sinceUs` is left out, what reaches over it is cut. */
  constructor(write: (text: string) => void, sinceUs: Micros = 0) {
    this.#write = write;
    this.#sinceUs = sinceUs;
    write('{"displayTimeUnit":"ms","traceEvents":[');
  }

  /** A process with one thread of the same name. */
  process(name: string, sortIndex: number): TraceTrack {
    const pid = ++this.#ids;
    this.#emit({ ph: "M", name: "process_name", pid, tid: pid, args: { name } });
    const args = { sort_index: sortIndex };
    this.#emit({ ph: "M", name: "process_sort_index", pid, tid: pid, args });
    return this.#named({ pid, tid: pid }, name, 0);
  }

  /** Another thread of a process. */
  thread({ pid }: TraceTrack, name: string, sortIndex: number): TraceTrack {
    return this.#named({ pid, tid: ++this.#ids }, name, sortIndex);
  }

  /** Slices of one track must nest or be apart. */
  slice({ pid, tid }: TraceTrack, { name, category, fromUs, toUs, args }: TraceSlice): void {
    if (toUs < this.#sinceUs) return;
    const ts = this.#cut(fromUs);
    this.#emit({ ph: "X", name, cat: category, pid, tid, ts, dur: toUs - ts, args });
  }

  /** Async slices that nest, in the order of their beginnings; each is within those still open. */
  async(track: TraceTrack, slices: readonly TraceSlice[]): void {
    const id = `0x${(++this.#asyncIds).toString(16)}`;
    const open: TraceSlice[] = [];
    for (const slice of slices) {
      while (open.length > 0 && (open.at(-1)?.toUs ?? 0) <= slice.fromUs)
        this.#edge("e", id, track, open.pop() as TraceSlice);
      if (slice.toUs < this.#sinceUs) continue;
      this.#edge("b", id, track, slice);
      open.push(slice);
    }
    for (const slice of open.reverse()) this.#edge("e", id, track, slice);
  }

  counter({ pid, tid }: TraceTrack, name: string, timeUs: Micros, value: number): void {
    if (timeUs < this.#sinceUs) return;
    this.#emit({ ph: "C", name, pid, tid, ts: timeUs, args: { value } });
  }

  instant({ pid, tid }: TraceTrack, name: string, timeUs: Micros): void {
    if (timeUs < this.#sinceUs) return;
    this.#emit({ ph: "i", name, pid, tid, ts: timeUs, s: "g" });
  }

  /** Ends the file; `about` is what the viewer shows of it. */
  finish(about: TraceArguments): void {
    this.#write(`\n],"otherData":${JSON.stringify(about)}}\n`);
  }

  #named(track: TraceTrack, name: string, sortIndex: number): TraceTrack {
    this.#emit({ ph: "M", name: "thread_name", ...track, args: { name } });
    this.#emit({ ph: "M", name: "thread_sort_index", ...track, args: { sort_index: sortIndex } });
    return track;
  }

  #edge(ph: "b" | "e", id: string, { pid, tid }: TraceTrack, slice: TraceSlice): void {
    const ts = this.#cut(ph === "b" ? slice.fromUs : slice.toUs);
    const args = ph === "b" ? slice.args : undefined;
    this.#emit({ ph, name: slice.name, cat: slice.category, id, pid, tid, ts, args });
  }

  #cut(timeUs: Micros): Micros {
    return Math.max(timeUs, this.#sinceUs);
  }

  #emit(event: object): void {
    this.#write(`${this.#isFirst ? "\n" : ",\n"}${JSON.stringify(event)}`);
    this.#isFirst = false;
  }
}
