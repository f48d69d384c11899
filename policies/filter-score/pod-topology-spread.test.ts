import { describe, expect, test } from "vitest";
import type { ApiObject, core } from "../../sim/api/index.ts";
import { SKIP } from "../../sim/scheduler/index.ts";
import { makeNode, makePod, type PodBuilder } from "../../test/builders.ts";
import { clusterOf, rejections, scores } from "../../test/one-plugin.ts";
import { plainFeasible } from "../../test/plain-cycle.ts";
import { podTopologySpread } from "./pod-topology-spread.ts";

const ZONE = "topology.kubernetes.io/zone";
const HOSTNAME = "kubernetes.io/hostname";
const WEB = { matchLabels: { app: "web" } };

type Constraint = Partial<core.TopologySpreadConstraint>;
const hard = (constraint: Constraint = {}): core.TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: ZONE,
  whenUnsatisfiable: "DoNotSchedule",
  labelSelector: WEB,
  ...constraint,
});
const soft = (constraint: Constraint = {}) =>
  hard({ whenUnsatisfiable: "ScheduleAnyway", ...constraint });

/** Pods with the label app=web, numbered, on these nodes. */
const webOn = (...nodes: string[]): PodBuilder[] =>
  nodes.map((node, i) => makePod(`web-${i}`).label("app", "web").onNode(node));
const web = () => makePod("p").label("app", "web");

const MISMATCH = "node(s) didn't match pod topology spread constraints";
const NO_LABEL = `${MISMATCH} (missing required label) (unresolvable)`;
const TWO_ZONES = [makeNode("a1").zone("a"), makeNode("a2").zone("a"), makeNode("b1").zone("b")];

describe("hard constraints", () => {
  test.each<[string, Constraint, PodBuilder[], string[]]>([
    ["no zone is ahead", {}, [], []],
    ["the zone that is ahead is ruled out", {}, webOn("a1"), ["a1", "a2"]],
    ["a higher maxSkew allows more", { maxSkew: 2 }, webOn("a1"), []],
    ["each node is a domain", { topologyKey: HOSTNAME }, webOn("a1", "b1"), ["a1", "b1"]],
    ["the minimum rises", { topologyKey: HOSTNAME }, webOn("a1", "a2", "b1"), []],
    [
      "one node is below the others",
      { topologyKey: HOSTNAME },
      webOn("a1", "a1", "a2", "b1"),
      ["a1"],
    ],
    [
      "with too few domains the minimum is 0",
      { minDomains: 3 },
      webOn("a1", "b1"),
      ["a1", "a2", "b1"],
    ],
    ["as many domains as asked for", { minDomains: 2 }, webOn("a1", "b1"), []],
    ["pods of other labels do not count", {}, [makePod("x").onNode("a1")], []],
    [
      "nor those of other namespaces",
      {},
      [makePod("x").namespace("other").label("app", "web").onNode("a1")],
      [],
    ],
    [
      "nor those being deleted",
      {},
      [makePod("x").label("app", "web").onNode("a1").terminating()],
      [],
    ],
    ["an empty selector counts nobody", { labelSelector: {} }, webOn("a1", "a2"), []],
    [
      "matchLabelKeys narrow the selector",
      { matchLabelKeys: ["version", "absent"] },
      [...webOn("a1"), makePod("x").label("app", "web").label("version", "2").onNode("b1")],
      ["b1"],
    ],
  ])("%s", (_case, constraint, bound, rejected) => {
    const pod = web().label("version", "2").spreads(hard(constraint));
    const wanted = rejected.map((node) => `${node}: ${MISMATCH}`);
    expect(rejections(podTopologySpread(), pod, { nodes: TWO_ZONES, bound })).toEqual(wanted);
  });

  test("a pod that its own selector does not match may join the fullest domain within the skew", () => {
    const pod = makePod("p").spreads(hard());
    expect(rejections(podTopologySpread(), pod, { nodes: TWO_ZONES, bound: webOn("a1") })).toEqual(
      [],
    );
  });

  test("nodes without a key are rejected for good, and do not count for any constraint", () => {
    const nodes = [makeNode("a1").zone("a"), makeNode("b1").zone("b"), makeNode("bare")];
    const pod = web()
      .spreads(hard())
      .spreads(hard({ topologyKey: HOSTNAME }));
    expect(rejections(podTopologySpread(), pod, { nodes, bound: webOn("a1") })).toEqual([
      `a1: ${MISMATCH}`,
      `bare: ${NO_LABEL}`,
    ]);
    // "bare" has no pods: were its hostname a domain, b1 would be one ahead of it.
    const all = { nodes, bound: webOn("a1", "b1") };
    expect(rejections(podTopologySpread(), pod, all)).toEqual([`bare: ${NO_LABEL}`]);
  });

  test.each<[string, Constraint, PodBuilder, string[]]>([
    ["Honor by default", {}, web(), []],
    ["Ignore", { nodeAffinityPolicy: "Ignore" }, web(), ["a1", "a2"]],
    ["by hostname", {}, web().nodeSelector({ [HOSTNAME]: "a1" }), []],
    [
      "by node name",
      {},
      web().requires({ matchFields: [{ key: "metadata.name", operator: "In", values: ["a2"] }] }),
      [],
    ],
  ])(
    "nodeAffinityPolicy: nodes that the pod's affinity excludes (%s)",
    (_case, policy, pod, rejected) => {
      const nodes = TWO_ZONES.map((node) =>
        node.label("disk", node === TWO_ZONES[2] ? "hdd" : "ssd"),
      );
      if (Object.keys(pod.build().spec.nodeSelector ?? {}).length === 0)
        pod.nodeSelector({ disk: "ssd" });
      const found = rejections(podTopologySpread(), pod.spreads(hard(policy)), {
        nodes,
        bound: webOn("a1"),
      });
      expect(found).toEqual(rejected.map((node) => `${node}: ${MISMATCH}`));
    },
  );

  test.each<[string, Constraint, string[]]>([
    ["Ignore by default", {}, ["a1", "a2"]],
    ["Honor", { nodeTaintsPolicy: "Honor" }, []],
  ])(
    "nodeTaintsPolicy: nodes with taints that the pod does not tolerate (%s)",
    (_case, policy, rejected) => {
      const nodes = [
        makeNode("a1").zone("a"),
        makeNode("a2").zone("a"),
        makeNode("b1").zone("b").taint("k:NoSchedule"),
      ];
      const pod = web().spreads(hard(policy));
      expect(rejections(podTopologySpread(), pod, { nodes, bound: webOn("a1") })).toEqual(
        rejected.map((node) => `${node}: ${MISMATCH}`),
      );
    },
  );

  test("two nodes that share a hostname are one domain", () => {
    const nodes = [
      makeNode("n1").label(HOSTNAME, "h"),
      makeNode("n2").label(HOSTNAME, "h"),
      makeNode("n3"),
    ];
    const pod = web().spreads(hard({ topologyKey: HOSTNAME }));
    expect(rejections(podTopologySpread(), pod, { nodes, bound: webOn("n1") })).toEqual([
      `n1: ${MISMATCH}`,
      `n2: ${MISMATCH}`,
    ]);
  });
});

