/** What the terminal says about pods that were never scheduled: a few lines below the table. */
import type { RunSummary } from "./summary.ts";
import type { UnplacedGroup } from "./unplaced-pods.ts";

/** Lines for the pods of a single policy. */
const LINES_MAX = 3;

/**
 * With one policy a line for each of the largest groups; with several a line per policy, about its
 * largest group. Counts are summed over the seeds. Empty when every pod was scheduled.
 */
export function unplacedLines(summaries: readonly RunSummary[]): string[] {
  const policies = [...new Set(summaries.map(({ policy }) => policy))];
  const seeds = new Set(summaries.map(({ seed }) => seed)).size;
  if (policies.length === 1) {
    const groups = merged(summaries);
    const rest = podCount(groups.slice(LINES_MAX));
    const more = rest === 0 ? [] : [`${neverScheduled(rest, seeds)} for other reasons`];
    return [...groups.slice(0, LINES_MAX).map((group) => groupLine(group, seeds)), ...more].map(
      stopped,
    );
  }
  return policies.flatMap((policy) => {
    const groups = merged(summaries.filter((run) => run.policy === policy));
    const [largest] = groups;
    if (largest === undefined) return [];
    const all = podCount(groups);
    if (all === largest.pods) return stopped(`${policy}: ${groupLine(largest, seeds)}`);
    const some = `${largest.pods} of them such as ${largest.first}: ${shortWhy(largest)}`;
    return stopped(`${policy}: ${neverScheduled(all, seeds)}, ${some}`);
  });
}

/** The groups of several runs, those with the same words together. */
function merged(summaries: readonly RunSummary[]): UnplacedGroup[] {
  const byWords = new Map<string, UnplacedGroup>();
  for (const group of summaries.flatMap(({ unplaced }) => unplaced)) {
    const key = group.why.replaceAll(/\d+/g, "0");
    const known = byWords.get(key);
    byWords.set(key, known === undefined ? group : { ...known, pods: known.pods + group.pods });
  }
  const groups = [...byWords.entries()];
  groups.sort(([a, x], [b, y]) => y.pods - x.pods || (a < b ? -1 : 1));
  return groups.map(([, group]) => group);
}

function groupLine(group: UnplacedGroup, seeds: number): string {
  const such = group.pods === 1 ? ":" : ", such as";
  return `${neverScheduled(group.pods, seeds)}${such} ${group.first}: ${shortWhy(group)}`;
}

function neverScheduled(pods: number, seeds: number): string {
  const over = seeds === 1 ? "" : ` over ${seeds} seeds`;
  return `${pods === 1 ? "1 pod was" : `${pods} pods were`} never scheduled${over}`;
}

const podCount = (groups: readonly UnplacedGroup[]): number =>
  groups.reduce((sum, { pods }) => sum + pods, 0);

/** Without what the scheduler says about preemption: pods.csv has it all. */
const shortWhy = ({ why }: UnplacedGroup): string => why.split(" preemption: ")[0] ?? why;

const stopped = (line: string): string => (line.endsWith(".") ? line : `${line}.`);
