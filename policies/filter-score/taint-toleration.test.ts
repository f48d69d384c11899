import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Taint, Toleration } from "../../sim/api/index.ts";
import { normalizeScore } from "../../sim/scheduler/index.ts";
import { makeNode, makePod } from "../../test/builders.ts";
import { rejections, scores } from "../../test/one-plugin.ts";
import { taintToleration } from "./taint-toleration.ts";

const table = <Row>(name: string): readonly Row[] =>
  JSON.parse(
    readFileSync(new URL(`../../test/reference/tables/${name}.json`, import.meta.url), "utf8"),
  );

describe("TaintToleration", () => {
  const untolerated = (taint: string): string[] => [
    `n: node(s) had untolerated taint {${taint}} (unresolvable)`,
  ];

  test.each([
    ["a node without taints", makeNode("n"), makePod("p"), []],
    ["NoSchedule", makeNode("n").taint("k=v:NoSchedule"), makePod("p"), untolerated("k: v")],
    [
      "NoExecute, without value",
      makeNode("n").taint("k:NoExecute"),
      makePod("p"),
      untolerated("k: "),
    ],
    [
      "PreferNoSchedule does not reject",
      makeNode("n").taint("k:PreferNoSchedule"),
      makePod("p"),
      [],
    ],
    [
      "a toleration by value",
      makeNode("n").taint("k=v:NoSchedule"),
      makePod("p").tolerates({ key: "k", value: "v", effect: "NoSchedule" }),
      [],
    ],
    [
      "the first untolerated taint in the order of the list is named",
      makeNode("n").taint("a:NoSchedule").taint("c:NoSchedule").taint("b:NoSchedule"),
      makePod("p").tolerates({ key: "a", operator: "Exists" }),
      untolerated("c: "),
    ],
  ])("filter: %s", (_case, node, pod, wanted) => {
    expect(rejections(taintToleration(), pod, { nodes: [node] })).toEqual(wanted);
  });

  const nodes = [
    makeNode("none"),
    makeNode("one").taint("a:PreferNoSchedule"),
    makeNode("three")
      .taint("a:PreferNoSchedule")
      .taint("b:PreferNoSchedule")
      .taint("c:PreferNoSchedule"),
  ];
  const toleratesA = { key: "a", operator: "Exists" };
  test.each<[string, Toleration[], number[]]>([
    ["fewer untolerated taints score higher", [], [100, 67, 0]],
    ["a toleration without effect counts", [toleratesA], [100, 100, 0]],
    [
      "one for PreferNoSchedule counts",
      [{ ...toleratesA, effect: "PreferNoSchedule" }],
      [100, 100, 0],
    ],
    ["one for another effect does not", [{ ...toleratesA, effect: "NoSchedule" }], [100, 67, 0]],
    ["all get 100 when nothing is left", [{ operator: "Exists" }], [100, 100, 100]],
  ])("score: %s", (_case, tolerations, wanted) => {
    const pod = makePod("p").spec({ tolerations });
    expect(scores(taintToleration(), pod, { nodes })).toEqual(wanted);
  });

  test("tolerates what the recorded table of tolerations says", () => {
    const rows = table<{ taint: Taint; toleration: Toleration; tolerates: boolean }>("tolerations");
    expect(rows.length).toBeGreaterThan(100);
    for (const { taint, toleration, tolerates } of rows) {
      const hard = { ...taint, effect: taint.effect === "NoExecute" ? "NoExecute" : "NoSchedule" };
      if (hard.effect !== taint.effect) continue; // only hard effects reject
      const node = { build: () => ({ ...makeNode("n").build(), spec: { taints: [hard] } }) };
      const pod = makePod("p").tolerates(toleration);
      const found = rejections(taintToleration(), pod, { nodes: [node] }).length === 0;
      expect([taint, toleration, found]).toEqual([taint, toleration, tolerates]);
    }
  });
});

describe("normalising by the maximum", () => {
  const rows = table<{ scores: number[]; reverse: boolean; normalized: number[] }>(
    "default-normalize",
  );
  test("equals the recorded table", () => {
    expect(rows.length).toBeGreaterThan(10);
    for (const { scores: raws, reverse, normalized } of rows) {
      const max = Math.max(...raws);
      const how = reverse ? "maxReversed" : "max";
      const found = raws.map((raw) => normalizeScore(how, raw, Math.min(...raws), max));
      expect([raws, reverse, found]).toEqual([raws, reverse, normalized]);
    }
  });
});
