import { describe, expect, test } from "vitest";
import type { ApiObject, core } from "../../sim/api/index.ts";
import { makeNode, makePod, type PodBuilder } from "../../test/builders.ts";
import { rejections, scores } from "../../test/one-plugin.ts";
import { interPodAffinity } from "./inter-pod-affinity.ts";

const ZONE = "topology.kubernetes.io/zone";
const HOSTNAME = "kubernetes.io/hostname";

type Term = core.PodAffinityTerm;
const app = (name: string, topologyKey = ZONE, more: Partial<Term> = {}): Term => ({
  topologyKey,
  labelSelector: { matchLabels: { app: name } },
  ...more,
});
const pod = (name: string) => makePod(`p-${name}`).label("app", name);
const namespace = (name: string, labels?: Record<string, string>): ApiObject =>
  ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { ...makePod(name).namespace("").build().metadata, ...(labels && { labels }) },
  }) as ApiObject;

const NODES = [makeNode("a1").zone("a"), makeNode("a2").zone("a"), makeNode("b1").zone("b")];
const AFFINITY = "node(s) didn't match pod affinity rules (unresolvable)";
const ANTI = "node(s) didn't match pod anti-affinity rules";
const EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules";

const rejected = (one: PodBuilder, bound: PodBuilder[], nodes = NODES, objects: ApiObject[] = []) =>
  rejections(interPodAffinity(), one, { nodes, bound, objects });

describe("required affinity", () => {
  test.each<[string, PodBuilder, PodBuilder[], string[]]>([
    ["the domain of a matching pod", pod("web").near(app("db")), [pod("db").onNode("a1")], ["b1"]],
    ["by hostname", pod("web").near(app("db", HOSTNAME)), [pod("db").onNode("a1")], ["a2", "b1"]],
    ["nobody matches", pod("web").near(app("db")), [pod("web").onNode("a1")], ["a1", "a2", "b1"]],
    ["the first of a series", pod("web").near(app("web")), [pod("db").onNode("a1")], []],
    [
      "not the first: the series has begun",
      pod("web").near(app("web")),
      [makePod("w").label("app", "web").onNode("a1")],
      ["b1"],
    ],
    [
      "one pod must match all terms",
      pod("web")
        .near(app("db"))
        .near(app("db", HOSTNAME, { labelSelector: { matchLabels: { v: "2" } } })),
      [pod("db").onNode("a1"), makePod("two").label("v", "2").onNode("a1")],
      ["a1", "a2", "b1"],
    ],
    [
      "pods of other namespaces do not count",
      pod("web").near(app("db")),
      [pod("db").namespace("other").onNode("a1")],
      ["a1", "a2", "b1"],
    ],
    [
      "unless they are named",
      pod("web").near(app("db", ZONE, { namespaces: ["other"] })),
      [pod("db").namespace("other").onNode("a1")],
      ["b1"],
    ],
    [
      "an empty namespaceSelector means all",
      pod("web").near(app("db", ZONE, { namespaceSelector: {} })),
      [pod("db").namespace("other").onNode("a1")],
      ["b1"],
    ],
    [
      "pods that are being deleted do count",
      pod("web").near(app("db")),
      [pod("db").onNode("a1").terminating()],
      ["b1"],
    ],
  ])("%s", (_case, one, bound, nodes) => {
    expect(rejected(one, bound)).toEqual(nodes.map((node) => `${node}: ${AFFINITY}`));
  });

  test("nodes without the key are ruled out, also for the first of a series", () => {
    const nodes = [...NODES, makeNode("bare")];
    expect(rejected(pod("web").near(app("web")), [], nodes)).toEqual([`bare: ${AFFINITY}`]);
  });

  test("a matching pod on a node without the key begins no series", () => {
    const nodes = [...NODES, makeNode("bare")];
    const bound = [makePod("w").label("app", "web").onNode("bare")];
    expect(rejected(pod("web").near(app("web")), bound, nodes)).toEqual([`bare: ${AFFINITY}`]);
  });

  test.each<[string, Record<string, string> | undefined, string[]]>([
    ["that has the labels", { team: "x" }, ["b1"]],
    ["that has others", { team: "y" }, ["a1", "a2", "b1"]],
    ["that has none", undefined, ["a1", "a2", "b1"]],
  ])("namespaceSelector: pods of a namespace %s", (_case, labels, nodes) => {
    const namespaceSelector = { matchLabels: { team: "x" } };
    const one = pod("web").near(app("db", ZONE, { namespaceSelector }));
    const bound = [pod("db").namespace("other").onNode("a1")];
    const found = rejected(one, bound, NODES, [namespace("other", labels)]);
    expect(found).toEqual(nodes.map((node) => `${node}: ${AFFINITY}`));
  });

  test("only namespaces that exist as objects can be selected", () => {
    const namespaceSelector = { matchExpressions: [{ key: "team", operator: "DoesNotExist" }] };
    const one = pod("web").near(app("db", ZONE, { namespaceSelector }));
    const bound = [pod("db").namespace("other").onNode("a1")];
    expect(rejected(one, bound)).toHaveLength(3);
    expect(rejected(one, bound, NODES, [namespace("other")])).toEqual([`b1: ${AFFINITY}`]);
  });

  test("two nodes that share a hostname are one domain", () => {
    const nodes = [...NODES, makeNode("twin").label(HOSTNAME, "a1")];
    const one = pod("web").near(app("db", HOSTNAME));
    expect(rejected(one, [pod("db").onNode("twin")], nodes)).toEqual([
      `a2: ${AFFINITY}`,
      `b1: ${AFFINITY}`,
    ]);
  });
});

