/**
 * A Job's successPolicy: which indexes are enough for it to have succeeded.
 * Source: pkg/controller/job/success_policy.go of v1.30 (KEP-3998; alpha, off by default).
 */
import type { batch, Job } from "../api/index.ts";
import { parseIndexes } from "./job-indexes.ts";

/** The rule that is met, in the words of the Job's condition; "": none is. */
export function metSuccessRule({ spec }: Job, succeeded: readonly number[]): string {
  if (spec.successPolicy === undefined || succeeded.length === 0) return "";
  const index = spec.successPolicy.rules.findIndex((rule) =>
    isMet(rule, succeeded, spec.completions ?? 0),
  );
  return index < 0 ? "" : `Matched rules at index ${index}`;
}

function isMet(
  { succeededCount, succeededIndexes }: batch.SuccessPolicyRule,
  succeeded: readonly number[],
  completions: number,
): boolean {
  if (succeededIndexes === undefined)
    return succeededCount !== undefined && succeeded.length >= succeededCount;
  const wanted = parseIndexes(succeededIndexes, completions);
  if (wanted.length === 0) return false;
  const done = new Set(succeeded);
  const count = wanted.filter((index) => done.has(index)).length;
  return count === wanted.length || (succeededCount !== undefined && count >= succeededCount);
}
