/** Steps in time: each as the operations that it makes, merged with what comes from elsewhere. */
import type { Manifest } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import type { TimedOperation } from "../workload.ts";
import { type ManifestStep, stepOperation } from "./manifest-step.ts";

/** An object of a step's file, with where it stands. */
export interface StepObject {
  readonly object: Manifest;
  readonly source: string;
  /** See DecodedManifest. */
  readonly bytes?: number;
}

/**
 * All operations of the steps, by time, then by place in the list. `objectsOf` gives the objects of
 * a step's file; they are sent with `gapUs` between them.
 */
export function timedSteps(
  steps: readonly ManifestStep[],
  objectsOf: (step: ManifestStep) => readonly StepObject[],
  gapUs: Micros,
): TimedOperation[] {
  const timed: { readonly operation: TimedOperation; readonly seq: number }[] = [];
  for (const step of steps) {
    for (let time = 0; time < step.times; time++) {
      const startUs = step.atUs + time * step.everyUs;
      const objects =
        step.object === undefined
          ? objectsOf(step)
          : [{ object: step.object, source: step.source }];
      for (const [i, { object, source, ...size }] of objects.entries()) {
        const operation = { ...stepOperation(step, object, source), ...size };
        timed.push({
          operation: { timeUs: startUs + i * gapUs, ...operation },
          seq: timed.length,
        });
      }
    }
  }
  timed.sort((a, b) => a.operation.timeUs - b.operation.timeUs || a.seq - b.seq);
  return timed.map(({ operation }) => operation);
}

/** Two sources in time order as one; at equal times the first comes first. */
export async function* mergeByTime(
  first: AsyncIterable<TimedOperation>,
  second: readonly TimedOperation[],
): AsyncIterable<TimedOperation> {
  let next = 0;
  for await (const operation of first) {
    for (; next < second.length; next++) {
      const other = second[next];
      if (other === undefined || other.timeUs >= operation.timeUs) break;
      yield other;
    }
    yield operation;
  }
  yield* second.slice(next);
}
