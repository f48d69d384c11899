/**
 * EventQueue: what the kernel asks of its queue, and the one implementation.
 *
 * Hot: one push and one pop per simulated event. `event-queue.test.ts` compares it with a sorted
 * list under random schedules.
 *
 * The idea: a heap is fast while it is small. So virtual time is cut into buckets, a power of two
 * microseconds wide. Only the events of the *current* bucket stand in a heap (`tinyqueue`); those of
 * the next one to two thousand buckets, the *window*, wait unsorted in one list per bucket; those
 * beyond it wait in one list per *span* of a thousand buckets. When the current bucket is empty, the
 * next list that is not is poured into the heap.
 *
 * The heap holds no events but small integers, `offset in the bucket * 2^s + place in the bucket's
 * list`: a comparison reads no event, so it misses no cache. Events of one microsecond are always
 * in one list and are appended in the order of scheduling, so the place breaks ties by it.
 *
 * The width follows the load (`#adapt`). It never changes the order of events, only the cost.
 */
import TinyQueue from "tinyqueue";
import type { Micros } from "./micros.ts";
import type { SimEvent } from "./sim-event.ts";

export interface EventQueue {
  /** Events held, with those cancelled but not yet dropped. */
  readonly length: number;
  /** Adds an event. Its time is not before that of the last event popped. Amortised O(1). */
  push(event: SimEvent): void;
  /** Removes the first event by (time, seq) that is not cancelled, if due by `untilUs`. */
  pop(untilUs: Micros): SimEvent | undefined;
  /** Tells that an event in the queue was cancelled. */
  noteCancelled(): void;
  /** The events that are still due, by (time, seq). O(n log n): for copying and printing. */
  list(): SimEvent[];
}

/** Buckets in a span; the window is the current span and the next. A power of two. */
const SPAN = 1024;
const WINDOW = 2 * SPAN;
/** A heap key has 31 bits: the offset's, and the rest for the place in the bucket's list. */
const KEY_BITS = 31;
/** 2^19 us: at the widest, 4,096 places are left, and a window still covers eighteen minutes. */
const WIDTH_BITS_MAX = 19;
const WIDTH_BITS_START = 14;
/** Bounds of the mean number of events per bucket, and what a change of width aims at. */
const MEAN_MIN = 100;
const MEAN_MAX = 1000;
const MEAN_GOAL = 350;
/** The start of the next bucket with events when there is none. */
const NOWHERE = -1;
/** No change of width, nor a purge of cancelled events, before this many events. */
const ADAPT_EVENTS_MIN = 1024;

/** One function for all heaps: with two the engine would call it at each comparison. */
const ascending = (x: number, y: number): number => x - y;

export class BucketQueue implements EventQueue {
  length = 0;

  /** The current bucket: its events in order of arrival, and the heap of their keys. */
  #places: (SimEvent | undefined)[] = [];
  readonly #heap = new TinyQueue<number>([], ascending);
  #startUs = 0;
  #endUs: Micros;
  #widthBits: number;
  #placeBits: number;

  /** The window's lists by bucket number modulo WINDOW, and a bit for each that is not empty. */
  readonly #lists: SimEvent[][] = Array.from({ length: WINDOW }, () => []);
  readonly #filled = new Int32Array(WINDOW / 32);
  #windowEndUs: Micros;

  /** Beyond the window: lists by span number, and the heap of those numbers. */
  readonly #spans = new Map<number, SimEvent[]>();
  readonly #spanNumbers = new TinyQueue<number>([], ascending);

  /** Since the last change of width: events that came to be current, and buckets with any. */
  #passedEvents = 0;
  #passedBuckets = 0;
  /** Pushes since then: they pay for the next change. */
  #pushes = 0;
  #cancelled = 0;

  constructor(widthBits: number = WIDTH_BITS_START) {
    this.#widthBits = widthBits;
    this.#placeBits = KEY_BITS - widthBits;
    this.#endUs = 0;
    this.#windowEndUs = 0;
    this.#stand(0);
  }

