/**
 * VerifyingEvaluator: runs the full pass and the incremental evaluation side by side, compares
 * what they found, and watches the plugins' claims. Slower than either; for tests and new policies.
 */
import { InputError } from "../../kernel/index.ts";
import { ClaimLedger } from "./claim-ledger.ts";
import {
  type Diagnosis,
  type Evaluation,
  type Evaluator,
  NO_SLOT,
  type TieBreak,
} from "./evaluator.ts";
import { claimOf, findFickle } from "./fickle-plugin.ts";
import { FullPass } from "./full-pass.ts";
import { IncrementalEvaluator, type IncrementalOptions } from "./incremental.ts";
import type { EvaluationPlan } from "./plan.ts";
import { isBuiltIn, policyTitle } from "./plugin-origin.ts";
import type { PodInfo } from "./pod-info.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";

const COMPARED = [
  "feasibleCount",
  "evaluatedCount",
  "bestTotal",
  "bestCount",
  "chosenSlot",
  "nextStartIndex",
] as const;

export class VerifyingEvaluator implements Evaluator {
  readonly #cache: SchedulerCache;
  readonly #full: FullPass;
  readonly #incremental: Evaluator;

  /** `incremental`: what is compared with the full pass. */
  constructor(
    plan: EvaluationPlan,
    cache: SchedulerCache,
    options: IncrementalOptions = {},
    incremental: Evaluator = new IncrementalEvaluator(plan, cache, options),
  ) {
    this.#cache = cache;
    this.#full = new FullPass(plan, cache, options.nominator);
    this.#full.ledger = new ClaimLedger(cache);
    this.#incremental = incremental;
  }

  /**
   * Throws InputError when a plugin broke a claim, naming plugin, node and claim, and when the
   * evaluations differ with plugins of the user; an Error when they differ with built-in ones only.
   */
  evaluate(pod: PodInfo, tie: TieBreak): Evaluation {
    const sameTie = once(tie);
    const expected = this.#full.evaluate(pod, sameTie);
    const found = this.#incremental.evaluate(pod, sameTie);
    const differing = COMPARED.filter((field) => expected[field] !== found[field]);
    if (differing.length === 0) return expected;
    const differences = differing.map(
      (field) =>
        `${field} ${this.#show(field, expected[field])} and ${this.#show(field, found[field])}`,
    );
    throw this.#difference(pod, differences);
  }

  /** The same for the reasons why the pod fits nowhere: messages and requeueing depend on them. */
  diagnose(pod: PodInfo): Diagnosis {
    const expected = this.#full.diagnose(pod);
    const found = this.#incremental.diagnose(pod);
    const slots = this.#cache.slots();
    const after = describeDiagnosis(found, slots);
    const differing = [...describeDiagnosis(expected, slots)].filter(
      ([field, text]) => text !== after.get(field),
    );
    if (differing.length > 0) {
      const differences = differing.map(
        ([field, text]) => `${field} ${shorten(text)} and ${shorten(after.get(field) ?? "")}`,
      );
      throw this.#difference(pod, differences);
    }
    return expected;
  }

  /** A user's plugin comes under suspicion before the simulator does. */
  #difference(pod: PodInfo, differences: readonly string[]): Error {
    const own = this.#full.plan.plugins.filter(({ plugin }) => !isBuiltIn(plugin));
    const what =
      `full pass and incremental evaluation differ for pod "${pod.record.key}": ` +
      `${differences.join(", ")}. No plugin was seen to break a claim between two cycles`;
    if (own.length === 0) return new Error(`${what}; this is a fault of the simulator`);
    const fickle = findFickle(this.#full, own, pod);
    if (fickle !== undefined) return new InputError(fickle);
    const suspects = own.map(({ plugin }) => `${policyTitle(plugin)} ${claimOf(plugin)}`);
    return new InputError(
      `${what}, but not every plugin is built in: ${suspects.join(", ")}. Their answers must ` +
        "depend on the pod and on what their locality names only: use no Math.random(), no clock " +
        "and nothing kept between calls.",
    );
  }

  #show(field: (typeof COMPARED)[number], value: number): string {
    if (field !== "chosenSlot" || value === NO_SLOT) return String(value);
    return `${value} (${this.#cache.nodeAt(value).name})`;
  }
}

/** Each field as text that is equal for equal values. */
function describeDiagnosis(
  diagnosis: Diagnosis,
  slots: readonly number[],
): ReadonlyMap<string, string> {
  const { nodeCount, reasonCounts, preFilterMessage, rejectingPlugins } = diagnosis;
  const reasons = [...reasonCounts].sort(([a], [b]) => (a < b ? -1 : 1));
  const perSlot = slots.map((slot) => {
    const rejection = diagnosis.rejectionAt(slot);
    return rejection === undefined ? [slot] : [slot, rejection.code, ...rejection.reasons];
  });
  return new Map([
    ["nodeCount", String(nodeCount)],
    ["reasonCounts", JSON.stringify(reasons)],
    ["preFilterMessage", JSON.stringify(preFilterMessage)],
    ["rejectingPlugins", JSON.stringify(rejectingPlugins)],
    ["rejections", JSON.stringify(perSlot)],
    ["unschedulableSlots", diagnosis.unschedulableSlots().join()],
  ]);
}

/** A cluster has thousands of nodes; a message need not list them all. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

/** The same answer to the same question, however often it is asked: a draw is made once. */
function once(tie: TieBreak): TieBreak {
  if (tie === undefined) return undefined;
  const answers = new Map<number, number>();
  return (count) => {
    const answer = answers.get(count) ?? tie(count);
    answers.set(count, answer);
    return answer;
  };
}
