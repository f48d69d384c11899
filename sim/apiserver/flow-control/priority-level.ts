/**
 * PriorityLevel: the seats of one priority level, and fair queuing for them.
 *
 * Each active queue is virtually served at the same rate; the request whose virtual service would
 * end first is dispatched next. Progress R is in seat-microseconds per queue.
 * Source: apiserver/pkg/util/flowcontrol/fairqueuing/queueset/queueset.go and its doc.go, v1.30.
 *
 * Hot: `advance`, `admitAtOnce` and `leave` are on the path of every request. Plain data.
 */
import type { Micros } from "../../kernel/index.ts";
import type { ApiCall } from "../api-call.ts";
import { FairQueue, type Waiting } from "./fair-queue.ts";
import { RetryAfter } from "./retry-after.ts";
import { SeatDemand } from "./seat-demand.ts";

/** How long a request is thought to run, as long as it has not (estimatedServiceDuration: 3 ms). */
const ESTIMATED_SERVICE_US = 3000;

/** What a level does with a request that finds no seat. */
export type LimitResponse = "exempt" | "queue" | "reject";

/** What became of the requests of a level (the metrics apiserver_flowcontrol_*). */
export interface LevelCounters {
  dispatched: number;
  /** Of the dispatched, those that waited in a queue. */
  queued: number;
  queueFull: number;
  concurrencyLimit: number;
  timedOut: number;
  /** The server died while they waited. */
  cancelled: number;
}

export class PriorityLevel {
  readonly name: string;
  response: LimitResponse = "exempt";
  /** Queues that flows are dealt; there may be more, which drain. */
  dealtQueues = 0;
  handSize = 0;
  queueLengthLimit = 0;
  /** What its configuration asks for; it may borrow any number of seats when the last is undefined. */
  shares = 0;
  lendablePercent = 0;
  borrowingLimitPercent: number | undefined = undefined;
  /** Seats: what its shares give, what it may go down and up to, what it has now. */
  nominalLimit = 0;
  minLimit = 0;
  maxLimit = 0;
  limit = 0;
  /** Widest request; 10 at most. */
  maxSeats = 10;
  /** No longer configured: it goes when it is idle. */
  isQuiescing = false;

  readonly queues: FairQueue[] = [];
  readonly demand: SeatDemand = new SeatDemand();
  readonly retryAfter: RetryAfter = new RetryAfter();
  readonly counters: LevelCounters = {
    dispatched: 0,
    queued: 0,
    queueFull: 0,
    concurrencyLimit: 0,
    timedOut: 0,
    cancelled: 0,
  };
  seatsInUse = 0;
  seatsWaiting = 0;
  executing = 0;
  waiting = 0;
  activeQueues = 0;
  /** The progress meter, in seat-us for each active queue, true at `lastUs`. */
  progressR = 0;
  lastUs: Micros;
  /** The queue last dispatched from. */
  robin = 0;
  /** Requests so far: which card of a hand is looked at first. */
  enqueues = 0;

  constructor(name: string, nowUs: Micros) {
    this.name = name;
    this.lastUs = nowUs;
  }

  get isIdle(): boolean {
    return this.seatsInUse === 0 && this.executing === 0 && this.waiting === 0;
  }

  /** Brings progress and demand up to now. Before any other change, at its time. */
  advance(nowUs: Micros): void {
    const elapsedUs = nowUs - this.lastUs;
    if (elapsedUs === 0) return;
    const seats = this.seatsInUse + this.seatsWaiting;
    if (this.activeQueues > 0)
      this.progressR += (Math.min(seats, this.limit) / this.activeQueues) * elapsedUs;
    this.demand.note(seats, elapsedUs);
    this.lastUs = nowUs;
  }

  /**
   * Whether a request of that width may run now. One that is wider than the limit runs alone: so
   * far may the seats in use exceed the limit.
   */
  hasRoomFor(seats: number): boolean {
    if (this.response === "exempt") return true;
    if (seats > this.limit) return this.executing === 0;
    return this.seatsInUse + seats <= this.limit;
  }

  /** Takes seats outside any queue. */
  admit(call: ApiCall): void {
    call.queue = -1;
    this.executing++;
    this.seatsInUse += call.seats;
    this.counters.dispatched++;
    notePeak(this);
  }

  /**
   * Sends a request through its queue when nobody waits and there is room; false when it has to
   * wait. The same as `enqueue` and `dispatch`, without touching a list.
   */
  admitAtOnce(call: ApiCall, hand: readonly number[]): boolean {
    if (this.waiting > 0 || this.seatsInUse >= this.limit || !this.hasRoomFor(call.seats))
      return false;
    // No queue has more work than another: the first card wins.
    const index = hand[this.enqueues++ % hand.length] as number;
    const queue = queueAt(this, index);
    if (queue.executing === 0) {
      queue.nextDispatchR = this.progressR;
      this.activeQueues++;
    } else if (queue.nextDispatchR < this.progressR) queue.nextDispatchR = this.progressR;
    this.robin = index;
    run(this, call, queue, index);
    return true;
  }

