import { expect, test } from "vitest";
import type { core } from "../api/index.ts";
import { sharedStatuses } from "./shared-statuses.ts";

const status = (changes: Partial<core.ContainerStatus> = {}): core.ContainerStatus => ({
  name: "main",
  image: "app:1",
  imageID: "app:1",
  ready: true,
  started: true,
  restartCount: 0,
  state: { running: { startedAt: "2024-01-01T00:00:00Z" } },
  ...changes,
});

test("equal lists are one object", () => {
  const first = sharedStatuses([status(), status({ name: "b" })]);
  expect(sharedStatuses([status(), status({ name: "b" })])).toBe(first);
});

test.each<[string, core.ContainerStatus[]]>([
  ["another name", [status({ name: "b" })]],
  ["another image", [status({ image: "app:2" })]],
  ["another image id", [status({ imageID: "" })]],
  ["another readiness", [status({ ready: false })]],
  ["not started", [status({ started: false })]],
  ["a restart", [status({ restartCount: 1 })]],
  ["another start", [status({ state: { running: { startedAt: "2024-01-01T00:00:01Z" } } })]],
  ["a wait", [status({ state: { waiting: { reason: "ContainerCreating" } } })]],
  ["an earlier end", [status({ lastState: { terminated: { exitCode: 1 } } })]],
  ["one more container", [status(), status()]],
])("%s is kept apart", (_name, other) => {
  sharedStatuses([status()]);
  const kept = sharedStatuses(other);
  expect(kept).toBe(other);
  expect(kept).toEqual(other);
});

test("ends are never shared", () => {
  const ended = () => [status({ state: { terminated: { exitCode: 0 } } })];
  const first = sharedStatuses(ended());
  expect(sharedStatuses(ended())).not.toBe(first);
});
