/**
 * The incremental evaluation equals the full pass, whatever happens to nodes and pods: choice,
 * totals, counts, start index, and the message of a pod that fits nowhere.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EvaluatorBench, rougherSteps, steps } from "../../../test/evaluator-bench.ts";
import { definePlugin } from "./define-plugin.ts";
import { type AnyPlugin, type NodeCounts, type PodInfo, SKIP, UNSCORED } from "./interface.ts";
import { CPU } from "./resource-table.ts";

const fit = definePlugin({
  name: "Fit",
  locality: "node",
  reads: ["requests"],
  filter: (pod, node) =>
    (pod.requests[CPU] ?? 0) <= (node.allocatable[CPU] ?? 0) - (node.requested[CPU] ?? 0)
      ? undefined
      : "Insufficient cpu",
  score: (pod, node) => {
    const used = (node.requested[CPU] ?? 0) + (pod.requests[CPU] ?? 0);
    return Math.trunc(100 - (100 * used) / Math.max(node.allocatable[CPU] ?? 0, 1));
  },
});
const tainted = definePlugin<undefined, number>({
  name: "Tainted",
  locality: "spec",
  reads: ["tolerations"],
  normalize: "maxReversed",
  filter: ({ pod }, { taints }) =>
    taints.some(({ effect }) => effect === "NoSchedule") && pod.spec.tolerations === undefined
      ? { code: "UnschedulableAndUnresolvable", reasons: ["tainted"] }
      : undefined,
  preScore: ({ pod }) => ({ state: pod.spec.tolerations === undefined ? 1 : 0 }),
  score: (_, { taints }, factor) => factor * taints.length,
});
const zoned = definePlugin({
  name: "Zoned",
  locality: "spec",
  reads: ["labels"],
  normalize: "minMax",
  score: ({ labels }, node) =>
    (node.labels["topology.kubernetes.io/zone"] ?? "").length + (labels["app"] ?? "").length,
});
const named = definePlugin({
  name: "Named",
  locality: "spec",
  reads: ["nodeSelector"],
  filter: ({ pod }, node) =>
    pod.spec.nodeSelector === undefined || node.name.endsWith("1") ? undefined : "wrong name",
  score: ({ pod }, node) => (pod.spec.nodeSelector === undefined ? 3 : node.name.length),
});
const hosted = definePlugin({
  name: "Hosted",
  locality: "spec",
  reads: ["nodeSelector"],
  normalize: "max",
  score: ({ pod }, { labels }) =>
    pod.spec.nodeSelector !== undefined && labels["kubernetes.io/hostname"]?.endsWith("1") ? 9 : 2,
});
const listed = definePlugin({
  name: "Listed",
  locality: "spec",
  reads: ["annotations"],
  preFilter: ({ pod }) => {
    const names = pod.metadata.annotations?.["nodes"];
    return names === undefined
      ? SKIP
      : { state: undefined, nodeNames: names.split(",").filter((name) => name !== "") };
  },
  filter: () => undefined,
});
const crowded = definePlugin({
  name: "Crowded",
  locality: "node",
  reads: [],
  normalize: (raw, min, max) => (max === min ? 50 : (100 * (max - raw)) / (max - min)),
  score: (_, { pods }) => pods.length,
});
const spread = definePlugin<number, number>({
  name: "Spread",
  locality: "cluster",
  preFilter: (pod, cluster) =>
    pod.priority === 0 ? SKIP : { state: Math.max(...cluster.nodes.map((n) => n.pods.length)) },
  filter: (_, node, most) =>
    node.pods.length > 0 && node.pods.length === most ? "fullest" : undefined,
  preScore: (pod, { nodes }) => (pod.priority === 0 ? SKIP : { state: nodes.length }),
  score: (_, node, count) => (node.pods.length + count) % 7,
});
const ranked = definePlugin({
  name: "Ranked",
  normalize: {
    all(raws) {
      for (let i = 0; i < raws.length; i++) raws[i] = ((raws[i] ?? 0) + i) % 101;
    },
  },
  score: (pod, node) => (pod.name.length + node.name.length) % 5,
});

const profiles: Readonly<Record<string, readonly AnyPlugin[]>> = {
  "spec and node plugins": [fit, tainted, zoned],
  "spec plugins that look at names and hostnames": [fit, named, hosted, tainted],
  "a preFilter that names nodes": [listed, fit, zoned],
  "a normalised node plugin": [fit, crowded, tainted],
  "a cluster plugin": [fit, tainted, spread, zoned],
  "a plugin that claims nothing": [fit, tainted, ranked],
  "no score plugin": [
    definePlugin({ name: "FitOnly", locality: "node", filter: fit.filter as never }),
  ],
};

const weighted = (plugins: readonly AnyPlugin[]) =>
  plugins.map((plugin, i) => ({ plugin, weight: plugin.score === undefined ? 0 : 1 + i }));

describe.each(Object.entries(profiles))("with %s", (_, plugins) => {
  test.each([
    ["all nodes scored", 100, 12],
    ["more nodes than a block", 100, 150],
    ["a sampled cluster", 0, 230],
    ["sampling that begins and ends", 50, 100],
  ])("incremental equals full pass: %s", (_name, percentage, nodes) => {
    fc.assert(
      fc.property(steps, fc.nat(60), (sequence, restoreAt) => {
        const bench = new EvaluatorBench(weighted(plugins), percentage, nodes);
        for (const [i, step] of sequence.entries()) {
          bench.run(step);
          if (i === restoreAt) bench.restore();
        }
      }),
      { numRuns: 12, seed: 20_240_601 },
    );
  });
});

/** Pods with the label of the pod in hand. */
interface Alike {
  readonly on: NodeCounts;
  readonly text: string;
  /** By slot: what a what-if adds. */
  readonly more: Map<number, number>;
}
const isAlike = (text: string, labels: Readonly<Record<string, string>>): boolean =>
  labels["app"] === text;
