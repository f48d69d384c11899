import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BucketQueue } from "./event-queue.ts";
import { ERA_US, SimEvent } from "./sim-event.ts";

const FOREVER = Number.POSITIVE_INFINITY;

function eventAt(timeUs: number, seq: number): SimEvent {
  return new SimEvent(timeUs, seq, 0, undefined, undefined, false);
}

/** Pops everything that is due by `untilUs`. */
function drain(queue: BucketQueue, untilUs = FOREVER): SimEvent[] {
  const events: SimEvent[] = [];
  for (let event = queue.pop(untilUs); event !== undefined; event = queue.pop(untilUs))
    events.push(event);
  return events;
}

const orderOf = (events: readonly SimEvent[]): string[] =>
  events.map((event) => `${event.timeUs}#${event.seq}`);

const byTimeThenSeq = (x: SimEvent, y: SimEvent): number => x.timeUs - y.timeUs || x.seq - y.seq;

/** The plain version: an array, sorted at each pop. */
class SortedList {
  #events: SimEvent[] = [];

  push(event: SimEvent): void {
    this.#events.push(event);
  }

  pop(untilUs: number): SimEvent | undefined {
    this.#events = this.#events.filter((event) => !event.cancelled).sort(byTimeThenSeq);
    const first = this.#events[0];
    return first === undefined || first.timeUs > untilUs ? undefined : this.#events.shift();
  }
}

describe("SimEvent", () => {
  test.each([0, 1, ERA_US - 1, ERA_US, ERA_US + 1, 86_400_000_000, Number.MAX_SAFE_INTEGER])(
    "keeps the time %d exactly, as two small integers",
    (timeUs) => {
      const event = eventAt(timeUs, 0);
      expect(event.timeUs).toBe(timeUs);
      expect(event.offsetUs).toBeLessThan(ERA_US);
      expect(event.offsetUs).toBeGreaterThanOrEqual(0);
    },
  );
});

