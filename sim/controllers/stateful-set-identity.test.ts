import { describe, expect, test } from "vitest";
import type { Pod, StatefulSet } from "../api/index.ts";
import { isMemberOf, ordinalOf } from "./stateful-set-identity.ts";

const pod = (name: string): Pod => ({ metadata: { name } }) as Pod;
const set = (name: string): StatefulSet => ({ metadata: { name } }) as StatefulSet;

describe("the name of a pod", () => {
  test.each([
    ["web-0", 0],
    ["web-17", 17],
    ["my-web-1200", 1200],
    ["web-007", 7],
    ["web-", -1],
    ["web", -1],
    ["17", -1],
    ["web-1a", -1],
    ["web-a1", -1],
    ["", -1],
  ])("%j has the ordinal %i", (name, ordinal) => expect(ordinalOf(pod(name))).toBe(ordinal));

  test.each([
    ["web-3", "web", true],
    ["my-web-3", "my-web", true],
    ["my-web-3", "my", false],
    ["web-x-3", "web", false],
    ["webs-3", "web", false],
    ["web-", "web", false],
    ["web", "web", false],
  ])("%j of the set %j: %j", (name, owner, isMember) =>
    expect(isMemberOf(set(owner), pod(name))).toBe(isMember),
  );
});
