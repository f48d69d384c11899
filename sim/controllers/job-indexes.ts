/**
 * Completion indexes of an Indexed Job, as text and as a set: `0,2-5,7`.
 * Source: pkg/controller/job/indexed_job_utils.go of v1.30.
 */
import type { Pod } from "../api/index.ts";

export const COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";

/** The completion index of a pod; -1 without a valid one below `completions`. */
export function completionIndex({ metadata }: Pod, completions: number): number {
  const text = metadata.annotations?.[COMPLETION_INDEX] ?? "";
  const index = /^\d+$/.test(text) ? Number(text) : -1;
  return index < completions ? index : -1;
}

/** Whole numbers in ascending order. Runs of three and more are written with a dash. */
export function formatIndexes(indexes: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < indexes.length; ) {
    let end = i;
    while (indexes[end + 1] === (indexes[end] ?? 0) + 1) end++;
    const [first, last] = [indexes[i], indexes[end]];
    if (end === i) parts.push(`${first}`);
    else parts.push(`${first}${end === i + 1 ? "," : "-"}${last}`);
    i = end + 1;
  }
  return parts.join(",");
}

/** The indexes in a text, ascending, those from `completions` on left out (a Job may shrink). */
export function parseIndexes(text: string, completions: number): number[] {
  const indexes: number[] = [];
  for (const part of text === "" ? [] : text.split(",")) {
    const [first = 0, last = first] = part.split("-").map(Number);
    for (let i = first; i <= last && i < completions; i++) indexes.push(i);
  }
  return indexes;
}

/** The `count` lowest indexes below `completions` that are not taken (firstPendingIndexes). */
export function firstPendingIndexes(
  taken: ReadonlySet<number>,
  count: number,
  completions: number,
): number[] {
  const free: number[] = [];
  for (let i = 0; i < completions && free.length < count; i++) if (!taken.has(i)) free.push(i);
  return free;
}
