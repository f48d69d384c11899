/** How much longer a pod took than it ran. */
import type { Micros } from "../../sim/kernel/index.ts";

/** Shorter runs count as 10 s, as is usual, so that a job of a moment does not decide a mean. */
const SHORT_US = 10_000_000;

/**
 * (wait + run) / max(run, 10 s), at least 1 (Feitelson and Rudolph 1998, "Metrics and benchmarking
 * for parallel job scheduling"). `completionUs`: from creation to end; `runUs`: how much of it ran.
 */
export const boundedSlowdown = (completionUs: Micros, runUs: Micros): number =>
  Math.max(1, completionUs / Math.max(runUs, SHORT_US));
