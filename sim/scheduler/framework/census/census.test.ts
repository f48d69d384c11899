/** What the census counts is what a look at every pod of every node counts, whatever happens. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../../../test/builders.ts";
import { plainAffinityTerms, plainCounts } from "../../../../test/plain-counts.ts";
import { type core, KeyRecord, type Node, type Pod } from "../../../api/index.ts";
import { copyGraph } from "../../../kernel/copy-graph.ts";
import { AFFINITY_TERM_GROUPS } from "../affinity-terms.ts";
import { createPodInfo } from "../create-pod-info.ts";
import type {
  AffinityTermGroup,
  AffinityTerms,
  Narrowing,
  NodeCounts,
  PodQuery,
} from "../node-counts.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { SchedulerCache } from "../scheduler-cache.ts";

const HOSTNAME = "kubernetes.io/hostname";
const APPS = ["web", "db", "cache"];
const IMAGES = ["app:1", "app:2", "db:1"];

const podStep = fc.record({
  act: fc.constantFrom("addPod", "addPod", "assumePod", "removePod", "terminate"),
  pod: fc.nat(11),
  node: fc.nat(5),
  app: fc.constantFrom(...APPS),
  namespace: fc.constantFrom("default", "other"),
  affinity: fc.nat(5),
});
const nodeStep = fc.record({
  act: fc.constantFrom("setNode", "setNode", "removeNode"),
  node: fc.nat(5),
  zone: fc.constantFrom("z1", "z2", ""),
  hostname: fc.constantFrom("own", "own", "shared", "none"),
  images: fc.subarray(IMAGES),
});
const askStep = fc.record({
  act: fc.constantFrom("count", "terms", "image", "restore"),
  what: fc.nat(20),
});
type Step =
  typeof podStep extends fc.Arbitrary<infer A>
    ? typeof nodeStep extends fc.Arbitrary<infer B>
      ? typeof askStep extends fc.Arbitrary<infer C>
        ? A | B | C
        : never
      : never
    : never;

const PLAIN_QUERIES: readonly PodQuery[] = [
  { key: "all", matches: () => true },
  { key: "none", matches: () => false },
  { key: "terminating", matches: (_, __, isTerminating) => isTerminating },
  { key: "other", matches: (namespace) => namespace === "other" },
  ...APPS.map((app) => ({
    key: app,
    matches: (namespace: string, labels: Readonly<Record<string, string>>, isGone: boolean) =>
      namespace === "default" && labels["app"] === app && !isGone,
  })),
];

/** The same questions with all that they may promise: they count alike. */
const NARROWED_QUERIES: readonly PodQuery[] = PLAIN_QUERIES.flatMap((query) => {
  if (query.key === "other") return narrowed(query, [{ namespace: "other" }]);
  if (!APPS.includes(query.key)) return [];
  const label = ["app", query.key] as const;
  const namespace = "default";
  return narrowed(query, [{ namespace, label }, { namespace }, { label }, {}]);
});

function narrowed(query: PodQuery, promises: readonly Narrowing[]): readonly PodQuery[] {
  return promises.map((narrowedBy) => ({
    ...query,
    key: `${query.key} ${JSON.stringify(narrowedBy)}`,
    narrowedBy,
  }));
}

const QUERIES = [...PLAIN_QUERIES, ...NARROWED_QUERIES];

function term(app: string): core.PodAffinityTerm {
  return { topologyKey: HOSTNAME, labelSelector: { matchLabels: { app } } };
}

const AFFINITIES: readonly (core.Affinity | undefined)[] = [
  undefined,
  { nodeAffinity: {} },
  { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term("web")] } },
  {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [term("db")],
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 5, podAffinityTerm: term("web") },
        { weight: 5, podAffinityTerm: term("web") },
        { weight: 7, podAffinityTerm: term("web") },
      ],
    },
  },
  {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 5, podAffinityTerm: term("web") },
      ],
    },
  },
  {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { ...term("db"), namespaceSelector: {} },
        { ...term("db"), namespaces: ["default", "other"] },
        {
          topologyKey: HOSTNAME,
          labelSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] },
          namespaces: ["other"],
        },
      ],
    },
  },
];

