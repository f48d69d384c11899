/** What the plugins that look at the whole cluster promise, on random clusters. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ApiObject, KeyRecord, type Node, type Pod } from "../../sim/api/index.ts";
import {
  type AnyPlugin,
  type ClusterInfo,
  createPodInfo,
  type NodeInfo,
  type PodInfo,
  SchedulerCache,
  SKIP,
} from "../../sim/scheduler/index.ts";
import { makeNode, makePod } from "../../test/builders.ts";
import { PlainCluster } from "../../test/plain-cluster.ts";
import { asRejection, plainFeasible } from "../../test/plain-cycle.ts";
import {
  boundPods,
  buildCluster,
  buildNamespace,
  buildNode,
  buildPod,
  clusterShape,
  nodeShape,
  podShape,
  SERVICE,
} from "../../test/random-clusters.ts";
import { imageLocality } from "../score/image-locality.ts";
import { interPodAffinity } from "./inter-pod-affinity.ts";
import { podTopologySpread } from "./pod-topology-spread.ts";

const SEED = { seed: 20240601, numRuns: 100 };
interface Answer {
  readonly rejection: unknown;
  readonly raw: number | undefined;
}

/** What the plugin says of each node, and on which counts it says that this depends. */
function ask(plugin: AnyPlugin, pod: PodInfo, cluster: ClusterInfo) {
  const filter = plugin.preFilter?.(pod, cluster) ?? SKIP;
  const score = plugin.preScore?.(pod, cluster, plainFeasible(cluster.nodes)) ?? SKIP;
  const answers = cluster.nodes.map(
    (node): Answer => ({
      rejection:
        filter === SKIP ? undefined : asRejection(plugin.filter?.(pod, node, filter.state)),
      raw: score === SKIP ? undefined : plugin.score?.(pod, node, score.state),
    }),
  );
  return { filter, score, answers };
}

const PLUGINS: readonly (readonly [string, () => AnyPlugin])[] = [
  ["PodTopologySpread", podTopologySpread],
  ["InterPodAffinity", interPodAffinity],
  ["ImageLocality", imageLocality],
];

describe.each(PLUGINS)("%s on random clusters", (_name, make) => {
  test("kind and counts decide", () => {
    fc.assert(
      fc.property(clusterShape, podShape, (shape, podOf) => {
        const cluster = buildCluster(shape);
        const pod = cluster.podInfo(buildPod("p", podOf).build());
        const { filter, score, answers } = ask(make(), pod, cluster);
        const seen = new Map<string, unknown>();
        const check = (place: string, node: NodeInfo, counts: readonly number[], said: unknown) => {
          const key = JSON.stringify([place, node.kind, counts]);
          expect(said).toEqual(seen.has(key) ? seen.get(key) : said);
          seen.set(key, said);
        };
        for (const [i, node] of cluster.nodes.entries()) {
          if (filter !== SKIP) {
            expect(filter.counts).toBeDefined();
            const counts = filter.counts?.map((one) => one.at(node.slot)) ?? [];
            check("filter", node, counts, answers[i]?.rejection);
          }
          if (score !== SKIP) {
            expect(score.counts).toBeDefined();
            const counts = score.counts?.map((one) => one.at(node.slot)) ?? [];
            check("score", node, counts, answers[i]?.raw);
          }
        }
      }),
      SEED,
    );
  });

  test("looking at every node gives the same as counting by kind", () => {
    fc.assert(
      fc.property(clusterShape, podShape, (shape, podOf) => {
        const cluster = buildCluster(shape);
        const pod = cluster.podInfo(buildPod("p", podOf).build());
        const { answers } = ask(make(), pod, cluster);
        const plain: ClusterInfo = Object.create(cluster, {
          hasUniqueHostnames: { value: false },
          nodes: { value: cluster.nodes },
          kinds: { value: cluster.kinds },
          affinityTerms: { get: () => cluster.affinityTerms },
          countPods: { value: cluster.countPods.bind(cluster) },
          objects: { value: cluster.objects.bind(cluster) },
          imageSpread: { value: cluster.imageSpread.bind(cluster) },
          imageNodes: { value: cluster.imageNodes.bind(cluster) },
        });
        expect(ask(make(), pod, plain).answers).toEqual(answers);
        // A condition on the node's name that all nodes meet.
        const named = buildPod("p", podOf).requires({
          matchFields: [{ key: "metadata.name", operator: "NotIn", values: ["nobody"] }],
        });
        expect(ask(make(), cluster.podInfo(named.build()), cluster).answers).toEqual(answers);
      }),
      SEED,
    );
  });
});