  push(event: SimEvent): void {
    this.length++;
    this.#pushes++;
    const { timeUs } = event;
    if (timeUs < this.#endUs) this.#pushCurrent(event);
    else if (timeUs < this.#windowEndUs) this.#pushWindow(event);
    else this.#pushSpan(event, timeUs);
  }

  pop(untilUs: Micros): SimEvent | undefined {
    const heap = this.#heap;
    for (;;) {
      if (heap.length === 0) {
        if (!this.#advance(untilUs)) return undefined;
        continue;
      }
      const key = heap.peek()!;
      if (this.#startUs + (key >>> this.#placeBits) > untilUs) return undefined;
      heap.pop();
      this.length--;
      const place = key & ((1 << this.#placeBits) - 1);
      const event = this.#places[place]!;
      // Not held any longer: the collector's young generation would carry it along (2x at 10^3).
      this.#places[place] = undefined;
      if (!event.cancelled) return event;
      this.#cancelled--;
    }
  }

  noteCancelled(): void {
    this.#cancelled++;
  }

  list(): SimEvent[] {
    const events = this.#gather();
    return events.sort((x, y) => x.timeUs - y.timeUs || x.seq - y.seq);
  }

  #pushCurrent(event: SimEvent): void {
    const place = this.#places.length;
    if (place >>> this.#placeBits !== 0) {
      // More events than places: a narrower bucket has more of them (2^31 when 1 us wide).
      this.length--;
      this.#spread(this.#widthBits - 1);
      this.push(event);
      return;
    }
    this.#places.push(event);
    const offset = event.offsetUs & ((1 << this.#widthBits) - 1);
    this.#heap.push((offset << this.#placeBits) | place);
  }

  #pushWindow(event: SimEvent): void {
    const slot = (event.offsetUs >>> this.#widthBits) & (WINDOW - 1);
    const list = this.#lists[slot]!;
    if (list.length === 0) this.#filled[slot >>> 5]! |= 1 << (slot & 31);
    list.push(event);
  }

  #pushSpan(event: SimEvent, timeUs: Micros): void {
    const span = Math.floor(timeUs / this.#spanUs());
    const list = this.#spans.get(span);
    if (list === undefined) {
      this.#spans.set(span, [event]);
      this.#spanNumbers.push(span);
    } else {
      list.push(event);
    }
  }

  #spanUs(): Micros {
    return SPAN << this.#widthBits;
  }

  /** Makes the bucket that contains `timeUs` the current one, and the window that of its span. */
  #stand(timeUs: Micros): void {
    const widthUs = 1 << this.#widthBits;
    this.#startUs = Math.floor(timeUs / widthUs) * widthUs;
    this.#endUs = this.#startUs + widthUs;
    this.#windowEndUs = (Math.floor(timeUs / this.#spanUs()) + 2) * this.#spanUs();
  }

  /** Pours the next bucket that has events and begins by `untilUs`. False when there is none. */
  #advance(untilUs: Micros): boolean {
    this.#leave();
    while (this.#heap.length === 0) {
      const startUs = this.#nextFilledUs();
      if (startUs === NOWHERE || startUs > untilUs) return false;
      this.#enter(startUs);
      this.#pour();
    }
    return true;
  }

  /** Takes stock of the current bucket, whose heap is empty. */
  #leave(): void {
    if (this.#places.length === 0) return;
    this.#passedEvents += this.#places.length;
    this.#passedBuckets++;
    this.#places = [];
    this.#adapt();
  }

  /** Start of the first bucket with events, from the current one on; else of the first span. */
  #nextFilledUs(): Micros {
    const slot = this.#slot();
    let index = slot >>> 5;
    let word = this.#filled[index]! & (-1 << (slot & 31));
    for (let looked = 1; word === 0 && looked < WINDOW / 32; looked++) {
      index = (index + 1) & (WINDOW / 32 - 1);
      word = this.#filled[index]!;
    }
    if (word === 0) {
      const span = this.#spanNumbers.peek();
      return span === undefined ? NOWHERE : span * this.#spanUs();
    }
    const found = index * 32 + 31 - Math.clz32(word & -word);
    return this.#startUs + ((found - slot) & (WINDOW - 1)) * (1 << this.#widthBits);
  }

  /** Slot of the current bucket. */
  #slot(): number {
    return (this.#startUs / (1 << this.#widthBits)) & (WINDOW - 1);
  }

  /** Makes the bucket that begins at `startUs` current, and hands out the spans now in the window. */
  #enter(startUs: Micros): void {
    this.#stand(startUs);
    const spanEnd = this.#windowEndUs / this.#spanUs();
    for (let span = this.#spanNumbers.peek(); span !== undefined && span < spanEnd; ) {
      this.#spanNumbers.pop();
      const events = this.#spans.get(span)!;
      this.#spans.delete(span);
      for (const event of events) if (!this.#dropped(event)) this.#pushWindow(event);
      span = this.#spanNumbers.peek();
    }
  }

  /** Brings the list of the current bucket, which has neither places nor heap yet, to the heap. */
  #pour(): void {
    const slot = this.#slot();
    const list = this.#lists[slot]!;
    if ((list.length - 1) >>> this.#placeBits !== 0 && list.length > 0) {
      this.#spread(this.#widthBits - 1);
      return;
    }
    this.#lists[slot] = [];
    this.#filled[slot >>> 5]! &= ~(1 << (slot & 31));
    this.#places = list;
    const mask = (1 << this.#widthBits) - 1;
    for (let place = 0; place < list.length; place++) {
      const event = list[place]!;
      if (!this.#dropped(event))
        this.#heap.push(((event.offsetUs & mask) << this.#placeBits) | place);
    }
  }

  /** Whether the event was cancelled; if so it has left the queue. */
  #dropped(event: SimEvent): boolean {
    if (!event.cancelled) return false;
    this.length--;
    this.#cancelled--;
    return true;
  }

  /**
   * Chooses the width anew when buckets were too full or too empty, and drops cancelled events when
   * they are the majority. Both touch every event, so both wait until as many were pushed.
   */
  #adapt(): void {
    if (this.#cancelled > ADAPT_EVENTS_MIN && this.#cancelled * 2 > this.length)
      this.#spread(this.#widthBits);
    if (this.#passedEvents < ADAPT_EVENTS_MIN || this.#pushes < this.length) return;
    let mean = this.#passedEvents / this.#passedBuckets;
    let widthBits = this.#widthBits;
    if (mean > MEAN_MAX) for (; mean > MEAN_GOAL && widthBits > 0; mean /= 2) widthBits--;
    else if (mean < MEAN_MIN)
      for (; mean < MEAN_GOAL && widthBits < WIDTH_BITS_MAX; mean *= 2) widthBits++;
    if (widthBits !== this.#widthBits) this.#spread(widthBits);
    this.#restartCounts();
  }

  #restartCounts(): void {
    this.#passedEvents = 0;
    this.#passedBuckets = 0;
    this.#pushes = 0;
  }

  /** Puts every event into buckets of another width. Equal times keep their order. */
  #spread(widthBits: number): void {
    const events = this.#gather();
    this.#places = [];
    this.#heap.data.length = 0;
    this.#heap.length = 0;
    for (let slot = 0; slot < WINDOW; slot++)
      if (this.#lists[slot]!.length > 0) this.#lists[slot] = [];
    this.#filled.fill(0);
    this.#spans.clear();
    this.#spanNumbers.data.length = 0;
    this.#spanNumbers.length = 0;
    this.length = 0;
    this.#cancelled = 0;
    this.#widthBits = widthBits;
    this.#placeBits = KEY_BITS - widthBits;
    this.#stand(this.#startUs);
    for (const event of events) this.push(event);
    this.#restartCounts();
  }

  /** The events that are still due; equal times stand in the order of scheduling. */
  #gather(): SimEvent[] {
    const events: SimEvent[] = [];
    const mask = (1 << this.#placeBits) - 1;
    for (const key of this.#heap.data.toSorted(ascending)) events.push(this.#places[key & mask]!);
    for (const list of this.#lists) for (const event of list) events.push(event);
    for (const list of this.#spans.values()) for (const event of list) events.push(event);
    return events.filter((event) => !event.cancelled);
  }
}
