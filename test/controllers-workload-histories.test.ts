import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DaemonSet, Node, Pod, StatefulSet } from "../sim/api/index.ts";
import { ControllerWorld, type Fate, template } from "./controllers-fixture.ts";

const FATES: readonly Fate[] = ["runs", "runs", "runs", "fails", "succeeds", "unready"];
const IMAGES = ["web:1", "web:2", "web:3"];
const WATCHED = ["Pod", "StatefulSet", "DaemonSet", "ControllerRevision", "Node"];

type Act =
  | { readonly act: "scale"; readonly replicas: number }
  | { readonly act: "start"; readonly ordinal: number }
  | { readonly act: "image"; readonly image: number }
  | { readonly act: "partition"; readonly partition: number }
  | { readonly act: "delete" | "force"; readonly pod: number }
  | { readonly act: "watch"; readonly kind: number; readonly code: 0 | 410 }
  | { readonly act: "taint" | "untaint" | "node"; readonly node: number };

interface Step {
  readonly act: Act;
  readonly pauseMs: number;
}

const num = (max: number) => fc.integer({ min: 0, max });
const drop = fc.record({
  act: fc.constant("watch" as const),
  kind: num(WATCHED.length - 1),
  code: fc.constantFrom(0 as const, 410 as const),
});
const image = fc.record({ act: fc.constant("image" as const), image: num(2) });
const removal = fc.record({
  act: fc.constantFrom("delete" as const, "force" as const),
  pod: num(9),
});

const historyOf = (...acts: fc.Arbitrary<Act>[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ act: fc.oneof(...acts), pauseMs: num(4_000) }), {
    minLength: 1,
    maxLength: 25,
  });

const fates = fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 12 });

function worldOf(drawn: readonly Fate[], nodes: number): ControllerWorld {
  return new ControllerWorld({
    nodes,
    runUs: 700_000,
    startUs: (number) => 1_000 + (number % 5) * 200_000,
    watchDelivery: "uniform(1ms, 400ms)",
    // Pods that are not as they should be come to an end with the drawn ones.
    fate: (_pod, number) => drawn[number - 1] ?? "runs",
  });
}

function carryOut(world: ControllerWorld, act: Act, kind: string): void {
  const set = world.record(kind, "web");
  switch (act.act) {
    case "scale":
      return world.patch(set, { spec: { replicas: act.replicas } });
    case "start":
      return world.patch(set, { spec: { ordinals: { start: act.ordinal } } });
    case "image":
      return world.patch(set, { spec: { template: template("web", IMAGES[act.image]) } });
    case "partition": {
      const rollingUpdate = { partition: act.partition };
      return world.patch(set, { spec: { updateStrategy: { rollingUpdate } } });
    }
    case "delete":
    case "force": {
      const { name } = world.pods[act.pod % Math.max(1, world.pods.length)]?.metadata ?? {};
      if (name === undefined) return;
      const record = world.record("Pod", name);
      return act.act === "force" ? world.removeNow(record) : world.remove(record);
    }
    case "watch":
      return world.dropWatches(WATCHED[act.kind] ?? "Pod", act.code);
    default: {
      const record = world.etcd.record("Node", "", `n${act.node}`);
      if (act.act === "node") {
        if (record.stored === undefined)
          world.create({ apiVersion: "v1", kind: "Node", metadata: { name: record.name } });
        return;
      }
      const taints = act.act === "taint" ? [{ key: "a", effect: "NoExecute" }] : [];
      return world.patch(record, { spec: { taints } });
    }
  }
}

/** Lets pods that never got ready go, until nothing changes any more. */
function settle(world: ControllerWorld): void {
  for (let round = 0; round < 12; round++) {
    world.run(20);
    for (const pod of world.pods) {
      const { conditions } = pod.status;
      const isReady = conditions?.some(({ type, status }) => type === "Ready" && status === "True");
      if (isReady !== true) world.removeNow(world.record("Pod", pod.metadata.name));
    }
  }
  world.run(60);
}

