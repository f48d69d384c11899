import { describe, expect, test } from "vitest";
import type { Manifest } from "../../sim/api/index.ts";
import { annotationFaults } from "./annotation-faults.ts";
import { hasDuration, withJobDuration } from "./job-duration.ts";
import { NamespaceKeeper } from "./namespace-keeper.ts";

const pod = (namespace?: string): Manifest => ({
  kind: "Pod",
  metadata: namespace === undefined ? { name: "p" } : { name: "p", namespace },
});
const job = (annotations?: Record<string, string>): Manifest => ({
  kind: "Job",
  spec: { completions: 2, template: { metadata: { annotations }, spec: { containers: [] } } },
});

describe("NamespaceKeeper", () => {
  test("asks for a missing namespace once", () => {
    const keeper = new NamespaceKeeper();
    expect(keeper.missingFor(pod("team"))).toEqual({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "team" },
    });
    expect(keeper.missingFor(pod("team"))).toBeUndefined();
  });

  test.each([
    ["no namespace", pod()],
    ["the default namespace", pod("default")],
    ["a system namespace", pod("kube-system")],
    ["a namespace that was applied before", pod("known")],
  ])("asks for nothing with %s", (_case, object) => {
    const keeper = new NamespaceKeeper();
    keeper.missingFor({ kind: "Namespace", metadata: { name: "known" } });
    expect(keeper.missingFor(object)).toBeUndefined();
  });
});

describe("withJobDuration", () => {
  test("adds the run time to the pod template and nothing else", () => {
    const before = job({ team: "a" });
    expect(withJobDuration(before, "60s")).toEqual(
      job({ team: "a", "stowage.dev/duration": "60s" }),
    );
    expect(before).toEqual(job({ team: "a" }));
  });

  test("is asked for only by Jobs that state none", () => {
    expect(hasDuration(job({ "stowage.dev/duration": "5s" }))).toBe(true);
    expect(hasDuration(job())).toBe(false);
    expect(hasDuration({ kind: "Job" })).toBe(false);
  });
});

describe("annotationFaults", () => {
  test.each([
    ["none", pod(), []],
    ["good ones", job({ "stowage.dev/duration": "5s", "stowage.dev/exit-code": "1" }), []],
    [
      "a duration without unit",
      job({ "stowage.dev/duration": "5" }),
      [
        'spec.template.metadata.annotations[stowage.dev/duration]: got "5", want a duration with its unit, such as 90s or 1h30m',
      ],
    ],
    [
      "two bad ones",
      {
        kind: "Pod",
        metadata: {
          annotations: { "stowage.dev/image-bytes": "1Gi", "stowage.dev/exit-code": "-1" },
        },
      },
      [
        'metadata.annotations[stowage.dev/image-bytes]: got "1Gi", want a whole number of bytes, 0 or more',
        'metadata.annotations[stowage.dev/exit-code]: got "-1", want a whole number, 0 to 255',
      ],
    ],
    [
      "what of requests cannot be",
      job({
        "stowage.dev/weight": "-1",
        "stowage.dev/concurrency": "0",
        "stowage.dev/queue-limit": "many",
      }),
      [
        'spec.template.metadata.annotations[stowage.dev/weight]: got "-1", want a number, 0 or more',
        'spec.template.metadata.annotations[stowage.dev/concurrency]: got "0", want a whole number, 1 or more',
        'spec.template.metadata.annotations[stowage.dev/queue-limit]: got "many", want a whole number, 0 or more',
      ],
    ],
    [
      "and lets through what can be",
      job({
        "stowage.dev/weight": "0.5",
        "stowage.dev/concurrency": "8",
        "stowage.dev/queue-limit": "0",
      }),
      [],
    ],
  ])("finds %s", (_case, object, faults) => {
    expect(annotationFaults(object)).toEqual(faults);
  });
});
