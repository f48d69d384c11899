import { describe, expect, test } from "vitest";
import { makePod } from "../../test/scheduler-fixture.ts";
import type { Pod } from "../api/index.ts";
import { failureStatusPatch } from "./pod-scheduled-condition.ts";

const failure = { reason: "Unschedulable", message: "why", nominatedNodeName: undefined } as const;
const since = "2024-01-01T00:00:00Z";
const told = {
  type: "PodScheduled",
  status: "False",
  reason: "Unschedulable",
  message: "why",
  lastProbeTime: null,
  lastTransitionTime: since,
};

function podWith(status: object): Pod {
  return { ...makePod("p"), status } as Pod;
}

describe("the status patch of a failed attempt", () => {
  test("says that the pod is not scheduled, and since when", () => {
    const patch = failureStatusPatch(podWith({}), failure, 90_000_000);
    const lastTransitionTime = "2024-01-01T00:01:30Z";
    expect(patch).toEqual({ status: { conditions: [{ ...told, lastTransitionTime }] } });
  });

  test("is not sent when the pod says so already", () => {
    expect(
      failureStatusPatch(podWith({ conditions: [told] }), failure, 90_000_000),
    ).toBeUndefined();
  });

  test("keeps the time of transition when only the message is new", () => {
    const pod = podWith({ conditions: [told] });
    const patch = failureStatusPatch(pod, { ...failure, message: "new" }, 90_000_000);
    expect(patch).toEqual({ status: { conditions: [{ ...told, message: "new" }] } });
  });

  test.each([
    ["sets a nomination", {}, "n1", { nominatedNodeName: "n1" }],
    ["clears one", { nominatedNodeName: "n1" }, "", { nominatedNodeName: "" }],
    ["leaves one that stands", { nominatedNodeName: "n1" }, "n1", undefined],
    ["leaves one it knows nothing of", { nominatedNodeName: "n1" }, undefined, undefined],
  ])("%s", (_name, status, nominatedNodeName, expected) => {
    const pod = podWith({ ...status, conditions: [told] });
    const patch = failureStatusPatch(pod, { ...failure, nominatedNodeName }, 0);
    expect(patch).toEqual(expected === undefined ? undefined : { status: expected });
  });
});
