import { describe, expect, test } from "vitest";
import type { KeyRecord, Manifest, PodDisruptionBudget } from "../sim/api/index.ts";
import { timestamp } from "../sim/api/index.ts";
import { ControllerWorld, deployment, job } from "./controllers-fixture.ts";

const budget = (spec: object, name = "web"): Manifest => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name, namespace: "default" },
  spec: { selector: { matchLabels: { app: "web" } }, ...spec },
});

function status(world: ControllerWorld, name = "web"): PodDisruptionBudget["status"] {
  const { stored } = world.record("PodDisruptionBudget", name) as KeyRecord<PodDisruptionBudget>;
  if (stored === undefined) throw new Error(`there is no budget ${name}`);
  return stored.status;
}

describe("the status of a PodDisruptionBudget", () => {
  test.each<[string, object, Partial<PodDisruptionBudget["status"]>]>([
    [
      "minAvailable, a number",
      { minAvailable: 2 },
      { expectedPods: 5, desiredHealthy: 2, disruptionsAllowed: 3 },
    ],
    [
      "minAvailable, a share rounded up",
      { minAvailable: "50%" },
      { expectedPods: 5, desiredHealthy: 3, disruptionsAllowed: 2 },
    ],
    [
      "maxUnavailable, a number",
      { maxUnavailable: 1 },
      { expectedPods: 5, desiredHealthy: 4, disruptionsAllowed: 1 },
    ],
    [
      "maxUnavailable, a share rounded up",
      { maxUnavailable: "30%" },
      { expectedPods: 5, desiredHealthy: 3, disruptionsAllowed: 2 },
    ],
    [
      "more than there are",
      { maxUnavailable: 9 },
      { expectedPods: 5, desiredHealthy: 0, disruptionsAllowed: 5 },
    ],
    [
      "none to spare",
      { minAvailable: "100%" },
      { expectedPods: 5, desiredHealthy: 5, disruptionsAllowed: 0 },
    ],
    ["neither", {}, { expectedPods: 0, desiredHealthy: 0, disruptionsAllowed: 0 }],
    [
      "an empty selector selects all",
      { minAvailable: 1, selector: {} },
      { expectedPods: 5, desiredHealthy: 1, disruptionsAllowed: 4 },
    ],
    [
      "no selector selects none",
      { minAvailable: 1, selector: undefined },
      { expectedPods: 0, desiredHealthy: 1, disruptionsAllowed: 0 },
    ],
  ])("%s", (_case, spec, expected) => {
    const world = new ControllerWorld();
    world.create(deployment("web", 5));
    world.create(budget(spec));
    world.run(10);
    expect(status(world)).toMatchObject({ ...expected, observedGeneration: 1 });
    const isAllowed = (expected.disruptionsAllowed ?? 0) > 0;
    expect(status(world).conditions).toMatchObject([
      {
        type: "DisruptionAllowed",
        status: isAllowed ? "True" : "False",
        reason: isAllowed ? "SufficientPods" : "InsufficientPods",
      },
    ]);
  });

  test("follows the pods' readiness, and the scale of their Deployment", () => {
    const world = new ControllerWorld();
    const web = world.create(deployment("web", 4));
    world.create(budget({ maxUnavailable: 1 }));
    world.run(10);
    const [first] = world.pods;
    if (first === undefined) throw new Error("no pod was made");
    world.setReady(first, false);
    world.run(2);
    expect(status(world)).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 0 });
    world.setReady(first, true);
    world.patch(web, { spec: { replicas: 6 } });
    world.run(10);
    expect(status(world)).toMatchObject({
      currentHealthy: 6,
      expectedPods: 6,
      desiredHealthy: 5,
      disruptionsAllowed: 1,
    });
  });

  test("follows a change of its spec", () => {
    const world = new ControllerWorld();
    world.create(deployment("web", 4));
    const record = world.create(budget({ minAvailable: 1 }));
    world.run(10);
    world.patch(record, { spec: { minAvailable: 4 } });
    world.run(2);
    expect(status(world)).toMatchObject({ disruptionsAllowed: 0, observedGeneration: 2 });
  });

  test("pods of other namespaces and labels do not count", () => {
    const world = new ControllerWorld();
    world.create(deployment("web", 2));
    world.create(deployment("db", 3));
    const elsewhere = deployment("web", 3);
    world.create({ ...elsewhere, metadata: { name: "web", namespace: "other" } });
    world.create(budget({ minAvailable: 1 }));
    world.run(10);
    expect(status(world)).toMatchObject({ expectedPods: 2, currentHealthy: 2 });
  });

  test("a Job's pods have no scale: nothing may be disrupted", () => {
    const world = new ControllerWorld();
    const template = {
      metadata: { labels: { app: "web" } },
      spec: { restartPolicy: "Never", containers: [{ name: "main", image: "batch:1" }] },
    };
    world.create(job("batch", { parallelism: 2, completions: 2, template }));
    world.create(budget({ maxUnavailable: 1 }));
    world.create(budget({ minAvailable: 1 }, "counted"));
    world.run(5);
    expect(status(world)).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [
        {
          status: "False",
          reason: "SyncFailed",
          message: "jobs.batch does not implement the scale subresource",
        },
      ],
    });
    expect(status(world, "counted")).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 });
  });

  test("an eviction that was granted counts until its pod ends, or for two minutes", () => {
    const world = new ControllerWorld();
    world.create(deployment("web", 3));
    const record = world.create(budget({ minAvailable: 1 }));
    world.run(10);
    const [first] = world.pods;
    const name = first?.metadata.name ?? "";
    const granted = { [name]: timestamp(world.kernel.nowUs), gone: timestamp(world.kernel.nowUs) };
    world.patch(record, { status: { disruptedPods: granted } }, "status");
    world.run(2);
    expect(status(world)).toMatchObject({
      currentHealthy: 2,
      disruptionsAllowed: 1,
      disruptedPods: { [name]: granted[name] },
    });
    expect(Object.keys(status(world).disruptedPods ?? {})).toEqual([name]);
    world.run(125);
    expect(status(world)).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 2 });
    expect(status(world).disruptedPods).toBeUndefined();
  });

  test("is not written again while nothing changes", () => {
    const world = new ControllerWorld();
    world.create(deployment("web", 3));
    const record = world.create(budget({ minAvailable: 1 }));
    world.run(10);
    const version = record.stored?.metadata.resourceVersion;
    const [first] = world.pods;
    if (first === undefined) throw new Error("no pod was made");
    world.patch(world.record("Pod", first.metadata.name), {
      metadata: { annotations: { a: "b" } },
    });
    world.run(5);
    expect(record.stored?.metadata.resourceVersion).toBe(version);
  });
});