describe("over random histories", () => {
  test("a StatefulSet has one pod of each identity, and ends with those that it should have", () => {
    const scale = fc.record({ act: fc.constant("scale" as const), replicas: num(5) });
    const start = fc.record({ act: fc.constant("start" as const), ordinal: num(2) });
    const partition = fc.record({ act: fc.constant("partition" as const), partition: num(4) });
    const history = historyOf(scale, scale, start, image, image, partition, removal, drop);
    fc.assert(
      fc.property(history, fates, fc.boolean(), (steps, drawn, isOrdered) => {
        const world = worldOf(drawn, 3);
        const record = world.create(setOf("StatefulSet", isOrdered));
        const made = new Map<string, string>();
        world.trace.committed.subscribe(({ type, record: { kind, name, stored } }) => {
          if (kind !== "Pod") return;
          if (type === "DELETED") made.delete(name);
          else if (type === "ADDED") {
            expect(made.has(name), `a second ${name}`).toBe(false);
            made.set(name, stored?.metadata.uid ?? "");
          }
          // In order: no pod is made while one below it is missing.
          if (isOrdered && type === "ADDED") expectPredecessors(world, name);
        });
        for (const { act, pauseMs } of steps) {
          carryOut(world, act, "StatefulSet");
          world.run(pauseMs / 1000);
        }
        settle(world);
        expectConverged(world, record.stored as StatefulSet);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  test("a DaemonSet ends with one pod on each node that fits, never with two that stay", () => {
    const nodes = fc.record({
      act: fc.constantFrom("taint" as const, "untaint" as const, "node" as const),
      node: num(5),
    });
    const history = historyOf(image, nodes, nodes, removal, drop);
    const surge = fc.constantFrom(0, 1, "50%");
    fc.assert(
      fc.property(history, fates, surge, (steps, drawn, maxSurge) => {
        const world = worldOf(drawn, 4);
        const rollingUpdate = { maxSurge, maxUnavailable: maxSurge === 0 ? 2 : 0 };
        const record = world.create(setOf("DaemonSet", true, { rollingUpdate }));
        const limit = maxSurge === 0 ? 1 : 2;
        world.trace.committed.subscribe(({ type, record: { kind, stored } }) => {
          if (kind === "Pod" && type === "ADDED") expectAtMost(world, stored as Pod, limit);
        });
        for (const { act, pauseMs } of steps) {
          carryOut(world, act, "DaemonSet");
          world.run(pauseMs / 1000);
        }
        settle(world);
        expectOnePerNode(world, record.stored as DaemonSet);
      }),
      { seed: 12, numRuns: 60 },
    );
  });
});

function setOf(kind: string, isOrdered: boolean, updateStrategy?: object) {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: "web", namespace: "default" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: template("web"),
      ...(kind === "StatefulSet" ? { replicas: 3, serviceName: "web" } : {}),
      ...(isOrdered ? {} : { podManagementPolicy: "Parallel" }),
      ...(updateStrategy === undefined ? {} : { updateStrategy }),
    },
  };
}

/** When a pod is made, the set's pods below it were there a moment ago: all exist or just went. */
function expectPredecessors(world: ControllerWorld, name: string): void {
  const set = world.record("StatefulSet", "web").stored as StatefulSet;
  const ordinal = Number(name.slice("web-".length));
  // A pod below it can be deleted while the creation is under way, and at most these two.
  const start = set.spec.ordinals?.start ?? 0;
  let missing = 0;
  for (let i = start; i < ordinal; i++)
    if (world.record("Pod", `web-${i}`).stored === undefined) missing++;
  expect(missing, `${name} was made while others below it are missing`).toBeLessThanOrEqual(2);
}

function expectConverged(world: ControllerWorld, set: StatefulSet): void {
  const { replicas = 1, ordinals, updateStrategy, template: wanted } = set.spec;
  const start = ordinals?.start ?? 0;
  const names = world.pods.map(({ metadata }) => metadata.name).sort();
  expect(names).toEqual(Array.from({ length: replicas }, (_, i) => `web-${start + i}`));
  expect(set.status).toMatchObject({ replicas, readyReplicas: replicas });
  expect(set.status.observedGeneration).toBe(set.metadata.generation);
  const partition = updateStrategy?.rollingUpdate?.partition ?? 0;
  for (const { metadata, spec } of world.pods) {
    const index = Number(metadata.name.slice("web-".length)) - start;
    if (index >= partition)
      expect(spec.containers[0]?.image).toBe(wanted.spec?.containers[0]?.image);
  }
}

/** Pods for one node that are not on their way out, and not ended. */
function expectAtMost(world: ControllerWorld, made: Pod, limit: number): void {
  const target = targetOf(made);
  const staying = world.pods.filter(
    (pod) =>
      targetOf(pod) === target &&
      pod.metadata.deletionTimestamp === undefined &&
      pod.status.phase !== "Failed" &&
      pod.status.phase !== "Succeeded",
  );
  expect(staying.length).toBeLessThanOrEqual(limit);
}

function expectOnePerNode(world: ControllerWorld, set: DaemonSet): void {
  const eligible = world
    .list<Node>("Node")
    .filter(({ spec }) => (spec.taints ?? []).length === 0)
    .map(({ metadata }) => metadata.name)
    .sort();
  expect(world.pods.map(({ spec }) => spec.nodeName).sort()).toEqual(eligible);
  const { length: desiredNumberScheduled } = eligible;
  expect(set.status).toMatchObject({
    desiredNumberScheduled,
    numberReady: desiredNumberScheduled,
    updatedNumberScheduled: desiredNumberScheduled,
    numberMisscheduled: 0,
  });
  for (const { spec } of world.pods)
    expect(spec.containers[0]?.image).toBe(set.spec.template.spec?.containers[0]?.image);
}

function targetOf({ spec }: Pod): string {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms?.[0]?.matchFields?.[0]?.values?.[0] ?? "";
}
