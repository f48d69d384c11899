import { describe, expect, test } from "vitest";
import { KeyRecord } from "../api/index.ts";
import { Kernel } from "../kernel/index.ts";
import { RateLimitingQueue } from "./rate-limiting-queue.ts";

const a = new KeyRecord(0, "Thing", "", "a");
const b = new KeyRecord(1, "Thing", "", "b");

function newQueue(): { kernel: Kernel; queue: RateLimitingQueue } {
  const kernel = new Kernel("1");
  return { kernel, queue: new RateLimitingQueue(kernel, "test") };
}

describe("RateLimitingQueue", () => {
  test("a key that is added twice is handed out once", () => {
    const { queue } = newQueue();
    queue.add(a);
    queue.add(b);
    queue.add(a);
    expect([queue.get(), queue.get(), queue.get()]).toEqual([a, b, undefined]);
  });

  test("a key that is added while it is processed comes again when it is done", () => {
    const { queue } = newQueue();
    queue.add(a);
    queue.get();
    queue.add(a);
    expect(queue.get()).toBeUndefined();
    queue.done(a);
    expect(queue.get()).toBe(a);
  });

  test("failures come back after 5 ms, doubling, until the key succeeds", () => {
    const { kernel, queue } = newQueue();
    const pauses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const before = kernel.nowUs;
      queue.addRateLimited(a);
      while (queue.length === 0) kernel.run(kernel.nowUs + 1_000);
      pauses.push(kernel.nowUs - before);
      queue.get();
      queue.done(a);
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000]);
    queue.forget(a);
    expect(queue.numRequeues(a)).toBe(0);
  });

  test("a key at its longest pause keeps no run alive, and comes back if the run goes on", () => {
    const { kernel, queue } = newQueue();
    const fail = (): void => {
      queue.addRateLimited(a);
      expect(kernel.run(kernel.nowUs + 1_000_000_000)).toBe("idle");
    };
    for (let i = 0; i < 18; i++) {
      fail();
      expect(queue.get()).toBe(a);
      queue.done(a);
    }
    fail();
    expect(queue.length).toBe(0);
    const alive = kernel.handler("alive", () => {});
    kernel.after(1_000_000_001, alive, undefined, undefined);
    kernel.run(kernel.nowUs + 1_000_000_001);
    expect(queue.get()).toBe(a);
  });

  test.each([
    ["the earlier of two times counts", [50, 20], [20]],
    ["also when it was asked for first", [20, 50], [20]],
  ])("a key that is to be added later: %s", (_case, delays, expected) => {
    const { kernel, queue } = newQueue();
    const times: number[] = [];
    queue.onReady(() => times.push(kernel.nowUs));
    for (const delay of delays) queue.addAfter(a, delay);
    kernel.run(1_000);
    expect(times).toEqual(expected);
  });

  test("tells its worker of every key that becomes available", () => {
    const { kernel, queue } = newQueue();
    let calls = 0;
    queue.onReady(() => calls++);
    queue.add(a);
    queue.add(a);
    queue.addAfter(b, 10);
    kernel.run(100);
    expect(calls).toBe(2);
  });
});
