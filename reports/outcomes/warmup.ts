/** Warm-up: how much of a run's beginning its figures leave out. */
import type { Micros } from "../../sim/kernel/index.ts";
import { NEVER } from "../row.ts";
import { mser5 } from "../statistics/index.ts";
import { boundedSlowdown } from "./bounded-slowdown.ts";
import { PodSample } from "./pod-sample.ts";
import type { PodSampleStore } from "./pod-sample-store.ts";

/** Series of pods whose beginning MSER-5 can judge. */
export const warmupSeries = [
  "scheduling_wait",
  "pod_startup",
  "pod_completion",
  "pod_slowdown",
] as const;

export type WarmupSeries = (typeof warmupSeries)[number];

export interface WarmupRule {
  /** Pods created before are left out, 0: none are; or found by MSER-5 in each run. */
  readonly warmupUs: Micros | "mser-5";
  /** What MSER-5 looks at. */
  readonly of: WarmupSeries;
}

export const noWarmup: WarmupRule = { warmupUs: 0, of: "scheduling_wait" };

/** MSER-5 cuts between batches of five values. */
export const WARMUP_STEP = 5;

/**
 * The end of the warm-up by MSER-5: when the first pod was created that is not left out. Values are
 * in order of the pods' creation; pods without one do not count. Where that pod's running number is
 * no multiple of WARMUP_STEP, it is the pod of the last multiple before.
 */
export function warmupEndUs(samples: PodSampleStore, of: WarmupSeries): Micros {
  const values = new Float64Array(samples.count);
  const owners = new Uint32Array(samples.count);
  const sample = new PodSample();
  let count = 0;
  for (let seq = 0; seq < samples.count; seq++) {
    samples.read(seq, sample);
    const value = seriesValue(sample, of);
    if (value === NEVER) continue;
    values[count] = value;
    owners[count] = seq;
    count++;
  }
  const truncated = mser5(values.subarray(0, count));
  if (truncated === 0) return 0;
  const first = owners[truncated] ?? 0;
  return samples.createdUs(first - (first % WARMUP_STEP));
}

function seriesValue(sample: PodSample, of: WarmupSeries): number {
  if (of === "scheduling_wait") return sample.waitUs;
  if (of === "pod_startup") return sample.startupUs;
  if (of === "pod_completion" || sample.completionUs === NEVER) return sample.completionUs;
  return boundedSlowdown(sample.completionUs, sample.runUs);
}
