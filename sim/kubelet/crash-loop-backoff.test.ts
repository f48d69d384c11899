import { describe, expect, test } from "vitest";
import { backOffUs, noteRestart } from "./crash-loop-backoff.ts";

const SECOND = 1_000_000;
const LIMITS = { initialUs: 10 * SECOND, maxUs: 300 * SECOND };

/** The waits, in seconds, before each restart of a container that runs that long each time. */
function waits(runSeconds: number, restarts: number): number[] {
  const backOff = { delayUs: 0, restartedUs: 0 };
  let endUs = runSeconds * SECOND;
  return Array.from({ length: restarts }, () => {
    const waitUs = backOffUs(backOff, endUs, LIMITS);
    const restartUs = endUs + waitUs;
    noteRestart(backOff, endUs, restartUs, LIMITS);
    endUs = restartUs + runSeconds * SECOND;
    return waitUs / SECOND;
  });
}

describe("CrashLoopBackOff", () => {
  test.each([
    ["doubles from 10 s to 5 min", 1, [0, 10, 20, 40, 80, 160, 300, 300]],
    ["is the same for one that runs for less than 10 min", 599, [0, 10, 20, 40]],
    ["begins anew after more than 10 min", 601, [0, 0, 0]],
  ])("%s", (_case, runSeconds, expected) => {
    expect(waits(runSeconds, expected.length)).toEqual(expected);
  });
});
