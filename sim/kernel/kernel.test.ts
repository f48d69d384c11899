import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "./input-error.ts";
import { type HandlerId, Kernel } from "./kernel.ts";
import type { SimEvent } from "./sim-event.ts";

/** A kernel whose one handler writes down its name and the time. */
function recording(): { kernel: Kernel; log: string[]; note: HandlerId<string, undefined> } {
  const kernel = new Kernel("1");
  const log: string[] = [];
  const note = kernel.handler("note", (what: string) => log.push(`${kernel.nowUs} ${what}`));
  return { kernel, log, note };
}

describe("Kernel", () => {
  test("fires by time, equal times in the order of scheduling", () => {
    const { kernel, log, note } = recording();
    kernel.at(20, note, "c", undefined);
    kernel.at(10, note, "a", undefined);
    kernel.after(20, note, "d", undefined);
    kernel.at(10, note, "b", undefined);
    expect(kernel.run(100)).toBe("idle");
    expect(log).toEqual(["10 a", "10 b", "20 c", "20 d"]);
    expect(kernel.dispatched).toBe(4);
    expect(kernel.nowUs).toBe(20);
  });

  test("runs up to and including the asked time, and goes on when asked again", () => {
    const { kernel, log, note } = recording();
    for (const timeUs of [10, 20, 30]) kernel.at(timeUs, note, "x", undefined);
    expect(kernel.run(20)).toBe("until");
    expect([log.length, kernel.nowUs]).toEqual([2, 20]);
    expect(kernel.run(25)).toBe("until");
    expect([log.length, kernel.nowUs]).toEqual([2, 25]);
    kernel.at(26, note, "y", undefined);
    expect(kernel.run(Number.POSITIVE_INFINITY)).toBe("idle");
    expect(log).toEqual(["10 x", "20 x", "26 y", "30 x"]);
  });

  test("a time before now ends a run at once and leaves the clock", () => {
    const { kernel, note } = recording();
    kernel.at(10, note, "x", undefined);
    kernel.run(5);
    expect(kernel.run(3)).toBe("until");
    expect(kernel.nowUs).toBe(5);
  });

  test("background events fire in between but do not keep the run alive", () => {
    const { kernel, log, note } = recording();
    kernel.background(10, note, "chore", undefined);
    kernel.at(20, note, "work", undefined);
    kernel.background(30, note, "chore", undefined);
    expect(kernel.run(100)).toBe("idle");
    expect(log).toEqual(["10 chore", "20 work"]);
    kernel.at(30, note, "work", undefined);
    kernel.run(100);
    expect(log.slice(2)).toEqual(["30 chore", "30 work"]);
  });

  test("a cancelled event does not fire; cancelling twice or too late does nothing", () => {
    const { kernel, log, note } = recording();
    const fired = kernel.at(1, note, "fired", undefined);
    const cancelled = kernel.at(2, note, "cancelled", undefined);
    kernel.at(3, note, "last", undefined);
    kernel.cancel(cancelled);
    kernel.cancel(cancelled);
    kernel.run(2);
    kernel.cancel(fired);
    expect(fired.cancelled).toBe(true);
    expect(kernel.run(100)).toBe("idle");
    expect(log).toEqual(["1 fired", "3 last"]);
  });

  test("a cancelled event that waits in the queue lets go of what it was about", () => {
    const kernel = new Kernel("1");
    const handler = kernel.handler<object, object>("time-out", () => {});
    const event = kernel.at(1_000_000, handler, { big: true }, { too: true });
    kernel.cancel(event);
    expect([event.a, event.b]).toEqual([undefined, undefined]);
  });

  test("cancelling the last foreground event ends the run", () => {
    const { kernel, log, note } = recording();
    const last = kernel.at(50, note, "x", undefined);
    const stop = kernel.handler("stop", () => kernel.cancel(last));
    kernel.at(10, stop, undefined, undefined);
    kernel.background(20, note, "chore", undefined);
    expect(kernel.run(100)).toBe("idle");
    expect([log.length, kernel.nowUs]).toEqual([0, 10]);
  });

  test.each([
    ["a past time", 4],
    ["a fraction", 10.5],
    ["NaN", Number.NaN],
    ["an infinite time", Number.POSITIVE_INFINITY],
    ["a time beyond 2^53", 9_007_199_254_740_992],
  ])("refuses %s, naming the handler", (_, timeUs) => {
    const { kernel, note } = recording();
    kernel.at(5, note, "x", undefined);
    kernel.run(5);
    expect(() => kernel.at(timeUs, note, "x", undefined)).toThrow(
      `cannot schedule "note" at ${timeUs} us: now is 5 us`,
    );
  });

  test("refuses a handler's or a state's name that is taken", () => {
    const { kernel } = recording();
    expect(() => kernel.handler("note", () => {})).toThrow('handler "note" is registered twice');
    kernel.keep("a", { state: {} });
    expect(() => kernel.keep("a", { state: {} })).toThrow('state "a" is kept twice');
  });

  test("refuses to be run by a handler", () => {
    const kernel = new Kernel("1");
    const again = kernel.handler("again", () => kernel.run(9));
    kernel.at(1, again, undefined, undefined);
    expect(() => kernel.run(9)).toThrow("kernel.run was called by a handler");
  });

  test("stops when virtual time stands still, naming the handlers", () => {
    const kernel = new Kernel("1", { eventsPerMicrosecondMax: 3_000 });
    const ping: HandlerId = kernel.handler("ping", () => kernel.after(0, pong, 0, 0));
    const pong: HandlerId = kernel.handler("pong", () => kernel.after(0, ping, 0, 0));
    kernel.at(7, ping, 0, 0);
    expect(() => kernel.run(100)).toThrow(InputError);
    expect(() => new Kernel("1", { eventsPerMicrosecondMax: 3_000 })).not.toThrow();
    kernel.after(0, ping, 0, 0);
    expect(() => kernel.run(100)).toThrow(
      /stands still at 7 us: got more than 3000 events.*ping \(\d+\), pong \(\d+\)/,
    );
  });

  test("as many events in one microsecond as allowed are no standstill, again and again", () => {
    const kernel = new Kernel("1", { eventsPerMicrosecondMax: 50 });
    const work = kernel.handler("work", () => {});
    for (let i = 0; i < 150; i++) kernel.at(Math.floor(i / 50), work, undefined, undefined);
    expect(kernel.run(9)).toBe("idle");
    kernel.at(2, work, undefined, undefined);
    expect(() => kernel.run(9)).toThrow("more than 50 events");
  });

  test("describes an event in one line", () => {
    const kernel = new Kernel("1");
    const start = kernel.handler("kubelet/start", (_pod: object, _n: number) => {});
    const tick = kernel.handler("tick", () => {});
    const pod = { metadata: { name: "web-0" } };
    const first = kernel.at(1500, start, pod, 3);
    const second = kernel.background(2000, tick, undefined, undefined);
    kernel.cancel(second);
    expect(kernel.describe(first)).toBe("1500us #0 kubelet/start(Object web-0, 3)");
    expect(kernel.describe(second)).toBe("2000us #1 tick() background not due");
    expect(kernel.pending()).toEqual([first]);
  });

  test("time never runs backwards, and each event fires once, at its time, or is cancelled", () => {
    const plan = fc.array(
      fc.record({
        delayUs: fc.oneof(fc.nat(5), fc.nat(100_000), fc.nat(50_000_000_000)),
        children: fc.nat(3),
        cancels: fc.boolean(),
      }),
      { minLength: 1, maxLength: 80 },
    );
    fc.assert(
      fc.property(plan, (steps) => expectOrdered(steps)),
      { seed: 11, numRuns: 200 },
    );
  });
});

