/**
 * The scheduler's own cache and evaluators, as the conformance replay wants them: every node is
 * looked at and the lowest name wins.
 */
import { KeyRecord, type Pod } from "../../sim/api/index.ts";
import { Kernel } from "../../sim/kernel/index.ts";
import {
  createPodInfo,
  type EvaluationMode,
  Framework,
  fitErrorMessage,
  NO_SLOT,
  type PodInfo,
  type Profile,
  SchedulerCache,
} from "../../sim/scheduler/index.ts";
import type { EvaluatorFactory } from "./replay.ts";

function evaluatorUnderTest(evaluation: EvaluationMode): EvaluatorFactory {
  return (profiles) => {
    const kernel = new Kernel("conformance");
    const cache = new SchedulerCache();
    const frameworks = new Map<Profile, Framework>(
      profiles.map((profile) => [profile, new Framework({ profile, cache, kernel, evaluation })]),
    );
    let records = 0;
    const infoOf = (pod: Pod): PodInfo => {
      const { namespace, name } = pod.metadata;
      const record = new KeyRecord<Pod>(++records, "Pod", namespace, name);
      return createPodInfo(record, pod, cache.state.resources);
    };
    return {
      name: evaluation,
      addNode: (node) => cache.addNode(node),
      addPod: (pod) => cache.addPod(infoOf(pod), pod.spec.nodeName ?? ""),
      choose(profile, pod) {
        const evaluator = frameworks.get(profile)?.evaluator;
        if (evaluator === undefined) throw new Error(`no framework for ${profile.schedulerName}`);
        const info = infoOf(pod);
        const { chosenSlot, nextStartIndex, ...counts } = evaluator.evaluate(info, undefined);
        cache.state.nextStartIndex = nextStartIndex;
        const isNone = chosenSlot === NO_SLOT;
        return {
          ...counts,
          chosen: isNone ? "" : cache.nodeAt(chosenSlot).name,
          message: isNone ? fitErrorMessage(evaluator.diagnose(info)) : "",
        };
      },
    };
  };
}

/** Every way of evaluating the nodes: all must give the recorded decisions. */
export const evaluatorsUnderTest: readonly EvaluatorFactory[] = [
  evaluatorUnderTest("full"),
  evaluatorUnderTest("incremental"),
  evaluatorUnderTest("verify"),
];
