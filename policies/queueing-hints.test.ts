/** The queueing hints of the default plugins: which change may help a pod that they rejected. */
import { describe, expect, test } from "vitest";
import { KeyRecord, type Node, type Pod } from "../sim/api/index.ts";
import {
  type AnyPlugin,
  type ClusterChange,
  type ClusterInfo,
  createPodInfo,
  ResourceTable,
} from "../sim/scheduler/index.ts";
import { nodeUnschedulable } from "./filter/node-unschedulable.ts";
import { nodeAffinity } from "./filter-score/node-affinity.ts";
import { nodeResourcesFit } from "./filter-score/node-resources-fit.ts";
import { podTopologySpread } from "./filter-score/pod-topology-spread.ts";

function podOf(spec: object, nodeName?: string): Pod {
  const metadata = { name: "p", namespace: "default", uid: "p", labels: {} };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { containers: [], ...spec, ...(nodeName === undefined ? {} : { nodeName }) },
    status: {},
  } as unknown as Pod;
}

function nodeOf(labels: Record<string, string>, allocatable: object, spec: object = {}): Node {
  const metadata = { name: "n", namespace: "", labels };
  return { apiVersion: "v1", kind: "Node", metadata, spec, status: { allocatable } } as Node;
}

function mayHelp(plugin: AnyPlugin, pod: Pod, change: ClusterChange): boolean | undefined {
  const record = new KeyRecord<Pod>(0, "Pod", "default", "p");
  const info = createPodInfo(record, pod, new ResourceTable());
  return plugin.isSchedulableAfter?.(info, change, {} as ClusterInfo);
}

const added = (newObject: Node): ClusterChange => ({ kind: "Node", newObject });
const changed = (oldObject: Node, newObject: Node): ClusterChange => ({
  kind: "Node",
  oldObject,
  newObject,
});
const deleted = (oldObject: Pod): ClusterChange => ({ kind: "Pod", oldObject });

describe("NodeResourcesFit", () => {
  const asking = (cpu: string) =>
    podOf({ containers: [{ name: "c", resources: { requests: { cpu, memory: "1Gi" } } }] });
  const node = (cpu: string, pods = "10") => nodeOf({}, { cpu, memory: "4Gi", pods });
  test.each([
    ["a node that is large enough, empty", asking("2"), added(node("2")), true],
    ["a node that is too small", asking("2"), added(node("1900m")), false],
    ["a node that takes no pods", asking("2"), added(node("2", "0")), false],
    ["a node that grows enough", asking("2"), changed(node("1"), node("4")), true],
    ["a node that grows, not enough", asking("8"), changed(node("1"), node("4")), false],
    ["a pod that leaves its node", asking("2"), deleted(podOf({}, "n")), true],
    ["a waiting pod that goes away", asking("2"), deleted(podOf({})), false],
  ])("%s", (_name, pod, change, expected) => {
    expect(mayHelp(nodeResourcesFit(), pod, change)).toBe(expected);
  });
});

describe("NodeAffinity", () => {
  const picky = podOf({ nodeSelector: { disk: "ssd" } });
  const onSsd = nodeOf({ disk: "ssd" }, {});
  const onHdd = nodeOf({ disk: "hdd" }, {});
  const terms = [{ matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] }];
  const required = { nodeSelectorTerms: terms };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
  const enforced = { requiredDuringSchedulingIgnoredDuringExecution: required };
  test.each([
    ["a node that matches", {}, picky, added(onSsd), true],
    ["a node that does not", {}, picky, added(onHdd), false],
    ["a label that makes it match", {}, picky, changed(onHdd, onSsd), true],
    ["a label that makes it mismatch", {}, picky, changed(onSsd, onHdd), false],
    ["terms", {}, podOf({ affinity }), added(nodeOf({ zone: "a" }, {})), true],
    ["terms, not met", {}, podOf({ affinity }), added(nodeOf({ zone: "b" }, {})), false],
    ["an enforced affinity, not met", { addedAffinity: enforced }, picky, added(onSsd), false],
  ])("%s", (_name, args, pod, change, expected) => {
    expect(mayHelp(nodeAffinity(args), pod, change)).toBe(expected);
  });
});

describe("NodeUnschedulable", () => {
  const open = nodeOf({}, {});
  const cordoned = nodeOf({}, {}, { unschedulable: true });
  test.each([
    ["an open node", added(open), true],
    ["a cordoned node", added(cordoned), false],
    ["a node that is uncordoned", changed(cordoned, open), true],
    ["a node that is cordoned", changed(open, cordoned), false],
  ])("%s", (_name, change, expected) => {
    expect(mayHelp(nodeUnschedulable(), podOf({}), change)).toBe(expected);
  });
});

describe("PodTopologySpread", () => {
  const constraint = {
    maxSkew: 1,
    topologyKey: "zone",
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: { matchLabels: { app: "web" } },
  };
  const spread = podOf({ topologySpreadConstraints: [constraint] });
  const bound = (app: string, namespace = "default"): Pod => {
    const pod = podOf({}, "n");
    return { ...pod, metadata: { ...pod.metadata, namespace, labels: { app } } };
  };
  const podChange = (oldObject?: Pod, newObject?: Pod): ClusterChange => ({
    kind: "Pod",
    oldObject,
    newObject,
  });
  const zoned = nodeOf({ zone: "a" }, {});
  const bare = nodeOf({}, {});
  test.each([
    ["a counted pod that comes", podChange(undefined, bound("web")), true],
    ["another pod that comes", podChange(undefined, bound("db")), false],
    ["a counted pod that goes", podChange(bound("web")), true],
    ["a pod of another namespace", podChange(bound("web", "other")), false],
    ["a pod that is counted from now on", podChange(bound("db"), bound("web")), true],
    ["a pod whose labels stay", podChange(bound("web"), bound("web")), false],
    ["a pod whose change does not count", podChange(bound("db"), bound("cache")), false],
    ["a node with the key", added(zoned), true],
    ["a node without it", added(bare), false],
    ["a node that gets it", changed(bare, zoned), true],
    ["a node with it that goes", { kind: "Node", oldObject: zoned }, true],
  ])("%s", (_name, change, expected) => {
    expect(mayHelp(podTopologySpread(), spread, change)).toBe(expected);
  });
});
