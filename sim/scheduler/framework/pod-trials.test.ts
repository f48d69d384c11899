/** What a dry run gave is kept for pods that it holds for, and for no others. */
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../../test/builders.ts";
import { KeyRecord, type Pod } from "../../api/index.ts";
import { addNominatedPod, createNominatedPods, NominatedPodsView } from "../queue/pod-nominator.ts";
import { createPodInfo } from "./create-pod-info.ts";
import { definePlugin } from "./define-plugin.ts";
import { FullPass } from "./full-pass.ts";
import { planEvaluation } from "./plan.ts";
import { DryRunMemos, PodTrials } from "./pod-trials.ts";
import { SchedulerCache } from "./scheduler-cache.ts";

const atMostOne = definePlugin({
  name: "AtMostOne",
  locality: "node",
  reads: ["priority"],
  filter: (_, { pods }) => (pods.length > 0 ? "taken" : undefined),
});

/** A node, and three pods alike. */
function scene() {
  const cache = new SchedulerCache();
  cache.addNode(makeNode("n").build());
  const nominated = createNominatedPods();
  const nominator = new NominatedPodsView({ state: { nominatedPods: nominated } });
  const plan = planEvaluation({
    schedulerName: "s",
    plugins: [{ plugin: atMostOne, weight: 0 }],
    percentageOfNodesToScore: 100,
  });
  const full = new FullPass(plan, cache, nominator);
  const memos = new DryRunMemos();
  const pod = (id: number, priority = 1) => {
    const record = new KeyRecord<Pod>(id, "Pod", "default", `p${id}`);
    const object = makePod(`p${id}`).priority(priority).build();
    return createPodInfo(record, object, cache.state.resources);
  };
  const memoFor = (info: ReturnType<typeof pod>) => new PodTrials(full, info, memos).dryRunMemo(0);
  return { cache, nominated, pod, memoFor };
}

describe("a memo of a dry run", () => {
  test("is shared by pods alike, until the node changes", () => {
    const { cache, pod, memoFor } = scene();
    const memo = memoFor(pod(1));
    expect(memo).toBeDefined();
    expect(memoFor(pod(2))).toBe(memo);
    cache.assumePod(pod(3), "n");
    expect(memoFor(pod(2))).not.toBe(memo);
  });

  test("does not pass from the pod that is nominated to the node to another", () => {
    const { nominated, pod, memoFor } = scene();
    const [promised, other] = [pod(1), pod(2)];
    addNominatedPod(nominated, promised, "n");
    const memo = memoFor(promised);
    expect(memoFor(other)).not.toBe(memo);
  });

  test("holds whoever of lower priority is nominated to the node", () => {
    const { nominated, pod, memoFor } = scene();
    const memo = memoFor(pod(1));
    addNominatedPod(nominated, pod(2, 0), "n");
    expect(memoFor(pod(1))).toBe(memo);
    addNominatedPod(nominated, pod(3), "n");
    expect(memoFor(pod(1))).not.toBe(memo);
  });
});
