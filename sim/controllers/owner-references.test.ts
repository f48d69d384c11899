import { describe, expect, test } from "vitest";
import type { ApiObject, OwnerReference } from "../api/index.ts";
import { judge, type OwnerState, unblockedOwners, type Verdict } from "./owner-references.ts";

const owner = (uid: string, blockOwnerDeletion = true): OwnerReference => ({
  apiVersion: "v1",
  kind: "Pod",
  name: uid,
  uid,
  blockOwnerDeletion,
});

describe("the verdict on an object with owners 1, 2", () => {
  test.each<[OwnerState[], boolean, string[], Verdict | undefined]>([
    [["solid", "solid"], true, [], undefined],
    [["solid", "dangling"], true, [], { type: "patch", uids: ["2"] }],
    [["waiting", "solid"], true, [], { type: "patch", uids: ["1"] }],
    [["dangling", "dangling"], true, [], { type: "delete", policy: "Background" }],
    [["dangling", "waiting"], true, [], { type: "delete", policy: "Foreground" }],
    [["dangling", "waiting"], false, [], { type: "delete", policy: "Background" }],
    [["dangling", "dangling"], true, ["orphan"], { type: "delete", policy: "Orphan" }],
    [
      ["dangling", "dangling"],
      false,
      ["foregroundDeletion"],
      { type: "delete", policy: "Foreground" },
    ],
    [["waiting", "waiting"], true, ["orphan"], { type: "delete", policy: "Foreground" }],
  ])("that are %j, with dependents: %s, finalizers %j", (states, has, finalizers, wanted) => {
    const metadata = { ownerReferences: [owner("1"), owner("2")], finalizers };
    expect(judge({ metadata } as unknown as ApiObject, states, has)).toEqual(wanted);
  });

  test("is none when it has no owners any more", () => {
    expect(judge({ metadata: {} } as unknown as ApiObject, [], true)).toBeUndefined();
  });
});

test("owners are unblocked that are let go, or no longer blocked; not those that never were", () => {
  const before = [owner("1"), owner("2"), owner("3"), owner("4", false)];
  const after = [owner("1"), owner("2", false)];
  expect(unblockedOwners(before, after).map(({ uid }) => uid)).toEqual(["2", "3"]);
});
