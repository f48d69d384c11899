/** Without score plugins kube-scheduler takes the first node that fits (v1.30, "first fit"). */
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../../test/builders.ts";
import { KeyRecord, type Pod } from "../../api/index.ts";
import { createPodInfo } from "./create-pod-info.ts";
import { definePlugin } from "./define-plugin.ts";
import { FullPass } from "./full-pass.ts";
import { IncrementalEvaluator } from "./incremental.ts";
import { planEvaluation } from "./plan.ts";
import { SchedulerCache } from "./scheduler-cache.ts";

const notTheSecond = definePlugin({
  name: "NotTheSecond",
  locality: "spec",
  reads: [],
  filter: (_, { name }) => (name === "n1" ? "the second" : undefined),
});

const scoring = definePlugin({ name: "Scoring", locality: "spec", reads: [], score: () => 1 });

/** Several cycles over four nodes; the start index moves on. */
function cycles(mode: "full" | "incremental", isScored: boolean, looksAtAllNodes: boolean) {
  const cache = new SchedulerCache();
  for (let i = 0; i < 4; i++) cache.addNode(makeNode(`n${i}`).build());
  const plan = planEvaluation({
    schedulerName: "s",
    plugins: [
      { plugin: notTheSecond, weight: 0 },
      { plugin: scoring, weight: isScored ? 1 : 0 },
    ],
    percentageOfNodesToScore: 100,
    looksAtAllNodes,
  });
  const evaluator =
    mode === "full" ? new FullPass(plan, cache) : new IncrementalEvaluator(plan, cache);
  return [1, 2, 3].map((id) => {
    const record = new KeyRecord<Pod>(id, "Pod", "default", `p${id}`);
    const info = createPodInfo(record, makePod(`p${id}`).build(), cache.state.resources);
    const found = evaluator.evaluate(info, () => 0);
    cache.state.nextStartIndex = found.nextStartIndex;
    return [cache.nodeAt(found.chosenSlot).name, found.feasibleCount, found.evaluatedCount];
  });
}

describe.each(["full", "incremental"] as const)("%s evaluation", (mode) => {
  test("takes the first node that fits, and goes on behind it", () => {
    expect(cycles(mode, false, false)).toEqual([
      ["n0", 1, 2], // n1 is met on the way to the next one that fits
      ["n2", 1, 1],
      ["n3", 1, 1],
    ]);
  });

  test.each([
    ["a plugin scores", true, false],
    ["it is told to look at all nodes", false, true],
  ])("looks at every node when %s", (_case, isScored, looksAtAllNodes) => {
    expect(cycles(mode, isScored, looksAtAllNodes)).toEqual([
      ["n0", 3, 4],
      ["n0", 3, 4],
      ["n0", 3, 4],
    ]);
  });
});
