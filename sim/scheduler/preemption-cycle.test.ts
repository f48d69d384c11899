/** What the scheduler does with what a PostFilter plugin asks for: victims, nominations, waiting. */
import { describe, expect, test } from "vitest";
import {
  ANSWER_US,
  BASE_US,
  makeNode,
  makePod,
  makeProfile,
  makeWorld,
} from "../../test/scheduler-fixture.ts";
import type { Pod } from "../api/index.ts";
import { definePlugin, type PostFilterContext } from "./framework/index.ts";

const SECOND_US = 1_000_000;
const MESSAGE = "0/1 nodes are available: 1 Insufficient cpu.";

/** Preempts all pods of lower priority on the first node that has some. */
const EVICT = definePlugin({
  name: "DefaultPreemption",
  requeueOn: [],
  postFilter(pod, { cluster, requests, nominator }: PostFilterContext) {
    for (const node of cluster.nodes) {
      const victims = node.pods.filter(({ priority }) => priority < pod.priority);
      if (victims.length === 0) continue;
      for (const { record, pod: victim } of victims) {
        const condition = { type: "DisruptionTarget", status: "True" };
        requests.patch(record, { status: { conditions: [condition] } }, "status");
        requests.delete(record);
        requests.event(victim, "Normal", "Preempted", "");
      }
      for (const other of nominator.podsOn(node.name))
        if (other.priority < pod.priority)
          requests.patch(other.record, { status: { nominatedNodeName: "" } }, "status");
      const dryRunNodes = cluster.nodes.length;
      const keys = victims.map(({ record }) => record.key);
      return { nominatedNode: node.name, victims: keys, dryRunNodes };
    }
    return { nominatedNode: "", message: "preemption: nobody to preempt." };
  },
});

function makeFullWorld(options = {}) {
  const world = makeWorld([makeProfile([EVICT])], options);
  world.api.put(makeNode("n1", "2"));
  for (const name of ["v1", "v2"]) world.api.put(makePod(name, { nodeName: "n1" }));
  return world;
}

function nominationsIn({ scheduler }: ReturnType<typeof makeWorld>): string[] {
  const { nominator } = scheduler.queue;
  return [...nominator.nodeNames].flatMap((node) =>
    nominator.podsOn(node).map(({ name }) => `${name}@${node}`),
  );
}

