import { describe, expect, test } from "vitest";
import { type ApiObject, kindNamed } from "../api/index.ts";
import { fieldSelectorFault, fieldSelectorMatcher } from "./field-selector.ts";

const pod = {
  kind: "Pod",
  metadata: { name: "a", namespace: "default" },
  spec: { nodeName: "n1" },
  status: { phase: "Running" },
} as unknown as ApiObject;
const node = { kind: "Node", metadata: { name: "n1" }, spec: {} } as unknown as ApiObject;
const job = { kind: "Job", metadata: { name: "j" }, status: {} } as unknown as ApiObject;

describe("a field selector", () => {
  test.each<[string, ApiObject, boolean]>([
    ["", pod, true],
    ["metadata.name=a", pod, true],
    ["metadata.name==b", pod, false],
    ["spec.nodeName=n1,status.phase!=Pending", pod, true],
    ["spec.nodeName=n1,status.phase!=Running", pod, false],
    ["spec.nodeName=", pod, false],
    ["status.nominatedNodeName=", pod, true],
    ["spec.unschedulable=false", node, true],
    ["spec.unschedulable=true", node, false],
    ["status.successful=0", job, true],
  ])("%s", (text, object, matches) => {
    expect(fieldSelectorFault(text, kindNamed(object.kind))).toBe("");
    expect(fieldSelectorMatcher(text)(object)).toBe(matches);
  });

  test.each([
    ["Pod", "spec.color=red", "field label not supported: spec.color"],
    ["Pod", "a", "invalid selector: 'a'; can't understand 'a'"],
    [
      "Deployment",
      "status.phase=Running",
      '"status.phase" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
  ])("of a %s is refused: %s", (kind, text, fault) => {
    expect(fieldSelectorFault(text, kindNamed(kind))).toBe(fault);
  });
});