const step = fc.oneof(
  fc.record({
    act: fc.constant("pod" as const),
    which: fc.nat(5),
    node: fc.nat(4),
    shape: podShape,
  }),
  fc.record({ act: fc.constant("unbind" as const), which: fc.nat(5) }),
  fc.record({ act: fc.constant("node" as const), node: fc.nat(4), shape: nodeShape }),
  fc.record({ act: fc.constant("drop" as const), node: fc.nat(4) }),
  fc.record({ act: fc.constant("service" as const), isThere: fc.boolean() }),
  fc.record({ act: fc.constant("namespace" as const), isLabelled: fc.boolean() }),
);

/** A cluster that changes in the scheduler's cache, and the same made anew. */
class ChangingCluster {
  readonly cache = new SchedulerCache();
  readonly #pods = new Map<string, Pod>();
  readonly #nodes = new Map<string, Node>();
  readonly #objects = new Map<string, ApiObject>();
  readonly #infos = new Map<string, PodInfo>();
  #changes = 1;

  podInfo(pod: Pod): PodInfo {
    const { namespace, name } = pod.metadata;
    const record = new KeyRecord<Pod>(++this.#changes, "Pod", namespace, name);
    record.stored = pod;
    return createPodInfo(record, pod, this.cache.state.resources);
  }

  run(change: typeof step extends fc.Arbitrary<infer T> ? T : never): void {
    const nodeName = "node" in change ? `n${change.node}` : "";
    switch (change.act) {
      case "pod":
        this.#unbind(`b${change.which}`);
        return this.#bind(buildPod(`b${change.which}`, change.shape).onNode(nodeName).build());
      case "unbind":
        return this.#unbind(`b${change.which}`);
      case "node": {
        const node = buildNode(change.shape, change.node).build();
        if (this.#nodes.has(nodeName)) this.cache.updateNode(node);
        else this.cache.addNode(node);
        this.#nodes.set(nodeName, node);
        return;
      }
      case "drop":
        if (this.#nodes.delete(nodeName)) this.cache.removeNode(nodeName);
        return;
      case "service":
        return this.#set(SERVICE, change.isThere);
      case "namespace":
        return this.#set(buildNamespace("default", change.isLabelled), true);
    }
  }

  #bind(pod: Pod): void {
    const info = this.podInfo(pod);
    this.cache.addPod(info, pod.spec.nodeName ?? "");
    this.#pods.set(pod.metadata.name, pod);
    this.#infos.set(pod.metadata.name, info);
  }

  #unbind(name: string): void {
    const info = this.#infos.get(name);
    if (info !== undefined) this.cache.removePod(info.record);
    this.#infos.delete(name);
    this.#pods.delete(name);
  }

  #set(object: ApiObject, isThere: boolean): void {
    const { kind, metadata } = object;
    const newer = {
      ...object,
      metadata: { ...metadata, resourceVersion: `${++this.#changes}` },
    };
    if (isThere) this.cache.objects.set(newer);
    else this.cache.objects.delete(kind, metadata.namespace, metadata.name);
    if (isThere) this.#objects.set(kind, newer);
    else this.#objects.delete(kind);
  }

