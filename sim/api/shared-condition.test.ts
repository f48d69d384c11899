import { describe, expect, test } from "vitest";
import { sharedCondition } from "./shared-condition.ts";
import { withFields } from "./with-fields.ts";

describe("sharedCondition", () => {
  test("gives equal conditions as one object, others as objects of their own", () => {
    const ready = sharedCondition("Ready", "True", "", "2024-01-01T00:00:01Z");
    expect(ready).toEqual({
      type: "Ready",
      status: "True",
      lastTransitionTime: "2024-01-01T00:00:01Z",
    });
    expect(sharedCondition("Ready", "True", "", "2024-01-01T00:00:01Z")).toBe(ready);
    for (const other of [
      sharedCondition("Ready", "True", "", "2024-01-01T00:00:02Z"),
      sharedCondition("Ready", "False", "PodFailed", "2024-01-01T00:00:01Z"),
      sharedCondition("Reads", "True", "", "2024-01-01T00:00:01Z"),
    ])
      expect(other).not.toEqual(ready);
  });

  test("has the fields asked for, however many were made before", () => {
    for (let i = 0; i < 100; i++) {
      const time = `2024-01-01T00:00:${String(i % 60).padStart(2, "0")}Z`;
      const [type, reason] = [`Type${i % 7}`, i % 3 === 0 ? "" : `Reason${i % 5}`];
      expect(sharedCondition(type, "False", reason, time)).toEqual({
        type,
        status: "False",
        lastTransitionTime: time,
        ...(reason === "" ? {} : { reason }),
      });
    }
  });
});

test("withFields makes a copy with the fields set, and leaves the object as it was", () => {
  const object: { a: number; b?: number } = { a: 1 };
  expect(withFields(object, { b: 2 })).toEqual({ a: 1, b: 2 });
  expect(object).toEqual({ a: 1 });
});
