import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../../test/builders.ts";
import { KeyRecord, type Pod } from "../../api/index.ts";
import { createPodInfo } from "./create-pod-info.ts";
import type { PodInfo } from "./pod-info.ts";
import { SchedulerCache } from "./scheduler-cache.ts";

const record = new KeyRecord<Pod>(1, "Pod", "default", "a");
const GIB = 1024 * 1024 * 1024;

function infoOf(cache: SchedulerCache, pod: Pod): PodInfo {
  return createPodInfo(record, pod, cache.state.resources);
}

function cacheWith(...names: string[]): SchedulerCache {
  const cache = new SchedulerCache();
  for (const name of names) cache.addNode(makeNode(name).cpu("4").image(GIB, "app:1").build());
  return cache;
}

describe("SchedulerCache", () => {
  test("counts an assumed pod, and confirms it without counting it twice", () => {
    const cache = cacheWith("n1");
    const pod = makePod("a").cpu("500m").hostPort(80).build();
    cache.assumePod(infoOf(cache, pod), "n1");
    expect(cache.isAssumed(record)).toBe(true);
    cache.addPod(infoOf(cache, { ...pod, spec: { ...pod.spec, nodeName: "n1" } }), "n1");
    expect(cache.isAssumed(record)).toBe(false);
    const node = cache.node("n1");
    expect(node?.pods.length).toBe(1);
    expect(node?.requested[0]).toBe(500);
    expect(node?.usedPorts).toEqual([{ protocol: "TCP", hostIP: "0.0.0.0", hostPort: 80 }]);
  });

  test("moves a pod that was bound elsewhere than assumed", () => {
    const cache = cacheWith("n1", "n2");
    const info = infoOf(cache, makePod("a").cpu("1").build());
    cache.assumePod(info, "n1");
    cache.addPod(info, "n2");
    expect(cache.node("n1")?.requested[0]).toBe(0);
    expect(cache.node("n2")?.requested[0]).toBe(1000);
  });

  test("a status change of a bound pod is no change of its node", () => {
    const cache = cacheWith("n1");
    const pod = makePod("a").cpu("1").build();
    cache.addPod(infoOf(cache, pod), "n1");
    const { version } = cache;
    cache.addPod(infoOf(cache, { ...pod, status: { phase: "Running" } }), "n1");
    expect(cache.version).toBe(version);
    expect(cache.node("n1")?.pods[0]?.pod.status.phase).toBe("Running");
    cache.addPod(infoOf(cache, makePod("a").cpu("2").build()), "n1");
    expect(cache.version).toBeGreaterThan(version);
    expect(cache.node("n1")?.requested[0]).toBe(2000);
  });

  test("keeps pods of a node that is not known yet, or left and came back", () => {
    const cache = new SchedulerCache();
    cache.addPod(infoOf(cache, makePod("a").cpu("1").build()), "n1");
    cache.addNode(makeNode("n1").build());
    expect(cache.node("n1")?.requested[0]).toBe(1000);
    cache.removeNode("n1");
    cache.addNode(makeNode("n1").build());
    expect(cache.node("n1")?.pods.length).toBe(1);
    cache.removePod(record);
    expect(cache.node("n1")?.pods).toEqual([]);
    expect(cache.node("n1")?.requested[0]).toBe(0);
  });

  test("counts the nodes that have an image", () => {
    const cache = cacheWith("n1", "n2");
    expect(cache.cluster.imageSpread("app:1")).toMatchObject({ nodeCount: 2, sizeBytes: GIB });
    cache.updateNode(makeNode("n2").build());
    expect(cache.cluster.imageSpread("app:1")?.nodeCount).toBe(1);
    cache.removeNode("n1");
    expect(cache.cluster.imageSpread("app:1")).toBeUndefined();
  });

  test("refuses to assume a pod twice", () => {
    const cache = cacheWith("n1");
    const info = infoOf(cache, makePod("a").build());
    cache.assumePod(info, "n1");
    expect(() => cache.assumePod(info, "n1")).toThrow("default/a is in the cache already");
  });

  test("of two pods that state one host port, the first to leave takes it away", () => {
    const cache = cacheWith("n1");
    const records = ["a", "b"].map((name, i) => new KeyRecord<Pod>(i + 1, "Pod", "default", name));
    const [a, b] = records as [KeyRecord<Pod>, KeyRecord<Pod>];
    for (const each of [a, b]) {
      const pod = makePod(each.name).hostPort(80).build();
      cache.addPod(createPodInfo(each, pod, cache.state.resources), "n1");
    }
    expect(cache.node("n1")?.usedPorts).toHaveLength(1);
    cache.removePod(a);
    expect(cache.node("n1")?.usedPorts).toEqual([]);
    cache.removePod(b);
    expect(cache.node("n1")?.usedPorts).toEqual([]);
  });

  test("the last pod of a node takes the place of one that left", () => {
    const cache = cacheWith("n1");
    const records = ["a", "b", "c", "d"].map(
      (name, i) => new KeyRecord<Pod>(i + 1, "Pod", "default", name),
    );
    for (const each of records) {
      cache.addPod(createPodInfo(each, makePod(each.name).build(), cache.state.resources), "n1");
    }
    cache.removePod(records[1] as KeyRecord<Pod>);
    expect(cache.node("n1")?.pods.map(({ name }) => name)).toEqual(["a", "d", "c"]);
  });
});