const move = (amount: number) => (_: PodInfo, other: PodInfo, node: { slot: number }, s: Alike) => {
  if (isAlike(s.text, other.labels)) s.more.set(node.slot, (s.more.get(node.slot) ?? 0) + amount);
};
/** At most two alike per node, or one where the rack's number is odd; the emptier ones first. */
const alike = definePlugin<Alike, { readonly on: NodeCounts; readonly sum: number }>({
  name: "Alike",
  locality: "cluster",
  reads: ["labels"],
  normalize: "maxReversed",
  preFilter: ({ labels }, cluster) => {
    const text = labels["app"] ?? "";
    const on = cluster.countPods({ key: `app ${text}`, matches: (_, l) => isAlike(text, l) });
    return { state: { on, text, more: new Map() }, counts: [on] };
  },
  addPod: move(1),
  removePod: move(-1),
  filter: (_, { slot, labels }, { on, more }) => {
    const max = Number(labels["rack"]?.slice(1) ?? 0) % 2 === 1 ? 1 : 2;
    return on.at(slot) + (more.get(slot) ?? 0) >= max ? "too many alike" : undefined;
  },
  preScore: (_, cluster, { count, kinds }) => {
    const on = cluster.countPods({ key: "all", matches: () => true });
    const sum = kinds.reduce((total, { number, nodeCount }) => total + number * nodeCount, count);
    return { state: { on, sum }, counts: [on] };
  },
  score: (_, { slot, labels }, { on, sum }) => {
    return ((labels["rack"] ?? "").length * sum + 3 * on.at(slot)) % 17;
  },
});
const alikeOrUnscored = definePlugin({
  ...alike,
  name: "AlikeOrUnscored",
  score: (pod, node, state) =>
    node.taints.length > 0 && state.on.at(node.slot) > 0
      ? UNSCORED
      : (alike.score?.(pod, node, state) ?? 0),
  normalize: (raw: number, min: number, max: number) =>
    raw === UNSCORED || max <= min ? 0 : (100 * (raw - min)) / (max - min),
});
const busiest = definePlugin<undefined, NodeCounts>({
  name: "Busiest",
  locality: "cluster",
  reads: [],
  normalize: "max",
  preScore: (_, cluster) => {
    const on = cluster.countPods({ key: "all", matches: () => true });
    return { state: on, counts: [on, on, on, on] }; // many cells, from some count on too many
  },
  score: (_, { slot, kind }, on) => 40_000 * on.at(slot) + kind,
});
/** A policy with a mistake in it: it meets a node that it cannot deal with. */
const touchy = definePlugin({
  name: "Touchy",
  locality: "node",
  reads: ["priority"],
  filter: (pod, { name, pods }) => {
    if (pod.priority > 0 && pods.length > 1) throw new Error(`${name} is crowded`);
    return undefined;
  },
});
const touchyCluster = definePlugin<NodeCounts>({
  name: "TouchyCluster",
  locality: "cluster",
  reads: ["labels"],
  preFilter: (_, cluster) => {
    const on = cluster.countPods({ key: "all", matches: () => true });
    return { state: on, counts: [on] };
  },
  filter: ({ labels }, { slot, pods }, on) => {
    if (labels["app"] !== "" && pods.length > on.at(slot)) throw new Error("somebody is nominated");
    return on.at(slot) > 2 ? "crowded" : undefined;
  },
});

const rougher: Readonly<Record<string, readonly AnyPlugin[]>> = {
  ...profiles,
  "a plugin that counts pods": [fit, alike],
  "a plugin that counts pods beside others": [fit, tainted, named, alikeOrUnscored, zoned, busiest],
  "counts for scores only": [fit, busiest],
  "counts beside a plugin that is asked about each node": [fit, alike, spread, ranked],
  "a count before what an index covers": [alike, fit, tainted],
  "a plugin that throws": [fit, touchy, alike],
  "a plugin that throws about nominated pods": [fit, touchyCluster, busiest],
};

describe.each(Object.entries(rougher))("nominations, crowds, many kinds: %s", (_, plugins) => {
  test.each([
    ["one kind of rack", 100, 40, 1],
    ["racks of many sizes", 100, 130, 6],
    ["each node its own rack", 100, 30, 1000],
    ["sampling that begins and ends", 0, 102, 3],
    ["no node at first", 100, 0, 2],
  ])("incremental equals full pass: %s", (_name, percentage, nodes, racks) => {
    fc.assert(
      fc.property(rougherSteps, fc.nat(60), (sequence, restoreAt) => {
        const bench = new EvaluatorBench(weighted(plugins), percentage, nodes, racks);
        for (const [i, step] of sequence.entries()) {
          bench.run(step);
          if (i === restoreAt) bench.restore();
        }
      }),
      { numRuns: 5, seed: 1_030 },
    );
  });
});

test("Fit over-commits no node, updates and removals of nodes aside", () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const bench = new EvaluatorBench(weighted([fit, tainted]), 100, 6);
      for (const step of sequence.filter(({ kind }) => kind === "pod" || kind === "remove-pod")) {
        bench.run(step);
        for (const { requested, allocatable } of bench.cache.orderedNodes()) {
          expect(requested[CPU] ?? 0).toBeLessThanOrEqual(allocatable[CPU] ?? 0);
        }
      }
    }),
    { numRuns: 30, seed: 7 },
  );
});
