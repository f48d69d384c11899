/**
 * ArrivalBuffer: items that come into the run from outside (a trace, a generator), sorted by time.
 * A driver outside the kernel appends them, as many at once as it likes; none of them stands in the
 * event queue. The kernel takes each at its time and hands it to the buffer's handler.
 *
 *   const arrivals = kernel.arrivals("workload", onOperation);
 *   while (kernel.run(horizonUs) === "starved") await fillFromFile(arrivals); // or arrivals.close()
 *
 * Order: items fire as they were appended, and before the events of the same microsecond. The
 * kernel never runs into the last known arrival's microsecond and beyond while more may come. So
 * the results don't depend on how many items are appended at once.
 */
import type { Micros } from "./micros.ts";

/** Items taken before the space at the front of the arrays is given back. */
const COMPACT_MIN = 1024;

interface ArrivalState<T> {
  timesUs: Micros[];
  items: (T | undefined)[];
  /** Index of the next item. */
  head: number;
  /** Time of the last item ever appended; -1 before any. */
  lastUs: Micros;
  isClosed: boolean;
}

export class ArrivalBuffer<T> {
  state: ArrivalState<T> = { timesUs: [], items: [], head: 0, lastUs: -1, isClosed: false };
  readonly name: string;
  /** Number of the handler that gets the items. */
  readonly handler: number;
  readonly #nowUs: () => Micros;

  /** Made by `Kernel.arrivals`. */
  constructor(name: string, handler: number, nowUs: () => Micros) {
    this.name = name;
    this.handler = handler;
    this.#nowUs = nowUs;
  }

  /** Items that wait. */
  get length(): number {
    return this.state.items.length - this.state.head;
  }

  /** Time of the last item ever appended; -1 before any. */
  get lastTimeUs(): Micros {
    return this.state.lastUs;
  }

  get hasNext(): boolean {
    return this.state.head < this.state.items.length;
  }

  /** Closed and empty: nothing more will come. */
  get isDone(): boolean {
    return this.state.isClosed && !this.hasNext;
  }

  /** Time of the next item; of an empty open buffer, the earliest that it can still have. */
  get nextUs(): Micros {
    const { timesUs, head, lastUs } = this.state;
    return timesUs[head] ?? Math.max(0, lastUs);
  }

  /**
   * Appends an item. Its time is whole, not before the last one's, and not in the past of the run;
   * a reader that may meet other times sorts or refuses its input first.
   */
  append(timeUs: Micros, item: T): void {
    const { state } = this;
    if (state.isClosed) throw new Error(`arrivals "${this.name}": append after close`);
    if (!Number.isSafeInteger(timeUs) || timeUs < Math.max(state.lastUs, this.#nowUs()))
      throw new Error(
        `arrivals "${this.name}": got an item at ${timeUs} us, want a whole number of ` +
          `microseconds, not before the last item (${state.lastUs}) and now (${this.#nowUs()})`,
      );
    state.timesUs.push(timeUs);
    state.items.push(item);
    state.lastUs = timeUs;
  }

  /** Says that nothing more will come. */
  close(): void {
    this.state.isClosed = true;
  }

  /** Removes the next item. For the kernel. */
  take(): T {
    const { state } = this;
    if (!this.hasNext) throw new Error(`arrivals "${this.name}": take from an empty buffer`);
    const item = state.items[state.head] as T;
    state.items[state.head++] = undefined;
    if (state.head >= COMPACT_MIN && state.head * 2 >= state.items.length) {
      state.items.splice(0, state.head);
      state.timesUs.splice(0, state.head);
      state.head = 0;
    }
    return item;
  }
}
