/** Objects of other kinds: plugins see them, and their changes wake the pods that wait for them. */
import { describe, expect, test } from "vitest";
import { makeNode, makePod, makeProfile, makeWorld } from "../../test/scheduler-fixture.ts";
import type { ApiObject } from "../api/index.ts";
import { type ClusterEventName, definePlugin } from "./framework/index.ts";

const SECOND_US = 1_000_000;

function object(kind: string, name: string, rest: object = {}): ApiObject {
  const namespace = ["PersistentVolume", "StorageClass", "Namespace"].includes(kind)
    ? ""
    : "default";
  const metadata = { name, namespace, uid: name, resourceVersion: "1", creationTimestamp: "" };
  return { apiVersion: "v1", kind, metadata, ...rest };
}

/** A world with a pod that fits nowhere for a plugin that hopes for these events. */
function makeHopefulWorld(...requeueOn: ClusterEventName[]) {
  const hope = definePlugin({ name: "Hope", requeueOn, filter: () => "not yet" });
  const world = makeWorld([makeProfile([hope])]);
  world.api.put(makeNode("n1"));
  world.api.put(makePod("p"));
  return world;
}

describe("a change of an object", () => {
  const late = { volumeBindingMode: "WaitForFirstConsumer" };
  const early = { volumeBindingMode: "Immediate" };
  test.each([
    ["PersistentVolume/Add", "PersistentVolume", {}, 2],
    ["PersistentVolumeClaim/Add", "PersistentVolumeClaim", {}, 2],
    ["Service/Add", "Service", {}, 2],
    ["CSINode/Add", "PersistentVolume", {}, 1],
    ["StorageClass/Add", "StorageClass", late, 2],
    ["StorageClass/Add", "StorageClass", early, 1],
    ["StorageClass/Update", "StorageClass", late, 1],
  ] as const)("wakes a pod that waits for %s when a %s %j comes: %i attempts", (...row) => {
    const [event, kind, rest, attemptCount] = row;
    const { kernel, api, attempts, at } = makeHopefulWorld(event);
    at(5 * SECOND_US, () => api.put(object(kind, "new", rest)));
    kernel.run(10 * SECOND_US);
    expect(attempts).toHaveLength(attemptCount);
  });

  test.each([
    ["StorageClass/Update", "put", 2],
    ["StorageClass/Delete", "remove", 2],
    ["StorageClass/Add", "put", 1],
  ] as const)("wakes a pod that waits for %s when a known one is %s: %i attempts", (...row) => {
    const [event, verb, attemptCount] = row;
    const { kernel, api, attempts, at } = makeHopefulWorld(event);
    api.put(object("StorageClass", "fast"));
    at(5 * SECOND_US, () => {
      if (verb === "put") api.put(object("StorageClass", "fast", { provisioner: "x" }));
      else api.remove("StorageClass", "fast");
    });
    kernel.run(10 * SECOND_US);
    expect(attempts).toHaveLength(attemptCount);
  });

  test("is seen by plugins, from its arrival to its deletion", () => {
    const seen: (readonly string[])[] = [];
    const look = definePlugin({
      name: "Look",
      requeueOn: [],
      preFilter: (_pod, cluster) => {
        seen.push(
          cluster
            .objects("PersistentVolume")
            .list()
            .map(({ metadata }) => metadata.name),
        );
        return { state: undefined };
      },
    });
    const { kernel, api, at } = makeWorld([makeProfile([look])]);
    api.put(makeNode("n1", "9"));
    api.put(object("PersistentVolume", "a"));
    api.put(makePod("first"));
    at(SECOND_US, () => {
      api.put(object("PersistentVolume", "b"));
      api.remove("PersistentVolume", "a");
      api.put(makePod("second"));
    });
    kernel.run(2 * SECOND_US);
    expect(seen).toEqual([["a"], ["b"]]);
  });
});

describe("a request of a plugin", () => {
  test("about an object that no informer knows is a bug, and says so", () => {
    const patch = definePlugin({
      name: "Patch",
      requeueOn: [],
      preBind: (_pod, _node, { requests }) => {
        requests.patch({ kind: "PersistentVolume", namespace: "", name: "x" }, {}, "");
        return undefined;
      },
    });
    const { kernel, api } = makeWorld([makeProfile([patch])]);
    api.put(makeNode("n1"));
    api.put(makePod("p"));
    expect(() => kernel.run(SECOND_US)).toThrow("PersistentVolume /x, which no informer");
  });
});