/** A cache, and what has been asked of it so far. */
class Bench {
  readonly cache = new SchedulerCache();
  readonly asked = new Set<PodQuery>();
  readonly images = new Set<string>();
  asksTerms = false;
  readonly #pods = new Map<number, { readonly pod: Pod; readonly record: KeyRecord<Pod> }>();

  run(step: Step): void {
    if ("what" in step) this.#ask(step.act, step.what);
    else if ("pod" in step) this.#changePod(step);
    else if (step.act === "removeNode") this.cache.removeNode(`n${step.node}`);
    else this.cache.addNode(nodeOf(step));
  }

  #ask(act: string, what: number): void {
    const { cache } = this;
    if (act === "restore") cache.state = copyGraph(cache.state, () => false);
    if (act === "terms") this.asksTerms = true;
    if (act === "image") this.images.add(IMAGES[what % IMAGES.length] ?? "");
    const query = QUERIES[what % QUERIES.length];
    if (act === "count" && query !== undefined) this.asked.add(query);
  }

  #changePod(step: typeof podStep extends fc.Arbitrary<infer A> ? A : never): void {
    const { cache } = this;
    const known = this.#pods.get(step.pod);
    if (step.act === "removePod" || step.act === "terminate") {
      if (known === undefined) return;
      if (step.act === "removePod") {
        this.#pods.delete(step.pod);
        cache.removePod(known.record);
        return;
      }
      const metadata = { ...known.pod.metadata, deletionTimestamp: "2024-06-01T00:00:00Z" };
      const pod = { ...known.pod, metadata };
      this.#pods.set(step.pod, { pod, record: known.record });
      cache.addPod(this.#infoOf(known.record, pod), pod.spec.nodeName ?? "");
      return;
    }
    if (step.act === "assumePod" && known !== undefined) return;
    const namespace = known?.record.namespace ?? step.namespace;
    const builder = makePod(`p${step.pod}`).namespace(namespace).label("app", step.app);
    const affinity = AFFINITIES[step.affinity];
    if (affinity !== undefined) builder.spec({ affinity });
    const pod = builder.onNode(`n${step.node}`).build();
    const record = known?.record ?? new KeyRecord<Pod>(step.pod, "Pod", namespace, `p${step.pod}`);
    this.#pods.set(step.pod, { pod, record });
    const info = this.#infoOf(record, pod);
    if (step.act === "assumePod") cache.assumePod(info, `n${step.node}`);
    else cache.addPod(info, `n${step.node}`);
  }

  #infoOf(record: KeyRecord<Pod>, pod: Pod): PodInfo {
    return createPodInfo(record, pod, this.cache.state.resources);
  }
}

function nodeOf(step: typeof nodeStep extends fc.Arbitrary<infer A> ? A : never): Node {
  const builder = makeNode(`n${step.node}`);
  if (step.zone !== "") builder.zone(step.zone);
  for (const image of step.images) builder.image(1_000_000, image);
  if (step.hostname === "shared") builder.label(HOSTNAME, "shared");
  const node = builder.build();
  if (step.hostname === "none") delete node.metadata.labels?.[HOSTNAME];
  return node;
}

/** Everything that NodeCounts tell, in an order that means nothing more. */
function told(counts: NodeCounts): unknown {
  const bySlot = counts.slots.map((slot, index) => [slot, counts.counts[index]]);
  return {
    bySlot: bySlot.sort(([a = 0], [b = 0]) => a - b),
    total: counts.total,
    at: Array.from({ length: 8 }, (_, slot) => counts.at(slot)),
    onKind: Array.from({ length: 12 }, (_, kind) => counts.onKind(kind)),
  };
}

function expectSameTerms({ cluster }: SchedulerCache): void {
  const found = cluster.affinityTerms;
  const wanted = plainAffinityTerms(cluster.nodes, 0);
  for (const group of AFFINITY_TERM_GROUPS) {
    expect(found.podCount(group)).toBe(wanted.podCount(group));
    const stated = found.of(group).filter(({ pods }) => pods.total > 0);
    expect(stated.length).toBe(wanted.of(group).length);
    for (const { term, pods } of wanted.of(group)) {
      const same = stated.find((other) => other.term === term);
      expect(same === undefined ? undefined : told(same.pods)).toEqual(told(pods));
    }
    expectAllThatMatch(found, group);
  }
}

