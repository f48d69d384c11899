/** The queue's rules that the recorded traces do not show; see queue-recordings.test.ts for those. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makePodInfo, makeProfile, makeStillQueue } from "../../../test/queue-fixture.ts";
import { makeNode } from "../../../test/scheduler-fixture.ts";
import type { Pod } from "../../api/index.ts";
import { Kernel } from "../../kernel/index.ts";
import { type ClusterInfo, definePlugin, type PodInfo } from "../framework/index.ts";
import { NODE_ADD, POD_ADD, POD_DELETE } from "./cluster-event.ts";
import { SchedulingQueue } from "./scheduling-queue.ts";

const SECOND_US = 1_000_000;
const PROFILE = makeProfile("default-scheduler", [
  definePlugin({ name: "OnNodes", requeueOn: ["Node/Add"] }),
  definePlugin({ name: "OnDeletes", requeueOn: ["Pod/Delete"] }),
  definePlugin({ name: "OnAnything" }),
  definePlugin({ name: "OnPods", requeueOn: ["Pod/Add"] }),
]);

/** A queue in which one pod, popped at time 0, was rejected by these plugins. */
function withRejected(rejectorPlugins: readonly string[], info: PodInfo = makePodInfo("p")) {
  const { clock, queue } = makeStillQueue([PROFILE]);
  queue.add(info);
  const pod = queue.pop();
  if (pod === undefined) throw new Error("the queue is empty");
  pod.rejectorPlugins = rejectorPlugins;
  queue.addUnschedulableIfNotPresent(pod, queue.schedulingCycle);
  return { clock, queue, pod };
}

describe("a cluster event", () => {
  test.each([
    ["that the rejecting plugin registered for moves the pod", ["OnNodes"], NODE_ADD, "backoffQ"],
    ["that another plugin registered for does not", ["OnNodes"], POD_DELETE, "unschedulablePods"],
    [
      "that one of two rejecting plugins wants does",
      ["OnDeletes", "OnNodes"],
      NODE_ADD,
      "backoffQ",
    ],
    ["moves a pod whose plugin says nothing of events", ["OnAnything"], POD_DELETE, "backoffQ"],
  ] as const)("%s", (_name, rejectors, event, place) => {
    const { queue, pod } = withRejected(rejectors);
    queue.moveAllToActiveOrBackoffQueue(event);
    expect(pod.place).toBe(place);
  });

  test("moves the pod straight to the active queue once its back-off has ended", () => {
    const { clock, queue, pod } = withRejected(["OnNodes"]);
    clock.nowUs = SECOND_US - 1;
    queue.moveAllToActiveOrBackoffQueue(POD_DELETE);
    clock.nowUs = SECOND_US;
    queue.moveAllToActiveOrBackoffQueue(NODE_ADD);
    expect([pod.place, pod.activeUs, pod.timestampUs]).toEqual(["activeQ", SECOND_US, 0]);
  });

  test("moves only pods that pass the pre-check", () => {
    const { queue, pod } = withRejected(["OnNodes"]);
    queue.moveAllToActiveOrBackoffQueue(NODE_ADD, () => false);
    expect(pod.place).toBe("unschedulablePods");
  });

  test("that a pod was bound moves those whose required affinity it meets, and no others", () => {
    const wantsWeb = (name: string): PodInfo => {
      const info = makePodInfo(name);
      const term = { labelSelector: { matchLabels: { app: "web" } }, topologyKey: "zone" };
      const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
      return { ...info, pod: { ...info.pod, spec: { ...info.pod.spec, affinity } } };
    };
    const { queue, pod } = withRejected(["OnPods"], wantsWeb("a"));
    queue.assignedPodAdded(makePodInfo("db", { labels: { app: "db" } }).pod);
    expect(pod.place).toBe("unschedulablePods");
    queue.assignedPodAdded(makePodInfo("web", { labels: { app: "web" } }).pod);
    expect(pod.place).toBe("backoffQ");
    const plain = withRejected(["OnPods"], makePodInfo("plain"));
    plain.queue.assignedPodAdded(makePodInfo("web2", { labels: { app: "web" } }).pod);
    expect(plain.pod.place).toBe("unschedulablePods");
  });

  test("that interests no plugin at all does not count as one during a pod's cycle", () => {
    const { queue } = makeStillQueue([makeProfile("default-scheduler", [])]);
    queue.add(makePodInfo("p"));
    const pod = queue.pop() ?? expect.fail("the queue is empty");
    queue.moveAllToActiveOrBackoffQueue(POD_ADD);
    pod.rejectorPlugins = ["OnNodes"];
    queue.addUnschedulableIfNotPresent(pod, queue.schedulingCycle);
    expect(pod.place).toBe("unschedulablePods");
  });
});

