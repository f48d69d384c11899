/** PreBind that takes time: asked again, its requests awaited, undone when something goes wrong. */
import { describe, expect, test } from "vitest";
import {
  ANSWER_US,
  BASE_US,
  makeNode,
  makePod,
  makeProfile,
  makeWorld,
} from "../../test/scheduler-fixture.ts";
import type { ApiObject } from "../api/index.ts";
import { type AnyPlugin, definePlugin, type Plugin } from "./framework/index.ts";

const SECOND_US = 1_000_000;
/** When the first pod is assumed, and PreBind asked for the first time. */
const ASSUMED_US = 1 + BASE_US;

type PreBind = NonNullable<Plugin["preBind"]>;

/** A plugin with this PreBind, and the times at which it was asked. */
function makeBinding(preBind: PreBind) {
  const askedUs: number[] = [];
  const plugin: AnyPlugin = definePlugin({
    name: "VolumeBinding",
    requeueOn: [],
    unreserve: (pod) => void undone.push(pod.name),
    preBind(pod, nodeName, context, startedUs) {
      askedUs.push(context.kernel.nowUs);
      return preBind(pod, nodeName, context, startedUs);
    },
  });
  const undone: string[] = [];
  return { plugin, askedUs, undone };
}

function makeClaimWorld(preBind: PreBind) {
  const made = makeBinding(preBind);
  const world = makeWorld([makeProfile([made.plugin])]);
  world.api.put(makeNode("n1", "1"));
  world.api.put(claim("Pending"));
  world.api.put(makePod("a"));
  return { ...made, ...world };
}

function claim(phase: string): ApiObject {
  const metadata = { name: "data", namespace: "default", uid: "data", resourceVersion: "1" };
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { ...metadata, creationTimestamp: "" },
    spec: {},
    status: { phase },
  } as ApiObject;
}

