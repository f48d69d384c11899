/**
 * What a sum of terms amounts to, at a moment or on average over a window: exactly, from the points
 * where something bends; nothing is sampled.
 */
import type { KeyRecord, ObjectMeta, Pod } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { groupKey } from "./load-group.ts";
import type { ReadyPods } from "./ready-pods.ts";
import type { UsageModel, UsageTerm } from "./usage-model.ts";

/** What a usage is asked about. */
export interface UsageSubject {
  readonly record: KeyRecord<Pod>;
  readonly metadata: Pick<ObjectMeta, "namespace" | "labels">;
  /** When the container, or the pod's first one, began. */
  readonly startUs: Micros;
  /** What shares of the request refer to, in units of the resource. */
  readonly request: number;
  /** No more than this is used at one time. */
  readonly limit: number;
}

/** The amount at a moment. */
export function usageAt(
  model: UsageModel,
  subject: UsageSubject,
  pods: ReadyPods,
  timeUs: Micros,
): number {
  return Math.min(sumAt(model, subject, pods, timeUs, true), subject.limit);
}

/** The average over (from, to], from < to. O(bends within the window). */
export function averageUsage(
  model: UsageModel,
  subject: UsageSubject,
  pods: ReadyPods,
  fromUs: Micros,
  toUs: Micros,
): number {
  const times = [fromUs];
  for (const term of model) appendBends(term, subject, pods, fromUs, toUs, times);
  times.push(toUs);
  times.sort((a, b) => a - b);
  let sum = 0;
  for (let i = 1; i < times.length; i++) {
    const beginUs = times[i - 1] ?? fromUs;
    const endUs = times[i] ?? toUs;
    if (endUs === beginUs) continue;
    const begin = sumAt(model, subject, pods, beginUs, true);
    const end = sumAt(model, subject, pods, endUs, false);
    sum += limitedMean(begin, end, subject.limit) * (endUs - beginUs);
  }
  return sum / (toUs - fromUs);
}

/** The mean of what goes evenly from `begin` to `end`, cut off at `limit`. */
function limitedMean(begin: number, end: number, limit: number): number {
  if (begin <= limit && end <= limit) return (begin + end) / 2;
  if (begin >= limit && end >= limit) return limit;
  const low = Math.min(begin, end);
  const below = (limit - low) / Math.abs(end - begin);
  return below * ((low + limit) / 2) + (1 - below) * limit;
}

/** The sum of the terms at a time, or (`isAfter` false) just before it. */
function sumAt(
  model: UsageModel,
  subject: UsageSubject,
  pods: ReadyPods,
  timeUs: Micros,
  isAfter: boolean,
): number {
  let sum = 0;
  for (const term of model) {
    const { kind, profile } = term;
    const ownUs = kind === "age" ? timeUs - subject.startUs : timeUs;
    const value = isAfter
      ? profile.at(ownUs, subject.request)
      : profile.before(ownUs, subject.request);
    if (kind !== "share") sum += value;
    else {
      const momentUs = isAfter ? timeUs : timeUs - 1; // times are whole microseconds
      if (!pods.wasReady(subject.record, momentUs)) continue;
      sum += value / pods.countAt(groupKey(subject.metadata, term), momentUs);
    }
  }
  return sum;
}

function appendBends(
  term: UsageTerm,
  { record, metadata, startUs }: UsageSubject,
  pods: ReadyPods,
  fromUs: Micros,
  toUs: Micros,
  times: Micros[],
): void {
  const { kind, profile } = term;
  const originUs = kind === "age" ? startUs : 0;
  profile.bends(fromUs - originUs, toUs - originUs, originUs, times);
  if (kind === "share") pods.bends(groupKey(metadata, term), record, fromUs, toUs, times);
}
