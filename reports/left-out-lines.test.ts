import { describe, expect, test } from "vitest";
import { leftOutLines } from "./left-out-lines.ts";

const run = (policy: string, seed: string, metrics: Record<string, number>) => ({
  ...{ policy, workload: "w", seed },
  metrics,
});

describe("leftOutLines", () => {
  test("are none where every pod and Job has completed", () => {
    expect(leftOutLines([run("a", "1", { pods_incomplete: 0, pod_completion_n: 9 })])).toEqual([]);
  });

  test("are none where nothing completed: there is no mean that leaves something out", () => {
    expect(leftOutLines([run("a", "1", { pods_incomplete: 9, pod_completion_n: 0 })])).toEqual([]);
  });

  test("tell what a mean leaves out, and of how many it is", () => {
    const pods = { pods_incomplete: 2, pod_completion_n: 98 };
    const jobs = { jobs_incomplete: 1, job_completion_n: 3 };
    expect(leftOutLines([run("a", "1", { ...pods, ...jobs })])).toEqual([
      "2 of 100 pods did not complete: completion times and slowdowns are of the other 98 only.",
      "1 of 4 Jobs did not complete: their times are of the other 3 only.",
    ]);
  });

  test("add up seeds, policy by policy", () => {
    const lines = leftOutLines([
      run("a", "1", { pods_incomplete: 2, pod_completion_n: 8 }),
      run("a", "2", { pods_incomplete: 1, pod_completion_n: 9 }),
      run("b", "1", { pods_in_warmup: 1, warmup_s: 10 }),
      run("b", "2", { pods_in_warmup: 4, warmup_s: 20 }),
    ]);
    expect(lines).toEqual([
      "a: 3 of 20 pods did not complete over 2 seeds: completion times and slowdowns are of the other 17 only.",
      "b: 5 pods of the warm-up (15.0 s on average) are left out over 2 seeds.",
    ]);
  });
});
