/**
 * The nodes where preemption would help, and which of them is hurt least.
 *
 * Source: findCandidates, DryRunPreemption and pickOneNodeForPreemption of
 * kubernetes/pkg/scheduler/framework/preemption/preemption.go, v1.30. Nodes are tried one after the
 * other, as with one worker; with several, kube-scheduler may try a few nodes more.
 */
import type { NodeInfo, PodInfo, PostFilterContext, Rejection } from "../../sim/scheduler/index.ts";
import { type Budgets, currentBudgets } from "./disruption-budgets.ts";
import { type DryRun, isCurrent, NO_VICTIMS, selectVictims } from "./select-victims.ts";

/** A node where preemption works. */
export interface Candidate {
  readonly slot: number;
  readonly run: DryRun;
}

/** What a search for candidates met. */
export interface CandidateSearch {
  /** Those that are best under all criteria, in the order in which they were tried. */
  readonly best: Candidate[];
  /** Why preemption does not work, with the number of nodes that were tried. */
  readonly rejections: Map<Rejection, number>;
  /** Nodes where pods were taken away to see: not those without pods of lower priority. */
  tried: number;
  /** What went wrong, in the order in which it was met. */
  readonly errors: string[];
}

/** Tries nodes from a drawn one on, until `wanted` are candidates and one breaks no budget. */
export function findCandidates(
  pod: PodInfo,
  context: PostFilterContext,
  potential: readonly number[],
  wanted: number,
): CandidateSearch {
  const search = newSearch();
  const count = potential.length;
  if (count === 0) return search;
  if (pod.priority <= context.cluster.lowestPriority) {
    search.rejections.set(NO_VICTIMS, count);
    return search;
  }
  const budgets = currentBudgets(context.cluster);
  const offset = context.draw(count);
  let violating = 0;
  let harmless = 0;
  for (let i = 0; i < count; i++) {
    const slot = potential[(offset + i) % count] as number;
    const run = tryPreemption(pod, slot, budgets, context);
    if (run.rejection !== NO_VICTIMS) search.tried++;
    if (run.rejection !== undefined) {
      noteRejection(search, run);
      continue;
    }
    if (run.numPDBViolations === 0) harmless++;
    else if (violating === wanted)
      continue; // the list of these is full
    else violating++;
    offer(search.best, slot, run);
    if (harmless > 0 && harmless + violating >= wanted) break;
  }
  return search;
}

/** Tries all nodes, and tells of each. */
export function weighAll(
  pod: PodInfo,
  context: PostFilterContext,
  potential: readonly number[],
  tell: (node: NodeInfo, run: DryRun) => void,
): CandidateSearch {
  const search = newSearch();
  const budgets = currentBudgets(context.cluster);
  for (const slot of potential) {
    const run = tryPreemption(pod, slot, budgets, context);
    tell(context.cluster.nodeIn(slot), run);
    if (run.rejection !== undefined) noteRejection(search, run);
    else offer(search.best, slot, run);
  }
  return search;
}

/** Among equals kube-scheduler takes the first in the order of a Go map, which is random. */
export function chooseAmong(
  best: readonly Candidate[],
  context: PostFilterContext,
): Candidate | undefined {
  if (best.length <= 1) return best[0];
  if (!context.isLowestName) return best[context.draw(best.length)];
  const nameOf = ({ slot }: Candidate): string => context.cluster.nodeIn(slot).name;
  return best.reduce((lowest, other) => (nameOf(other) < nameOf(lowest) ? other : lowest));
}

/** The dry run on one node, or an earlier one that still holds. */
function tryPreemption(
  pod: PodInfo,
  slot: number,
  budgets: Budgets,
  context: PostFilterContext,
): DryRun {
  const memo = context.dryRunMemo(slot);
  const node = context.cluster.nodeIn(slot);
  const known = memo?.value as DryRun | undefined;
  if (known !== undefined && isCurrent(known, pod.priority, node, budgets)) return known;
  const run = selectVictims(pod, node, budgets, context);
  if (memo !== undefined) memo.value = run;
  return run;
}

function newSearch(): CandidateSearch {
  return { best: [], rejections: new Map(), tried: 0, errors: [] };
}

function noteRejection(
  { rejections, errors }: CandidateSearch,
  { rejection, isError }: DryRun,
): void {
  if (rejection === undefined) return;
  rejections.set(rejection, (rejections.get(rejection) ?? 0) + 1);
  if (isError) errors.push(...rejection.reasons);
}

/** Negative: `a` is better. 0: equal under all criteria, which are pickOneNodeForPreemption's. */
function comparePreemptions(a: DryRun, b: DryRun): number {
  return (
    a.numPDBViolations - b.numPDBViolations ||
    a.firstPriority - b.firstPriority ||
    a.prioritySum - b.prioritySum ||
    a.victimCount - b.victimCount ||
    (a.earliestStartUs === b.earliestStartUs ? 0 : b.earliestStartUs - a.earliestStartUs)
  );
}

/** Keeps a candidate that none beats, and drops those that it beats. */
function offer(best: Candidate[], slot: number, run: DryRun): void {
  const [known] = best;
  const order = known === undefined ? 0 : comparePreemptions(run, known.run);
  if (order > 0) return;
  if (order < 0) best.length = 0;
  best.push({ slot, run });
}