  /** Puts a request into the least loaded queue of its hand; false when that queue is full. */
  enqueue(call: ApiCall, hand: readonly number[], nowUs: Micros): boolean {
    const index = leastLoaded(this, hand);
    const queue = queueAt(this, index);
    if (this.seatsInUse >= this.limit && queue.waiting.length >= this.queueLengthLimit) {
      this.counters.queueFull++;
      queue.boundNextDispatch();
      return false;
    }
    if (!queue.isActive) {
      queue.nextDispatchR = this.progressR;
      this.activeQueues++;
    }
    call.queue = index;
    queue.waiting.push({ call, arrivedUs: nowUs, arrivalR: this.progressR });
    queue.workWaiting += workOf(call);
    this.waiting++;
    this.seatsWaiting += call.seats;
    notePeak(this);
    queue.boundNextDispatch();
    return true;
  }

  /** Dispatches the request that is next, if there is room for it. */
  dispatch(): ApiCall | undefined {
    if (this.waiting === 0 || this.seatsInUse >= this.limit) return undefined;
    const index = nextQueue(this);
    const queue = queueAt(this, index);
    const call = (queue.oldest as Waiting).call;
    if (!this.hasRoomFor(call.seats)) return undefined;
    this.robin = index;
    removeOldest(this, queue);
    narrow(call, this.limit);
    run(this, call, queue, index);
    this.counters.queued++;
    queue.boundNextDispatch();
    return call;
  }

  /** Removes a request that has waited since `sinceUs` or longer. */
  expire(sinceUs: Micros): ApiCall | undefined {
    for (const queue of this.queues) {
      const { oldest } = queue;
      if (oldest === undefined || oldest.arrivedUs > sinceUs) continue;
      removeOldest(this, queue);
      this.counters.timedOut++;
      if (!queue.isActive) this.activeQueues--;
      queue.boundNextDispatch();
      return oldest.call;
    }
    return undefined;
  }

  /** Arrival of the request that has waited longest; infinite when none waits. O(queues). */
  get oldestArrivalUs(): Micros {
    let oldestUs = Number.POSITIVE_INFINITY;
    for (const { oldest } of this.queues)
      if (oldest !== undefined && oldest.arrivedUs < oldestUs) oldestUs = oldest.arrivedUs;
    return oldestUs;
  }

  /** A request has run: corrects the estimate. Its seats are still taken (see `release`). */
  leave(call: ApiCall, nowUs: Micros): void {
    this.executing--;
    if (call.queue < 0) return;
    const queue = queueAt(this, call.queue);
    queue.executing--;
    const ranUs = nowUs - call.startedUs;
    queue.nextDispatchR -= initialSeats(call) * (ESTIMATED_SERVICE_US - ranUs);
    queue.boundNextDispatch();
    if (!queue.isActive) this.activeQueues--;
  }

  release(seats: number): void {
    this.seatsInUse -= seats;
  }

  /** Makes queues until there are as many as are dealt. */
  growQueues(): void {
    while (this.queues.length < this.dealtQueues) this.queues.push(new FairQueue());
  }
}

function queueAt({ queues }: PriorityLevel, index: number): FairQueue {
  return queues[index] as FairQueue;
}

function run(level: PriorityLevel, call: ApiCall, queue: FairQueue, index: number): void {
  call.queue = index;
  queue.executing++;
  queue.nextDispatchR += workOf(call);
  level.executing++;
  level.seatsInUse += call.seats;
  level.counters.dispatched++;
  notePeak(level);
}

/** Extra final seats beyond the limit are taken for longer instead. */
function narrow(call: ApiCall, limit: number): void {
  if (call.lingerUs === 0 || call.seats <= limit) return;
  call.lingerUs = Math.round((call.lingerUs * call.seats) / limit);
  call.seats = limit;
}

function leastLoaded(level: PriorityLevel, hand: readonly number[]): number {
  const offset = level.enqueues++ % hand.length;
  let best = -1;
  let leastWork = Number.POSITIVE_INFINITY;
  for (let i = 0; i < hand.length; i++) {
    const index = hand[(offset + i) % hand.length] as number;
    const work = queueAt(level, index).workWaiting;
    if (work >= leastWork) continue;
    leastWork = work;
    best = index;
  }
  return best;
}

/** Of the queues in which one waits, that with the earliest virtual finish, in turn from `robin`. */
function nextQueue({ queues, robin }: PriorityLevel): number {
  let best = -1;
  let earliestR = Number.POSITIVE_INFINITY;
  for (let i = 1; i <= queues.length; i++) {
    const index = (robin + i) % queues.length;
    const queue = queues[index] as FairQueue;
    const { oldest } = queue;
    if (oldest === undefined) continue;
    const finishR = queue.nextDispatchR + workOf(oldest.call);
    if (finishR >= earliestR) continue;
    earliestR = finishR;
    best = index;
  }
  return best;
}

function removeOldest(level: PriorityLevel, queue: FairQueue): void {
  const { call } = queue.waiting.shift() as Waiting;
  queue.workWaiting -= workOf(call);
  level.waiting--;
  level.seatsWaiting -= call.seats;
}

function notePeak(level: PriorityLevel): void {
  const seats = level.seatsInUse + level.seatsWaiting;
  if (seats > level.demand.peak) level.demand.peak = seats;
}

/** Seats while it runs; a write's others are for the watchers to be told of it, afterwards. */
function initialSeats(call: ApiCall): number {
  return call.lingerUs > 0 ? 1 : call.seats;
}

/** Estimated work in seat-us. */
function workOf(call: ApiCall): number {
  return initialSeats(call) * ESTIMATED_SERVICE_US + call.seats * call.lingerUs;
}
