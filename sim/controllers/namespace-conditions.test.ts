import { describe, expect, test } from "vitest";
import { type ApiObject, kindNamed, type Pod } from "../api/index.ts";
import { estimate, graceSecondsOf, namespaceStatus, type Remains } from "./namespace-conditions.ts";

const object = (finalizers: readonly string[] = []): ApiObject =>
  ({ metadata: { namespace: "team", finalizers } }) as unknown as ApiObject;

const left = (kind: string, objects: readonly ApiObject[], graceSeconds = 0): Remains => ({
  kind: kindNamed(kind),
  objects,
  graceSeconds,
});

describe("how long what remains may take", () => {
  test.each<[string, Remains[], number, string[]]>([
    ["nothing is left", [left("Pod", []), left("Lease", [])], 0, []],
    ["pods within their grace", [left("Pod", [object()], 30)], 30, []],
    ["something with a finalizer", [left("Lease", [object(["a.b/c"])])], 15, []],
    ["both", [left("Lease", [object(["a.b/c"])]), left("Pod", [object()], 7)], 15, []],
    [
      "something without a reason",
      [left("Deployment", [object()])],
      0,
      ["unexpected items still remain in namespace: team for gvr: apps/v1, Resource=deployments"],
    ],
    [
      "pods past their grace",
      [left("Pod", [object()])],
      0,
      ["unexpected items still remain in namespace: team for gvr: /v1, Resource=pods"],
    ],
  ])("%s", (_, remains, seconds, errors) => {
    expect(estimate(remains)).toEqual({ seconds, errors });
  });
});

test("pods have the longest of their grace periods, until it has passed since the deletion", () => {
  const pod = (terminationGracePeriodSeconds: number, phase: string) =>
    ({ spec: { terminationGracePeriodSeconds }, status: { phase } }) as unknown as Pod;
  const pods = [pod(10, "Running"), pod(40, "Pending"), pod(99, "Succeeded")];
  const deleted = "2024-01-01T00:00:10Z";
  expect(graceSecondsOf(pods, deleted, 49_000_000)).toBe(40);
  expect(graceSecondsOf(pods, deleted, 50_000_000)).toBe(0);
});

test("a status that says all of it already stays itself", () => {
  const first = namespaceStatus({ phase: "Terminating" }, [], [], 0);
  expect(first.conditions).toHaveLength(5);
  expect(namespaceStatus(first, [], [], 5_000_000)).toBe(first);
  const pods = [left("Pod", [object(["b.c/d"]), object()])];
  const next = namespaceStatus(first, pods, ["x"], 5_000_000);
  expect(next.conditions?.filter(({ status }) => status === "True")).toMatchObject([
    {
      type: "NamespaceDeletionContentFailure",
      reason: "ContentDeletionFailed",
      message: "Failed to delete all resource types, 1 remaining: x",
    },
    { message: "Some resources are remaining: pods. has 2 resource instances" },
    {
      message:
        "Some content in the namespace has finalizers remaining: b.c/d in 1 resource instances",
    },
  ]);
});
