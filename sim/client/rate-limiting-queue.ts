/**
 * RateLimitingQueue: client-go's workqueue (util/workqueue), keyed by record.
 *
 * A key that is added many times is handed out once; a key that is added while it is processed is
 * handed out again when it is done; never to two workers at one time. Failed keys come back after
 * an exponential pause of their own (5 ms to 1000 s) and not faster than the overall limit
 * (10 per second, burst 100): DefaultControllerRateLimiter. A key at its longest pause is tried on
 * for ever, but does not keep a run alive.
 */
import type { KeyRecord } from "../api/index.ts";
import { Fifo, type HandlerId, type Kernel, type Micros, type SimEvent } from "../kernel/index.ts";
import { TokenBucket } from "./token-bucket.ts";

const BASE_DELAY_US = 5_000;
const MAX_DELAY_US = 1_000_000_000;
const OVERALL_QPS = 10;
const OVERALL_BURST = 100;

interface RateLimitingQueueState {
  readonly queue: Fifo<KeyRecord>;
  /** Keys that must be processed. */
  readonly dirty: Set<KeyRecord>;
  /** Keys that are being processed. */
  readonly processing: Set<KeyRecord>;
  /** Keys that are added later, each with its one timer. */
  readonly waiting: Map<KeyRecord, SimEvent>;
  /** Failures in a row, by key. */
  readonly failures: Map<KeyRecord, number>;
  readonly overall: TokenBucket;
}

export class RateLimitingQueue {
  state: RateLimitingQueueState = {
    queue: new Fifo(),
    dirty: new Set(),
    processing: new Set(),
    waiting: new Map(),
    failures: new Map(),
    overall: new TokenBucket(OVERALL_QPS, OVERALL_BURST),
  };
  readonly #kernel: Kernel;
  readonly #due: HandlerId<KeyRecord>;
  #onReady: (record: KeyRecord) => void = () => {};

  /** `name` is unique in the cluster. */
  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.#due = kernel.handler(`workqueue/${name}`, (record) => {
      this.state.waiting.delete(record);
      this.add(record);
    });
    kernel.keep(`workqueue/${name}`, this);
  }

  /** Who is told that a key has become available. Set when wiring. */
  onReady(listener: (record: KeyRecord) => void): void {
    this.#onReady = listener;
  }

  /** Keys that wait to be handed out. */
  get length(): number {
    return this.state.queue.length;
  }

  add(record: KeyRecord): void {
    const { dirty, processing, queue } = this.state;
    if (dirty.has(record)) return;
    dirty.add(record);
    if (processing.has(record)) return;
    queue.push(record);
    this.#onReady(record);
  }

  /** Adds later; of several times for one key the earliest counts (delaying_queue.go). */
  addAfter(record: KeyRecord, delayUs: Micros): void {
    this.#addAfter(record, delayUs, false);
  }

  /** The same for a periodic chore: the timer does not keep the run alive (Kernel.background). */
  addAfterInBackground(record: KeyRecord, delayUs: Micros): void {
    this.#addAfter(record, delayUs, true);
  }

  #addAfter(record: KeyRecord, delayUs: Micros, isChore: boolean): void {
    if (delayUs <= 0) return this.add(record);
    const { waiting } = this.state;
    const timeUs = this.#kernel.nowUs + delayUs;
    const known = waiting.get(record);
    if (known !== undefined) {
      if (known.timeUs <= timeUs) return;
      this.#kernel.cancel(known);
    }
    // A timer that keeps the run alive is replaced by another such only.
    const isBackground = isChore && known?.background !== false;
    waiting.set(
      record,
      isBackground
        ? this.#kernel.background(timeUs, this.#due, record, undefined)
        : this.#kernel.at(timeUs, this.#due, record, undefined),
    );
  }

  /**
   * Takes the key's timer back: nothing is due any more. client-go lets it fire, and a sync then
   * finds nothing to do; here that sync would also keep the run alive until then.
   */
  cancelAfter(record: KeyRecord): void {
    const known = this.state.waiting.get(record);
    if (known === undefined) return;
    this.#kernel.cancel(known);
    this.state.waiting.delete(record);
  }

  /** After a failure: comes back when both the key's back-off and the overall limit allow. */
  addRateLimited(record: KeyRecord): void {
    const { failures, overall } = this.state;
    const count = failures.get(record) ?? 0;
    failures.set(record, count + 1);
    let delayUs = BASE_DELAY_US;
    for (let i = 0; i < count && delayUs < MAX_DELAY_US; i++) delayUs *= 2;
    const nowUs = this.#kernel.nowUs;
    const overallUs = overall.take(nowUs) - nowUs;
    const pauseUs = Math.max(Math.min(delayUs, MAX_DELAY_US), overallUs);
    // What has failed that often waits for a change (a larger quota): no reason to keep the run alive.
    this.#addAfter(record, pauseUs, delayUs >= MAX_DELAY_US);
  }

  /** Failures in a row of a key. */
  numRequeues(record: KeyRecord): number {
    return this.state.failures.get(record) ?? 0;
  }

  /** The key succeeded: its back-off starts anew. */
  forget(record: KeyRecord): void {
    this.state.failures.delete(record);
  }

  /** Hands out the next key; the caller must call `done` for it. */
  get(): KeyRecord | undefined {
    const record = this.state.queue.shift();
    if (record === undefined) return undefined;
    this.state.processing.add(record);
    this.state.dirty.delete(record);
    return record;
  }

  done(record: KeyRecord): void {
    const { dirty, processing, queue } = this.state;
    processing.delete(record);
    if (!dirty.has(record)) return;
    queue.push(record);
    this.#onReady(record);
  }
}