test("a pod is a leftover when it was unschedulable for more than five minutes, not just five", () => {
  const { clock, queue, pod } = withRejected(["OnNodes"]);
  clock.nowUs = 300 * SECOND_US;
  queue.flushUnschedulablePodsLeftover();
  expect(pod.place).toBe("unschedulablePods");
  clock.nowUs++;
  queue.flushUnschedulablePodsLeftover();
  expect(pod.place).toBe("activeQ");
  expect(queue.pop()).toMatchObject({ attempts: 2, rejectorPlugins: [] });
});

describe("an update of a pod", () => {
  test("in the active queue moves it to its new place in the order", () => {
    const { queue } = makeStillQueue([PROFILE]);
    const low = makePodInfo("low");
    queue.add(low);
    queue.add(makePodInfo("middle", { priority: 5 }));
    queue.update(low.pod, makePodInfo("low", { priority: 9 }));
    expect([queue.pop()?.info.name, queue.pop()?.info.name]).toEqual(["low", "middle"]);
  });

  test("of its status alone leaves an unschedulable pod where it is", () => {
    const { queue, pod } = withRejected(["OnNodes"]);
    const old = pod.info.pod;
    const metadata = { ...old.metadata, resourceVersion: "9" };
    const now = { ...old, metadata, status: { phase: "Pending" } } as Pod;
    queue.update(old, { ...pod.info, pod: now });
    expect([pod.place, pod.info.pod]).toEqual(["unschedulablePods", now]);
  });

  test.each([
    [0, "backoffQ"],
    [SECOND_US, "activeQ"],
  ] as const)("of its labels at %s us sends an unschedulable pod to %s", (nowUs, place) => {
    const { clock, queue, pod } = withRejected(["OnNodes"]);
    clock.nowUs = nowUs;
    queue.update(pod.info.pod, makePodInfo("p", { labels: { tier: "web" } }));
    expect(pod.place).toBe(place);
  });

  test("that is in flight queues it a second time; putting it back does nothing then", () => {
    const { queue } = makeStillQueue([PROFILE]);
    const info = makePodInfo("p");
    queue.add(info);
    const pod = queue.pop() ?? expect.fail("the queue is empty");
    queue.update(info.pod, makePodInfo("p", { labels: { tier: "web" } }));
    expect(queue.activeCount).toBe(1);
    expect(queue.addUnschedulableIfNotPresent(pod, queue.schedulingCycle)).toBe(false);
    expect(queue.activeCount + queue.backoffCount + queue.unschedulableCount).toBe(1);
  });

  test("that lifts its last gate makes it active at once", () => {
    const { queue } = makeStillQueue([PROFILE]);
    const gated = makePodInfo("p", { gated: true });
    queue.add(gated);
    expect([queue.activeCount, queue.unschedulableCount]).toEqual([0, 1]);
    queue.update(gated.pod, makePodInfo("p"));
    expect([queue.activeCount, queue.unschedulableCount]).toEqual([1, 0]);
  });
});

