import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

const SECOND = 1_000_000;

describe("TokenBucket", () => {
  test.each([
    { qps: 5, burst: 10, calls: 12, waits: [...Array(10).fill(0), 0.2, 0.4] },
    { qps: 50, burst: 1, calls: 3, waits: [0, 0.02, 0.04] },
    { qps: 0.5, burst: 1, calls: 3, waits: [0, 2, 4] },
    { qps: 0, burst: 0, calls: 3, waits: [0, 0, 0] },
  ])(
    "$calls calls at once at $qps per second with burst $burst",
    ({ qps, burst, calls, waits }) => {
      const bucket = new TokenBucket(qps, burst);
      const got = Array.from({ length: calls }, () => bucket.take(7 * SECOND) - 7 * SECOND);
      expect(got).toEqual(waits.map((seconds: number) => Math.round(seconds * SECOND)));
    },
  );

  test("tryTake takes a token only when there is one", () => {
    const bucket = new TokenBucket(1 / 300, 2);
    const times = [0, 1, 2, 299, 301, 302, 601].map((seconds) => seconds * SECOND);
    expect(times.map((time) => bucket.tryTake(time))).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  test("fills up again while it is idle, up to its burst", () => {
    const bucket = new TokenBucket(10, 3);
    for (let i = 0; i < 3; i++) bucket.take(0);
    expect(bucket.take(100 * SECOND)).toBe(100 * SECOND);
    for (let i = 0; i < 2; i++) bucket.take(100 * SECOND);
    expect(bucket.take(100 * SECOND)).toBe(100 * SECOND + SECOND / 10);
  });

  test("never lets more than burst + qps * t through in any span t", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(
        gaps,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 8 }),
        (g, qps, burst) => {
          const bucket = new TokenBucket(qps, burst);
          let now = 0;
          const granted = g.map((gap) => {
            now += gap;
            return bucket.take(now);
          });
          for (let i = 0; i < granted.length; i++)
            for (let j = i; j < granted.length; j++) {
              const spanUs = (granted[j] ?? 0) - (granted[i] ?? 0) + 1; // each is rounded up
              expect((j - i + 1 - burst) * SECOND).toBeLessThanOrEqual(spanUs * qps);
            }
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });
});