/** mayMatch leaves out no term that matches, and adds none from before. */
function expectAllThatMatch(terms: AffinityTerms, group: AffinityTermGroup): void {
  const list = terms.of(group);
  for (const namespace of ["default", "other"]) {
    for (const app of APPS) {
      for (const since of [0, 1, list.length]) {
        const found = terms.mayMatch(group, namespace, { app, tier: "x" }, since);
        const later = list.slice(since);
        expect(new Set(found).size).toBe(found.length);
        for (const counted of found) expect(later).toContain(counted);
        for (const counted of later) {
          if (counted.term.matches(namespace, { app }, {})) expect(found).toContain(counted);
        }
      }
    }
  }
}

function expectSame({ cache, asked, images, asksTerms }: Bench): void {
  const { nodes } = cache.cluster;
  for (const query of asked) {
    const countOn = ({ pods }: NodeInfo): number =>
      pods.filter(({ namespace, labels, pod }) =>
        query.matches(namespace, labels, pod.metadata.deletionTimestamp !== undefined),
      ).length;
    expect([query.key, told(cache.cluster.countPods(query))]).toEqual([
      query.key,
      told(plainCounts(nodes, countOn)),
    ]);
  }
  for (const image of images) {
    const holds = (node: NodeInfo): number => (node.images.has(image) ? 1 : 0);
    expect(told(cache.cluster.imageNodes(image))).toEqual(told(plainCounts(nodes, holds)));
  }
  if (asksTerms) expectSameTerms(cache);
}

function expectSameKinds({ cluster }: SchedulerCache): void {
  const { nodes } = cluster;
  const hostnames = nodes.map(({ labels }) => labels[HOSTNAME] ?? "");
  const isUnique = !hostnames.includes("") && new Set(hostnames).size === nodes.length;
  expect(cluster.hasUniqueHostnames).toBe(isUnique);
  const numbers = [...new Set(nodes.map(({ kind }) => kind))].sort((a, b) => a - b);
  expect(cluster.kinds.map(({ number }) => number)).toEqual(numbers);
  for (const { number, node, nodeCount } of cluster.kinds) {
    const ofKind = nodes.filter(({ kind }) => kind === number);
    expect(ofKind).toContain(node);
    expect(nodeCount).toBe(ofKind.length);
    const zones = ofKind.map(({ labels }) => labels["topology.kubernetes.io/zone"]);
    expect(new Set(zones).size).toBe(1);
    expect(new Set(ofKind.map(({ labels }) => HOSTNAME in labels)).size).toBe(1);
  }
}

