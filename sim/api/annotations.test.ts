import { describe, expect, test } from "vitest";
import {
  annotatedExitCodeOf,
  annotatedImageBytes,
  annotatedSpanUs,
  DURATION_ANNOTATION,
  parseExitCodes,
  parseSpans,
} from "./annotations.ts";

const MAIN = { name: "main", attempt: 0, isInit: false };

describe("the annotations of a pod", () => {
  test.each([
    ["none", undefined, MAIN, undefined],
    ["others", { team: "a" }, MAIN, undefined],
    ["a duration", { "stowage.dev/duration": "1m30s" }, MAIN, 90_000_000],
    ["no end", { "stowage.dev/duration": "never" }, MAIN, Number.POSITIVE_INFINITY],
    ["a list, its second", { "stowage.dev/duration": "1s,2s" }, { ...MAIN, attempt: 1 }, 2_000_000],
    ["a list, beyond it", { "stowage.dev/duration": "1s,2s" }, { ...MAIN, attempt: 9 }, 2_000_000],
    [
      "one of its own",
      { "stowage.dev/duration": "1s", "stowage.dev/duration.main": "5s" },
      MAIN,
      5_000_000,
    ],
    [
      "the pod's, of an init container",
      { "stowage.dev/duration": "1s" },
      { ...MAIN, isInit: true },
      undefined,
    ],
  ])("with %s: run time", (_case, annotations, container, us) => {
    expect(annotatedSpanUs(annotations, DURATION_ANNOTATION, container)).toEqual(us);
  });

  test("a number without unit is no run time", () => {
    expect(parseSpans("90")).toBeUndefined();
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
    ["a list", { "stowage.dev/exit-code": "1,0" }, 1],
  ])("with %s: exit code", (_case, annotations, code) => {
    expect(annotatedExitCodeOf(annotations, MAIN)).toEqual(code);
  });

  test("more than a byte is no exit code", () => {
    expect(parseExitCodes("256")).toBeUndefined();
  });
});
