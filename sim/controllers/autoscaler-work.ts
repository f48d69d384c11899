/** One sync of an autoscaler: what it found, and the status that it will write. Plain data. */
import {
  type autoscaling,
  type HorizontalPodAutoscaler,
  type KeyRecord,
  type Scale,
  setCondition,
  timestamp,
} from "../api/index.ts";
import type { ApiCall } from "../client/index.ts";
import type { Micros } from "../kernel/index.ts";
import type { MetricOutcome } from "./autoscaler-metrics.ts";
import { SyncWork } from "./reconciler.ts";

type Status = HorizontalPodAutoscaler["status"];
type Condition = autoscaling.HorizontalPodAutoscalerCondition;

export class AutoscalerWork extends SyncWork {
  hpa: HorizontalPodAutoscaler | undefined = undefined;
  target: KeyRecord | undefined = undefined;
  scale: Scale | undefined = undefined;
  /** The answer that a stage waited for. */
  answer: ApiCall | undefined = undefined;
  /** Of the metrics looked at so far. */
  readonly outcomes: MetricOutcome[] = [];
  /** Replicas to have, and why. */
  desiredReplicas = 0;
  rescaleReason = "";
  conditions: readonly Condition[] = [];
  metricStatuses: readonly autoscaling.MetricStatus[] = [];

  begin(hpa: HorizontalPodAutoscaler): void {
    this.hpa = hpa;
    this.conditions = hpa.status.conditions ?? [];
  }

  condition(
    type: "AbleToScale" | "ScalingActive" | "ScalingLimited",
    isTrue: boolean,
    { reason, message }: { readonly reason: string; readonly message: string },
    nowUs: Micros,
  ): void {
    const status = isTrue ? "True" : "False";
    const lastTransitionTime = timestamp(nowUs);
    const condition: Condition = { type, status, reason, message, lastTransitionTime };
    this.conditions = setCondition(this.conditions, condition);
  }
}

/** The status with what the sync found; `scaledUs`: when it changed the replicas, or undefined. */
export function autoscalerStatus(
  { hpa, conditions, metricStatuses }: AutoscalerWork,
  currentReplicas: number,
  desiredReplicas: number,
  scaledUs: Micros | undefined,
): Status {
  const old = hpa?.status;
  const lastScaleTime = scaledUs === undefined ? old?.lastScaleTime : timestamp(scaledUs);
  const status: Status = { currentReplicas, desiredReplicas, conditions: [...conditions] };
  if (lastScaleTime !== undefined) status.lastScaleTime = lastScaleTime;
  if (old?.observedGeneration !== undefined) status.observedGeneration = old.observedGeneration;
  if (metricStatuses.length > 0) status.currentMetrics = [...metricStatuses];
  return status;
}
