import { describe, expect, test } from "vitest";
import { preStopUs, stopping } from "./termination.ts";

const SECOND = 1_000_000;

describe("a container that is told to stop", () => {
  test.each([
    ["ends by itself", { hook: 0, stop: 5, grace: 30 }, { after: 5, isKilled: false }],
    [
      "is killed at the end of its grace",
      { hook: 0, stop: 50, grace: 30 },
      { after: 30, isKilled: true },
    ],
    ["runs its hook first", { hook: 10, stop: 5, grace: 30 }, { after: 15, isKilled: false }],
    [
      "has what the hook leaves it",
      { hook: 25, stop: 10, grace: 30 },
      { after: 30, isKilled: true },
    ],
    [
      "has 2 s after a hook that takes too long",
      { hook: 60, stop: 10, grace: 30 },
      { after: 32, isKilled: true },
    ],
    ["has 2 s whatever its grace", { hook: 0, stop: 10, grace: 0 }, { after: 2, isKilled: true }],
  ])("%s", (_case, { hook, stop, grace }, { after, isKilled }) => {
    expect(stopping(hook * SECOND, stop * SECOND, grace * SECOND)).toEqual({
      afterUs: after * SECOND,
      isKilled,
    });
  });

  test.each([
    ["sleep", { sleep: { seconds: 7 } }, 7],
    ["a shell's sleep", { exec: { command: ["/bin/sh", "-c", "sleep 15 && nginx -s quit"] } }, 15],
    ["another command", { exec: { command: ["nginx", "-s", "quit"] } }, 0],
  ])("with the preStop hook %s", (_case, preStop, seconds) => {
    const container = { name: "main", lifecycle: { preStop } } as Parameters<typeof preStopUs>[0];
    expect(preStopUs(container)).toBe(seconds * SECOND);
  });
});