describe("soft constraints", () => {
  const scored = (
    pod: PodBuilder,
    bound: PodBuilder[],
    nodes = TWO_ZONES,
    objects: ApiObject[] = [],
  ) => scores(podTopologySpread(), pod, { nodes, bound, objects });

  test("the emptier domain scores higher", () => {
    // Raw: 2 * ln(2 + 2) = 3 in zone a, 0 in zone b.
    expect(scored(web().spreads(soft()), webOn("a1", "a2"))).toEqual([0, 0, 100]);
    // Raw: ln(4) = 1, ln(4) = 1 and 2 * ln(4) = 3.
    expect(scored(web().spreads(soft()), webOn("a1", "b1", "b1"))).toEqual([100, 100, 33]);
  });

  test("maxSkew waters the differences down", () => {
    // Raw: 3 * ln(4) + 4 = 8 and 4.
    const pod = web().spreads(soft({ maxSkew: 5 }));
    expect(scored(pod, webOn("a1", "a1", "a2"))).toEqual([50, 50, 100]);
  });

  test("by hostname: each node's own pods, weighed by the number of nodes", () => {
    // Raw: 2 * ln(3 + 2) = 3, ln(5) = 2, 0.
    const pod = web().spreads(soft({ topologyKey: HOSTNAME }));
    expect(scored(pod, webOn("a1", "a1", "a2"))).toEqual([0, 33, 100]);
  });

  test("no pods anywhere: all the same", () => {
    expect(scored(web().spreads(soft()), [])).toEqual([100, 100, 100]);
  });

  test("nodes that lack a key get 0, and are no bound of the others' scores", () => {
    const nodes = [...TWO_ZONES, makeNode("bare")];
    const bound = webOn("a1", "a1", "b1", "bare");
    expect(scored(web().spreads(soft()), bound, nodes)).toEqual([33, 33, 100, 0]);
  });

  test("pods without soft constraints are not scored", () => {
    expect(scored(web(), webOn("a1"))).toBeUndefined();
    expect(scored(web().spreads(hard()), webOn("a1"))).toBeUndefined();
  });
});

