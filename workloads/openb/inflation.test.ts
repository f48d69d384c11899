import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createStream } from "../../sim/kernel/index.ts";
import { arrivalOrder, canReach, type GpuDemand } from "./inflation.ts";

const oneGpu = { gpuCount: 1, gpuMilli: 1000 };
const noGpu = { gpuCount: 0, gpuMilli: 0 };
const eightGpus = { gpuCount: 8, gpuMilli: 1000 };

const order = (tasks: readonly GpuDemand[], load: number | "as-is", gpus: number, seed = "1") => [
  ...arrivalOrder(tasks, { load, capacityMilli: gpus * 1000 }, createStream(seed, "test")),
];
const total = (tasks: readonly GpuDemand[], indexes: readonly number[]): number =>
  indexes.reduce((sum, i) => sum + (tasks[i]?.gpuCount ?? 0) * (tasks[i]?.gpuMilli ?? 0), 0);

const task = fc.oneof(
  fc.constant(noGpu),
  fc.integer({ min: 1, max: 1000 }).map((gpuMilli) => ({ gpuCount: 1, gpuMilli })),
  fc.constantFrom(2, 4, 8).map((gpuCount) => ({ gpuCount, gpuMilli: 1000 })),
);
const tasks = fc.array(task, { minLength: 1, maxLength: 30 }).map((list) => [...list, oneGpu]);

describe("arrivalOrder", () => {
  test("as-is gives every task once, shuffled", () => {
    const list = Array.from({ length: 100 }, () => oneGpu);
    const got = order(list, "as-is", 1);
    const sorted = Array.from({ length: 100 }, (_, i) => i);
    expect([...got].sort((a, b) => a - b)).toEqual(sorted);
    expect(got).not.toEqual(sorted);
  });

  test("the same seed gives the same order, another seed another one", () => {
    const list = Array.from({ length: 50 }, () => oneGpu);
    expect(order(list, 1.3, 80, "7")).toEqual(order(list, 1.3, 80, "7"));
    expect(order(list, 1.3, 80, "7")).not.toEqual(order(list, 1.3, 80, "8"));
  });

  test("whole GPUs fill the target exactly", () => {
    expect(order([oneGpu, oneGpu, oneGpu], 1.3, 10)).toHaveLength(13);
  });

  test("the stop looks at one GPU's share, so a task of many GPUs may overshoot", () => {
    expect(total([eightGpus], order([eightGpus], 1, 9))).toBe(16_000);
    expect(total([eightGpus], order([eightGpus], 1, 8))).toBe(8000);
  });

  test("below the target: each task once, then repeats, up to the target", () => {
    fc.assert(
      fc.property(tasks, fc.nat(), (list, seed) => {
        const once = total(list, [...list.keys()]);
        const gpus = Math.ceil(once / 1000) + 20;
        const got = order(list, 1, gpus, String(seed));
        expect(new Set(got.slice(0, list.length)).size).toBe(list.length);
        expect(total(list, got)).toBeGreaterThan(gpus * 1000 - 1000);
        expect(total(list, got)).toBeLessThanOrEqual(gpus * 1000 + 7000);
      }),
      { seed: 1 },
    );
  });

  test("above the target: tasks are left out until the rest fits, none repeats", () => {
    fc.assert(
      fc.property(tasks, fc.nat(), (list, seed) => {
        const targetMilli = total(list, [...list.keys()]) / 2;
        const got = order(list, 0.5, (targetMilli * 2) / 1000, String(seed));
        expect(new Set(got).size).toBe(got.length);
        expect(total(list, got)).toBeLessThanOrEqual(targetMilli);
      }),
      { seed: 1 },
    );
  });

  test("every place in the shuffle is equally likely for a task", () => {
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 4000; seed++)
      counts[order([oneGpu, noGpu, noGpu, noGpu], "as-is", 1, String(seed)).indexOf(0)]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120); // 4 sigma
  });
});

describe("canReach", () => {
  test.each([
    ["some task asks for a GPU", [noGpu, oneGpu], 1.3, 10, true],
    ["no task does", [noGpu], 1.3, 10, false],
    ["there are no GPUs", [oneGpu], 1.3, 0, false],
    ["nothing is to be reached", [noGpu], "as-is", 0, true],
  ] as const)("when %s", (_case, list, load, gpus, expected) => {
    expect(canReach(list, { load, capacityMilli: gpus * 1000 })).toBe(expected);
  });
});
