/** What the terminal says about operations that the cluster refused: lines below the table. */
import type { RefusedGroup } from "./operations-recorder.ts";
import type { RunSummary } from "./summary.ts";

/** Lines in all. */
const LINES_MAX = 3;

/** A line for each of the largest groups, over all runs. Empty when nothing was refused. */
export function refusedLines(summaries: readonly RunSummary[]): string[] {
  const groups = new Map<string, RefusedGroup>();
  for (const group of summaries.flatMap(({ refused }) => refused)) {
    const key = `${group.code} ${group.first}`;
    const known = groups.get(key);
    const operations = group.operations + (known?.operations ?? 0);
    groups.set(key, { ...(known ?? group), operations });
  }
  const sorted = [...groups.entries()];
  sorted.sort(([a, x], [b, y]) => y.operations - x.operations || (a < b ? -1 : 1));
  const over = summaries.length === 1 ? "" : ` over ${summaries.length} runs`;
  const lines = sorted.slice(0, LINES_MAX).map(([, group]) => line(group, over));
  const rest = sorted.slice(LINES_MAX).reduce((sum, [, { operations }]) => sum + operations, 0);
  return rest === 0 ? lines : [...lines, `${counted(rest)} failed${over} in other ways.`];
}

function line({ operations, first, code, why }: RefusedGroup, over: string): string {
  const such = operations === 1 ? ":" : ", such as";
  const text = `${counted(operations)} failed${over}${such} ${first}: ${code} ${why}`;
  return text.endsWith(".") ? text : `${text}.`;
}

const counted = (operations: number): string =>
  operations === 1 ? "1 operation" : `${operations} operations`;