describe("nominated pods", () => {
  test("are kept by node while they wait, and an update that says nothing keeps them", () => {
    const { queue, pod } = withRejected(["OnNodes"]);
    queue.addNominatedPod(pod.info, "n1");
    queue.update(pod.info.pod, makePodInfo("p", { labels: { tier: "web" } }));
    expect(queue.nominator.podsOn("n1").map(({ name }) => name)).toEqual(["p"]);
    queue.addNominatedPod(pod.info, "");
    expect(queue.nominator.podsOn("n1")).toEqual([]);
  });

  test("come from the pod's own status, and leave with the pod", () => {
    const { queue } = makeStillQueue([PROFILE]);
    const info = makePodInfo("p", { nominatedNodeName: "n2" });
    queue.add(info);
    expect(queue.nominator.podsOn("n2")).toHaveLength(1);
    queue.delete(info.record);
    expect(queue.nominator.podsOn("n2")).toEqual([]);
  });
});

describe("with queueing hints", () => {
  const TALL = definePlugin({
    name: "Tall",
    requeueOn: ["Node/Add", "Pod/Delete"],
    isSchedulableAfter: (_pod, { kind, newObject }) =>
      kind === "Pod" || newObject?.metadata.name === "tall",
  });
  const hinted = makeProfile("default-scheduler", [
    TALL,
    definePlugin({ name: "OnNodes", requeueOn: ["Node/Add"] }),
  ]);
  const node = (name: string) => ({ newObject: makeNode(name) });

  function popped(queueingHints = true) {
    const { clock, queue } = makeStillQueue([hinted], { queueingHints });
    queue.add(makePodInfo("p"));
    const pod = queue.pop() ?? expect.fail("the queue is empty");
    const fail = (...plugins: string[]): string => {
      pod.rejectorPlugins = plugins;
      queue.addUnschedulableIfNotPresent(pod, queue.schedulingCycle);
      return pod.place;
    };
    return { clock, queue, pod, fail };
  }

  test.each([
    ["a change that the plugin's hint hopes for moves it", ["Tall"], NODE_ADD, "tall", "backoffQ"],
    ["another change does not", ["Tall"], NODE_ADD, "short", "unschedulablePods"],
    ["no hint: every registered event moves it", ["OnNodes"], NODE_ADD, "short", "backoffQ"],
    ["an event that nobody registered for", ["OnNodes"], POD_DELETE, "tall", "unschedulablePods"],
    ["one plugin with hope is enough", ["OnNodes", "Tall"], NODE_ADD, "short", "backoffQ"],
  ] as const)("a rejected pod: %s", (_name, rejectors, event, name, place) => {
    const { queue, pod, fail } = popped();
    fail(...rejectors);
    queue.moveAllToActiveOrBackoffQueue(event, undefined, node(name));
    expect(pod.place).toBe(place);
  });

  test.each([
    ["nothing happened", [], ["Tall"], "unschedulablePods"],
    ["what happened does not help", ["short"], ["Tall"], "unschedulablePods"],
    ["something that happened helps", ["short", "tall", "short"], ["Tall"], "backoffQ"],
    ["it failed by an error", [], [], "backoffQ"],
  ])("a pod in flight is asked about what it missed: %s", (_name, names, rejectors, place) => {
    const { queue, fail } = popped();
    for (const name of names) queue.moveAllToActiveOrBackoffQueue(NODE_ADD, undefined, node(name));
    expect(fail(...rejectors)).toBe(place);
  });

  test("an event before its pop is none of its business; without hints the cycle alone counts", () => {
    for (const [queueingHints, place] of [
      [true, "unschedulablePods"],
      [false, "backoffQ"],
    ] as const) {
      const { queue, fail } = popped(queueingHints);
      queue.moveAllToActiveOrBackoffQueue(NODE_ADD, undefined, node("short"));
      expect(fail("Tall")).toBe(place);
    }
  });

  test("goes straight to the active queue when its back-off ended while it was in flight", () => {
    const { clock, queue, pod, fail } = popped();
    queue.moveAllToActiveOrBackoffQueue(NODE_ADD, undefined, node("tall"));
    clock.nowUs = 5 * SECOND_US;
    expect(fail("Tall")).toBe("backoffQ"); // a back-off counts from the failure
    clock.nowUs = 6 * SECOND_US;
    queue.flushBackoffQCompleted();
    expect(pod.place).toBe("activeQ");
  });

  test("changes are kept only as long as a pod in flight needs them", () => {
    const { queue } = makeStillQueue([hinted], { queueingHints: true });
    for (const name of ["a", "b"]) queue.add(makePodInfo(name));
    const { changes } = queue.state.inFlight;
    const happens = () => queue.moveAllToActiveOrBackoffQueue(NODE_ADD, undefined, node("x"));
    happens();
    expect(changes).toHaveLength(0);
    const a = queue.pop();
    happens();
    const b = queue.pop();
    happens();
    expect(changes).toHaveLength(2);
    queue.done(a?.info.pod.metadata.uid ?? "");
    expect(changes).toHaveLength(1);
    queue.done(b?.info.pod.metadata.uid ?? "");
    expect(changes).toHaveLength(0);
    happens();
    expect(changes).toHaveLength(0);
  });
});

