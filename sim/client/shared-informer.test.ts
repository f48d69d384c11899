import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../test/control-plane.ts";
import type { Pod } from "../api/index.ts";
import { defaultClusterOptions } from "../options/index.ts";
import type { SharedInformer } from "./shared-informer.ts";

function podInformer(plane: ControlPlane): { informer: SharedInformer<Pod>; log: string[] } {
  const informer = plane.informers.create<Pod>(plane.clients.client("watcher"), "Pod");
  const log: string[] = [];
  informer.addEventHandler({
    onAdd: (record) => log.push(`add ${record.name}`),
    onUpdate: (record) => log.push(`update ${record.name}`),
    onDelete: (record, _last, isUnknown) =>
      log.push(`delete ${record.name}${isUnknown ? "?" : ""}`),
  });
  informer.start();
  return { informer, log };
}

const limitless = { ...defaultClusterOptions.clients, watcher: { qps: 0, burst: 0 } };

describe("SharedInformer", () => {
  test("tells of what was there, then of each change", () => {
    const plane = new ControlPlane();
    plane.store(podManifest("a"));
    const { informer, log } = podInformer(plane);
    plane.settle();
    expect(informer.hasSynced).toBe(true);
    const { record } = plane.create(podManifest("b"));
    if (record === undefined) throw new Error("no record");
    plane.client.patch(record, { status: { phase: "Running" } }, "status", plane.done, undefined);
    plane.settle();
    plane.client.delete(record, {}, plane.done, undefined);
    plane.settle();
    expect(log).toEqual(["add a", "add b", "update b", "delete b"]);
  });

  test("a watch that was lost is resumed: nothing is missed and nothing is told twice", () => {
    const plane = new ControlPlane();
    const { log } = podInformer(plane);
    plane.settle();
    plane.create(podManifest("a"));
    for (const id of plane.apiserver.watches.openWatches("Pod"))
      plane.apiserver.watches.close(id, 0);
    plane.create(podManifest("b"));
    expect(log).toEqual(["add a", "add b"]);
  });

  test("relist after 410: a deletion that was missed comes with an unknown final state", () => {
    const plane = new ControlPlane();
    const { informer, log } = podInformer(plane);
    plane.settle();
    const { record } = plane.create(podManifest("a"));
    plane.create(podManifest("b"));
    for (const id of plane.apiserver.watches.openWatches("Pod"))
      plane.apiserver.watches.close(id, 410);
    if (record !== undefined) plane.etcd.delete(record, { ...podOf(record.stored) });
    plane.settle();
    expect(log).toEqual(["add a", "add b", "update b", "delete a?"]);
    expect(informer.indexer.keys().map(({ name }) => name)).toEqual(["b"]);
  });

  test("its lists are served from the watch cache: they need no leader of etcd", () => {
    const plane = new ControlPlane();
    plane.store(podManifest("a"));
    plane.etcd.quorum.loseLeader(60_000_000);
    const { informer, log } = podInformer(plane);
    plane.kernel.run(1_000_000);
    expect([informer.hasSynced, informer.reflector.state.lists]).toEqual([true, 1]);
    for (const id of plane.apiserver.watches.openWatches("Pod"))
      plane.apiserver.watches.close(id, 410);
    plane.kernel.run(2_000_000);
    expect(informer.reflector.state.lists).toBe(2);
    expect(plane.etcd.quorum.isLed).toBe(false);
    expect(log).toEqual(["add a", "update a"]);
  });

  test("asks etcd for the latest state when its revision is refused", () => {
    const plane = new ControlPlane();
    plane.store(podManifest("a"));
    const { informer, log } = podInformer(plane);
    plane.settle();
    informer.reflector.state.lastRevision = plane.etcd.revision + 100; // as after a restored backup
    plane.etcd.quorum.loseLeader(60_000_000);
    informer.reflector.start();
    plane.kernel.run(plane.kernel.nowUs + 50_000_000);
    expect(informer.reflector.state).toMatchObject({ lists: 1, isRevisionRefused: true });
    plane.settle();
    expect(informer.reflector.state).toMatchObject({ lists: 2, isRevisionRefused: false });
    expect(log).toEqual(["add a", "update a"]);
  });

  test("finds the keys of an index, and moves them when the object changes", () => {
    const plane = new ControlPlane();
    const informer = plane.informers.create<Pod>(plane.clients.client("watcher"), "Pod");
    informer.indexer.addIndex("phase", (pod) => pod.status.phase);
    informer.start();
    const { record } = plane.create(podManifest("a"));
    const names = (phase: string): string[] =>
      informer.indexer.byIndex("phase", phase).map(({ name }) => name);
    expect([names("Pending"), names("Running")]).toEqual([["a"], []]);
    if (record !== undefined)
      plane.client.patch(record, { status: { phase: "Running" } }, "status", plane.done, undefined);
    plane.settle();
    expect([names("Pending"), names("Running")]).toEqual([[], ["a"]]);
  });

  test("makes a lazy index when it is first asked for, and keeps it from then on", () => {
    const plane = new ControlPlane();
    const informer = plane.informers.create<Pod>(plane.clients.client("watcher"), "Pod");
    const indexBy = (pod: Pod): string | undefined => pod.status.phase;
    informer.indexer.addLazyIndex("phase", indexBy);
    informer.indexer.addLazyIndex("phase", indexBy);
    informer.start();
    const { record } = plane.create(podManifest("a"));
    plane.create(podManifest("b"));
    expect(informer.indexer.state.indices.size).toBe(0);
    const names = (phase: string): string[] =>
      informer.indexer.byIndex("phase", phase).map(({ name }) => name);
    expect([names("Pending"), names("Running")]).toEqual([["a", "b"], []]);
    if (record !== undefined)
      plane.client.patch(record, { status: { phase: "Running" } }, "status", plane.done, undefined);
    plane.create(podManifest("c"));
    expect([names("Pending"), names("Running")]).toEqual([["b", "c"], ["a"]]);
    if (record !== undefined) plane.client.delete(record, {}, plane.done, undefined);
    plane.settle();
    expect([names("Pending"), names("Running")]).toEqual([["b", "c"], []]);
  });

  test("a resync tells of every object again", () => {
    const plane = new ControlPlane();
    plane.store(podManifest("a"));
    const { informer, log } = podInformer(plane);
    plane.settle();
    informer.resync();
    expect(log).toEqual(["add a", "update a"]);
  });

  test("ends with what the store has, whatever happens to its watches on the way", () => {
    const step = fc.record({
      act: fc.constantFrom("create", "patch", "delete", "drop", "expire", "compact", "wait"),
      name: fc.constantFrom("a", "b", "c", "d"),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 0, max: 9 }),
        (steps, seed) => {
          const plane = new ControlPlane(String(seed), {
            clients: limitless,
            etcd: { ...defaultClusterOptions.etcd, historyPerKind: 3 },
          });
          const { informer, log } = podInformer(plane);
          for (const { act, name } of steps) perform(plane, act, name);
          plane.settle();
          const held = informer.indexer.keys().map((record) => informer.indexer.get(record));
          expect(held).toEqual(plane.etcd.list("Pod").map((record) => record.stored));
          expectAlternating(log);
        },
      ),
      { seed: 1, numRuns: 150 },
    );
  });
});