  plain(): PlainCluster {
    const nodes = this.cache.cluster.nodes.map(({ node }) => node);
    const pods = [...this.#pods.values()].filter(({ spec }) =>
      this.#nodes.has(spec.nodeName ?? ""),
    );
    const plain = new PlainCluster(nodes, pods);
    for (const object of this.#objects.values()) plain.addObject(object);
    return plain;
  }
}

describe.each(PLUGINS)("what %s remembers", (_name, make) => {
  test("never shows: over many changes it answers as if it were asked for the first time", () => {
    fc.assert(
      fc.property(
        fc.array(podShape, { minLength: 1, maxLength: 2 }),
        fc.array(step, { minLength: 5, maxLength: 25 }),
        (shapes, steps) => {
          const changing = new ChangingCluster();
          const plugin = make();
          const pods = shapes.map((shape, i) => buildPod(`p${i}`, shape).build());
          const infos = pods.map((pod) => changing.podInfo(pod));
          for (const change of steps) {
            changing.run(change);
            if (changing.cache.nodeCount === 0) continue;
            const plain = changing.plain();
            for (const [i, info] of infos.entries()) {
              const anew = ask(make(), plain.podInfo(pods[i] as Pod), plain);
              expect(ask(plugin, info, changing.cache.cluster).answers).toEqual(anew.answers);
            }
          }
        },
      ),
      SEED,
    );
  });
});

describe.each(PLUGINS.slice(0, 2))("what-ifs of %s", (_name, make) => {
  /** Verdicts on one node of a cluster with one pod more or less. */
  const verdict = (cluster: PlainCluster, pod: Pod, nodeName: string): unknown => {
    const plugin = make();
    const info = cluster.podInfo(pod);
    const filter = plugin.preFilter?.(info, cluster) ?? SKIP;
    if (filter === SKIP) return undefined;
    return asRejection(plugin.filter?.(info, cluster.nodeNamed(nodeName), filter.state));
  };

  test("adding or removing pods is as if they were there or not, and leaves no trace", () => {
    fc.assert(
      fc.property(
        clusterShape,
        podShape,
        fc.nat(),
        fc.boolean(),
        (shape, podOf, which, isAdded) => {
          const present = boundPods(shape).filter((one) => !one.metadata.deletionTimestamp);
          const changed = present[which % Math.max(present.length, 1)];
          if (changed === undefined) return;
          const without = buildCluster(
            shape,
            present.filter((one) => one !== changed),
          );
          const [before, after] = isAdded
            ? [without, buildCluster(shape, present)]
            : [buildCluster(shape, present), without];
          // With an empty selector what-ifs count pods that the cycle does not: see below.
          const constraints = podOf.constraints.filter(
            ({ labelSelector = {} }) => Object.keys(labelSelector).length > 0,
          );
          const pod = buildPod("p", { ...podOf, constraints }).build();
          const nodeName = changed.spec.nodeName ?? "";
          const plugin = make();
          const info = before.podInfo(pod);
          const filter = plugin.preFilter?.(info, before) ?? SKIP;
          if (filter === SKIP) return;
          const node = before.nodeNamed(nodeName);
          const say = () => asRejection(plugin.filter?.(info, node, filter.state));
          const other = before.podInfo(changed);
          const first = say();
          plugin[isAdded ? "addPod" : "removePod"]?.(info, other, node, filter.state);
          expect(say()).toEqual(verdict(after, pod, nodeName));
          plugin[isAdded ? "removePod" : "addPod"]?.(info, other, node, filter.state);
          expect(say()).toEqual(first);
        },
      ),
      SEED,
    );
  });
});

describe("the minimum in a what-if of PodTopologySpread", () => {
  const hostname = "kubernetes.io/hostname";
  const zone = "topology.kubernetes.io/zone";

  test.each([
    ["hostname, one node below the others", hostname, ["n2", "n3"]],
    ["hostname, all nodes with pods", hostname, ["n1", "n2", "n2", "n3", "n3"]],
    ["zone, one below the others", zone, ["n2", "n3"]],
  ])("rises with a pod on the only lowest domain: %s", (_case, topologyKey, places) => {
    const web = (name: string) => makePod(name).label("app", "web");
    const nodes = ["n1", "n2", "n3"].map((name) => makeNode(name).zone(`zone-${name}`).build());
    const bound = places.map((place, i) => web(`b${i}`).onNode(place).build());
    const cluster = new PlainCluster(nodes, bound);
    const labelSelector = { matchLabels: { app: "web" } };
    const constraint = { maxSkew: 1, topologyKey, labelSelector };
    const pod = web("p")
      .spreads({ ...constraint, whenUnsatisfiable: "DoNotSchedule" })
      .build();
    const plugin = podTopologySpread();
    const info = cluster.podInfo(pod);
    const filter = plugin.preFilter?.(info, cluster) ?? SKIP;
    if (filter === SKIP) throw new Error("it has a hard constraint");
    const node = cluster.nodeNamed("n1");
    const other = cluster.podInfo(web("other").onNode("n1").build());
    plugin.addPod?.(info, other, node, filter.state);
    expect(plugin.filter?.(info, node, filter.state)).toBeUndefined();
    plugin.addPod?.(info, other, node, filter.state);
    expect(plugin.filter?.(info, node, filter.state)).toBeDefined();
  });
});

describe("pods that a what-if of PodTopologySpread counts and a cycle does not, as in kube-scheduler", () => {
  const nodes = [makeNode("n1"), makeNode("n2")].map((node) => node.build());
  const constraint = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "DoNotSchedule",
  };

  test.each([
    ["with an empty selector", {}, makePod("b")],
    ["that are being deleted", { matchLabels: { app: "web" } }, makePod("b").terminating()],
  ])("%s", (_case, labelSelector, other) => {
    const bound = other.label("app", "web").onNode("n1").build();
    const cluster = new PlainCluster(nodes, [bound]);
    const pod = makePod("p")
      .label("app", "web")
      .spreads({ ...constraint, labelSelector });
    const plugin = podTopologySpread();
    const info = cluster.podInfo(pod.build());
    const filter = plugin.preFilter?.(info, cluster) ?? SKIP;
    if (filter === SKIP) throw new Error("it has a hard constraint");
    const node = cluster.nodeNamed("n1");
    expect(plugin.filter?.(info, node, filter.state)).toBeUndefined();
    plugin.addPod?.(info, cluster.podInfo(bound), node, filter.state);
    expect(plugin.filter?.(info, node, filter.state)).toBeDefined();
  });
});