describe("default constraints", () => {
  const object = (kind: string, name: string, selector: object | undefined): ApiObject =>
    ({
      apiVersion: kind === "Service" || kind === "ReplicationController" ? "v1" : "apps/v1",
      kind,
      metadata: { ...makePod(name).build().metadata },
      spec: selector === undefined ? {} : { selector },
    }) as ApiObject;
  const bound = [
    ...webOn("a1", "a1", "a2"),
    makePod("old").label("app", "web").label("version", "1").onNode("b1"),
  ];
  const scored = (pod: PodBuilder, objects: ApiObject[], args = {}) =>
    scores(podTopologySpread(args), pod, { nodes: TWO_ZONES, bound, objects });

  const service = object("Service", "web", { app: "web" });
  // Hostname: n * ln(5) + 2; zone: n * ln(4) + 4. With the pods 2 and 3 (a1), 1 and 3 (a2) and
  // 1 and 1 (b1) that is 13, 12 and 9.
  const ofService = [69, 76, 100];

  test.each<[string, PodBuilder, ApiObject[], readonly number[] | undefined]>([
    ["nothing selects the pod", web(), [], undefined],
    ["a Service does", web(), [service], ofService],
    ["a Service without selector does not", web(), [object("Service", "x", undefined)], undefined],
    ["an empty selector adds no condition", web(), [object("Service", "x", {})], undefined],
    [
      "a Service with another selector does not",
      web(),
      [object("Service", "x", { app: "x" })],
      undefined,
    ],
    [
      "a ReplicaSet that owns it",
      web().ownedBy("ReplicaSet", "rs"),
      [object("ReplicaSet", "rs", { matchLabels: { app: "web" } })],
      ofService,
    ],
    [
      "Service and owner together: both must select",
      web().label("version", "1").ownedBy("StatefulSet", "s"),
      [service, object("StatefulSet", "s", { matchLabels: { version: "1" } })],
      [100, 100, 66],
    ],
    [
      "a ReplicationController's labels",
      web().label("version", "1").ownedBy("ReplicationController", "rc", "v1"),
      [object("ReplicationController", "rc", { version: "1" })],
      [100, 100, 66],
    ],
    ["an owner that is gone", web().ownedBy("ReplicaSet", "gone"), [], undefined],
    [
      "an owner of another kind",
      web().ownedBy("Job", "rs", "batch/v1"),
      [object("ReplicaSet", "rs", { matchLabels: { app: "web" } })],
      undefined,
    ],
  ])("%s", (_case, pod, objects, wanted) => {
    expect(scored(pod, objects)).toEqual(wanted);
  });

  test("they follow the Services: one more that selects the pod narrows the choice", () => {
    const cluster = clusterOf({ nodes: TWO_ZONES, bound, objects: [service] });
    const plugin = podTopologySpread();
    const info = cluster.podInfo(web().label("version", "1").build());
    const raws = () => {
      const prepared = plugin.preScore?.(info, cluster, plainFeasible(cluster.nodes)) ?? SKIP;
      if (prepared === SKIP) return undefined;
      return cluster.nodes.map((node) => plugin.score?.(info, node, prepared.state));
    };
    expect(raws()).toEqual([13, 12, 9]);
    cluster.addObject(object("Service", "one", { version: "1" }));
    expect(raws()).toEqual([6, 6, 9]);
    cluster.removeObject("Service", "default", "web");
    cluster.removeObject("Service", "default", "one");
    expect(raws()).toBeUndefined();
  });

  test("own constraints replace them", () => {
    expect(scored(web().spreads(hard()), [service])).toBeUndefined();
  });

  test("List: the given ones; none at all switches the defaults off", () => {
    const { labelSelector, ...constraint } = soft();
    const list = { defaultingType: "List", defaultConstraints: [constraint] };
    expect(scored(web(), [service], list)).toEqual([25, 25, 100]);
    expect(scored(web(), [service], { defaultingType: "List" })).toBeUndefined();
  });

  test("System scores nodes without zone by their hostname; List leaves them at 0", () => {
    const { labelSelector, ...constraint } = soft();
    const list = { defaultingType: "List" as const, defaultConstraints: [constraint] };
    const small = {
      nodes: [makeNode("a1").zone("a"), makeNode("bare")],
      bound: webOn("a1", "bare"),
      objects: [service],
    };
    // Hostname: ln(4) + 2 on both; zone: ln(4) + 4 on a1 only, with "" as the second domain.
    expect(scores(podTopologySpread(), web(), small)).toEqual([33, 100]);
    expect(scores(podTopologySpread(list), web(), small)).toEqual([100, 0]);
  });

  test("a list of hard ones rejects", () => {
    const { labelSelector, ...constraint } = hard();
    const plugin = podTopologySpread({ defaultingType: "List", defaultConstraints: [constraint] });
    const small = { nodes: TWO_ZONES, bound, objects: [service] };
    expect(rejections(plugin, web(), small)).toEqual([`a1: ${MISMATCH}`, `a2: ${MISMATCH}`]);
  });

  test.each([
    [{ defaultingType: "Some" }, "defaultingType"],
    [{ defaultConstraints: [soft()] }, "when .defaultConstraints are not empty"],
    [{ defaultingType: "List", defaultConstraints: [soft()] }, "labelSelector"],
  ])("arguments %j are refused", (args, wanted) => {
    expect(() => podTopologySpread(args as object)).toThrow(wanted);
  });
});
