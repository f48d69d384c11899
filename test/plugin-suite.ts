/**
 * The suite that every scheduling plugin runs: what the framework may rely on.
 *
 *   describePlugin("LeastPods", () => leastPods());
 *
 * The cluster of the suite has nodes and pods of many sorts; hand in others for a plugin that
 * looks at something else.
 */
import { describe, expect, test } from "vitest";
import {
  type AnyPlugin,
  type ByCounts,
  type ClusterInfo,
  type NodeInfo,
  type PodField,
  type PodInfo,
  SKIP,
} from "../sim/scheduler/index.ts";
import { makeNode, makePod, type NodeBuilder, type PodBuilder } from "./builders.ts";
import { PlainCluster } from "./plain-cluster.ts";
import { asRejection, handedOver, normalizePlainly, plainFeasible } from "./plain-cycle.ts";

const GPU = "alibabacloud.com/gpu-milli";
const MIB = 1024 * 1024;

const NODES: readonly NodeBuilder[] = [
  makeNode("plain"),
  makeNode("zoned").zone("z1").label("disk", "ssd"),
  makeNode("small").cpu("1").memory("1Gi").pods(3),
  makeNode("gpu").cpu("64").resource(GPU, "4000").label("disk", "hdd"),
  makeNode("tainted").taint("dedicated=gpu:NoSchedule").taint("old:NoExecute"),
  makeNode("soft").taint("busy:PreferNoSchedule").label("disk", "ssd"),
  makeNode("cordoned").unschedulable(),
  makeNode("images")
    .image(700 * MIB, "web:v1")
    .image(300 * MIB, "db:v1"),
  makeNode("full").pods(1),
  makeNode("zoned-too").zone("z1").label("disk", "ssd"),
  makeNode("zoned-third").zone("z1").label("disk", "ssd"),
  makeNode("far").zone("z2").label("disk", "ssd"),
];

const HOSTNAME = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

/** A term about the pods of one app. */
function ofApp(app: string, topologyKey: string) {
  return { topologyKey, labelSelector: { matchLabels: { app } } };
}

const BOUND: readonly PodBuilder[] = [
  makePod("b1").onNode("plain").cpu("500m").memory("1Gi").hostPort(8080),
  makePod("b2").onNode("small").cpu("900m"),
  makePod("b3").onNode("gpu").cpu("8").request(GPU, "2500"),
  makePod("b4").onNode("full"),
  makePod("b5").onNode("images").image("web:v1").sidecar({ cpu: "200m" }),
  makePod("b6").onNode("zoned").label("app", "web").prefersNear(7, ofApp("web", ZONE)),
  makePod("b7").onNode("far").label("app", "db").apartFrom(ofApp("web", HOSTNAME)),
  makePod("b8").onNode("zoned-too").label("app", "web").terminating(),
  makePod("b9").onNode("far").label("app", "web").namespace("other"),
];