describe("required anti-affinity", () => {
  test.each<[string, PodBuilder, PodBuilder[], string[]]>([
    [
      "the pod's own",
      pod("web").apartFrom(app("db")),
      [pod("db").onNode("a1")],
      [`a1: ${ANTI}`, `a2: ${ANTI}`],
    ],
    [
      "by hostname",
      pod("web").apartFrom(app("db", HOSTNAME)),
      [pod("db").onNode("a1")],
      [`a1: ${ANTI}`],
    ],
    ["nobody matches", pod("web").apartFrom(app("db")), [pod("x").onNode("a1")], []],
    [
      "a running pod's",
      pod("web"),
      [pod("db").apartFrom(app("web")).onNode("a1")],
      [`a1: ${EXISTING}`, `a2: ${EXISTING}`],
    ],
    [
      "a running pod's that means others",
      pod("web"),
      [pod("db").apartFrom(app("x")).onNode("a1")],
      [],
    ],
    [
      "both: the pod's own is named",
      pod("web").apartFrom(app("db", HOSTNAME)),
      [pod("db").apartFrom(app("web")).onNode("a1")],
      [`a1: ${ANTI}`, `a2: ${EXISTING}`],
    ],
  ])("%s", (_case, one, bound, wanted) => {
    expect(rejected(one, bound)).toEqual(wanted);
  });

  test("a running pod's namespaceSelector looks at the labels of the pod's namespace", () => {
    const namespaceSelector = { matchLabels: { team: "x" } };
    const bound = [
      pod("db")
        .namespace("other")
        .apartFrom(app("web", HOSTNAME, { namespaceSelector }))
        .onNode("a1"),
    ];
    expect(rejected(pod("web"), bound)).toEqual([]);
    const labelled = [namespace("default", { team: "x" })];
    expect(rejected(pod("web"), bound, NODES, labelled)).toEqual([`a1: ${EXISTING}`]);
  });
});

describe("scores", () => {
  const scored = (one: PodBuilder, bound: PodBuilder[], args = {}) =>
    scores(interPodAffinity(args), one, { nodes: NODES, bound });

  test.each<[string, PodBuilder, PodBuilder[], readonly number[] | undefined]>([
    ["near", pod("web").prefersNear(5, app("db")), [pod("db").onNode("a1")], [100, 100, 0]],
    ["apart", pod("web").prefersApartFrom(5, app("db")), [pod("db").onNode("a1")], [0, 0, 100]],
    [
      "weights add up over terms and pods",
      pod("web").prefersNear(5, app("db", HOSTNAME)).prefersNear(2, app("x")),
      [pod("db").onNode("a1"), pod("x").onNode("b1"), makePod("x2").label("app", "x").onNode("b1")],
      [100, 0, 80],
    ],
    [
      "a running pod's preference",
      pod("web"),
      [pod("db").prefersNear(5, app("web")).onNode("b1")],
      [0, 0, 100],
    ],
    [
      "a running pod's dislike",
      pod("web"),
      [pod("db").prefersApartFrom(5, app("web")).onNode("b1")],
      [100, 100, 0],
    ],
    [
      "a running pod's required affinity",
      pod("web"),
      [pod("db").near(app("web")).onNode("b1")],
      [0, 0, 100],
    ],
    [
      "nothing matches anywhere",
      pod("web").prefersNear(5, app("db")),
      [pod("x").onNode("a1")],
      undefined,
    ],
    [
      "opposite weights cancel out, but were matches",
      pod("web").prefersNear(5, app("db")).prefersApartFrom(5, app("db")),
      [pod("db").onNode("a1")],
      [0, 0, 0],
    ],
    [
      "the least is 0 although all are liked",
      pod("web").prefersNear(5, app("db", HOSTNAME)),
      [
        ...NODES.map((_, i) =>
          makePod(`d${i}`)
            .label("app", "db")
            .onNode(["a1", "a2", "b1"][i] ?? ""),
        ),
        pod("db").onNode("b1"),
      ],
      [0, 0, 100],
    ],
  ])("%s", (_case, one, bound, wanted) => {
    expect(scored(one, bound)).toEqual(wanted);
  });

  test("the quotient comes first, in floating point: 100 * (29 / 100) is below 29", () => {
    const bound = [pod("db").onNode("a1"), pod("x").onNode("a2")];
    const one = pod("web")
      .prefersNear(100, app("db", HOSTNAME))
      .prefersNear(29, app("x", HOSTNAME));
    expect(scored(one, bound)).toEqual([100, 28, 0]);
  });

  test("hardPodAffinityWeight weighs running pods' required affinity", () => {
    const bound = [
      pod("db").near(app("web", HOSTNAME)).onNode("a1"),
      pod("x").prefersNear(10, app("web", HOSTNAME)).onNode("b1"),
    ];
    expect(scored(pod("web"), bound)).toEqual([10, 0, 100]);
    expect(scored(pod("web"), bound, { hardPodAffinityWeight: 20 })).toEqual([100, 0, 50]);
    const alone = bound.slice(0, 1);
    expect(scored(pod("web"), alone, { hardPodAffinityWeight: 0 })).toBeUndefined();
  });

  test("ignorePreferredTermsOfExistingPods concerns pods without preferences only", () => {
    const bound = [pod("x").prefersNear(10, app("web")).onNode("b1")];
    const args = { ignorePreferredTermsOfExistingPods: true };
    expect(scored(pod("web"), bound, args)).toBeUndefined();
    expect(scored(pod("web").prefersNear(1, app("db")), bound, args)).toEqual([0, 0, 100]);
  });

  test.each([-1, 101])("hardPodAffinityWeight %i is refused", (hardPodAffinityWeight) => {
    expect(() => interPodAffinity({ hardPodAffinityWeight })).toThrow(
      "not in valid range [0, 100]",
    );
  });
});