describe("BucketQueue", () => {
  const width = 1 << 14;
  const span = width * 1024;
  test.each([
    ["one microsecond", [5, 5, 5]],
    ["both sides of a bucket's end", [width, width - 1, width + 1, width, width - 1]],
    ["both sides of a span's end", [span, span - 1, span + 1, span, span - 1]],
    ["both sides of the window's end", [2 * span, 2 * span - 1, 2 * span + 1, 2 * span]],
    ["both sides of an era's end", [ERA_US, ERA_US - 1, ERA_US + 1, 3 * ERA_US, 0]],
    ["a week apart", [604_800_000_000, 1, 1_209_600_000_000, 0, 604_800_000_000]],
    ["the last time there is", [Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER - 1]],
  ])("pops by time, then by order of scheduling: %s", (_, times) => {
    const queue = new BucketQueue();
    const events = times.map((timeUs, seq) => eventAt(timeUs, seq));
    for (const event of events) queue.push(event);
    expect(orderOf(drain(queue))).toEqual(orderOf([...events].sort(byTimeThenSeq)));
    expect(queue.length).toBe(0);
  });

  test("an event that is not due by the asked time stays, and earlier ones may still come", () => {
    const queue = new BucketQueue();
    queue.push(eventAt(10 * span + 7, 0));
    expect(queue.pop(10 * span + 6)).toBeUndefined();
    queue.push(eventAt(10 * span + 6, 1));
    queue.push(eventAt(10 * span + 7, 2));
    expect(orderOf(drain(queue, 10 * span + 7)).join(" ")).toBe(
      `${10 * span + 6}#1 ${10 * span + 7}#0 ${10 * span + 7}#2`,
    );
  });

  test("an event that waited beyond the window fires before one scheduled later for its time", () => {
    const queue = new BucketQueue();
    const farUs = 3 * span + 5;
    queue.push(eventAt(farUs, 0));
    queue.push(eventAt(2 * span, 1));
    expect(queue.pop(FOREVER)?.seq).toBe(1); // the window is now the spans 2 and 3
    queue.push(eventAt(farUs, 2));
    expect(drain(queue).map((event) => event.seq)).toEqual([0, 2]);
  });

  test("cancelled events are dropped when their bucket comes, or when they are the majority", () => {
    const queue = new BucketQueue();
    for (let seq = 0; seq < 10_000; seq++) {
      const timer = eventAt(3_600_000_000 + seq, seq);
      queue.push(timer);
      timer.cancelled = true;
      queue.noteCancelled();
    }
    queue.push(eventAt(0, 10_000));
    queue.push(eventAt(width, 10_001));
    expect(queue.length).toBe(10_002);
    expect(drain(queue, width)).toHaveLength(2);
    expect(queue.length).toBe(0);
  });

  test("more events in one microsecond than a bucket has places keep their order", () => {
    const queue = new BucketQueue(19);
    const events = Array.from({ length: 10_000 }, (_, seq) => eventAt(seq % 2, seq));
    for (const event of events) queue.push(event);
    expect(orderOf(drain(queue))).toEqual(orderOf([...events].sort(byTimeThenSeq)));
  });

  test.each([
    ["dense: 50 events a microsecond", 100_000, 2_000],
    ["sparse: one event a minute", 5_000, 300_000_000_000],
  ])("the order survives changes of width: %s", (_, count, rangeUs) => {
    const queue = new BucketQueue();
    let state = 1;
    const events = Array.from({ length: count }, (_unused, seq) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return eventAt(Math.floor((state / 4_294_967_296) * rangeUs), seq);
    });
    for (const event of events) queue.push(event);
    expect(orderOf(drain(queue))).toEqual(orderOf([...events].sort(byTimeThenSeq)));
  });

  /** One step of a random schedule: delays over all tiers, and many equal ones. */
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("push"), value: fc.nat(3) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("push"), value: fc.nat(100_000) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("push"), value: fc.nat(40_000_000) }) },
    {
      weight: 1,
      arbitrary: fc
        .record({ kind: fc.constant("push"), value: fc.nat({ max: 1_000_000 }) })
        .map(({ kind, value }) => ({ kind, value: value * 1_000_000 })),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("pop"), value: fc.constant(-1) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait"), value: fc.nat(100_000) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("cancel"), value: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("fill"), value: fc.nat(5_000) }) },
  );

  test("is equal to a sorted list under random schedules, cancels and waits", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        fc.constantFrom(0, 3, 10, 14, 19),
        (steps, widthBits) => expectEqualToModel(steps, widthBits),
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});

function expectEqualToModel(
  steps: readonly { kind: string; value: number }[],
  widthBits: number,
): void {
  const queue = new BucketQueue(widthBits);
  const model = new SortedList();
  const pushed: SimEvent[] = [];
  let nowUs = 0;
  const push = (timeUs: number): void => {
    const event = eventAt(timeUs, pushed.length);
    pushed.push(event);
    queue.push(event);
    model.push(event);
  };
  const pop = (untilUs: number): SimEvent | undefined => {
    const event = queue.pop(untilUs);
    expect(event).toBe(model.pop(untilUs));
    if (event !== undefined) {
      expect(event.timeUs).toBeGreaterThanOrEqual(nowUs);
      nowUs = event.timeUs;
      event.cancelled = true; // as the kernel marks an event that fires
    }
    return event;
  };
  for (const { kind, value } of steps) {
    if (kind === "push") push(nowUs + value);
    else if (kind === "pop") pop(FOREVER);
    else if (kind === "fill") for (let i = 0; i < 30; i++) push(nowUs + ((i * value) % 7_001));
    else if (kind === "wait") {
      const untilUs = nowUs + value;
      while (pop(untilUs) !== undefined);
      nowUs = untilUs;
    } else {
      const event = pushed[value % Math.max(1, pushed.length)];
      if (event !== undefined && !event.cancelled) {
        event.cancelled = true;
        queue.noteCancelled();
      }
    }
  }
  while (pop(FOREVER) !== undefined);
  expect(queue.length).toBe(0);
}
