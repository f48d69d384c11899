import { describe, expect, test } from "vitest";
import { statusPatch } from "./status-patch.ts";

describe("statusPatch", () => {
  test("replaces conditions by type, whole, and keeps the others", () => {
    const conditions = [{ type: "A", status: "True", reason: "x" }, { type: "B" }];
    const patch = { status: { conditions: [{ type: "A", status: "False" }, { type: "C" }] } };
    const metadata = { name: "a" };
    const patched = statusPatch({ metadata, status: { conditions } }, patch);
    expect(patched["metadata"]).not.toBe(metadata); // the store writes the revision into it
    expect(patched).toEqual({
      metadata,
      status: { conditions: [{ type: "A", status: "False" }, { type: "B" }, { type: "C" }] },
    });
  });

  test("merges metadata and the rest of the status by field, and leaves the spec", () => {
    const target = {
      metadata: { name: "a", labels: { x: "1" } },
      spec: { n: 1 },
      status: { p: 1 },
    };
    const patch = { metadata: { labels: { y: "2" } }, spec: { n: 2 }, status: { p: null, q: 2 } };
    expect(statusPatch(target, patch)).toEqual({
      metadata: { name: "a", labels: { x: "1", y: "2" } },
      spec: { n: 1 },
      status: { q: 2 },
    });
  });
});
