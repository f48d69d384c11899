import { describe, expect, test } from "vitest";
import { createTrace, KeyRecord } from "../api/index.ts";
import type { ApiClient } from "../client/index.ts";
import { Kernel } from "../kernel/index.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

const SYNC_US = 1_000;
const key = (name: string): KeyRecord => new KeyRecord(name.charCodeAt(0), "Job", "default", name);
const noClient = { callback: () => 0, trace: createTrace() } as unknown as ApiClient;

/** A reconciler that writes down its syncs; those of keys in `failing` fail. */
function reconciling(workers: number, failing: ReadonlySet<string> = new Set()) {
  const kernel = new Kernel("1");
  const log: [number, string][] = [];
  const reconciler = new Reconciler<SyncWork, undefined>(
    { kernel, name: "test", client: noClient, workers, controllerSync: `constant(${SYNC_US}us)` },
    {
      begin: (record) => new SyncWork(record),
      run: (work) => {
        log.push([kernel.nowUs, work.record.name]);
        if (failing.has(work.record.name)) work.error = "no";
        return "done";
      },
      answered: () => {},
    },
  );
  return { kernel, log, reconciler };
}

describe("a reconciler", () => {
  test("does nothing until it runs", () => {
    const { kernel, log, reconciler } = reconciling(1);
    reconciler.enqueue(key("a"));
    kernel.run(10_000);
    expect(log).toEqual([]);
    reconciler.run();
    kernel.run(20_000);
    expect(log).toHaveLength(1);
  });

  test("syncs as many keys at one time as it has workers, and each of them once", () => {
    const { kernel, log, reconciler } = reconciling(2);
    const keys = ["a", "b", "c"].map(key);
    reconciler.run();
    for (const record of [...keys, ...keys]) reconciler.enqueue(record);
    kernel.run(100_000);
    // Keys that were added again while in work come once more; the one that waited does not.
    expect(log).toEqual([
      [1_000, "a"],
      [1_000, "b"],
      [2_000, "c"],
      [2_000, "a"],
      [3_000, "b"],
    ]);
  });

  test("tries a key that failed again after 5, 10, 20 ms", () => {
    const { kernel, log, reconciler } = reconciling(1, new Set(["a"]));
    reconciler.run();
    reconciler.enqueue(key("a"));
    kernel.run(45_000);
    expect(log.map(([time]) => time)).toEqual([1_000, 7_000, 18_000, 39_000]);
  });

  test("lets a key wait once, for the earliest of its times", () => {
    const { kernel, log, reconciler } = reconciling(1);
    const record = key("a");
    reconciler.run();
    reconciler.enqueueAfter(record, 50_000);
    reconciler.enqueueAfter(record, 20_000);
    reconciler.enqueueAfter(record, 30_000);
    kernel.run(1_000_000);
    expect(log).toEqual([[21_000, "a"]]);
  });
});
