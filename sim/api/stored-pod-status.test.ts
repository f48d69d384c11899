import { describe, expect, test } from "vitest";
import type { PodStatus } from "./objects.ts";
import { mergedPodStatus } from "./stored-pod-status.ts";

describe("mergedPodStatus", () => {
  const cases: [what: string, first: PodStatus, then: PodStatus][] = [
    ["a new field", { phase: "Pending", qosClass: "Burstable" }, { hostIP: "172.16.0.1" }],
    ["a changed field", { phase: "Pending", podIP: "10.0.0.1" }, { phase: "Running" }],
    [
      "a list in the place of another",
      { conditions: [] },
      { conditions: [{ type: "A" }] as never },
    ],
    ["nothing", { phase: "Pending" }, {}],
  ];
  test.each(cases)("%s is as a spread has it", (_what, first, then) => {
    expect({ ...mergedPodStatus(first, then) }).toEqual({ ...first, ...then });
  });

  test("absent fields are left out", () => {
    expect(Object.keys(mergedPodStatus({ phase: "Pending" }, { podIP: "10.0.0.1" }) ?? {})).toEqual(
      ["phase", "podIP"],
    );
  });

  test("the arguments stay as they are", () => {
    const first = Object.freeze({ phase: "Pending" });
    mergedPodStatus(first, Object.freeze({ phase: "Running" }));
    expect(first).toEqual({ phase: "Pending" });
  });

  const others: [what: string, first: PodStatus, then: PodStatus][] = [
    ["it does not know", { phase: "Pending" }, { nominatedNodeName: "a" }],
    ["the first one has and it does not know", { reason: "Evicted" }, { phase: "Failed" }],
    ["that is to be taken away", { phase: "Pending", podIP: "" }, { podIP: null as never }],
  ];
  test.each(others)("it leaves a field %s to the general rule", (_what, first, then) => {
    expect(mergedPodStatus(first, then)).toBeUndefined();
  });
});