interface Step {
  readonly delayUs: number;
  readonly children: number;
  readonly cancels: boolean;
}

/** Each event schedules children by the plan, and may cancel the event before its last child. */
function expectOrdered(steps: readonly Step[]): void {
  const kernel = new Kernel("1");
  const events: SimEvent[] = [];
  const cancelled = new Set<SimEvent>();
  const fired: SimEvent[] = [];
  let next = 0;
  const schedule = (): void => {
    const step = steps[next++];
    if (step === undefined) return;
    const event = kernel.after(step.delayUs, grow, events.length, step);
    events.push(event);
  };
  const grow: HandlerId<number, Step> = kernel.handler("grow", (index: number, step: Step) => {
    fired.push(events[index]!);
    expect(kernel.nowUs).toBe(events[index]!.timeUs);
    for (let i = 0; i < step.children; i++) schedule();
    const victim = events.at(-2);
    if (!step.cancels || victim === undefined || victim.cancelled) return;
    cancelled.add(victim);
    kernel.cancel(victim);
  });
  schedule();
  kernel.run(Number.POSITIVE_INFINITY);
  expect(new Set(fired).size).toBe(fired.length);
  expect(fired.length + cancelled.size).toBe(events.length);
  const expected = [...fired].sort((x, y) => x.timeUs - y.timeUs || x.seq - y.seq);
  expect(fired.map((event) => event.seq)).toEqual(expected.map((event) => event.seq));
}