function perform(plane: ControlPlane, act: string, name: string): void {
  const record = plane.etcd.find("Pod", `default/${name}`);
  const { watches } = plane.apiserver;
  if (act === "create") plane.client.create("Pod", podManifest(name), plane.done, undefined);
  else if (act === "patch" && record !== undefined)
    plane.client.patch(record, { metadata: { labels: { n: act } } }, "", plane.done, undefined);
  else if (act === "delete" && record !== undefined)
    plane.client.delete(record, {}, plane.done, undefined);
  else if (act === "compact") plane.etcd.compact();
  else if (act === "drop") for (const id of watches.openWatches("Pod")) watches.close(id, 0);
  else if (act === "expire") for (const id of watches.openWatches("Pod")) watches.close(id, 410);
  else plane.kernel.run(plane.kernel.nowUs + 3_000);
}

/** A key is added, updated any number of times, and deleted before it is added again. */
function expectAlternating(log: readonly string[]): void {
  const isThere = new Map<string, boolean>();
  for (const line of log) {
    const [verb = "", name = ""] = line.replace("?", "").split(" ");
    expect([line, isThere.get(name) ?? false]).toEqual([line, verb !== "add"]);
    isThere.set(name, verb !== "delete");
  }
}

function podOf(object: Pod | unknown): Pod {
  const pod = object as Pod;
  return { ...pod, metadata: { ...pod.metadata } };
}
