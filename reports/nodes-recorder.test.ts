import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../test/builders.ts";
import { FactScript } from "../test/fact-script.ts";
import { defaultNodeGrid, NodesRecorder, nodeColumns } from "./nodes-recorder.ts";
import { PodJourneys } from "./pod-journeys.ts";
import type { Row } from "./row.ts";

const S = 1_000_000;
const resources = ["cpu"];

function record(endS: number, tell: (script: FactScript) => void, grid = defaultNodeGrid) {
  const rows: Row[] = [];
  const script = new FactScript();
  const journeys = new PodJourneys();
  journeys.attach(script.trace);
  const recorder = new NodesRecorder(resources, grid);
  recorder.attach(script.trace, journeys);
  tell(script);
  journeys.finish();
  recorder.writeRows((row) => rows.push(row), endS * S);
  const columns = nodeColumns(resources);
  return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
}

const nameOf = (i: number): string => `n${String(i).padStart(3, "0")}`;
const pod = (name: string) => makePod(name).cpu("2").build();
function join(script: FactScript, nodes: number, atUs = 0, from = 0): FactScript {
  for (let i = from; i < from + nodes; i++)
    script.node(nameOf(i), makeNode(nameOf(i)).cpu("4").build(), atUs);
  return script;
}

describe("nodes.csv", () => {
  test("weights by time, a row per node and interval", () => {
    const rows = record(3, (script) =>
      join(script, 1)
        .created(pod("a"), 0)
        .bound("a", nameOf(0), 1.5 * S)
        .deleted("a", 2.5 * S),
    );
    expect(rows).toEqual([
      { node: "n000", nodes: 1, start_s: "0.000000", end_s: "1.000000", pods: 0, cpu_share: 0 },
      {
        node: "n000",
        nodes: 1,
        start_s: "1.000000",
        end_s: "2.000000",
        pods: 0.5,
        cpu_share: 0.25,
      },
      {
        node: "n000",
        nodes: 1,
        start_s: "2.000000",
        end_s: "3.000000",
        pods: 0.5,
        cpu_share: 0.25,
      },
    ]);
  });

  test("takes neighbours by name together where there are more nodes than rows", () => {
    const rows = record(
      1,
      (script) => join(script, 7).created(pod("a"), 0).bound("a", nameOf(4), 0),
      { rows: 3, intervals: 10 },
    );
    expect(rows.map(({ node, nodes, pods }) => [node, nodes, pods])).toEqual([
      ["n000..n002", 3, 0],
      ["n003..n005", 3, 1],
      ["n006", 1, 0],
    ]);
    expect(rows[1]?.["cpu_share"]).toBe(0.1667); // 2 of 12
  });

  test("pods that were bound before time began to run count from then on", () => {
    const rows = record(1, (script) => {
      join(script, 1)
        .created(pod("a"), 0)
        .bound("a", nameOf(0), 0)
        .deleted("a", 0.5 * S);
    });
    expect(rows[0]).toMatchObject({ pods: 0.5, cpu_share: 0.25 });
  });

  test("a node that comes later has a row of its own while there is room", () => {
    const rows = record(
      2,
      (script) => {
        join(script, 2);
        join(script, 1, 1 * S, 5);
        join(script, 1, 1.5 * S, 9); // no room: it joins n005
        join(script, 1, 1.5 * S, 7); // within n005..n009
      },
      { rows: 3, intervals: 10 },
    );
    expect(rows.map(({ node, nodes, start_s }) => [node, nodes, start_s])).toEqual([
      ["n000", 1, "0.000000"],
      ["n000", 1, "1.000000"],
      ["n001", 1, "0.000000"],
      ["n001", 1, "1.000000"],
      ["n005..n009", 2, "1.000000"], // 1 for half of it, then 3
    ]);
  });

  test("a node that left has no rows afterwards, and one that returns has its row again", () => {
    const rows = record(3, (script) => {
      join(script, 1).node(nameOf(0), undefined, 1 * S);
      join(script, 1, 2.5 * S);
    });
    expect(rows.map(({ nodes, start_s }) => [start_s, nodes])).toEqual([
      ["0.000000", 1],
      ["2.000000", 0.5],
    ]);
  });

  test("a node that changes is full against what it has now", () => {
    const rows = record(2, (script) => {
      join(script, 1).created(pod("a"), 0).bound("a", nameOf(0), 0);
      script.node(nameOf(0), makeNode(nameOf(0)).cpu("2").build(), 1 * S);
    });
    expect(rows.map((row) => row["cpu_share"])).toEqual([0.5, 1]);
  });

  test("a node without the resource has an empty cell", () => {
    const rows = record(1, (script) => script.node("n1", makeNode("n1").cpu("0").build(), 0));
    expect(rows[0]?.["cpu_share"]).toBe("");
  });

  test("however long the run, doubled intervals are few and lose nothing", () => {
    const span = fc.tuple(fc.nat(5_000), fc.nat(5_000)).map(([a, b]) => [a, a + b] as const);
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 6 }), (spans) => {
        const changes = spans.flatMap(([fromS, toS], i) => [
          { atS: fromS, tell: (s: FactScript) => s.bound(`p${i}`, nameOf(i % 3), fromS * S) },
          { atS: toS, tell: (s: FactScript) => s.deleted(`p${i}`, toS * S) },
        ]);
        changes.sort((a, b) => a.atS - b.atS);
        const rows = record(
          10_000,
          (script) => {
            join(script, 3);
            for (const i of spans.keys()) script.created(pod(`p${i}`), 0);
            for (const { tell } of changes) tell(script);
          },
          { rows: 200, intervals: 8 },
        );
        expect(rows).toHaveLength(3 * 5); // intervals of 2048 s
        const podSeconds = rows.reduce(
          (sum, { pods, start_s, end_s }) => sum + Number(pods) * (Number(end_s) - Number(start_s)),
          0,
        );
        const wanted = spans.reduce((sum, [fromS, toS]) => sum + toS - fromS, 0);
        expect(Math.abs(podSeconds - wanted)).toBeLessThan(0.0005 * 3 * 10_000); // three decimals
      }),
      { seed: 6, numRuns: 50 },
    );
  });
});
