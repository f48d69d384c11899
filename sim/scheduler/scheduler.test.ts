/** The scheduler before a stand-in API: cycles, bindings, failures and their timing. */
import { describe, expect, test } from "vitest";
import {
  ANSWER_US,
  BASE_US,
  DELIVERY_US,
  makeNode,
  makePod,
  makeProfile,
  makeWorld,
} from "../../test/scheduler-fixture.ts";
import { definePlugin } from "./framework/index.ts";
import { POD_DELETE } from "./queue/cluster-event.ts";

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;

describe("scheduling cycles", () => {
  test("run one after the other, higher priority first, then in order of arrival", () => {
    const { kernel, api, attempts, at } = makeWorld();
    api.put(makeNode("n1", "100"));
    at(10, () => {
      api.put(makePod("first"));
      api.put(makePod("second"));
      api.put(makePod("urgent", { priority: 5 }));
    });
    kernel.run(SECOND_US);
    expect(attempts.map(({ pod, startUs, endUs }) => [pod, startUs, endUs])).toEqual([
      ["urgent", 11, 11 + BASE_US],
      ["first", 11 + BASE_US, 11 + 2 * BASE_US],
      ["second", 11 + 2 * BASE_US, 11 + 3 * BASE_US],
    ]);
  });

  test("take time for each node filtered and, when there is a choice, for each scored", () => {
    const score = definePlugin({ name: "Same", score: () => 1 });
    const { kernel, api, attempts, at } = makeWorld([makeProfile([score])], { perNodeNs: 2_000 });
    for (const name of ["n1", "n2", "n3"]) api.put(makeNode(name, "2"));
    api.put(makeNode("full", "0"));
    api.put(makePod("any", { cpu: "1" }));
    api.put(makePod("large", { cpu: "3" }));
    at(SECOND_US / 4, () => api.put(makeNode("big", "3")));
    at(SECOND_US / 2, () => api.put(makePod("larger", { cpu: "3" })));
    kernel.run(SECOND_US);
    const spans = attempts.map(({ pod, startUs, endUs }) => [pod, endUs - startUs]);
    expect(spans).toEqual([
      ["any", BASE_US + 2 * 4 + 2 * 3],
      ["large", BASE_US + 2 * 4],
      ["larger", BASE_US + 2 * 5],
    ]);
  });

  test("break ties by the lowest node name, or by a draw that the seed repeats", () => {
    const score = definePlugin({ name: "Same", score: () => 1 });
    const place = (ties: "seeded" | "lowest-name", seed: string) => {
      const { kernel, api, attempts } = makeWorld([makeProfile([score])], { ties, seed });
      for (const name of ["n3", "n1", "n2"]) api.put(makeNode(name, "100"));
      for (let i = 0; i < 20; i++) api.put(makePod(`p${i}`));
      kernel.run(SECOND_US);
      return attempts.map(({ node }) => node);
    };
    expect(new Set(place("lowest-name", "1"))).toEqual(new Set(["n1"]));
    expect(new Set(place("seeded", "1")).size).toBe(3);
    expect(place("seeded", "1")).toEqual(place("seeded", "1"));
    expect(place("seeded", "1")).not.toEqual(place("seeded", "2"));
  });

  test("see the pods assumed before them, and leave foreign pods alone", () => {
    const { kernel, api, attempts } = makeWorld();
    api.put(makeNode("n1", "2"));
    api.put(makePod("a", { cpu: "2" }));
    api.put(makePod("b", { cpu: "2" }));
    api.put(makePod("foreign", { schedulerName: "other" }));
    kernel.run(SECOND_US / 2);
    expect(attempts.map(({ pod, result }) => [pod, result])).toEqual([
      ["a", "scheduled"],
      ["b", "unschedulable"],
    ]);
  });

  test("serve each pod by the profile that it names", () => {
    const reversed = definePlugin({
      name: "LastNode",
      score: (_pod, node) => (node.name === "n2" ? 100 : 0),
    });
    const { kernel, api, attempts } = makeWorld([makeProfile(), makeProfile([reversed], "last")]);
    for (const name of ["n1", "n2"]) api.put(makeNode(name, "9"));
    api.put(makePod("a"));
    api.put(makePod("b", { schedulerName: "last" }));
    kernel.run(SECOND_US);
    expect(attempts.map(({ pod, node }) => [pod, node])).toEqual([
      ["a", "n1"],
      ["b", "n2"],
    ]);
  });
});