describe("required pod affinity", () => {
  const term = (rest: object) => ({
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: "db" } }, topologyKey: "zone", ...rest },
      ],
    },
  });
  const bound = (namespace: string, app = "db"): Pod => {
    const info = makePodInfo("bound", { labels: { app } });
    return { ...info.pod, metadata: { ...info.pod.metadata, namespace } };
  };
  const selector = { matchLabels: { team: "blue" } };
  test.each([
    ["a pod of its own namespace", {}, bound("default"), "backoffQ"],
    ["another label", {}, bound("default", "web"), "unschedulablePods"],
    ["another namespace", {}, bound("blue"), "unschedulablePods"],
    ["a namespace that it names", { namespaces: ["blue"] }, bound("blue"), "backoffQ"],
    ["a namespace by its labels", { namespaceSelector: selector }, bound("blue"), "backoffQ"],
    ["other labels", { namespaceSelector: selector }, bound("red"), "unschedulablePods"],
    ["an unknown namespace", { namespaceSelector: selector }, bound("x"), "unschedulablePods"],
    ["every namespace", { namespaceSelector: {} }, bound("x"), "backoffQ"],
  ])("is met by %s", (_name, rest, pod, place) => {
    const { queue } = makeStillQueue([PROFILE], {
      namespaceLabels: (name) => (name === "x" ? undefined : { team: name }),
    });
    const info = makePodInfo("p");
    const spec = { ...info.pod.spec, affinity: term(rest) } as Pod["spec"];
    queue.add({ ...info, pod: { ...info.pod, spec } });
    const waiting = queue.pop() ?? expect.fail("the queue is empty");
    waiting.rejectorPlugins = ["OnPods"];
    queue.addUnschedulableIfNotPresent(waiting, queue.schedulingCycle);
    queue.assignedPodAdded(pod);
    expect(waiting.place).toBe(place);
  });
});

describe("profiles that cannot share a queue are refused", () => {
  const other = definePlugin({ name: "Newest", compare: (a, b) => b.timestampUs - a.timestampUs });
  const bare = { schedulerName: "bare", plugins: [], percentageOfNodesToScore: 0 };
  const newest = { ...bare, plugins: [{ plugin: other, weight: 0 }] };
  const badEvent = definePlugin({ name: "Bad", requeueOn: ["Node/Ad"] as never });
  test.each([
    ["none", [], "got no profile"],
    ["without an order", [bare], "profile bare: no plugin orders the queue"],
    ["with two orders", [PROFILE, newest], "got QueueSort plugin Newest, want PrioritySort"],
    [
      "with an unknown event",
      [makeProfile("default-scheduler", [badEvent])],
      'plugin Bad, requeueOn: got "Node/Ad", want Resource/Action such as Node/Add or Pod/Delete.' +
        ' Did you mean "Add"?',
    ],
  ])("%s", (_name, profiles, message) => {
    expect(() => makeStillQueue(profiles)).toThrow(message);
  });

  test("an order that is NaN", () => {
    const nan = definePlugin({ name: "Nan", compare: () => Number.NaN });
    const { queue } = makeStillQueue([{ ...bare, plugins: [{ plugin: nan, weight: 0 }] }]);
    queue.add(makePodInfo("a"));
    expect(() => queue.add(makePodInfo("b"))).toThrow("plugin Nan, compare: got NaN");
  });
});

