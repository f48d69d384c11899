import { describe, expect, test } from "vitest";
import { fallSilent, lastRenewUs, newHeartbeats, renewCount, resume } from "./node-heartbeats.ts";

const PERIOD = 10_000_000;
const SECOND = 1_000_000;

describe("heartbeats in closed form", () => {
  const beats = () => ({ ...newHeartbeats("n1", 0, PERIOD), phaseUs: 3 * SECOND });

  test("come every period at the node's own phase", () => {
    const node = beats();
    const last = [2, 3, 12, 13, 100].map((at) => lastRenewUs(node, at * SECOND, PERIOD) / SECOND);
    expect(last).toEqual([0, 3, 3, 13, 93]);
    expect(renewCount(node, 100 * SECOND, PERIOD)).toBe(11); // at 0, then at 3, 13 .. 93
  });

  test("stop and go on", () => {
    const node = beats();
    fallSilent(node, 25 * SECOND);
    expect(lastRenewUs(node, 100 * SECOND, PERIOD)).toBe(23 * SECOND);
    resume(node, 100 * SECOND, PERIOD);
    expect(lastRenewUs(node, 102 * SECOND, PERIOD)).toBe(23 * SECOND);
    expect(lastRenewUs(node, 103 * SECOND, PERIOD)).toBe(103 * SECOND);
    expect(renewCount(node, 103 * SECOND, PERIOD)).toBe(5); // 0, 3, 13, 23, 103
  });
});
