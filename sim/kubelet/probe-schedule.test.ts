import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { core } from "../api/index.ts";
import { type Answering, probeFlips } from "./probe-schedule.ts";

const SECOND = 1_000_000;

/** Answers from whole seconds on: `[0, false], [7, true]`. */
function answers(...entries: readonly (readonly [number, boolean])[]): Answering[] {
  return entries.map(([at, isGood]) => ({ fromUs: at * SECOND, isGood }));
}

/** The flips in whole seconds: `+12` to good, `-30` to bad. The pod is seen at 0. */
function flips(
  probe: core.Probe,
  startedAt: number,
  entries: readonly Answering[],
  isGood: boolean,
  isImmediate = false,
): string[] {
  const startedUs = startedAt * SECOND;
  const schedule = { probe, gridUs: 0, startedUs, fromUs: startedUs, isImmediate };
  return probeFlips(schedule, entries, isGood).map(
    (flip) => `${flip.isGood ? "+" : "-"}${flip.atUs / SECOND}`,
  );
}

describe("a readiness probe every 10 s of a container that starts 3 s after its pod was seen", () => {
  test.each([
    ["answers at once: asked when it starts", {}, answers([0, true]), ["+3"]],
    ["answers after 7 s: at the grid's next time", {}, answers([0, false], [10.5, true]), ["+20"]],
    ["waits for its initial delay", { initialDelaySeconds: 15 }, answers([0, true]), ["+20"]],
    ["needs two answers in a row", { successThreshold: 2 }, answers([0, true]), ["+10"]],
    [
      "fails from 25 s to 65 s: three failures in a row",
      {},
      answers([0, true], [25, false], [65, true]),
      ["+3", "-50", "+70"],
    ],
    [
      "fails for too short a time to be noticed",
      {},
      answers([0, true], [25, false], [45, true]),
      ["+3"],
    ],
  ])("%s", (_case, probe, entries, expected) => {
    expect(flips({ periodSeconds: 10, ...probe }, 3, entries, false, true)).toEqual(expected);
  });
});

describe("a liveness probe", () => {
  test("of a program that hangs waits for its timeout, the third time in a row", () => {
    const hung = [
      { fromUs: 0, isGood: true },
      { fromUs: 12 * SECOND, isGood: false, isHung: true },
    ];
    const probe = { periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 };
    expect(flips(probe, 0, hung, true)).toEqual(["-27"]); // 15, 20, 25 and 2 s of waiting
  });
});

describe("the closed form", () => {
  const SETTINGS = { seed: 7, numRuns: 300 };

  test("says what a probe says that asks at every time", () => {
    const entry = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.boolean());
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 6 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 15 }),
        (steps, periodSeconds, failureThreshold, successThreshold, start, initialDelaySeconds) => {
          let at = 0;
          const entries = answers(
            [0, false],
            ...steps.map(([gap, isGood]): [number, boolean] => {
              at += gap;
              return [at + 0.5, isGood];
            }),
          );
          const probe = { periodSeconds, failureThreshold, successThreshold, initialDelaySeconds };
          expect(flips(probe, start, entries, false)).toEqual(asked(probe, start, entries));
        },
      ),
      SETTINGS,
    );
  });

  /** The same, one probe after the other, for 400 s. */
  function asked(
    probe: Required<
      Pick<
        core.Probe,
        "periodSeconds" | "failureThreshold" | "successThreshold" | "initialDelaySeconds"
      >
    >,
    start: number,
    entries: readonly Answering[],
  ): string[] {
    const found: string[] = [];
    let result = false;
    let run = 0;
    let last: boolean | undefined;
    for (let at = 0; at < 400; at += probe.periodSeconds) {
      if (at < start + probe.initialDelaySeconds) continue;
      const isGood = entries.findLast(({ fromUs }) => fromUs <= at * SECOND)?.isGood ?? false;
      run = isGood === last ? run + 1 : 1;
      last = isGood;
      const threshold = isGood ? probe.successThreshold : probe.failureThreshold;
      if (run < threshold || isGood === result) continue;
      result = isGood;
      found.push(`${isGood ? "+" : "-"}${at}`);
    }
    return found;
  }
});
