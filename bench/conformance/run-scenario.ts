/** Runs one scenario and compares it, pod by pod. */
import type { EvaluationMode } from "../../sim/scheduler/index.ts";
import { compareStep } from "./compare-step.ts";
import type { Recording } from "./decode-scenario.ts";
import { type Difference, difference, Plain } from "./difference.ts";
import { replayPod } from "./replay-pod.ts";
import { ScenarioCluster } from "./scenario-cluster.ts";
import { sortedEntries } from "./sorted-entries.ts";

/** The first difference of one pod. */
export interface FailedPod {
  /** namespace/name */
  readonly pod: string;
  readonly difference: Difference;
}

export interface ScenarioRun {
  readonly evaluation: EvaluationMode;
  /** `FILE:LINE`: begins the message of an InputError. */
  readonly where: string;
  breathe(): Promise<void>;
}

/** Pods from one breath to the next: a fraction of a second. */
const PODS_PER_BREATH = 64;

/**
 * The pods that were not treated as recorded. The scenario goes on with the decisions of the
 * scheduler under test.
 */
export async function runScenario(
  { scenario, expected }: Recording,
  { evaluation, where, breathe }: ScenarioRun,
): Promise<readonly FailedPod[]> {
  const cluster = new ScenarioCluster(scenario, evaluation, where);
  const failed: FailedPod[] = [];
  const steps = expected.steps ?? [];
  for (const [index, pod] of scenario.pendingPods.entries()) {
    if (index % PODS_PER_BREATH === 0) await breathe();
    const wanted = steps[index] ?? {};
    const step = replayPod(cluster, pod, wanted);
    const [first] = compareStep(wanted, step);
    if (first !== undefined) failed.push({ pod: step.pod, difference: first });
  }
  for (const step of steps.slice(scenario.pendingPods.length)) {
    const nobody = new Plain("no such pending pod");
    const missing = difference("steps", step.pod, nobody);
    failed.push({ pod: step.pod ?? "", difference: missing });
  }
  const known = new Set(failed.map(({ pod }) => pod));
  const unbound = compareBindings(expected.finalBindings, cluster);
  return [...failed, ...unbound.filter(({ pod }) => !known.has(pod))];
}

function compareBindings(
  expected: Readonly<Record<string, string>> | undefined,
  cluster: ScenarioCluster,
): readonly FailedPod[] {
  if (expected === undefined) return [];
  const wanted = new Map(sortedEntries(expected));
  const found = new Map(cluster.bindings());
  const failed: FailedPod[] = [];
  for (const pod of [...new Set([...wanted.keys(), ...found.keys()])].sort()) {
    const node = wanted.get(pod) ?? "";
    const got = found.get(pod) ?? "";
    if (node === got) continue;
    const word = (name: string): string | Plain => name || new Plain("not bound");
    const place = { node: node || got };
    failed.push({ pod, difference: difference("finalBindings", word(node), word(got), place) });
  }
  return failed;
}
