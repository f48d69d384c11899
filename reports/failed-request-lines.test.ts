import { describe, expect, test } from "vitest";
import { failedRequestLines } from "./failed-request-lines.ts";
import type { FailedRequests } from "./requests/index.ts";
import type { RunSummary } from "./summary.ts";

const run = (policy: string, seed: string, ...failedRequests: FailedRequests[]): RunSummary =>
  ({ policy, seed, failedRequests }) as unknown as RunSummary;
const web = (requests: number, ...failures: FailedRequests["failures"][number][]) => ({
  service: "default/web",
  requests,
  failures,
});

describe("failedRequestLines", () => {
  test("says nothing when every request was answered well", () => {
    expect(failedRequestLines([run("default", "1")])).toEqual([]);
  });

  test("says how many failed, of how many, and how", () => {
    const failed = web(40, ["no-endpoints", 3], ["timeout", 1]);
    expect(failedRequestLines([run("default", "1", failed)])).toEqual([
      "4 of 40 requests to default/web failed: no-endpoints 3, timeout 1.",
    ]);
  });

  test("sums over the seeds, and the kinds anew", () => {
    const lines = failedRequestLines([
      run("default", "1", web(40, ["timeout", 2], ["error", 1])),
      run("default", "2", web(50, ["error", 4])),
    ]);
    expect(lines).toEqual([
      "7 of 90 requests to default/web failed over 2 seeds: error 5, timeout 2.",
    ]);
  });

  test("names the policy where there are several, the most failures first", () => {
    const lines = failedRequestLines([
      run("a", "1", web(10, ["timeout", 1])),
      run("b", "1", web(10, ["timeout", 9])),
    ]);
    expect(lines).toEqual([
      "b: 9 of 10 requests to default/web failed: timeout 9.",
      "a: 1 of 10 requests to default/web failed: timeout 1.",
    ]);
  });

  test("counts what does not fit", () => {
    const many = Array.from({ length: 7 }, (_, i) => ({
      ...web(10, ["timeout", 9 - i]),
      service: `default/s${i}`,
    }));
    const lines = failedRequestLines([run("a", "1", ...many)]);
    expect(lines).toHaveLength(6);
    expect(lines[5]).toBe("7 failed elsewhere.");
  });
});