describe("preBind", () => {
  test("is asked again until it is done; the next pod does not wait for it", () => {
    const { kernel, api, askedUs, bindings, attempts, at } = makeClaimWorld(
      (_pod, _node, { cluster }) => {
        const { status } = cluster
          .objects("PersistentVolumeClaim")
          .get("default", "data") as ApiObject & { status: { phase: string } };
        return status.phase === "Bound" ? undefined : { retryAfterUs: SECOND_US };
      },
    );
    at(2.5 * SECOND_US, () => api.put(claim("Bound")));
    api.put(makePod("b"));
    kernel.run(10 * SECOND_US);
    expect(askedUs.slice(0, 4)).toEqual([0, 1, 2, 3].map((n) => ASSUMED_US + n * SECOND_US));
    expect(bindings[0]).toMatchObject({
      pod: "a",
      ok: true,
      endUs: ASSUMED_US + 3 * SECOND_US + ANSWER_US,
    });
    expect(attempts[1]).toMatchObject({ pod: "b", startUs: ASSUMED_US });
  });

  test("that has sent a request is not followed by the binding before the answer", () => {
    const { kernel, api, bindings } = makeClaimWorld((_pod, nodeName, { requests }) => {
      const annotations = { "volume.kubernetes.io/selected-node": nodeName };
      const key = { kind: "PersistentVolumeClaim", namespace: "default", name: "data" };
      requests.patch(key, { metadata: { annotations } }, "");
      return undefined;
    });
    kernel.run(SECOND_US);
    expect(api.requests.map(({ atUs, verb, pod }) => [atUs, verb, pod])).toEqual([
      [ASSUMED_US, "patch", "data"],
      [ASSUMED_US + ANSWER_US, "bind", "a"],
    ]);
    expect(bindings).toMatchObject([{ pod: "a", ok: true }]);
  });

  test("is undone with its plugin's name when one of its requests fails", () => {
    const { kernel, api, scheduler, undone, askedUs, bindings } = makeClaimWorld(
      (_pod, _node, { cluster, requests }) => {
        const data = cluster.objects("PersistentVolumeClaim").get("default", "data");
        requests.patch({ kind: data?.kind ?? "", namespace: "default", name: "data" }, {}, "");
        return { retryAfterUs: SECOND_US };
      },
    );
    api.failures.set("patch data", 409);
    kernel.run(ASSUMED_US + 2 * ANSWER_US);
    expect(undone).toEqual(["a"]);
    expect(scheduler.cache.placedPod(api.recordOf("Pod", "a") as never)).toBeUndefined();
    expect(scheduler.queue.backoffCount).toBe(1);
    expect(api.pod("a")?.status.conditions).toMatchObject([
      {
        reason: "SchedulerError",
        message: 'running PreBind plugin "VolumeBinding": pods "data" refused with 409',
      },
    ]);
    api.failures.clear();
    kernel.run(1.5 * SECOND_US);
    expect(askedUs).toHaveLength(1); // the wait ended with its cycle
    kernel.run(4 * SECOND_US);
    expect(bindings).toMatchObject([{ pod: "a", ok: false }]);
    expect(askedUs.slice(1)).toEqual([2, 3].map((n) => n * SECOND_US + 1 + BASE_US));
  });

  test.each([
    [
      "an error, such as a timeout, backs the pod off",
      { error: "binding volumes: context deadline exceeded" },
      'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
      "SchedulerError",
      "backoff",
    ],
    [
      "a rejection makes the pod unschedulable on that node",
      "no volume left",
      "0/1 nodes are available: 1 no volume left.",
      "Unschedulable",
      "unschedulable",
    ],
  ])("%s", (_name, end, message, reason, place) => {
    const { kernel, api, scheduler } = makeClaimWorld(
      (_pod, _node, { kernel: clock }, startedUs) =>
        clock.nowUs - startedUs >= 2 * SECOND_US ? end : { retryAfterUs: SECOND_US },
    );
    kernel.run(ASSUMED_US + 2 * SECOND_US + 2 * ANSWER_US);
    expect(api.pod("a")?.status.conditions).toMatchObject([{ reason, message }]);
    const { backoffCount, unschedulableCount } = scheduler.queue;
    expect([backoffCount, unschedulableCount]).toEqual(place === "backoff" ? [1, 0] : [0, 1]);
  });

  test("that fails at once wakes no second scheduling loop", () => {
    const { kernel, api, attempts, at } = makeClaimWorld(({ name }) =>
      name === "refused" ? { error: "no" } : undefined,
    );
    api.put(makeNode("n2", "1"));
    api.put(makePod("waiting", { cpu: "2" })); // wakes up when the refused pod gives back its room
    at(5 * SECOND_US, () => {
      for (const name of ["refused", "next", "last"]) api.put(makePod(name, { priority: 5 }));
    });
    kernel.run(9 * SECOND_US);
    expect(attempts.length).toBeGreaterThan(5);
    for (const [index, { startUs }] of attempts.entries())
      expect(startUs).toBeGreaterThanOrEqual(attempts[index - 1]?.endUs ?? 0);
  });

  test("goes on as before in a run that is copied while it waits", () => {
    const make = () =>
      makeClaimWorld((_pod, _node, { kernel: clock }, startedUs) =>
        clock.nowUs - startedUs >= 3 * SECOND_US ? undefined : { retryAfterUs: SECOND_US },
      );
    const original = make();
    original.kernel.run(1.5 * SECOND_US);
    const waiting = original.kernel.snapshot((object) => "apiVersion" in object);
    const [cycle] = original.scheduler.bindings.state.cycles.values();
    expect(cycle?.preBind).toEqual({ resumeAt: "VolumeBinding", startedUs: ASSUMED_US });
    original.kernel.run(5 * SECOND_US);
    const copy = make();
    copy.kernel.restore(waiting);
    copy.askedUs.length = 0;
    copy.kernel.run(5 * SECOND_US);
    expect(copy.askedUs).toEqual([2, 3].map((n) => ASSUMED_US + n * SECOND_US));
    const binding = copy.api.requests.find(({ verb }) => verb === "bind");
    expect(binding).toMatchObject({ pod: "a", atUs: ASSUMED_US + 3 * SECOND_US });
    expect(original.bindings).toMatchObject([{ pod: "a", ok: true }]);
  });
});
