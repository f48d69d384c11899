/** Compares what preFilters and filters said about each node. */
import type { CycleDetail } from "../../sim/scheduler/index.ts";
import {
  compare,
  compareStatus,
  type Difference,
  difference,
  Plain,
  statusText,
} from "./difference.ts";
import type { ObservedStep } from "./observed-step.ts";
import type { ExpectedStatus, ExpectedStep } from "./scenario.ts";

export function* compareFilters(
  expected: ExpectedStep,
  { detail }: ObservedStep,
): Generator<Difference> {
  if (detail === undefined) return;
  if (expected.preFilter !== undefined || expected.filtered !== undefined) {
    const place = { missing: "no rejection on all nodes at once" };
    yield* compareStatus("preFilter", expected.preFilter, detail.preFilter, place);
  }
  const excluded = expected.excludedByPreFilter;
  yield* compare(
    "excludedByPreFilter",
    excluded && [...excluded].sort(),
    [...detail.excluded].sort(),
  );
  yield* compare("nominatedNodeOnly", expected.nominatedNodeOnly, detail.isNominatedNodeOnly);
  yield* compareNodes(expected, detail);
}

function* compareNodes(
  { filtered, feasible }: ExpectedStep,
  detail: CycleDetail,
): Generator<Difference> {
  const passed = new Set(detail.feasible);
  const wantedPasses = new Set(feasible);
  const names = [...Object.keys(filtered ?? {}), ...wantedPasses, ...passed];
  if (filtered !== undefined) names.push(...detail.filtered.keys());
  for (const node of [...new Set(names)].sort()) {
    const status = filtered?.[node];
    const wanted = wantedWord(status, feasible === undefined ? undefined : wantedPasses.has(node));
    const rejection = detail.filtered.get(node);
    const got = foundWord(rejection, passed.has(node));
    if (wanted === undefined || wanted === got) continue;
    const plugin = status?.plugin ?? rejection?.plugin;
    yield difference("filtered", new Plain(wanted), new Plain(got), { plugin, node });
  }
}

const PASSES = "passes all filters";
const NOT_EXAMINED = "not examined";

/** Undefined: the recording says nothing about the node. */
function wantedWord(
  status: ExpectedStatus | undefined,
  isFeasible: boolean | undefined,
): string | undefined {
  if (status !== undefined) return statusText(status);
  if (isFeasible === undefined) return undefined;
  return isFeasible ? PASSES : NOT_EXAMINED;
}

function foundWord(rejection: ExpectedStatus | undefined, isFeasible: boolean): string {
  if (rejection !== undefined) return statusText(rejection);
  return isFeasible ? PASSES : NOT_EXAMINED;
}
