import { describe, expect, test } from "vitest";
import type { TimedOperation } from "../workload.ts";
import { readStep, type StepInput, stepFault } from "./manifest-step.ts";
import { namedObject } from "./resource-name.ts";
import { mergeByTime, timedSteps } from "./timed-steps.ts";

describe("namedObject", () => {
  test.each([
    ["deployment/web", "apps/v1 Deployment team/web"],
    ["deployments/web", "apps/v1 Deployment team/web"],
    ["deploy/web", "apps/v1 Deployment team/web"],
    ["node/n0", "v1 Node /n0"],
  ])("%s", (text, expected) => {
    const object = namedObject(text, "team", undefined);
    if (typeof object === "string") throw new Error(object);
    const { namespace = "", name } = object.metadata ?? {};
    expect(`${object.apiVersion} ${object.kind} ${namespace}/${name}`).toBe(expected);
  });

  test("a verb for nodes takes the bare name", () => {
    expect(namedObject("n0", "team", "Node")).toMatchObject({ kind: "Node" });
    expect(namedObject("pod/a", "team", "Node")).toBe('got "pod/a", want the name of a Node.');
  });

  test.each([
    ["web", 'got "web", want kind/name, such as deployment/web.'],
    ["pod/", 'got "pod/", want kind/name, such as deployment/web.'],
    [
      "deploymnt/web",
      'got "deploymnt/web": there is no kind "deploymnt". Did you mean "deployment"?',
    ],
  ])("refuses %s", (text, fault) => {
    expect(namedObject(text, "default", undefined)).toBe(fault);
  });
});

describe("stepFault", () => {
  test.each([
    ["good", { at: "1s", scale: "deployment/web", replicas: 3 }, undefined],
    ["no verb", { at: "1s" }, /^got no verb, want one of apply, create, delete/],
    [
      "two verbs",
      { apply: "a.yaml", delete: "pod/a" },
      "got apply and delete, want one of them. Make them steps of their own.",
    ],
    ["a missing field", { scale: "deployment/web" }, 'got scale without "replicas", want both.'],
    [
      "a field of another verb",
      { apply: "a.yaml", replicas: 3 },
      'got "replicas" with apply, want only "serverSide", "fieldManager", "force" besides. Take it out.',
    ],
    [
      "a field with a verb that takes none",
      { cordon: "n0", replicas: 3 },
      'got "replicas" with cordon, want nothing besides. Take it out.',
    ],
    ["a list", { list: "po", selector: "app=web", limit: 10, allNamespaces: true }, undefined],
    ["a get", { get: "pod/a", resourceVersion: "0" }, undefined],
    [
      "a list of no kind",
      { list: "podds" },
      'list: got "podds": there is no kind "podds". Did you mean "pod"?',
    ],
    [
      "an unknown kind",
      { delete: "pod" },
      'delete: got "pod", want kind/name, such as deployment/web.',
    ],
    [
      "a bad taint",
      { taint: "n0", taints: ["a=b"] },
      'taints: got "a=b", want key=value:Effect, key:Effect, key:Effect- or key-.',
    ],
  ])("%s", (_case, step: StepInput, expected) => {
    const fault = stepFault(step);
    if (expected instanceof RegExp) expect(fault).toMatch(expected);
    else expect(fault).toBe(expected);
  });
});

describe("timedSteps", () => {
  const steps = [
    { at: "10s", apply: "job.yaml", repeat: { every: "5s", times: 2 } },
    { at: "12s", scale: "deployment/web", replicas: 3, as: "ann" },
    { drain: "n0", timeout: "1m" },
    { at: "10s", patch: "deployment/web", with: { spec: {} }, type: "merge" },
  ].map((step, i) => readStep(step, `steps[${i}]`));
  const objects = ["x", "y"].map((name) => ({
    object: { kind: "Job", metadata: { name } },
    source: `job.yaml:${name}`,
  }));
  const operations = timedSteps(steps, () => objects, 1_000);

  test("each at its time, in the order of the list, repeated ones again", () => {
    const brief = operations.map(
      ({ timeUs, verb, object, source }) => `${timeUs} ${verb} ${object.metadata?.name} ${source}`,
    );
    expect(brief).toEqual([
      "0 drain n0 steps[2]",
      "10000000 apply x job.yaml:x",
      "10000000 patch web steps[3]",
      "10001000 apply y job.yaml:y",
      "12000000 scale web steps[1]",
      "15000000 apply x job.yaml:x",
      "15001000 apply y job.yaml:y",
    ]);
  });

  test("carry their verbs' fields", () => {
    expect(operations[0]).toMatchObject({ timeoutUs: 60_000_000 });
    expect(operations[2]).toMatchObject({ patch: { spec: {} }, patchType: "merge" });
    expect(operations[4]).toMatchObject({ replicas: 3, as: "ann" });
    expect(operations[2]).not.toHaveProperty("as");
  });

  test("are merged with others by time", async () => {
    const operation = (timeUs: number): TimedOperation => ({
      timeUs,
      verb: "create",
      object: {},
      source: "",
    });
    async function* others() {
      for (const timeUs of [0, 10_000_000, 20_000_000]) yield operation(timeUs);
    }
    const times: string[] = [];
    for await (const { timeUs, verb } of mergeByTime(others(), operations))
      times.push(`${timeUs / 1e6} ${verb}`);
    expect(times).toEqual([
      "0 create",
      "0 drain",
      "10 create",
      "10 apply",
      "10 patch",
      "10.001 apply",
      "12 scale",
      "15 apply",
      "15.001 apply",
      "20 create",
    ]);
  });
});
