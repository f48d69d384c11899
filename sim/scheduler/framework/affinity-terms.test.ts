import { describe, expect, test } from "vitest";
import { makePod } from "../../../test/builders.ts";
import { type core, KeyRecord, type Pod } from "../../api/index.ts";
import { affinityTermsOf, NO_AFFINITY_TERMS, parseAffinityTerms } from "./affinity-terms.ts";
import { createPodInfo } from "./create-pod-info.ts";
import type { AffinityTerm, Narrowing } from "./node-counts.ts";
import { ResourceTable } from "./resource-table.ts";

const WEB = { app: "web" };
const label = ["app", "web"] as const;
const ZONE = "topology.kubernetes.io/zone";

function parseOne(part: Partial<core.PodAffinityTerm>, namespace = "own"): AffinityTerm {
  const term = { topologyKey: ZONE, labelSelector: { matchLabels: WEB }, ...part };
  const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  const pod = makePod("a").namespace(namespace).spec({ affinity: { podAffinity } }).build();
  const [parsed] = parseAffinityTerms(pod.spec, namespace).requiredAffinity;
  if (parsed === undefined) throw new Error("the term was lost");
  return parsed;
}

/** Which namespaces' pods with app=web match; `team` is a label of the namespace. */
const NAMESPACES = {
  own: {},
  other: { team: "red" },
  third: { team: "blue" },
  unknown: undefined,
};

describe("an affinity term", () => {
  test.each<{ name: string; term: Partial<core.PodAffinityTerm>; matches: string[] }>([
    { name: "means the pod's own namespace by default", term: {}, matches: ["own"] },
    { name: "the same for an empty list", term: { namespaces: [] }, matches: ["own"] },
    {
      name: "means the listed namespaces only",
      term: { namespaces: ["other", "third"] },
      matches: ["other", "third"],
    },
    {
      name: "means all namespaces for an empty selector",
      term: { namespaceSelector: {} },
      matches: ["own", "other", "third", "unknown"],
    },
    {
      name: "means the selected ones without its own",
      term: { namespaceSelector: { matchLabels: { team: "red" } } },
      matches: ["other"],
    },
    {
      name: "means listed and selected ones together",
      term: { namespaces: ["own"], namespaceSelector: { matchLabels: { team: "blue" } } },
      matches: ["own", "third"],
    },
    {
      name: "takes an unknown namespace as one without labels",
      term: {
        namespaceSelector: { matchExpressions: [{ key: "team", operator: "DoesNotExist" }] },
      },
      matches: ["own", "unknown"],
    },
    {
      name: "matches all pods with an empty selector",
      term: { labelSelector: {} },
      matches: ["own"],
    },
    {
      name: "matches nothing without a selector",
      term: { labelSelector: null as unknown as core.PodAffinityTerm["labelSelector"] & object },
      matches: [],
    },
  ])("$name", ({ term, matches }) => {
    const parsed = parseOne(term);
    const found = Object.entries(NAMESPACES).flatMap(([namespace, labels]) =>
      parsed.matches(namespace, WEB, labels) ? [namespace] : [],
    );
    expect(found).toEqual(matches);
  });

  test("asks for the pod's labels", () => {
    expect(parseOne({}).matches("own", { app: "db" }, {})).toBe(false);
    expect(parseOne({ namespaceSelector: {} }).matches("other", { app: "db" }, {})).toBe(false);
  });

  test("says whether labels of namespaces matter", () => {
    expect(parseOne({}).readsNamespaceLabels).toBe(false);
    expect(parseOne({ namespaceSelector: {} }).readsNamespaceLabels).toBe(false);
    const namespaceSelector = { matchLabels: { team: "red" } };
    expect(parseOne({ namespaceSelector }).readsNamespaceLabels).toBe(true);
  });

  test.each<{ name: string; term: Partial<core.PodAffinityTerm>; narrowedBy: Narrowing }>([
    { name: "its own namespace and label", term: {}, narrowedBy: { namespace: "own", label } },
    {
      name: "one named namespace",
      term: { namespaces: ["other", "other"] },
      narrowedBy: { namespace: "other", label },
    },
    { name: "no namespace of two", term: { namespaces: ["a", "b"] }, narrowedBy: { label } },
    {
      name: "no namespace beside a selector of namespaces",
      term: { namespaces: ["a"], namespaceSelector: { matchLabels: { team: "red" } } },
      narrowedBy: { label },
    },
    { name: "no namespace for all", term: { namespaceSelector: {} }, narrowedBy: { label } },
    {
      name: "an expression of one value",
      term: {
        labelSelector: {
          matchExpressions: [
            { key: "a", operator: "Exists" },
            { key: "b", operator: "In", values: ["1", "2"] },
            { key: "c", operator: "In", values: ["3"] },
          ],
        },
      },
      narrowedBy: { namespace: "own", label: ["c", "3"] },
    },
    {
      name: "no label without such a condition",
      term: {
        labelSelector: { matchExpressions: [{ key: "c", operator: "NotIn", values: ["3"] }] },
      },
      narrowedBy: { namespace: "own" },
    },
  ])("promises $name", ({ term, narrowedBy }) => {
    expect(parseOne(term).narrowedBy).toEqual(narrowedBy);
  });

  test("is one object for equal texts, whatever the pod and the order of namespaces", () => {
    expect(parseOne({})).toBe(parseOne({}));
    expect(parseOne({})).toBe(parseOne({ namespaces: ["own"] }, "elsewhere"));
    expect(parseOne({ namespaces: ["a", "b"] })).toBe(parseOne({ namespaces: ["b", "a", "b"] }));
    expect(parseOne({})).not.toBe(parseOne({}, "elsewhere"));
    expect(parseOne({})).not.toBe(parseOne({ topologyKey: "kubernetes.io/hostname" }));
    expect(parseOne({})).not.toBe(parseOne({ labelSelector: {} }));
    expect(parseOne({})).not.toBe(parseOne({ namespaces: ["own"], namespaceSelector: {} }));
  });
});

