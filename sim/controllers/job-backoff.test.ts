import { describe, expect, test } from "vitest";
import type { Pod } from "../api/index.ts";
import { NO_FAILURES, nextBackoff, remainingBackoffUs } from "./job-backoff.ts";

const SECOND = 1_000_000;

const ended = (second: number): Pod => {
  const finishedAt = `2024-01-01T00:00:${String(second).padStart(2, "0")}Z`;
  return {
    metadata: {},
    status: { containerStatuses: [{ state: { terminated: { finishedAt } } }] },
  } as unknown as Pod;
};

test.each([
  [0, 0],
  [1, 10],
  [2, 20],
  [3, 40],
  [6, 320],
  [7, 600],
  [50, 600],
])("after %i failures since the last success pods wait %i s", (failures, seconds) => {
  const record = { failuresAfterLastSuccess: failures, lastFailureUs: 100 * SECOND };
  expect(remainingBackoffUs(record, 100 * SECOND)).toBe(seconds * SECOND);
  expect(remainingBackoffUs(record, 104 * SECOND)).toBe(Math.max(0, seconds - 4) * SECOND);
  expect(remainingBackoffUs(record, 10_000 * SECOND)).toBe(0);
});

describe("the record of failures", () => {
  const two = { failuresAfterLastSuccess: 2, lastFailureUs: 5 * SECOND };
  test.each<[string, typeof two, number[], number[], typeof two]>([
    ["stays while nothing ends", two, [], [], two],
    ["counts on", two, [], [7, 9], { failuresAfterLastSuccess: 4, lastFailureUs: 9 * SECOND }],
    ["is cleared by a success", two, [8], [], NO_FAILURES],
    [
      "counts failures after a success",
      two,
      [8],
      [6, 9],
      { failuresAfterLastSuccess: 1, lastFailureUs: 9 * SECOND },
    ],
  ])("%s", (_name, record, succeeded, failed, wanted) => {
    expect(nextBackoff(record, succeeded.map(ended), failed.map(ended))).toEqual(wanted);
  });

  test("a pod without ended containers ended when it stopped being ready", () => {
    const conditions = [
      { type: "Ready", status: "False", lastTransitionTime: "2024-01-01T00:00:12Z" },
    ];
    const pod = { metadata: {}, status: { conditions } } as unknown as Pod;
    expect(nextBackoff(NO_FAILURES, [], [pod]).lastFailureUs).toBe(12 * SECOND);
  });
});