const PENDING: readonly PodBuilder[] = [
  makePod("plain"),
  makePod("sized").cpu("250m").memory("512Mi").priority(5),
  makePod("large").cpu("6").memory("20Gi").request(GPU, "1000"),
  makePod("tolerant").tolerates({ operator: "Exists" }).hostPort(8080),
  makePod("half-tolerant").tolerates({ key: "old", operator: "Exists" }),
  makePod("selective").nodeSelector({ disk: "ssd" }),
  makePod("named").requires({
    matchFields: [{ key: "metadata.name", operator: "In", values: ["gpu"] }],
  }),
  makePod("asked").spec({ nodeName: "zoned" }),
  makePod("choosy")
    .prefers(10, { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] })
    .prefers(5, {
      matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "Exists" }],
    }),
  makePod("imaged").image("web:v1").container({ cpu: "100m" }, "db:v1"),
  makePod("gated").gate("example.com/wait").label("app", "web"),
  makePod("spread")
    .label("app", "web")
    .spreads({ maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", ...ofApp("web", ZONE) })
    .spreads({ maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway", ...ofApp("web", HOSTNAME) }),
  makePod("near").label("app", "web").near(ofApp("db", ZONE)).prefersNear(9, ofApp("web", ZONE)),
  makePod("apart")
    .label("app", "db")
    .apartFrom(ofApp("web", HOSTNAME))
    .prefersApartFrom(50, ofApp("web", ZONE)),
];

/** What a plugin says about one node. */
interface Answer {
  readonly node: string;
  readonly rejection: unknown;
  /** Raw score; undefined when the plugin does not score or skips. */
  readonly raw: number | undefined;
}

export function describePlugin(name: string, make: () => AnyPlugin): void {
  describe(`${name} keeps what every plugin promises`, () => {
    const cluster = new PlainCluster(
      NODES.map((node) => node.build()),
      builtPods(BOUND),
    );
    const pods = builtPods(PENDING).map((pod) => cluster.podInfo(pod));
    const answers = (pod: PodInfo, view: ClusterInfo = cluster) => ask(make(), pod, view);

    test("its name is the one that it is known by", () => {
      expect(make().name).toBe(name);
    });

    test("same inputs, same answers, from one instance and from two", () => {
      const plugin = make();
      for (const pod of pods) {
        const first = ask(plugin, pod, cluster);
        expect(ask(plugin, pod, cluster)).toEqual(first);
        expect(answers(pod)).toEqual(first);
      }
    });

    test("pods and nodes stay as they are", () => {
      for (const pod of pods) deepFreeze(pod);
      for (const node of cluster.nodes) deepFreeze(node);
      expect(() => pods.map((pod) => answers(pod))).not.toThrow();
    });

    test("raw scores are numbers, and whole numbers from 0 to 100 after normalising", () => {
      const plugin = make();
      for (const pod of pods) {
        const raws = answers(pod).flatMap(({ raw }) => (raw === undefined ? [] : [raw]));
        expect(raws.every(Number.isFinite)).toBe(true);
        const scores = raws.map(Math.trunc);
        normalizePlainly(scores, plugin.normalize);
        for (const score of scores) {
          expect([pod.name, score, Number.isInteger(score)]).toEqual([pod.name, score, true]);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(100);
        }
      }
    });

    test("a node's verdict does not depend on its place in the list", () => {
      for (const pod of pods) {
        expect(answers(pod, reversed(cluster)).reverse()).toEqual(answers(pod));
      }
    });

    test("only the pod fields in its claim matter", () => {
      const { reads } = make();
      if (reads === undefined) return;
      for (const pod of pods) {
        expect(answers(withOnly(reads, pod))).toEqual(answers(pod));
      }
    });

    test("with counts, nodes of one kind with equal counts have one verdict", () => {
      for (const pod of pods) expectOneVerdictPerCounts(make(), pod, cluster);
    });

    test("nothing beyond its locality matters", () => {
      const { locality } = make();
      if (locality !== "spec" && locality !== "node") return;
      for (const pod of pods) {
        for (const [index, answer] of answers(pod).entries()) {
          const alone = clusterWithout(locality, answer.node);
          expect(ask(make(), alone.podInfo(pod.pod), alone)[index]).toEqual(answer);
        }
      }
    });
  });
}

/** All nodes, without the pods that a plugin of this locality must not look at. */
function clusterWithout(locality: "spec" | "node", nodeName: string): PlainCluster {
  const staying = locality === "spec" ? [] : BOUND;
  return new PlainCluster(
    NODES.map((node) => node.build()),
    builtPods(staying).filter((bound) => bound.spec.nodeName === nodeName),
  );
}

/** The claim of ByCounts: kind and counts say it all. */
function expectOneVerdictPerCounts(plugin: AnyPlugin, pod: PodInfo, cluster: PlainCluster): void {
  const seen = new Map<string, unknown>();
  for (const [index, { rejection, raw }] of ask(plugin, pod, cluster).entries()) {
    const node = cluster.nodes[index] as NodeInfo;
    const { filter, score } = countsOn(plugin, pod, cluster, node);
    const claims = [
      { counts: filter, verdict: rejection },
      { counts: score, verdict: raw },
    ];
    for (const [point, { counts, verdict }] of claims.entries()) {
      if (counts === undefined) continue;
      const key = JSON.stringify([point, node.kind, counts]);
      const other = seen.has(key) ? seen.get(key) : verdict;
      expect([pod.name, node.name, verdict]).toEqual([pod.name, node.name, other]);
      seen.set(key, verdict);
    }
  }
}

/** Every node's verdict and raw score, handed over as the plugin's claims allow. */
function ask(plugin: AnyPlugin, pod: PodInfo, cluster: ClusterInfo): Answer[] {
  const claimed = isClaimed(plugin) ? resourcesOnly(cluster) : cluster;
  const filter = plugin.preFilter?.(pod, claimed) ?? { state: undefined };
  const score = plugin.preScore?.(pod, claimed, plainFeasible(cluster.nodes)) ?? {
    state: undefined,
  };
  const isNamed = (node: NodeInfo): boolean =>
    filter === SKIP || (filter.nodeNames?.includes(node.name) ?? true);
  return cluster.nodes.map((node) => {
    const view = handedOver(plugin, node);
    const rejection =
      filter === SKIP
        ? undefined
        : (filter.reject ?? asRejection(plugin.filter?.(pod, view, filter.state)));
    return {
      node: node.name,
      rejection: [isNamed(node), rejection, plugin.preEnqueue?.(pod)],
      raw: score === SKIP ? undefined : plugin.score?.(pod, view, score.state),
    };
  });
}

/** What a `cluster` plugin says its verdicts on a node depend on besides the kind. */
function countsOn(plugin: AnyPlugin, pod: PodInfo, cluster: PlainCluster, { slot }: NodeInfo) {
  const at = (result: typeof SKIP | ByCounts | undefined): readonly number[] | undefined =>
    result === SKIP ? undefined : result?.counts?.map((counts) => counts.at(slot));
  if (isClaimed(plugin)) return { filter: undefined, score: undefined };
  return {
    filter: at(plugin.preFilter?.(pod, cluster)),
    score: at(plugin.preScore?.(pod, cluster, plainFeasible(cluster.nodes))),
  };
}

function isClaimed({ locality }: AnyPlugin): boolean {
  return locality === "spec" || locality === "node";
}

/** What plugins with a local claim see of the cluster: resource numbers only. */
function resourcesOnly(cluster: ClusterInfo): ClusterInfo {
  const refuse = (): never => {
    throw new Error("a plugin with a local claim looked at the cluster");
  };
  return {
    get nodes() {
      return refuse();
    },
    get kinds() {
      return refuse();
    },
    get hasUniqueHostnames() {
      return refuse();
    },
    get lowestPriority() {
      return refuse();
    },
    get affinityTerms() {
      return refuse();
    },
    nodeIn: refuse,
    node: refuse,
    countPods: refuse,
    imageSpread: refuse,
    imageNodes: refuse,
    objects: refuse,
    resourceName: (index) => cluster.resourceName(index),
    resourceIndex: (name) => cluster.resourceIndex(name),
  };
}

function reversed(cluster: ClusterInfo): ClusterInfo {
  return {
    nodes: [...cluster.nodes].reverse(),
    kinds: cluster.kinds,
    hasUniqueHostnames: cluster.hasUniqueHostnames,
    lowestPriority: cluster.lowestPriority,
    affinityTerms: cluster.affinityTerms,
    node: (name) => cluster.node(name),
    nodeIn: (slot) => cluster.nodeIn(slot),
    countPods: (query) => cluster.countPods(query),
    imageSpread: (image) => cluster.imageSpread(image),
    imageNodes: (image) => cluster.imageNodes(image),
    objects: (kind) => cluster.objects(kind),
    resourceName: (index) => cluster.resourceName(index),
    resourceIndex: (name) => cluster.resourceIndex(name),
  };
}

/** The pod with every field blank that `reads` does not claim. */
function withOnly(reads: readonly PodField[], info: PodInfo): PodInfo {
  const keeps = (field: PodField): boolean => reads.includes(field);
  const inSpec = [
    "nodeSelector",
    "affinity",
    "tolerations",
    "nodeName",
    "schedulingGates",
    "topologySpreadConstraints",
    "volumes",
  ] as const;
  const kept = inSpec.filter(keeps).map((field) => [field, info.pod.spec[field]]);
  const { nodeAffinity, ...podAffinity } = info.pod.spec.affinity ?? {};
  if (keeps("nodeAffinity") && nodeAffinity) kept.push(["affinity", { nodeAffinity }]);
  if (keeps("podAffinity")) kept.push(["affinity", podAffinity]);
  const spec = { containers: info.pod.spec.containers, ...Object.fromEntries(kept) };
  const { labels, annotations, ownerReferences, ...identity } = info.pod.metadata;
  const metadata = {
    ...identity,
    ...(labels && keeps("labels") ? { labels } : {}),
    ...(annotations && keeps("annotations") ? { annotations } : {}),
    ...(ownerReferences && keeps("ownerReferences") ? { ownerReferences } : {}),
  };
  const blank = { nonZeroCpuMilli: 0, nonZeroMemoryBytes: 0, requests: [] };
  return {
    ...info,
    name: "another",
    pod: { ...info.pod, metadata, spec },
    labels: keeps("labels") ? info.labels : {},
    priority: keeps("priority") ? info.priority : 0,
    hostPorts: keeps("hostPorts") ? info.hostPorts : [],
    images: keeps("images") ? info.images : [],
    ...(keeps("requests") ? {} : blank),
  };
}

function builtPods(builders: readonly PodBuilder[]) {
  return builders.map((pod) => pod.build());
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}
