/** Compares what preemption weighed and did. */
import type { PreemptionDetail } from "../../sim/scheduler/index.ts";
import { compare, compareStatus, type Difference } from "./difference.ts";
import type { ObservedPostFilter } from "./observed-step.ts";
import type { ExpectedCandidate, ExpectedPostFilter, ExpectedStatus } from "./scenario.ts";
import { sortedEntries } from "./sorted-entries.ts";

const PLUGIN = { plugin: "DefaultPreemption" };

export function* comparePostFilter(
  expected: ExpectedPostFilter | undefined,
  got: ObservedPostFilter | undefined,
): Generator<Difference> {
  if (expected === undefined) return;
  if (got === undefined) {
    yield* compare("postFilter", expected, undefined, PLUGIN);
    return;
  }
  const { potentialNodes, victims } = expected;
  const nodes = potentialNodes && [...potentialNodes].sort();
  yield* compare("postFilter.potentialNodes", nodes, got.potentialNodes);
  if (got.detail !== undefined) yield* compareDetail(expected, got.detail);
  const code = got.nominatedNode === "" ? (got.detail?.code ?? "Unschedulable") : "Success";
  yield* compare("postFilter.code", expected.code, code, PLUGIN);
  yield* compare("postFilter.message", expected.message, got.message, PLUGIN);
  const node = expected.nominatedNode ?? got.nominatedNode;
  yield* compare(
    "postFilter.nominatedNode",
    expected.nominatedNode,
    got.nominatedNode || undefined,
    {
      ...PLUGIN,
      node,
    },
  );
  yield* compare("postFilter.victims", victims && [...victims].sort(), got.victims, {
    ...PLUGIN,
    node,
  });
}

function* compareDetail(
  { candidates, nodeStatuses, bestNodes, code }: ExpectedPostFilter,
  got: PreemptionDetail,
): Generator<Difference> {
  if (candidates !== undefined) yield* compareCandidates(candidates, got);
  if (nodeStatuses !== undefined) yield* compareNodeStatuses(nodeStatuses, got);
  yield* compare("postFilter.bestNodes", bestNodes && [...bestNodes].sort(), got.bestNodes, PLUGIN);
  yield* compare("postFilter.code", code, got.code, PLUGIN);
}

function* compareCandidates(
  expected: Readonly<Record<string, ExpectedCandidate>>,
  got: PreemptionDetail,
): Generator<Difference> {
  const found = new Map(
    got.candidates.map(({ nodeName, victims, numPDBViolations }) => [
      nodeName,
      { victims: victims.map(({ record }) => record.key).sort(), numPDBViolations },
    ]),
  );
  for (const node of [...new Set([...Object.keys(expected), ...found.keys()])].sort()) {
    const place = { ...PLUGIN, node };
    const wanted = expected[node];
    const candidate = found.get(node);
    const violations = wanted?.numPDBViolations;
    if (wanted === undefined || candidate === undefined) {
      yield* compare("postFilter.candidates", wanted ?? null, candidate ?? null, place);
      continue;
    }
    const victims = [...wanted.victims].sort();
    yield* compare("postFilter.candidates.victims", victims, candidate.victims, place);
    const field = "postFilter.candidates.numPDBViolations";
    yield* compare(field, violations, candidate.numPDBViolations, place);
  }
}

function* compareNodeStatuses(
  expected: Readonly<Record<string, ExpectedStatus>>,
  got: PreemptionDetail,
): Generator<Difference> {
  const field = "postFilter.nodeStatuses";
  for (const [node, wanted] of sortedEntries(expected)) {
    const place = { missing: "no status", node };
    yield* compareStatus(field, wanted, got.nodeStatuses.get(node), place);
  }
  for (const node of [...got.nodeStatuses.keys()].sort()) {
    if (expected[node] !== undefined) continue;
    const place = { missing: "no status", node };
    yield* compareStatus(field, undefined, got.nodeStatuses.get(node), place);
  }
}
