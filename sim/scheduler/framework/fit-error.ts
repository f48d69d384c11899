/**
 * The message for a pod that fits nowhere, word for word as kube-scheduler's.
 *
 * Source: FitError.Error of kubernetes/pkg/scheduler/framework/types.go, v1.30.
 */
import type { Diagnosis } from "./evaluator.ts";

/** The part of a Diagnosis that the message is made of. */
export type FailureCounts = Pick<Diagnosis, "nodeCount" | "reasonCounts" | "preFilterMessage">;

/** `postFilterMessage`: what postFilter said, or "" when none ran. */
export function fitErrorMessage(diagnosis: FailureCounts, postFilterMessage = ""): string {
  const { nodeCount, reasonCounts, preFilterMessage } = diagnosis;
  let message = `0/${nodeCount} nodes are available:`;
  if (preFilterMessage !== "") message += ` ${preFilterMessage}.`;
  else if (reasonCounts.size > 0) {
    // Sorted as texts, so that "10 ..." stands before "2 ...".
    const parts = [...reasonCounts].map(([reason, count]) => `${count} ${reason}`).sort();
    message += ` ${parts.join(", ")}.`;
  }
  return postFilterMessage === "" ? message : `${message} ${postFilterMessage}`;
}