describe("a pod that preempts", () => {
  test("has its victims patched, then deleted, side by side, and the loop waits for the answers", () => {
    const { kernel, api, attempts } = makeFullWorld();
    api.put(makePod("high", { cpu: "2", priority: 9 }));
    api.put(makePod("small", { priority: 0 }));
    kernel.run(SECOND_US / 2);
    const end = 1 + BASE_US;
    expect(api.requests.slice(0, 5).map(({ atUs, verb, pod }) => [atUs, verb, pod])).toEqual([
      [end, "patch", "v1"],
      [end, "patch", "v2"],
      [end + ANSWER_US, "delete", "v1"],
      [end + ANSWER_US, "delete", "v2"],
      [end + 2 * ANSWER_US, "patch", "high"],
    ]);
    expect(attempts[0]).toMatchObject({
      pod: "high",
      result: "unschedulable",
      endUs: end + 2 * ANSWER_US,
      message: MESSAGE,
    });
    expect(attempts[1]).toMatchObject({ pod: "small", startUs: end + 3 * ANSWER_US });
  });

  test("is nominated in memory and in its status, and bound there when its victims are gone", () => {
    const world = makeFullWorld();
    const { kernel, api, attempts } = world;
    api.graceUs = 5 * SECOND_US;
    api.put(makePod("high", { cpu: "2", priority: 9 }));
    kernel.run(SECOND_US);
    expect(nominationsIn(world)).toEqual(["high@n1"]);
    expect(api.pod("high")?.status).toMatchObject({
      nominatedNodeName: "n1",
      conditions: [{ type: "PodScheduled", reason: "Unschedulable", message: MESSAGE }],
    });
    kernel.run(20 * SECOND_US);
    expect(attempts.at(-1)).toMatchObject({ pod: "high", result: "scheduled", node: "n1" });
    expect(nominationsIn(world)).toEqual([]);
  });

  test("does not lose the room to a pod of lower priority that comes first", () => {
    const { kernel, api, attempts, at } = makeFullWorld();
    api.graceUs = 2 * SECOND_US;
    api.put(makePod("high", { cpu: "2", priority: 9 }));
    // The victims are gone at 2 s; the preemptor is in its back-off until 3 s.
    at(2.5 * SECOND_US, () => api.put(makePod("late", { cpu: "1", priority: 1 })));
    kernel.run(20 * SECOND_US);
    const results = attempts.map(({ pod, result }) => `${pod} ${result}`);
    expect(results).toContain("late unschedulable");
    expect(api.pod("high")?.spec.nodeName).toBe("n1");
    expect(api.pod("late")?.spec.nodeName).toBeUndefined();
  });

  test("takes time for each node on which preemption is tried", () => {
    const { kernel, api, attempts } = makeFullWorld({ perNodeNs: 3_000 });
    api.put(makePod("high", { cpu: "2", priority: 9 }));
    kernel.run(SECOND_US / 2);
    const spentUs = (attempts[0]?.endUs ?? 0) - (attempts[0]?.startUs ?? 0);
    expect(spentUs).toBe(BASE_US + 3 + 3 + 2 * ANSWER_US);
  });

  test("says why when a victim cannot be deleted, and keeps no promise of room", () => {
    const world = makeFullWorld();
    const { kernel, api } = world;
    api.failures.set("delete v2", 500);
    api.put(makePod("high", { cpu: "2", priority: 9 }));
    kernel.run(SECOND_US / 2);
    const message = `${MESSAGE} preemption: pods "v2" refused with 500`;
    expect(api.pod("high")?.status.conditions).toMatchObject([
      { reason: "Unschedulable", message },
    ]);
    expect(nominationsIn(world)).toEqual([]);
  });

  test("takes their nomination from pods of lower priority when its victims are dealt with", () => {
    const world = makeFullWorld();
    const { kernel, api, at } = world;
    api.graceUs = 60 * SECOND_US;
    api.failures.set("patch middle", 409);
    api.put(makePod("middle", { cpu: "2", priority: 5 }));
    at(SECOND_US, () => api.failures.delete("patch middle"));
    at(SECOND_US, () => api.put(makePod("high", { cpu: "2", priority: 9 })));
    kernel.run(10 * SECOND_US);
    const later = api.requests.filter(({ atUs }) => atUs > SECOND_US);
    expect(later.map(({ verb, pod }) => `${verb} ${pod}`).slice(0, 6)).toEqual([
      "patch v1",
      "patch v2",
      "delete v1",
      "delete v2",
      "patch middle",
      "patch high",
    ]);
    expect(later[4]?.body).toEqual({ status: { nominatedNodeName: "" } });
    expect(nominationsIn(world)).toContain("high@n1");
  });

  test("rejects a victim that still waits at Permit instead of deleting it", () => {
    const wait = definePlugin({ name: "Wait", permit: () => ({ waitUs: 30 * SECOND_US }) });
    const { kernel, api, bindings, at } = makeWorld([makeProfile([EVICT, wait])]);
    api.put(makeNode("n1", "2"));
    api.put(makePod("low", { cpu: "2" }));
    at(SECOND_US, () => api.put(makePod("high", { cpu: "2", priority: 9 })));
    kernel.run(SECOND_US + BASE_US + 2 * ANSWER_US);
    expect(bindings).toMatchObject([{ pod: "low", ok: false, endUs: SECOND_US + 1 + BASE_US }]);
    expect(api.requests.filter(({ verb }) => verb === "delete")).toEqual([]);
    const message = "0/1 nodes are available: 1 preempted.";
    expect(api.pod("low")?.status.conditions).toMatchObject([{ reason: "Unschedulable", message }]);
  });
});

describe("a nomination", () => {
  const STAY = definePlugin({
    name: "Stay",
    requeueOn: [],
    postFilter: () => ({ nominatedNode: "", message: "not eligible.", keepsNomination: true }),
  });
  const GIVE_UP = definePlugin({
    name: "GiveUp",
    requeueOn: [],
    postFilter: () => ({ nominatedNode: "", message: "no candidates." }),
  });
  const nominated = (cpu = "8"): Pod => ({
    ...makePod("p", { cpu }),
    status: { nominatedNodeName: "n1" },
  });

  test.each([
    ["is kept by a PostFilter that leaves it alone", STAY, "n1", ["p@n1"]],
    ["is cleared by a PostFilter that finds no candidate", GIVE_UP, "", []],
  ])("%s", (_name, plugin, nodeName, nominations) => {
    const world = makeWorld([makeProfile([plugin])]);
    world.api.put(makeNode("n1", "2"));
    world.api.put(nominated());
    world.kernel.run(SECOND_US);
    expect(world.api.pod("p")?.status.nominatedNodeName).toBe(nodeName);
    expect(nominationsIn(world)).toEqual(nominations);
    expect(world.attempts[0]?.message).toMatch(/cpu\. (not eligible|no candidates)\.$/);
  });

  test("survives an update of the pod, and ends when the pod is deleted", () => {
    const world = makeFullWorld();
    const { kernel, api, at } = world;
    api.graceUs = 60 * SECOND_US;
    const high = makePod("high", { cpu: "2", priority: 9 });
    api.put(high);
    let afterUpdate: string[] = [];
    at(2 * SECOND_US, () => {
      const metadata = { ...high.metadata, labels: { tier: "web" } };
      api.put({ ...high, metadata, status: api.pod("high")?.status ?? {} } as Pod);
      afterUpdate = nominationsIn(world);
    });
    at(3 * SECOND_US, () => api.remove("Pod", "high"));
    kernel.run(4 * SECOND_US);
    expect(afterUpdate).toEqual(["high@n1"]);
    expect(nominationsIn(world)).toEqual([]);
  });
});
