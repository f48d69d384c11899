/**
 * How many replicas a metric asks for.
 * Source: pkg/controller/podautoscaler/replica_calculator.go and metrics/utilization.go of v1.30.
 *
 * Amounts are thousandths of the metric's unit, as there: milli-CPU, milli-bytes, milli-pieces.
 */
import { cpuMilli, findCondition, isSidecar, type Pod, timestampUs } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { isPodReady } from "./pod-state.ts";

/** A metric of one pod. */
export interface PodMetric {
  readonly valueMilli: number;
  /** The end and the length of the window that it was measured in. */
  readonly timestampUs: Micros;
  readonly windowUs: Micros;
}

/** By pod name. */
export type PodMetricsInfo = ReadonlyMap<string, PodMetric>;

export interface ReplicaCalculatorSettings {
  /** A usage ratio this near to 1 changes nothing. */
  readonly tolerance: number;
  /** After a pod's start: how long its cpu counts only once it is ready. */
  readonly cpuInitializationPeriodUs: Micros;
  /** After a pod's start: how long its first unreadiness counts as never having been ready. */
  readonly initialReadinessDelayUs: Micros;
}

/** The pods that a metric is about, and how many there should be now. */
export interface ReplicaSubject {
  /** Those that the scale's selector finds, by key. */
  readonly pods: readonly Pod[];
  readonly currentReplicas: number;
  readonly nowUs: Micros;
}

/** What a metric asks for; or why it cannot be told. */
export type ReplicaProposal =
  | {
      readonly replicas: number;
      /** Per pod, in thousandths; for a value, the value itself. */
      readonly usageMilli: number;
      /** Per cent of the request. */
      readonly utilization?: number;
    }
  | string;

export class ReplicaCalculator {
  readonly #settings: ReplicaCalculatorSettings;

  constructor(settings: ReplicaCalculatorSettings) {
    this.#settings = settings;
  }