describe("parseAffinityTerms", () => {
  const term = { topologyKey: ZONE, labelSelector: { matchLabels: WEB } };
  const required = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  const preferred = {
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 3, podAffinityTerm: term },
      { weight: 100, podAffinityTerm: term },
    ],
  };

  test("sorts terms into their groups, with the weights of preferred ones", () => {
    const affinity = { podAffinity: required, podAntiAffinity: { ...required, ...preferred } };
    const pod = makePod("a").spec({ affinity }).build();
    const info = createPodInfo(
      new KeyRecord<Pod>(1, "Pod", "default", "a"),
      pod,
      new ResourceTable(),
    );
    const weights = (terms: readonly AffinityTerm[]) => terms.map(({ weight }) => weight);
    expect(weights(affinityTermsOf(info, "requiredAffinity"))).toEqual([0]);
    expect(weights(affinityTermsOf(info, "requiredAntiAffinity"))).toEqual([0]);
    expect(weights(affinityTermsOf(info, "preferredAffinity"))).toEqual([]);
    expect(weights(affinityTermsOf(info, "preferredAntiAffinity"))).toEqual([3, 100]);
  });

  test("reads one affinity anew for a pod of another namespace", () => {
    const { spec } = makePod("a")
      .spec({ affinity: { podAffinity: required } })
      .build();
    const [a] = parseAffinityTerms(spec, "a").requiredAffinity;
    const [b] = parseAffinityTerms(spec, "b").requiredAffinity;
    expect([a?.matches("a", WEB, {}), a?.matches("b", WEB, {})]).toEqual([true, false]);
    expect([b?.matches("a", WEB, {}), b?.matches("b", WEB, {})]).toEqual([false, true]);
  });

  test("costs nothing for a pod with node affinity only", () => {
    const { spec } = makePod("a")
      .spec({ affinity: { nodeAffinity: {} } })
      .build();
    expect(parseAffinityTerms(spec, "a")).toBe(NO_AFFINITY_TERMS);
  });
});