describe("binding", () => {
  test("goes on beside the next cycle, and the informer confirms the assumed pod", () => {
    const { kernel, api, scheduler, bindings, attempts } = makeWorld();
    api.put(makeNode("n1"));
    api.put(makePod("a"));
    api.put(makePod("b"));
    kernel.run(1 + BASE_US + ANSWER_US);
    const record = api.recordOf("Pod", "a") as never;
    expect(bindings).toEqual([{ pod: "a", node: "n1", ok: true, endUs: 1 + BASE_US + ANSWER_US }]);
    expect(attempts[1]?.startUs).toBe(1 + BASE_US);
    expect(scheduler.cache.isAssumed(record)).toBe(true);
    kernel.run(SECOND_US);
    expect(scheduler.cache.isAssumed(record)).toBe(false);
    expect(scheduler.cache.placedPod(record)?.nodeName).toBe("n1");
    expect(scheduler.bindings.state.cycles.size).toBe(0);
  });

  test("that is refused frees the node, says so in the pod's status, and is tried again", () => {
    const { kernel, api, scheduler, bindings, attempts } = makeWorld();
    api.bindFailures.push(409);
    api.put(makeNode("n1", "1"));
    api.put(makePod("a"));
    const refusedUs = 1 + BASE_US + ANSWER_US;
    kernel.run(refusedUs);
    expect(scheduler.cache.placedPod(api.recordOf("Pod", "a") as never)).toBeUndefined();
    expect(api.requests[1]?.body).toMatchObject({
      status: {
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "SchedulerError",
            message: 'running Bind plugin "DefaultBinder": pods "a" refused with 409',
          },
        ],
      },
    });
    kernel.run(3 * SECOND_US);
    // Back-off of 1 s from the refusal, then the next whole-second tick, then the wake-up.
    expect(attempts.map(({ attempt, startUs }) => [attempt, startUs])).toEqual([
      [1, 1],
      [2, 2 * SECOND_US + 1],
    ]);
    expect(bindings.map(({ ok }) => ok)).toEqual([false, true]);
  });

  test("of a pod that was deleted in its cycle fails, and the pod is forgotten", () => {
    const { kernel, api, scheduler, attempts, bindings, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    api.put(makePod("gone"));
    at(500, () => api.remove("Pod", "gone"));
    at(600, () => api.put(makePod("next")));
    kernel.run(10 * SECOND_US);
    expect(bindings.map(({ pod, ok }) => [pod, ok])).toEqual([
      ["gone", false],
      ["next", true],
    ]);
    expect(attempts.filter(({ pod }) => pod === "gone")).toHaveLength(1);
    expect(scheduler.queue.state.pods.size).toBe(0);
  });

  test("by somebody else while the pod is in its cycle wins", () => {
    const { kernel, api, scheduler, attempts, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    api.put(makeNode("n2", "1"));
    api.put(makePod("a"));
    at(500, () => api.put(makePod("a", { nodeName: "n2" })));
    kernel.run(10 * SECOND_US);
    expect(attempts.map(({ result }) => result)).toEqual(["error"]);
    expect(scheduler.cache.placedPod(api.recordOf("Pod", "a") as never)?.nodeName).toBe("n2");
    expect(scheduler.queue.state.pods.size).toBe(0);
    expect(api.requests.filter(({ verb }) => verb === "bind")).toEqual([]);
  });

  test("waits as long as Permit says; a pod deleted meanwhile frees its node", () => {
    const wait = definePlugin({ name: "Wait", permit: () => ({ waitUs: 3 * SECOND_US }) });
    const { kernel, api, bindings, at, attempts } = makeWorld([makeProfile([wait])]);
    api.put(makeNode("n1", "1"));
    api.put(makePod("gone"));
    at(SECOND_US, () => api.put(makePod("next")));
    at(2 * SECOND_US, () => api.remove("Pod", "gone"));
    kernel.run(20 * SECOND_US);
    const assumedUs = attempts.find(({ pod, result }) => pod === "next" && result === "scheduled");
    expect(bindings).toMatchObject([
      { pod: "gone", ok: false, endUs: 2 * SECOND_US },
      { pod: "next", ok: true, endUs: (assumedUs?.endUs ?? 0) + 3 * SECOND_US + ANSWER_US },
    ]);
  });

  test("is not begun when Reserve refuses: the pod is unschedulable on that node", () => {
    let undone = 0;
    const refuse = definePlugin({
      name: "Refuse",
      requeueOn: [],
      reserve: () => "no disk left",
      unreserve: () => void undone++,
    });
    const { kernel, api, scheduler, attempts } = makeWorld([makeProfile([refuse])]);
    api.put(makeNode("n1"));
    api.put(makePod("a"));
    kernel.run(SECOND_US);
    expect(attempts.map(({ result, message }) => [result, message])).toEqual([
      ["unschedulable", "0/1 nodes are available: 1 no disk left."],
    ]);
    expect(undone).toBe(1);
    expect(scheduler.cache.placedPod(api.recordOf("Pod", "a") as never)).toBeUndefined();
    expect(scheduler.queue.unschedulableCount).toBe(1);
  });
});

