/**
 * The kernel: a virtual clock and a totally ordered queue of events.
 *
 * Time is a whole number of microseconds since the start of the run. Events fire by time, and
 * equal times fire in the order in which they were scheduled; arrivals from outside fire before
 * events of the same microsecond. An event is a handler number with two plain-data arguments,
 * never a closure, so that it can be printed, hashed and copied into a fork.
 *
 * Hot: `at`, `after`, `cancel` and `run` are on the path of every simulated event.
 */
import { ArrivalBuffer } from "./arrival-buffer.ts";
import { copyGraph } from "./copy-graph.ts";
import { describeEvent } from "./describe-event.ts";
import { BucketQueue, type EventQueue } from "./event-queue.ts";
import type { Micros } from "./micros.ts";
import { Process } from "./process.ts";
import { RandomStream } from "./random-stream.ts";
import { SimEvent } from "./sim-event.ts";
import { StandstillGuard } from "./standstill-guard.ts";

/** Number of a registered handler; the type parameters are those of its two arguments. */
export type HandlerId<A = unknown, B = unknown> = number & {
  readonly __arguments?: (a: A, b: B) => void;
};

/** A component whose whole mutable state is one plain object, apart from its wiring. */
export interface StateOwner {
  state: object;
}

export interface KernelSettings {
  /** Events in one microsecond after which the run is stopped. Our assumption: a million. */
  readonly eventsPerMicrosecondMax?: number;
}

/** Why `run` returned. */
export type RunEnd =
  /** Only background events are left, or none. */
  | "idle"
  /** The time was reached. */
  | "until"
  /** An arrival buffer is open and has told nothing about what comes next: append to it. */
  | "starved";

/** A copy of a run's whole state, which later running does not change. See `Kernel.snapshot`. */
export interface KernelSnapshot {
  readonly seed: string;
  readonly handlers: readonly string[];
  readonly image: KernelImage;
  readonly isShared: (object: object) => boolean;
}

interface KernelImage {
  readonly nowUs: Micros;
  readonly dispatched: number;
  readonly nextSeq: number;
  readonly events: readonly SimEvent[];
  readonly states: ReadonlyMap<string, object>;
  readonly streams: ReadonlyMap<string, object>;
}

type AnyHandler = (a: never, b: never) => void;

export class Kernel {
  /** The seed of the run, as the user wrote it. */
  readonly seed: string;
  nowUs: Micros = 0;
  /** Events and arrivals that have fired. */
  dispatched = 0;

  #queue: EventQueue = new BucketQueue();
  #seq = 0;
  /** Events in the queue that keep the run alive. */
  #foreground = 0;
  #isRunning = false;
  readonly #handlers: AnyHandler[] = [];
  readonly #names: string[] = [];
  readonly #arrivals: ArrivalBuffer<unknown>[] = [];
  readonly #owners = new Map<string, StateOwner>();
  readonly #streams = new Map<string, RandomStream>();
  readonly #guard: StandstillGuard;
  readonly #processes = new Map<string, Process>();
  #building: Process | undefined;

  constructor(seed: string, settings: KernelSettings = {}) {
    this.seed = seed;
    this.#guard = new StandstillGuard(settings.eventsPerMicrosecondMax ?? 1_000_000);
  }

