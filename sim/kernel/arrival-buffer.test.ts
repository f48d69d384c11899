import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Kernel } from "./kernel.ts";

describe("ArrivalBuffer", () => {
  test("each item reaches the handler at its time, none of them through the queue", () => {
    const kernel = new Kernel("1");
    const log: string[] = [];
    const take = kernel.handler("take", (item: string) => log.push(`${kernel.nowUs} ${item}`));
    const arrivals = kernel.arrivals("trace", take);
    arrivals.append(5, "a");
    arrivals.append(5, "b");
    arrivals.append(9, "c");
    arrivals.close();
    expect([arrivals.length, arrivals.lastTimeUs, kernel.pending().length]).toEqual([3, 9, 0]);
    expect(kernel.run(7)).toBe("until");
    expect([arrivals.length, kernel.nowUs]).toEqual([1, 7]);
    expect(kernel.run(100)).toBe("idle");
    expect(log).toEqual(["5 a", "5 b", "9 c"]);
    expect(kernel.dispatched).toBe(3);
  });

  test("an arrival fires before the events of its microsecond", () => {
    const kernel = new Kernel("1");
    const log: string[] = [];
    const take = kernel.handler("take", (item: string) => log.push(item));
    const note = kernel.handler("note", (item: string) => log.push(item));
    kernel.at(5, note, "event", undefined);
    const arrivals = kernel.arrivals("trace", take);
    arrivals.append(5, "arrival");
    arrivals.close();
    kernel.run(5);
    expect(log).toEqual(["arrival", "event"]);
  });

  test("an open buffer keeps the run alive and starves it; a closed empty one ends it", () => {
    const kernel = new Kernel("1");
    const take = kernel.handler("take", (_item: string) => {});
    const note = kernel.handler("note", () => {});
    const arrivals = kernel.arrivals("trace", take);
    kernel.at(3, note, undefined, undefined);
    expect(kernel.run(100)).toBe("starved");
    expect([kernel.dispatched, kernel.nowUs]).toEqual([0, 0]);
    arrivals.append(10, "a");
    expect(kernel.run(100)).toBe("starved");
    expect([kernel.dispatched, kernel.nowUs]).toEqual([2, 10]);
    expect(kernel.run(100)).toBe("starved");
    expect(kernel.run(10)).toBe("starved"); // another one may come at 10
    arrivals.append(20, "b");
    expect(kernel.run(15)).toBe("until");
    arrivals.close();
    expect(kernel.run(100)).toBe("idle");
    expect(kernel.nowUs).toBe(20);
  });

  test("two buffers merge by time, then in the order in which they were made", () => {
    const kernel = new Kernel("1");
    const log: string[] = [];
    const take = kernel.handler("take", (item: string) => log.push(item));
    const first = kernel.arrivals("first", take);
    const second = kernel.arrivals("second", take);
    second.append(1, "s1");
    second.append(5, "s5");
    first.append(3, "f3");
    first.append(5, "f5");
    first.close();
    second.close();
    kernel.run(9);
    expect(log).toEqual(["s1", "f3", "f5", "s5"]);
  });

  test.each([
    ["before the last item", 4],
    ["a fraction", 7.5],
    ["NaN", Number.NaN],
  ])("refuses an item %s", (_, timeUs) => {
    const kernel = new Kernel("1");
    const arrivals = kernel.arrivals(
      "trace",
      kernel.handler("take", (_item: string) => {}),
    );
    arrivals.append(5, "a");
    expect(() => arrivals.append(timeUs, "b")).toThrow(
      `arrivals "trace": got an item at ${timeUs} us, want a whole number of microseconds, ` +
        "not before the last item (5) and now (0)",
    );
  });

  test("refuses items after close, and items in the past of the run", () => {
    const kernel = new Kernel("1");
    const note = kernel.handler("note", () => {});
    const take = kernel.handler("take", (_item: string) => {});
    kernel.at(8, note, undefined, undefined);
    kernel.run(8);
    const arrivals = kernel.arrivals("trace", take);
    expect(() => arrivals.append(7, "late")).toThrow("and now (8)");
    arrivals.close();
    expect(() => arrivals.append(9, "b")).toThrow('arrivals "trace": append after close');
  });

  test("how many items are appended at once changes nothing", () => {
    const gaps = fc.array(fc.nat(4), { minLength: 1, maxLength: 3_000, size: "max" });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 40 }), (gapsUs, chunk) => {
        expect(runInChunks(gapsUs, chunk)).toEqual(runInChunks(gapsUs, gapsUs.length));
      }),
      { seed: 3, numRuns: 40 },
    );
  });
});

/** Items that each schedule an event two microseconds later, so that ties are frequent. */
function runInChunks(gapsUs: readonly number[], chunk: number): string[] {
  const kernel = new Kernel("1");
  const log: string[] = [];
  const echo = kernel.handler("echo", (item: number) => log.push(`${kernel.nowUs} echo ${item}`));
  const take = kernel.handler("take", (item: number) => {
    log.push(`${kernel.nowUs} take ${item}`);
    kernel.after(2, echo, item, undefined);
  });
  const arrivals = kernel.arrivals("trace", take);
  let timeUs = 0;
  let appended = 0;
  while (kernel.run(1_000_000) === "starved") {
    for (let i = 0; i < chunk && appended < gapsUs.length; i++) {
      timeUs += gapsUs[appended]!;
      arrivals.append(timeUs, appended++);
    }
    if (appended === gapsUs.length) arrivals.close();
  }
  return log;
}
