import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BusyTime } from "./busy-time.ts";

const SECOND = 1_000_000;
const HISTORY = 30 * SECOND;

describe("BusyTime", () => {
  test("is the average over a window of whole seconds, exactly", () => {
    const busy = new BusyTime(0);
    busy.set(2, 500_000, HISTORY);
    busy.set(0, 1_250_000, HISTORY);
    busy.set(1, 7_750_000, HISTORY);
    expect(busy.average(0, SECOND)).toBe(1);
    expect(busy.average(SECOND, 2 * SECOND)).toBe(0.5);
    expect(busy.average(3 * SECOND, 7 * SECOND)).toBe(0);
    expect(busy.average(7 * SECOND, 9 * SECOND)).toBe(0.625);
    expect(busy.average(0, 8 * SECOND)).toBe(0.21875);
  });

  test("of a moment is what is busy now", () => {
    const busy = new BusyTime(0);
    busy.set(3, 10, HISTORY);
    expect(busy.average(20, 20)).toBe(3);
  });

  test("agrees with a sum over all changes, and keeps no more than its history", () => {
    const change = fc.tuple(fc.nat({ max: 2_500_000 }), fc.nat({ max: 4 }));
    const window = fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 10 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 150, maxLength: 300 }), window, (changes, ago) => {
        const busy = new BusyTime(0);
        const all = [{ atUs: 0, cores: 0 }];
        let nowUs = 0;
        for (const [gapUs, cores] of changes) {
          nowUs += gapUs;
          busy.set(cores, nowUs, HISTORY);
          all.push({ atUs: nowUs, cores });
        }
        const toUs = (Math.floor(nowUs / SECOND) - ago[1]) * SECOND;
        const fromUs = toUs - ago[0] * SECOND;
        let sum = 0;
        all.forEach(({ atUs, cores }, i) => {
          const endUs = Math.min(all[i + 1]?.atUs ?? nowUs, toUs);
          sum += cores * Math.max(0, endUs - Math.max(atUs, fromUs));
        });
        if (toUs > fromUs) expect(busy.average(fromUs, toUs)).toBeCloseTo(sum / (toUs - fromUs), 9);
        expect(busy.timesUs.length).toBeLessThan(64 + 2 * 31);
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});