  /** Registers a handler. Names are unique; the order of registration must not depend on data. */
  handler<A = undefined, B = undefined>(name: string, run: (a: A, b: B) => void): HandlerId<A, B> {
    if (this.#names.includes(name)) throw new Error(`handler "${name}" is registered twice`);
    this.#handlers.push(run as AnyHandler);
    const id = this.#names.push(name) - 1;
    this.#building?.handlers.add(id);
    return id as HandlerId<A, B>;
  }

  /**
   * Registers a component whose state belongs to the run: a fork copies it. The state holds plain
   * data only (see `copyGraph`); `restore` replaces it, so nobody may keep a reference to it.
   */
  keep(name: string, owner: StateOwner): void {
    if (this.#owners.has(name)) throw new Error(`state "${name}" is kept twice`);
    this.#owners.set(name, owner);
    this.#building?.owners.set(name, owner);
  }

  /**
   * Builds a process of the simulated world: whatever `build` registers (handlers, kept states)
   * belongs to it, and dies with it in `crash`. What the states hold at the end of `build` is what
   * a new process begins with.
   */
  process<T>(name: string, build: () => T, isShared: (object: object) => boolean): T {
    if (this.#building !== undefined) throw new Error(`process "${name}" is built within another`);
    if (this.#processes.has(name)) throw new Error(`process "${name}" is built twice`);
    const process = new Process(isShared);
    this.#processes.set(name, process);
    this.#building = process;
    try {
      return build();
    } finally {
      this.#building = undefined;
      process.built();
    }
  }

  /** The process that is being built; undefined: none. */
  get processInBuilding(): string | undefined {
    if (this.#building === undefined) return undefined;
    for (const [name, process] of this.#processes) if (process === this.#building) return name;
    return undefined;
  }

  /** A process dies: its events are cancelled, its states are those of a new one. O(events). */
  crash(name: string): void {
    const process = this.#processes.get(name);
    if (process === undefined) throw new Error(`unknown process "${name}"`);
    this.cancelWhere(({ handler }) => process.handlers.has(handler));
    process.begin();
  }

  /** Cancels all events for which `isDoomed` is true, in order of time. O(n log n): for faults. */
  cancelWhere(isDoomed: (event: SimEvent) => boolean): void {
    for (const event of this.#queue.list()) if (isDoomed(event)) this.cancel(event);
  }

  /** The random stream of (seed, purpose): one object per purpose, copied by a fork. */
  stream(purpose: string): RandomStream {
    let stream = this.#streams.get(purpose);
    if (stream === undefined) {
      stream = new RandomStream(this.seed, purpose);
      this.#streams.set(purpose, stream);
    }
    return stream;
  }

  /**
   * Makes a buffer for items that come from outside the run in order of time; the handler gets
   * each item at its time. The buffer keeps the run alive until it is closed and empty.
   */
  arrivals<T>(name: string, handler: HandlerId<T, undefined>): ArrivalBuffer<T> {
    const buffer = new ArrivalBuffer<T>(name, handler, () => this.nowUs);
    this.keep(`arrivals/${name}`, buffer);
    this.#arrivals.push(buffer as ArrivalBuffer<unknown>);
    return buffer;
  }

  /** Schedules at an absolute time, which must be whole and not in the past. O(1) mostly. */
  at<A, B>(timeUs: Micros, handler: HandlerId<A, B>, a: A, b: B): SimEvent {
    return this.#push(timeUs, handler, a, b, false);
  }

  /** Schedules `delayUs` (whole, >= 0) from now. */
  after<A, B>(delayUs: Micros, handler: HandlerId<A, B>, a: A, b: B): SimEvent {
    return this.#push(this.nowUs + delayUs, handler, a, b, false);
  }

  /** Like `at`, but a periodic chore that does not keep the run alive when nothing else is due. */
  background<A, B>(timeUs: Micros, handler: HandlerId<A, B>, a: A, b: B): SimEvent {
    return this.#push(timeUs, handler, a, b, true);
  }

  /** Cancels an event; cancelling one that has fired or was cancelled does nothing. O(1). */
  cancel(event: SimEvent): void {
    if (event.cancelled) return;
    event.cancelled = true;
    event.a = undefined; // a time-out that is not needed stays in the queue: not what it was about
    event.b = undefined;
    if (!event.background) this.#foreground--;
    this.#queue.noteCancelled();
  }

  /**
   * Runs events up to and including `untilUs`, and says why it stopped. The clock then stands at
   * the last event, or at `untilUs` if that was reached. May be called again, to go on.
   */
  run(untilUs: Micros): RunEnd {
    if (this.#isRunning) throw new Error("kernel.run was called by a handler");
    if (Number.isNaN(untilUs)) throw new Error("kernel.run(NaN)");
    this.#isRunning = true;
    try {
      return this.#run(untilUs);
    } finally {
      this.#isRunning = false;
    }
  }

  /** Like `run`, but periodic chores go on to `untilUs` also when nothing else is left. */
  runThrough(untilUs: Micros): RunEnd {
    this.#foreground++;
    try {
      return this.run(untilUs);
    } finally {
      this.#foreground--;
    }
  }

  /**
   * Fires what comes next, one event or arrival, a periodic chore too. False: nothing is left, or an
   * open arrival buffer has told nothing about what comes next.
   */
  step(): boolean {
    if (this.#isRunning) throw new Error("kernel.step was called by a handler");
    this.#isRunning = true;
    try {
      const next = this.#nextArrivals();
      const event = this.#queue.pop((next?.nextUs ?? Number.POSITIVE_INFINITY) - 1);
      if (event !== undefined) {
        this.#moveTo(event.timeUs);
        event.cancelled = true;
        if (!event.background) this.#foreground--;
        this.dispatched++;
        this.#handlers[event.handler]!(event.a as never, event.b as never);
        return true;
      }
      if (next === undefined || !next.hasNext) return false;
      this.#moveTo(next.nextUs);
      this.dispatched++;
      this.#handlers[next.handler]!(next.take() as never, undefined as never);
      return true;
    } finally {
      this.#isRunning = false;
    }
  }

  #run(untilUs: Micros): RunEnd {
    for (;;) {
      const next = this.#nextArrivals();
      const arrivalUs = next?.nextUs ?? Number.POSITIVE_INFINITY;
      // Events at the time of the next arrival come after it, so they must wait for it.
      if (!this.#runEvents(Math.min(untilUs, arrivalUs - 1), next !== undefined)) return "idle";
      if (next === undefined || arrivalUs > untilUs) {
        this.#moveTo(Math.max(this.nowUs, untilUs));
        return "until";
      }
      if (!next.hasNext) return "starved";
      this.#moveTo(arrivalUs);
      this.dispatched++;
      this.#handlers[next.handler]!(next.take() as never, undefined as never);
    }
  }

  /** Fires events up to `limitUs`. False when nothing is left that keeps the run alive. */
  #runEvents(limitUs: Micros, isAwaitingArrivals: boolean): boolean {
    const queue = this.#queue;
    while (this.#foreground > 0 || isAwaitingArrivals) {
      const event = queue.pop(limitUs);
      if (event === undefined) return true;
      event.cancelled = true;
      if (!event.background) this.#foreground--;
      const timeUs = event.timeUs;
      if (timeUs !== this.nowUs) {
        this.nowUs = timeUs;
        this.#guard.restart(1);
      } else if (this.#guard.tally()) {
        this.#guard.note(timeUs, this.#names[event.handler]!);
      }
      this.dispatched++;
      this.#handlers[event.handler]!(event.a as never, event.b as never);
    }
    return false;
  }

  #moveTo(timeUs: Micros): void {
    if (timeUs === this.nowUs) return;
    this.nowUs = timeUs;
    this.#guard.restart(0);
  }

  /** The buffer that is next to give, or to be asked for, an item; on ties the first made. */
  #nextArrivals(): ArrivalBuffer<unknown> | undefined {
    let next: ArrivalBuffer<unknown> | undefined;
    for (const buffer of this.#arrivals)
      if (!buffer.isDone && (next === undefined || buffer.nextUs < next.nextUs)) next = buffer;
    return next;
  }

  #push(timeUs: Micros, handler: number, a: unknown, b: unknown, background: boolean): SimEvent {
    if (!Number.isSafeInteger(timeUs) || timeUs < this.nowUs) this.#refuse(timeUs, handler);
    const event = new SimEvent(timeUs, this.#seq++, handler, a, b, background);
    if (!background) this.#foreground++;
    this.#queue.push(event);
    return event;
  }

  #refuse(timeUs: Micros, handler: number): never {
    throw new Error(
      `cannot schedule "${this.#names[handler]}" at ${timeUs} us: now is ${this.nowUs} us, ` +
        "want a whole number of microseconds, not in the past, up to 2^53",
    );
  }

  /** One line about an event: its time, number, handler and arguments. */
  describe(event: SimEvent): string {
    return describeEvent(event, this.#names[event.handler] ?? `handler ${event.handler}`);
  }

  /** The events that are due, in order. O(n log n): for printing and debugging. */
  pending(): readonly SimEvent[] {
    return this.#queue.list();
  }

  /**
   * Copies the whole run: every kept state, the queue, the clock, the streams. Objects for which
   * `isShared` is true (those that never change) are shared, not copied. Throws, naming the path,
   * when a state holds what cannot be copied. A fork is a new cluster built the same way whose
   * kernel restores the snapshot; a snapshot may be restored any number of times.
   */
  snapshot(isShared: (object: object) => boolean = () => false): KernelSnapshot {
    if (this.#isRunning) throw new Error("kernel.snapshot was called by a handler");
    const states = new Map([...this.#owners].map(([name, owner]) => [name, owner.state]));
    const streams = new Map([...this.#streams].map(([name, stream]) => [name, stream.save()]));
    const image: KernelImage = {
      nowUs: this.nowUs,
      dispatched: this.dispatched,
      nextSeq: this.#seq,
      events: this.#queue.list(),
      states,
      streams,
    };
    const handlers = [...this.#names];
    return { seed: this.seed, handlers, image: copyGraph(image, isShared), isShared };
  }

  /**
   * Makes this run go on from the snapshot. The kernel must have been wired in the same way as the
   * one it was taken from: the same seed, handlers (in order) and kept names.
   */
  restore(snapshot: KernelSnapshot): void {
    if (this.#isRunning) throw new Error("kernel.restore was called by a handler");
    expectSame("seed", [this.seed], [snapshot.seed]);
    expectSame("handlers", this.#names, snapshot.handlers);
    expectSame("kept states", [...this.#owners.keys()], [...snapshot.image.states.keys()]);
    const image = copyGraph(snapshot.image, snapshot.isShared);
    this.nowUs = image.nowUs;
    this.dispatched = image.dispatched;
    this.#seq = image.nextSeq;
    this.#guard.restart(0);
    for (const [name, state] of image.states) this.#owners.get(name)!.state = state;
    for (const [purpose, state] of image.streams) this.stream(purpose).load(state);
    for (const [purpose, stream] of this.#streams)
      if (!image.streams.has(purpose)) stream.restart();
    this.#queue = new BucketQueue();
    for (const event of image.events) this.#queue.push(event);
    this.#foreground = image.events.filter((event) => !event.background).length;
  }
}

function expectSame(what: string, mine: readonly string[], theirs: readonly string[]): void {
  const length = Math.max(mine.length, theirs.length);
  for (let i = 0; i < length; i++)
    if (mine[i] !== theirs[i])
      throw new Error(
        `cannot restore: ${what} differ at ${i}: snapshot has "${theirs[i]}", this has "${mine[i]}"`,
      );
}