describe("the census", () => {
  test("counts what a look at every pod and node counts", () => {
    const steps = fc.array(fc.oneof(podStep, podStep, podStep, nodeStep, askStep), {
      minLength: 10,
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const bench = new Bench();
        for (const step of list) {
          bench.run(step);
          expectSame(bench);
          expectSameKinds(bench.cache);
        }
        for (const query of QUERIES) bench.asked.add(query);
        for (const image of IMAGES) bench.images.add(image);
        bench.asksTerms = true;
        expectSame(bench);
      }),
      { seed: 20240601, numRuns: 250 },
    );
  });

  test("keeps the lists of terms while the epoch stays, and starts anew after a restore", () => {
    const { cache } = new Bench();
    const before = cache.cluster.affinityTerms;
    expect(cache.cluster.affinityTerms).toBe(before);
    cache.state = copyGraph(cache.state, () => false);
    expect(cache.cluster.affinityTerms.epoch).toBeGreaterThan(before.epoch);
  });

  test("forgets terms that nobody states any more, and then says so", () => {
    const cache = new SchedulerCache();
    cache.addNode(makeNode("n1").build());
    const { epoch } = cache.cluster.affinityTerms;
    const place = (index: number): KeyRecord<Pod> => {
      const pod = makePod("a")
        .apartFrom(term(`app-${index}`))
        .build();
      const record = new KeyRecord<Pod>(index, "Pod", "default", `p${index}`);
      cache.addPod(createPodInfo(record, pod, cache.state.resources), "n1");
      return record;
    };
    place(0);
    for (let i = 1; i <= 2000; i++) cache.removePod(place(i));
    const { affinityTerms } = cache.cluster;
    expect(affinityTerms.epoch).toBeGreaterThan(epoch);
    expect(affinityTerms.of("requiredAntiAffinity").map(({ pods }) => pods.total)).toEqual([1]);
  });

  test("still counts after so many label sets and queries that it forgets some", () => {
    const cache = new SchedulerCache();
    cache.addNode(makeNode("n1").build());
    const place = (index: number): KeyRecord<Pod> => {
      const pod = makePod("a").label("app", `app-${index}`).build();
      const record = new KeyRecord<Pod>(index, "Pod", "default", `p${index}`);
      cache.addPod(createPodInfo(record, pod, cache.state.resources), "n1");
      return record;
    };
    const query = (app: number, key = `app-${app}`): PodQuery => ({
      key,
      matches: (_, labels) => labels["app"] === `app-${app}`,
    });
    expect(cache.cluster.countPods(query(0)).total).toBe(0);
    place(12_000);
    const records = Array.from({ length: 12_000 }, (_, index) => place(index));
    for (const record of records) cache.removePod(record);
    expect(cache.cluster.countPods(query(0)).total).toBe(0);
    expect(cache.cluster.countPods(query(12_000)).total).toBe(1);
    place(0);
    expect(cache.cluster.countPods(query(0)).total).toBe(1);
    for (let i = 0; i < 50_001; i++) cache.cluster.countPods(query(1, `query ${i}`));
    place(12_001);
    expect(cache.cluster.countPods(query(0)).total).toBe(1);
    expect(cache.cluster.countPods(query(12_001)).total).toBe(1);
    expect(cache.cluster.countPods(query(1)).total).toBe(0);
  });

  test("asks a query only about label sets that it may match", () => {
    const cache = new SchedulerCache();
    cache.addNode(makeNode("n1").build());
    let asked = 0;
    const place = (id: number, namespace: string, app: string): void => {
      const pod = makePod(`p${id}`).namespace(namespace).label("app", app).build();
      const record = new KeyRecord<Pod>(id, "Pod", namespace, `p${id}`);
      cache.addPod(createPodInfo(record, pod, cache.state.resources), "n1");
    };
    const total = (key: string, narrowedBy: Narrowing): number => {
      const matches = () => {
        asked++;
        return true;
      };
      return cache.cluster.countPods({ key, narrowedBy, matches }).total;
    };
    cache.cluster.countPods({ key: "none", matches: () => false });
    for (let i = 0; i < 100; i++) place(i, `ns${i % 10}`, `app${i % 20}`);
    expect(total("one", { namespace: "ns3", label: ["app", "app3"] })).toBe(5);
    expect(asked).toBe(1);
    expect(total("namespace", { namespace: "ns3" })).toBe(10);
    expect(asked).toBe(3);
    expect(total("label", { label: ["app", "app3"] })).toBe(5);
    expect(asked).toBe(4);
    asked = 0;
    place(100, "ns3", "app100");
    expect(asked).toBe(1);
    place(101, "ns4", "app101");
    expect(asked).toBe(1);
    place(102, "ns4", "app3");
    expect(asked).toBe(2);
  });

  test("a counter costs as much as the nodes it counts on, whatever the size of the cluster", () => {
    const cache = new SchedulerCache();
    for (let i = 0; i < 50; i++) cache.addNode(makeNode(`n${i}`).build());
    const record = new KeyRecord<Pod>(1, "Pod", "default", "a");
    const pod = makePod("a").onNode("n40").build();
    const counts = cache.cluster.countPods({ key: "all", matches: () => true });
    cache.addPod(createPodInfo(record, pod, cache.state.resources), "n40");
    expect([counts.slots, counts.counts]).toEqual([[40], [1]]);
    cache.removePod(record);
    expect([counts.slots, counts.counts, counts.total]).toEqual([[], [], 0]);
  });
});