describe("a pod that fits nowhere", () => {
  test("gets a condition, once, and the loop waits until the API has answered", () => {
    const { kernel, api, attempts } = makeWorld();
    api.put(makeNode("n1", "1"));
    api.put(makePod("large", { cpu: "8" }));
    api.put(makePod("small"));
    kernel.run(SECOND_US);
    const message = "0/1 nodes are available: 1 Insufficient cpu.";
    expect(attempts.map(({ pod, startUs }) => [pod, startUs])).toEqual([
      ["large", 1],
      ["small", 1 + BASE_US + ANSWER_US],
    ]);
    expect(attempts[0]?.message).toBe(message);
    expect(api.pod("large")?.status.conditions).toMatchObject([
      { type: "PodScheduled", status: "False", reason: "Unschedulable", message },
    ]);
    kernel.run(6 * MINUTE_US); // nothing is left in the foreground: the run is idle
    expect(api.requests.filter(({ verb }) => verb === "patch")).toHaveLength(1);
  });

  test("holds up a pod that comes while its status is sent", () => {
    const { kernel, api, attempts, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    api.put(makePod("large", { cpu: "8" }));
    at(1 + BASE_US + 10, () => api.put(makePod("small")));
    kernel.run(SECOND_US);
    expect(attempts[1]).toMatchObject({ pod: "small", startUs: 1 + BASE_US + ANSWER_US });
  });

  test("waits without keeping the run alive, and is tried again after five minutes", () => {
    const { kernel, api, attempts, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    api.put(makePod("large", { cpu: "8" }));
    expect(kernel.run(MINUTE_US)).toBe("idle");
    at(20 * MINUTE_US, () => {});
    kernel.run(20 * MINUTE_US);
    // Flushed at the first 30 s tick at which it is older than five minutes.
    const ticks = [0, 330, 660, 990].map((second) => second * SECOND_US + 1);
    expect(attempts.map(({ startUs }) => startUs)).toEqual(ticks);
    expect(api.requests.filter(({ verb }) => verb === "patch")).toHaveLength(1);
  });

  test("is tried when a node comes that could take it, but not before its back-off ends", () => {
    const { kernel, api, attempts, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    at(SECOND_US / 2, () => api.put(makePod("large", { cpu: "8" })));
    at(SECOND_US / 2 + 100_000, () => api.put(makeNode("small", "2")));
    at(SECOND_US / 2 + 200_000, () => api.put(makeNode("big", "16")));
    kernel.run(10 * SECOND_US);
    expect(attempts.map(({ startUs, result }) => [startUs, result])).toEqual([
      [SECOND_US / 2 + 1, "unschedulable"],
      [2 * SECOND_US + 1, "scheduled"],
    ]);
  });

  test("is not tried for a node that could not take it either", () => {
    const { kernel, api, attempts, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    api.put(makePod("large", { cpu: "8" }));
    at(SECOND_US, () => api.put(makeNode("small", "2")));
    kernel.run(10 * SECOND_US);
    expect(attempts).toHaveLength(1);
  });

  test("is tried at once when a pod is deleted after its back-off has ended", () => {
    const { kernel, api, attempts, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    api.put(makePod("old", { nodeName: "n1" }));
    api.put(makePod("new"));
    at(5 * SECOND_US, () => api.remove("Pod", "old"));
    kernel.run(10 * SECOND_US);
    expect(attempts.map(({ startUs, result }) => [startUs, result])).toEqual([
      [1, "unschedulable"],
      [5 * SECOND_US + 1, "scheduled"],
    ]);
  });

  test("frees its place when it finishes, as when it is deleted", () => {
    const { kernel, api, attempts, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    const old = makePod("old", { nodeName: "n1" });
    api.put(old);
    api.put(makePod("new"));
    at(5 * SECOND_US, () => api.put({ ...old, status: { phase: "Succeeded" } }));
    kernel.run(10 * SECOND_US);
    expect(attempts.map(({ result }) => result)).toEqual(["unschedulable", "scheduled"]);
  });

  test("backs off for 1, 2, 4, 8, 10, 10 seconds when events keep coming", () => {
    const { kernel, api, scheduler, attempts, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    api.put(makePod("large", { cpu: "8" }));
    const end = 60 * SECOND_US;
    for (let timeUs = 50_000; timeUs < end; timeUs += 100_000)
      at(timeUs, () => scheduler.queue.moveAllToActiveOrBackoffQueue(POD_DELETE));
    kernel.run(end);
    const starts = attempts.map(({ startUs }) => startUs);
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    // From the end of a cycle, 1 ms after a tick, the back-off lasts until the tick after it.
    const seconds = [0, 2, 5, 10, 19, 30, 41, 52];
    expect(starts).toEqual(seconds.map((second) => second * SECOND_US + 1));
  });

  test("with no nodes at all backs off, since no plugin is to blame", () => {
    const { kernel, api, scheduler, attempts } = makeWorld();
    api.put(makePod("a"));
    kernel.run(SECOND_US / 2);
    expect(attempts.map(({ result, message }) => [result, message])).toEqual([
      ["unschedulable", "no nodes available to schedule pods"],
    ]);
    expect(scheduler.queue.backoffCount).toBe(1);
  });

  test("goes to the back-off queue when an event came during its own cycle", () => {
    const { kernel, api, scheduler, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    api.put(makePod("large", { cpu: "8" }));
    at(500, () => scheduler.queue.moveAllToActiveOrBackoffQueue(POD_DELETE));
    kernel.run(SECOND_US / 2);
    expect([scheduler.queue.backoffCount, scheduler.queue.unschedulableCount]).toEqual([1, 0]);
  });
});

describe("pods in the queue", () => {
  test("are not tried while gated, and at once when the gate is lifted", () => {
    const { kernel, api, attempts, at } = makeWorld();
    api.put(makeNode("n1"));
    api.put(makePod("a", { gated: true }));
    at(3 * SECOND_US, () => api.put(makePod("a")));
    kernel.run(10 * SECOND_US);
    expect(attempts.map(({ startUs, attempt }) => [startUs, attempt])).toEqual([
      [3 * SECOND_US + 1, 1],
    ]);
  });

  test("are not tried once deleted or bound by others", () => {
    const { kernel, api, attempts, at } = makeWorld();
    api.put(makeNode("n1", "9"));
    api.put(makePod("busy"));
    api.put(makePod("deleted"));
    api.put(makePod("bound"));
    at(500, () => {
      api.remove("Pod", "deleted");
      api.put(makePod("bound", { nodeName: "n1" }));
    });
    kernel.run(10 * SECOND_US);
    expect(attempts.map(({ pod }) => pod)).toEqual(["busy"]);
  });

  test.each([
    ["in its cycle is queued again, and skipped since it is assumed by then", 500, 2],
    ["while it is assumed is no news", 1 + BASE_US + 500, 1],
  ])("an update of a pod %s", (_name, timeUs, pops) => {
    const { kernel, api, scheduler, attempts, at } = makeWorld();
    api.put(makeNode("n1", "9"));
    const pod = makePod("a");
    api.put(pod);
    at(timeUs, () => api.put({ ...pod, metadata: { ...pod.metadata, labels: { tier: "web" } } }));
    kernel.run(10 * SECOND_US);
    expect(attempts.map(({ result }) => result)).toEqual(["scheduled"]);
    expect(scheduler.queue.schedulingCycle).toBe(pops);
  });

  test("made anew under an old name wait until the old one's place is given back", () => {
    const { kernel, api, attempts, bindings, at } = makeWorld();
    api.put(makeNode("n1", "1"));
    api.put(makePod("a", { uid: "old" }));
    const assumedUs = 1 + BASE_US;
    api.bindFailures.push(404);
    at(assumedUs + DELIVERY_US, () => {
      api.remove("Pod", "a");
      api.put(makePod("a", { uid: "new" }));
    });
    kernel.run(10 * SECOND_US);
    expect(bindings.map(({ ok }) => ok)).toEqual([false, true]);
    expect(attempts.at(-1)).toMatchObject({ pod: "a", result: "scheduled", node: "n1" });
    expect(api.pod("a")?.metadata.uid).toBe("new");
  });
});
