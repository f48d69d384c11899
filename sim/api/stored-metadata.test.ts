import { describe, expect, test } from "vitest";
import { SHARED_FIELD_TYPES } from "./field-types.ts";
import type { ObjectMeta } from "./objects.ts";
import { copyMetadata } from "./stored-metadata.ts";

const names = (SHARED_FIELD_TYPES["ObjectMeta"] ?? "")
  .split(" ")
  .map((each) => each.split(":")[0]!);
const full = Object.fromEntries(names.map((name) => [name, `the ${name}`]));

describe("copyMetadata", () => {
  test("copies every field that metadata can have", () => {
    expect(names.length).toBeGreaterThan(10);
    expect({ ...copyMetadata(full as unknown as ObjectMeta) }).toEqual(full);
  });

  test("leaves out what is absent, and is a copy", () => {
    const metadata = {
      ...{ name: "a", namespace: "b", uid: "c", resourceVersion: "1", creationTimestamp: "d" },
      finalizers: [],
    };
    const copy = copyMetadata(metadata);
    expect(Object.keys(copy)).toEqual(Object.keys(metadata));
    expect(copy).not.toBe(metadata);
  });
});