test("no pod is lost or doubled, whatever happens", () => {
  const steps = fc.array(
    fc.record({ op: fc.integer({ min: 0, max: 7 }), pod: fc.nat(5), waitUs: fc.nat(3_000_000) }),
    { maxLength: 150 },
  );
  fc.assert(
    fc.property(steps, (operations) => {
      const { clock, queue } = makeStillQueue([PROFILE]);
      const known = new Set<string>();
      const inFlight = new Map<string, NonNullable<ReturnType<SchedulingQueue["pop"]>>>();
      for (const { op, pod, waitUs } of operations) {
        clock.nowUs += waitUs;
        const name = `p${pod}`;
        const info = makePodInfo(name, { gated: waitUs % 7 === 0, priority: waitUs % 3 });
        if (op === 0 && !known.has(name)) {
          known.add(name);
          queue.add(info);
        } else if (op <= 2) {
          const popped = queue.pop();
          if (popped !== undefined) inFlight.set(popped.info.name, popped);
        } else if (op === 3) {
          const failed = inFlight.get(name);
          inFlight.delete(name);
          if (failed !== undefined) {
            failed.rejectorPlugins = waitUs % 2 === 0 ? [] : ["OnNodes"];
            queue.addUnschedulableIfNotPresent(failed, queue.schedulingCycle);
          }
        } else if (op === 4) queue.moveAllToActiveOrBackoffQueue(NODE_ADD);
        else if (op === 5) queue.flushBackoffQCompleted();
        else if (op === 6) queue.flushUnschedulablePodsLeftover();
        else if (known.has(name) && !inFlight.has(name)) {
          known.delete(name);
          queue.delete(info.record);
        }
        const queued = [...queue.state.pods.values()].map(
          ({ info: { name: queuedName } }) => queuedName,
        );
        expect([...queued, ...inFlight.keys()].sort()).toEqual([...known].sort());
        const { groups, gated } = queue.state.unschedulablePods;
        const rejected = [...groups.values()].reduce((sum, group) => sum + group.pods.size, 0);
        expect(queue.unschedulableCount).toBe(gated.size + rejected);
      }
    }),
    { seed: 20240501, numRuns: 200 },
  );
});

test("the state is plain: a restored copy goes on as the original does", () => {
  const make = () => {
    const kernel = new Kernel("1");
    const queue = new SchedulingQueue({
      kernel,
      profiles: [PROFILE],
      podInitialBackoffSeconds: 1,
      podMaxBackoffSeconds: 10,
      podMaxInUnschedulablePodsSeconds: 300,
      queueingHints: false,
      cluster: {} as ClusterInfo,
      namespaceLabels: () => undefined,
      onActive: () => {},
    });
    return { kernel, queue };
  };
  const goOn = ({ kernel, queue }: ReturnType<typeof make>): (string | undefined)[] => {
    kernel.run(5 * SECOND_US);
    return [queue.pop(), queue.pop(), queue.pop()].map((pod) => pod?.info.name);
  };
  const original = make();
  for (const name of ["a", "b", "c"]) original.queue.add(makePodInfo(name));
  const first = original.queue.pop() ?? expect.fail("the queue is empty");
  original.queue.addUnschedulableIfNotPresent(first, original.queue.schedulingCycle);
  const copy = make();
  copy.kernel.restore(original.kernel.snapshot((object) => "apiVersion" in object));
  expect(goOn(copy)).toEqual(["a", "b", "c"]);
  expect(original.queue.activeCount).toBe(2);
  expect(goOn(original)).toEqual(["a", "b", "c"]);
});
