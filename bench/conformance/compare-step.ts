/**
 * Compares what was recorded for a pod with what the scheduler under test did, in the order of the
 * scheduling cycle: the first difference is the cause of those that follow. What is absent in the
 * recording is not compared.
 */
import type { CycleDetail } from "../../sim/scheduler/index.ts";
import { compareFilters } from "./compare-filters.ts";
import { comparePostFilter } from "./compare-post-filter.ts";
import { compare, compareStatus, type Difference, difference, Plain } from "./difference.ts";
import type { Decision, ObservedStep, ObservedVolumes } from "./observed-step.ts";
import type { ExpectedStep, ExpectedVolumes } from "./scenario.ts";
import { sortedEntries } from "./sorted-entries.ts";

/** The differences of one pod, found one at a time: the next one costs only when it is asked for. */
export function* compareStep(expected: ExpectedStep, got: ObservedStep): Generator<Difference> {
  yield* compare("pod", expected.pod, got.pod);
  const isEarly = isBeforeCycle(expected.outcome) || isBeforeCycle(got.outcome);
  if (isEarly) yield* compare("outcome", expected.outcome, got.outcome);
  yield* compare("profile", expected.profile, got.profile);
  if (expected.preEnqueue !== undefined) {
    const place = { missing: "not gated" };
    yield* compareStatus("preEnqueue", expected.preEnqueue, got.preEnqueue, place);
  }
  yield* compareFilters(expected, got);
  yield* compareScores(expected, got.detail);
  if (got.decision !== undefined) yield* compareDecision(expected, got.decision, got.detail);
  if (got.reserve !== undefined && expected.outcome === "scheduled") {
    yield* compareStatus("reserve", undefined, got.reserve, { missing: "reserved" });
  }
  yield* compare("error", expected.error, got.error);
  yield* compare("outcome", expected.outcome, got.outcome);
  yield* compareVolumes(expected.volumes, got.volumes);
  yield* compare("fitError", expected.fitError, got.fitError);
  yield* comparePostFilter(expected.postFilter, got.postFilter);
  yield* compareAfterPreemption(expected.afterPreemption, got.afterPreemption);
}

const isBeforeCycle = (outcome: string | undefined): boolean =>
  outcome === "gated" || outcome === "ignored";

function* compareScores(
  { scores, totals }: ExpectedStep,
  detail: CycleDetail | undefined,
): Generator<Difference> {
  const place = new Map((detail?.feasible ?? []).map((name, index) => [name, index]));
  for (const [node, wanted] of sortedEntries(scores)) {
    const index = place.get(node);
    if (index === undefined) {
      yield difference("scores", wanted, new Plain("not feasible"), { node });
      continue;
    }
    const found = (plugin: string): number => detail?.scores.get(plugin)?.[index] ?? 0;
    for (const plugin of [...new Set([...Object.keys(wanted), ...(detail?.scores.keys() ?? [])])]) {
      // A plugin whose preScore skipped it is missing on either side, and counts as 0.
      yield* compare("scores", wanted[plugin] ?? 0, found(plugin), { plugin, node });
    }
  }
  for (const [node, total] of sortedEntries(totals)) {
    const index = place.get(node);
    yield* compare("totals", total, index === undefined ? undefined : detail?.totals[index], {
      node,
    });
  }
}

/** The evaluator's own word, also where the recording says it in other fields only. */
function* compareDecision(
  expected: ExpectedStep,
  decision: Decision,
  detail: CycleDetail | undefined,
): Generator<Difference> {
  const { feasible, best, totals } = expected;
  const bestTotal = expected.bestTotal ?? (totals && highest(Object.values(totals)));
  yield* compare(
    "feasibleCount",
    expected.feasibleCount ?? feasible?.length,
    decision.feasibleCount,
  );
  if (decision.feasibleCount > 0) {
    // The evaluator does not score an only node; the detail does.
    const isOnly = decision.feasibleCount === 1;
    yield* compare("bestTotal", bestTotal, isOnly ? detail?.totals[0] : decision.bestTotal);
    yield* compare("bestCount", expected.bestCount ?? best?.length, decision.bestCount);
  }
  if (detail !== undefined) yield* compare("best", best && [...best].sort(), bestOf(detail));
  const node = expected.chosen ?? decision.chosen;
  yield* compare("chosen", expected.chosen, decision.chosen || undefined, { node });
}

function bestOf({ feasible, totals }: CycleDetail): readonly string[] {
  const top = highest(totals);
  return feasible.filter((_, index) => totals[index] === top).sort();
}

const highest = (numbers: readonly number[]): number | undefined =>
  numbers.length === 0 ? undefined : numbers.reduce((top, number) => Math.max(top, number));

function* compareVolumes(
  expected: ExpectedVolumes | undefined,
  got: ObservedVolumes | undefined,
): Generator<Difference> {
  if (expected === undefined) return;
  const bound = expected.static?.map(({ pvc, pv }) => `${pvc} to ${pv}`).sort();
  const found = got?.static.map(({ pvc, pv }) => `${pvc} to ${pv}`).sort();
  const plugin = "VolumeBinding";
  yield* compare("volumes.static", bound, found ?? [], { plugin });
  const provisioned = expected.dynamic && [...expected.dynamic].sort();
  yield* compare("volumes.dynamic", provisioned, [...(got?.dynamic ?? [])].sort(), { plugin });
}

function* compareAfterPreemption(
  expected: ExpectedStep | undefined,
  got: ObservedStep | undefined,
): Generator<Difference> {
  if (expected === undefined) return;
  if (got === undefined) {
    yield difference("afterPreemption", new Plain("a second attempt"), new Plain("none"));
    return;
  }
  for (const found of compareStep(expected, got)) {
    yield { ...found, field: `afterPreemption.${found.field}` };
  }
}