  /** For a target utilisation of what is requested; `container` "" stands for the whole pod. */
  byUtilization(
    metrics: PodMetricsInfo,
    subject: ReplicaSubject,
    resource: string,
    container: string,
    targetUtilization: number,
  ): ReplicaProposal {
    if (subject.pods.length === 0) return NO_PODS;
    const groups = this.#group(metrics, subject, resource);
    const requests = requestsOf(subject.pods, resource, container);
    if (typeof requests === "string") return requests;
    if (groups.counted.size === 0) return NO_METRICS;
    const first = utilizationOf(groups.counted, requests);
    if (first === undefined) return "no metrics returned matched known pods";
    // Missing pods count as using all of their request, or the target where that is more.
    const fallback = Math.max(100, targetUtilization);
    const replicas = this.#replicas(subject, groups, first.utilization / targetUtilization, {
      ratioOf: (all) => (utilizationOf(all, requests)?.utilization ?? 0) / targetUtilization,
      whenMissing: (name) =>
        first.utilization < targetUtilization
          ? Math.trunc(((requests.get(name) ?? 0) * fallback) / 100)
          : first.utilization > targetUtilization
            ? 0
            : undefined,
    });
    return { replicas, usageMilli: first.usageMilli, utilization: first.utilization };
  }

  /** For a target value per pod; `resource` "" stands for a metric that is no resource. */
  byAverage(
    metrics: PodMetricsInfo,
    subject: ReplicaSubject,
    resource: string,
    targetMilli: number,
  ): ReplicaProposal {
    if (subject.pods.length === 0) return NO_PODS;
    const groups = this.#group(metrics, subject, resource);
    if (groups.counted.size === 0) return NO_METRICS;
    const usageMilli = meanOf(groups.counted);
    const replicas = this.#replicas(subject, groups, usageMilli / targetMilli, {
      ratioOf: (all) => meanOf(all) / targetMilli,
      whenMissing: () => (usageMilli < targetMilli ? targetMilli : 0),
    });
    return { replicas, usageMilli };
  }

  /** For a target value of one object or series: in proportion to the ready pods. */
  byValue(usageMilli: number, subject: ReplicaSubject, targetMilli: number): ReplicaProposal {
    const ratio = usageMilli / targetMilli;
    const { currentReplicas, pods } = subject;
    if (currentReplicas === 0) return { replicas: Math.ceil(ratio), usageMilli };
    if (this.#isNear(ratio)) return { replicas: currentReplicas, usageMilli };
    if (pods.length === 0) return `unable to calculate ready pods: ${NO_PODS}`;
    const ready = pods.filter((pod) => pod.status.phase === "Running" && isPodReady(pod)).length;
    return { replicas: Math.ceil(ratio * ready), usageMilli };
  }

  /** For a target per pod of one object's or series' value. */
  byValuePerPod(
    usageMilli: number,
    statusReplicas: number,
    targetAverageMilli: number,
  ): ReplicaProposal {
    const ratio = usageMilli / (targetAverageMilli * statusReplicas);
    const replicas = this.#isNear(ratio)
      ? statusReplicas
      : Math.ceil(usageMilli / targetAverageMilli);
    const perPod = statusReplicas === 0 ? usageMilli : Math.ceil(usageMilli / statusReplicas);
    return { replicas, usageMilli: perPod };
  }

  #isNear(ratio: number): boolean {
    return Math.abs(1 - ratio) <= this.#settings.tolerance;
  }

  /** The count that a ratio asks for, with pods that are missing or unready taken against it. */
  #replicas(
    { currentReplicas }: ReplicaSubject,
    { readyCount, counted, unready, missing }: PodGroups,
    ratio: number,
    model: {
      ratioOf(metrics: ReadonlyMap<string, number>): number;
      /** What a missing pod counts as; undefined: it is left out. */
      whenMissing(name: string): number | undefined;
    },
  ): number {
    const isUpWithUnready = unready.length > 0 && ratio > 1;
    if (!isUpWithUnready && missing.length === 0) {
      return this.#isNear(ratio) ? currentReplicas : Math.ceil(ratio * readyCount);
    }
    const all = new Map(counted);
    for (const name of missing) {
      const value = model.whenMissing(name);
      if (value !== undefined) all.set(name, value);
    }
    if (isUpWithUnready) for (const name of unready) all.set(name, 0);
    const newRatio = model.ratioOf(all);
    const hasTurned = (ratio < 1 && newRatio > 1) || (ratio > 1 && newRatio < 1);
    if (this.#isNear(newRatio) || hasTurned) return currentReplicas;
    const replicas = Math.ceil(newRatio * all.size);
    const isContrary =
      (newRatio < 1 && replicas > currentReplicas) || (newRatio > 1 && replicas < currentReplicas);
    return isContrary ? currentReplicas : replicas;
  }

  /** Sorts out which pods count (groupPods). */
  #group(metrics: PodMetricsInfo, { pods, nowUs }: ReplicaSubject, resource: string): PodGroups {
    const counted = new Map<string, number>();
    for (const [name, { valueMilli }] of metrics) counted.set(name, valueMilli);
    const groups: PodGroups = { readyCount: 0, counted, unready: [], missing: [] };
    for (const pod of pods) {
      const { name, deletionTimestamp } = pod.metadata;
      const metric = metrics.get(name);
      if (deletionTimestamp !== undefined || pod.status.phase === "Failed") counted.delete(name);
      else if (pod.status.phase === "Pending") {
        groups.unready.push(name);
        counted.delete(name);
      } else if (metric === undefined) groups.missing.push(name);
      else if (resource === "cpu" && this.#isUnready(pod, metric, nowUs)) {
        groups.unready.push(name);
        counted.delete(name);
      } else groups.readyCount++;
    }
    return groups;
  }

  /** Whether the pod's cpu does not count: it may still be the work of starting. */
  #isUnready({ status }: Pod, metric: PodMetric, nowUs: Micros): boolean {
    const ready = findCondition(status.conditions, "Ready");
    if (ready === undefined || status.startTime === undefined) return true;
    const startUs = timestampUs(status.startTime);
    const isFalse = ready.status === "False";
    const turnedUs =
      ready.lastTransitionTime === undefined ? 0 : timestampUs(ready.lastTransitionTime);
    const { cpuInitializationPeriodUs, initialReadinessDelayUs } = this.#settings;
    if (startUs + cpuInitializationPeriodUs > nowUs) {
      return isFalse || metric.timestampUs < turnedUs + metric.windowUs;
    }
    return isFalse && startUs + initialReadinessDelayUs > turnedUs;
  }
}

interface PodGroups {
  readyCount: number;
  /** Values of the pods that count, by name; also of those that no informer knows yet. */
  readonly counted: Map<string, number>;
  readonly unready: string[];
  readonly missing: string[];
}

const NO_PODS = "no pods returned by selector while calculating replica count";
const NO_METRICS = "did not receive metrics for targeted pods (pods might be unready)";

/** What pods request, in thousandths, by name; or which container requests nothing. */
function requestsOf(
  pods: readonly Pod[],
  resource: string,
  container: string,
): ReadonlyMap<string, number> | string {
  const requests = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    const sidecars = (spec.initContainers ?? []).filter(isSidecar);
    let sum = 0;
    for (const { name, resources } of [...spec.containers, ...sidecars]) {
      if (container !== "" && container !== name) continue;
      const request = resources?.requests?.[resource];
      if (request === undefined) {
        return `missing request for ${resource} in container ${name} of Pod ${metadata.name}`;
      }
      sum += cpuMilli(String(request)); // thousandths of any resource
    }
    requests.set(metadata.name, sum);
  }
  return requests;
}

/** Usage in whole per cent of the requests, and per pod (GetResourceUtilizationRatio). */
function utilizationOf(
  metrics: ReadonlyMap<string, number>,
  requests: ReadonlyMap<string, number>,
): { readonly utilization: number; readonly usageMilli: number } | undefined {
  let used = 0;
  let requested = 0;
  let count = 0;
  for (const [name, value] of metrics) {
    const request = requests.get(name);
    if (request === undefined) continue;
    used += value;
    requested += request;
    count++;
  }
  if (requested === 0) return undefined;
  const utilization = Math.trunc((used * 100) / requested);
  return { utilization, usageMilli: Math.trunc(used / count) };
}

function meanOf(metrics: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const value of metrics.values()) sum += value;
  return Math.trunc(sum / metrics.size);
}
