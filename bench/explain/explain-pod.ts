/** Why a pod of a recorded run went where it did: the run is repeated with somebody who asks. */
import { type AttemptLimits, ExplainRecorder, type PodStory } from "../../reports/index.ts";
import { InputError, nearestName } from "../../sim/kernel/index.ts";
import { type RepeatHooks, type RepeatQuery, repeatRun } from "../repeat/index.ts";

export interface ExplainQuery extends RepeatQuery {
  readonly namespace: string;
  readonly name: string;
  readonly limits: AttemptLimits;
}

export interface Explanation {
  readonly story: PodStory;
  /** `openb / default / seed 1` */
  readonly run: string;
}

/** Rejects with InputError for an unknown pod, and where the run cannot be repeated. */
export async function explainPod(query: ExplainQuery, hooks: RepeatHooks): Promise<Explanation> {
  const { namespace, name, limits } = query;
  const recorder = new ExplainRecorder({ namespace, name }, limits);
  const { labels } = await repeatRun(query, hooks, {
    attach: ({ trace, schedulingCycles }) => recorder.attach(trace, schedulingCycles),
    isDone: () => false, // it may be preempted later
  });
  const story = recorder.story();
  if (story === undefined) throw unknownPod(query, [...recorder.names]);
  return { story, run: `${labels.workload} / ${labels.policy} / seed ${labels.seed}` };
}

function unknownPod({ run, namespace, name }: ExplainQuery, names: readonly string[]): InputError {
  const key = `${namespace}/${name}`;
  const alike = names.filter((each) => each.startsWith(key)).slice(0, 5);
  const near = nearestName(key, names);
  const hint =
    alike.length > 0
      ? `Names that begin so: ${alike.join(", ")}.`
      : near === undefined
        ? `The first of ${names.length}: ${names.slice(0, 5).join(", ")}.`
        : `Did you mean ${near}?`;
  return new InputError(`${run}: there is no Pod ${key} in this run. ${hint}`);
}
