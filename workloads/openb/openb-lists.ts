/**
 * Reads the openb lists: all rows are checked, and all faults of a list are said at once, before
 * anything is simulated.
 */
import { readCsv } from "../csv-file.ts";
import { FaultList } from "../fault-list.ts";
import type { TextFile } from "../text-file.ts";
import {
  nodeColumns,
  type OpenbNode,
  type OpenbTask,
  parseNode,
  parseTask,
  taskColumns,
  timeColumns,
} from "./openb-rows.ts";

const ROW_REMEDY = "Fix the row or take it out.";

/** Nodes in the order of the list. */
export async function readNodes(file: TextFile): Promise<OpenbNode[]> {
  const faults = new FaultList(ROW_REMEDY);
  const nodes: OpenbNode[] = [];
  for await (const row of readCsv(file, nodeColumns)) {
    const node = parseNode(row, faults);
    if (node !== undefined) nodes.push(node);
  }
  faults.throwIfAny();
  refuseRepeats(sortByName([...nodes]));
  return nodes;
}

/** All tasks, sorted by name: about 250 bytes each. */
export async function holdTasks(file: TextFile): Promise<OpenbTask[]> {
  const faults = new FaultList(ROW_REMEDY);
  const tasks: OpenbTask[] = [];
  for await (const row of readCsv(file, taskColumns)) {
    const task = parseTask(row, faults);
    if (task !== undefined && faults.count === 0) tasks.push(task);
  }
  faults.throwIfAny();
  refuseRepeats(sortByName(tasks));
  return tasks;
}

/** Tasks in the order of the list, holding none. */
export async function* streamTasks(file: TextFile): AsyncIterable<OpenbTask> {
  const faults = new FaultList(ROW_REMEDY);
  for await (const row of readCsv(file, taskColumns)) {
    const task = parseTask(row, faults);
    faults.throwIfAny();
    if (task !== undefined) yield task;
  }
}

/**
 * Checks every row and its times, holding none. `isSorted`: by creation_time. Names that occur
 * twice are left to the API server, which answers that the pod already exists.
 */
export async function scanTimes(
  file: TextFile,
): Promise<{ readonly count: number; readonly isSorted: boolean }> {
  const faults = new FaultList(ROW_REMEDY);
  let count = 0;
  let isSorted = true;
  let lastS = 0;
  for await (const row of readCsv(file, [...taskColumns, ...timeColumns])) {
    const task = parseTask(row, faults);
    if (task === undefined) continue;
    for (const column of timeColumns)
      if (row.cell(column) === "")
        faults.add(`${row.place}: ${column}: got nothing, want seconds: a time scale needs them`);
    if (task.creationS < lastS) isSorted = false;
    lastS = task.creationS;
    count++;
  }
  faults.throwIfAny();
  return { count, isSorted };
}

interface Named {
  readonly name: string;
  readonly line: number;
  readonly source: string;
}

/** By name, equal ones by line. Sorts in place. */
function sortByName<T extends Named>(rows: T[]): T[] {
  return rows.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.line - b.line));
}

/** Names are pod or node names: each only once. */
function refuseRepeats(rows: readonly Named[]): void {
  const faults = new FaultList("Rename the row or take it out.");
  for (const [i, row] of rows.entries()) {
    const before = rows[i - 1];
    if (before?.name === row.name)
      faults.add(
        `${row.source}: got the name "${row.name}" again, want each only once (${before.source} has it)`,
      );
  }
  faults.throwIfAny();
}
