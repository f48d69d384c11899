import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  compileLabelSelector,
  parseLabelSelector,
  Selector,
  selectorFromSet,
} from "./label-selector.ts";
import { compileNodeSelector } from "./node-selector.ts";
import type { core, LabelSelector, Taint, Toleration } from "./objects.ts";
import { FieldSelector, parseFieldSelector, parseSelectorString } from "./selector-string.ts";
import { findUntoleratedTaint, tolerates } from "./toleration.ts";

interface SelectorRow {
  labelSelector?: LabelSelector | null;
  input?: string;
  ok: boolean;
  error?: string;
  empty: boolean;
  string: string;
  canonical: string;
  cases: { labels: Record<string, string>; matches: boolean }[];
}

const table = <Row>(name: string): Row[] =>
  JSON.parse(
    readFileSync(new URL(`../../test/reference/tables/${name}.json`, import.meta.url), "utf8"),
  );

function expectRow(selector: Selector | string, row: SelectorRow, text: string): void {
  if (!row.ok) {
    expect(selector).toBe(row.error);
    return;
  }
  if (!(selector instanceof Selector)) throw new Error(selector);
  expect(selector.toString()).toBe(text);
  expect(selector.isEmpty()).toBe(row.empty);
  for (const { labels, matches } of row.cases) {
    expect([labels, selector.matches(labels)]).toEqual([labels, matches]);
  }
}

describe("label selectors, against the recordings of Kubernetes", () => {
  const objects = table<SelectorRow>("label-selectors");
  test("the table of objects is there", () => expect(objects.length).toBe(76));
  test.each(objects.map((row) => [JSON.stringify(row.labelSelector), row] as const))(
    "%s",
    (_, row) => expectRow(parseLabelSelector(row.labelSelector), row, row.string),
  );

  const strings = table<SelectorRow>("label-selector-strings");
  test("the table of strings is there", () => expect(strings.length).toBe(32));
  test.each(strings.map((row) => [row.input ?? "", row] as const))("string %j", (input, row) =>
    expectRow(parseSelectorString(input), row, row.canonical),
  );
});

describe("label selectors", () => {
  test("compile once for one object, and refuse what was never validated", () => {
    const selector = { matchLabels: { app: "web" } };
    expect(compileLabelSelector(selector)).toBe(compileLabelSelector(selector));
    expect(() =>
      compileLabelSelector({ matchExpressions: [{ key: "a", operator: "Near" }] }),
    ).toThrow('"Near" is not a valid label selector operator');
  });

  test("what every object inherits is no label", () => {
    expect(
      parseLabelSelector({ matchExpressions: [{ key: "constructor", operator: "Exists" }] }),
    ).toSatisfy((selector: Selector) => !selector.matches({}));
  });

  test("a set asks for each of its labels", () => {
    const selector = selectorFromSet({ tier: "db", app: "x" });
    expect(selector.toString()).toBe("app=x,tier=db");
    expect(selector.matches({ app: "x", tier: "db", more: "" })).toBe(true);
    expect(selector.matches({ app: "x" })).toBe(false);
  });
});

describe("field selectors", () => {
  const pod = { metadata: { name: "a" }, spec: { nodeName: "n1" }, status: { phase: "Running" } };
  test.each([
    ["spec.nodeName=n1", true],
    ["spec.nodeName==n1,status.phase!=Running", false],
    ["spec.nodeName!=n2", true],
    ["spec.unknown=", true],
    ["", true],
  ])("%j matches: %s", (text, matches) => {
    const selector = parseFieldSelector(text);
    if (!(selector instanceof FieldSelector)) throw new Error(selector);
    expect(selector.matches(pod)).toBe(matches);
  });
  test("a term without operator is refused", () =>
    expect(parseFieldSelector("a=b,nonsense")).toBe(
      "invalid selector: 'a=b,nonsense'; can't understand 'nonsense'",
    ));
});

describe("node selectors", () => {
  const labels = { zone: "a", cores: "16", arch: "arm64" };
  const expressions = (...matchExpressions: core.NodeSelectorRequirement[]): core.NodeSelector => ({
    nodeSelectorTerms: [{ matchExpressions }],
  });
  test.each<[string, core.NodeSelector, boolean]>([
    ["In", expressions({ key: "zone", operator: "In", values: ["b", "a"] }), true],
    ["NotIn, key absent", expressions({ key: "x", operator: "NotIn", values: ["b"] }), true],
    ["Exists", expressions({ key: "zone", operator: "Exists" }), true],
    ["DoesNotExist", expressions({ key: "zone", operator: "DoesNotExist" }), false],
    ["Gt", expressions({ key: "cores", operator: "Gt", values: ["15"] }), true],
    ["Gt is strict", expressions({ key: "cores", operator: "Gt", values: ["16"] }), false],
    ["Lt", expressions({ key: "cores", operator: "Lt", values: ["100"] }), true],
    ["Lt on a word", expressions({ key: "arch", operator: "Lt", values: ["100"] }), false],
    [
      "all conditions of a term must hold",
      expressions(
        { key: "zone", operator: "Exists" },
        { key: "cores", operator: "Lt", values: ["4"] },
      ),
      false,
    ],
    ["an empty term matches nothing", { nodeSelectorTerms: [{}] }, false],
    ["no terms match nothing", { nodeSelectorTerms: [] }, false],
    [
      "terms are alternatives",
      {
        nodeSelectorTerms: [
          { matchFields: [{ key: "metadata.name", operator: "In", values: ["n1"] }] },
          { matchFields: [{ key: "metadata.name", operator: "In", values: ["n2"] }] },
        ],
      },
      true,
    ],
    [
      "matchFields NotIn",
      {
        nodeSelectorTerms: [
          { matchFields: [{ key: "metadata.name", operator: "NotIn", values: ["n2"] }] },
        ],
      },
      false,
    ],
    [
      "a term that cannot be parsed matches nothing",
      expressions({ key: "cores", operator: "Gt", values: ["x"] }),
      false,
    ],
  ])("%s", (_, selector, matches) => {
    expect(compileNodeSelector(selector)(labels, "n2")).toBe(matches);
  });
});

describe("tolerations", () => {
  const rows = table<{ taint: Taint; toleration: Toleration; tolerates: boolean }>("tolerations");
  test("agree with every recorded row", () => {
    expect(rows.length).toBe(150);
    for (const row of rows)
      expect([row, tolerates(row.toleration, row.taint)]).toEqual([row, row.tolerates]);
  });

  test("findUntoleratedTaint looks only at the effects asked for, in order", () => {
    const taints: Taint[] = [
      { key: "soft", effect: "PreferNoSchedule" },
      { key: "a", value: "1", effect: "NoSchedule" },
      { key: "b", effect: "NoExecute" },
    ];
    const hard = ["NoSchedule", "NoExecute"];
    expect(findUntoleratedTaint(taints, undefined, hard)?.key).toBe("a");
    expect(findUntoleratedTaint(taints, [{ key: "a", value: "1" }], hard)?.key).toBe("b");
    expect(findUntoleratedTaint(taints, [{ operator: "Exists" }], hard)).toBeUndefined();
    expect(findUntoleratedTaint(undefined, undefined, hard)).toBeUndefined();
  });
});
