import { describe, expect, test } from "vitest";
import { annotatedDurationUs, annotatedExitCode, annotatedImageBytes } from "./annotations.ts";

describe("the annotations of a pod", () => {
  test.each([
    ["none", undefined, undefined],
    ["others", { team: "a" }, undefined],
    ["a duration", { "stowage.dev/duration": "1m30s" }, 90_000_000],
    ["a number without unit", { "stowage.dev/duration": "90" }, Number.NaN],
  ])("with %s: run time", (_case, annotations, us) => {
    expect(annotatedDurationUs(annotations)).toEqual(us);
  });

  test.each([
    ["none", undefined, undefined],
    ["a size", { "stowage.dev/image-bytes": "1000" }, 1000],
    ["a quantity", { "stowage.dev/image-bytes": "1Gi" }, Number.NaN],
    ["more than can be exact", { "stowage.dev/image-bytes": "99999999999999999999" }, Number.NaN],
  ])("with %s: image size", (_case, annotations, bytes) => {
    expect(annotatedImageBytes(annotations)).toEqual(bytes);
  });

  test.each([
    ["none", undefined, 0],
    ["a code", { "stowage.dev/exit-code": "137" }, 137],
    ["more than a byte", { "stowage.dev/exit-code": "256" }, Number.NaN],
  ])("with %s: exit code", (_case, annotations, code) => {
    expect(annotatedExitCode(annotations)).toEqual(code);
  });
});
