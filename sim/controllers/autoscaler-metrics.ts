/**
 * The metrics of an autoscaler: which list each of them asks for, and what the answer makes of it.
 * Source: computeReplicasForMetric in pkg/controller/podautoscaler/horizontal.go, and
 * metrics/client.go, of v1.30.
 */
import {
  type autoscaling,
  compileLabelSelector,
  cpuMilli,
  type LabelSelector,
  Quantity,
  timestampUs,
} from "../api/index.ts";
import type { ApiCall, MetricSelection, MetricValue, PodMetrics } from "../client/index.ts";
import { type Micros, parseDuration } from "../kernel/index.ts";
import type {
  PodMetric,
  PodMetricsInfo,
  ReplicaCalculator,
  ReplicaProposal,
  ReplicaSubject,
} from "./autoscaler-replicas.ts";

/** The window of a custom metric that names none (metricServerDefaultMetricWindow). */
const DEFAULT_WINDOW_US = 60_000_000;

/** A list request for a metric. */
export interface MetricQuery {
  readonly kind: string;
  readonly selection: MetricSelection;
}

/** What a metric asks for, or why it fails. */
export type MetricOutcome =
  | {
      readonly replicas: number;
      /** As the message of the condition ScalingActive names it. */
      readonly name: string;
      readonly status: autoscaling.MetricStatus;
    }
  | {
      /** Reason of the condition ScalingActive: `FailedGetResourceMetric`. */
      readonly reason: string;
      /** For the condition. */
      readonly message: string;
      /** For whoever asked for all metrics. */
      readonly error: string;
    };

/** What an autoscaler's target looks like to its metrics. */
export interface MetricScope extends ReplicaSubject {
  readonly namespace: string;
  /** Of the scale's status. */
  readonly statusReplicas: number;
}

/** The list that a metric asks for; `podSelector` is the scale's. */
export function metricQuery(
  spec: autoscaling.MetricSpec,
  namespace: string,
  podSelector: string,
): MetricQuery {
  if (spec.external !== undefined) {
    const { name, selector } = spec.external.metric;
    const selection = { namespace, metric: name, metricLabels: labelText(selector) };
    return { kind: "ExternalMetricValueList", selection };
  }
  if (spec.object !== undefined) {
    const { metric, describedObject } = spec.object;
    const object = { objectKind: describedObject.kind, objectName: describedObject.name };
    const metricLabels = labelText(metric.selector);
    const selection = { namespace, metric: metric.name, metricLabels, ...object };
    return { kind: "MetricValueList", selection };
  }
  if (spec.pods !== undefined) {
    const { name, selector } = spec.pods.metric;
    const metricLabels = labelText(selector);
    const selection = { namespace, labels: podSelector, metric: name, metricLabels };
    return { kind: "MetricValueList", selection };
  }
  return { kind: "PodMetrics", selection: { namespace, labels: podSelector } };
}

/** What the answer to the metric's query asks for. */
export function metricOutcome(
  spec: autoscaling.MetricSpec,
  answer: ApiCall,
  scope: MetricScope,
  calculator: ReplicaCalculator,
): MetricOutcome {
  switch (spec.type) {
    case "Resource":
    case "ContainerResource":
      return resourceOutcome(spec, answer, scope, calculator);
    case "Pods":
      return podsOutcome(spec.pods as autoscaling.PodsMetricSource, answer, scope, calculator);
    case "Object":
      return objectOutcome(
        spec.object as autoscaling.ObjectMetricSource,
        answer,
        scope,
        calculator,
      );
    default:
      return externalOutcome(
        spec.external as autoscaling.ExternalMetricSource,
        answer,
        scope,
        calculator,
      );
  }
}

function resourceOutcome(
  { resource, containerResource }: autoscaling.MetricSpec,
  answer: ApiCall,
  scope: MetricScope,
  calculator: ReplicaCalculator,
): MetricOutcome {
  const container = containerResource?.container ?? "";
  const { name = "", target } = resource ?? containerResource ?? { target: { type: "" } };
  const reason =
    resource === undefined ? "FailedGetContainerResourceMetric" : "FailedGetResourceMetric";
  const metrics = podMetrics(answer, name, container);
  const proposal: ReplicaProposal =
    typeof metrics === "string"
      ? `unable to get metrics for resource ${name}: ${metrics}`
      : target.averageValue !== undefined
        ? calculator.byAverage(metrics, scope, name, milli(target.averageValue))
        : calculator.byUtilization(metrics, scope, name, container, target.averageUtilization ?? 0);
  if (typeof proposal === "string") {
    const what = target.averageValue === undefined ? "utilization" : "usage";
    const message = `failed to get ${name} ${what}: ${proposal}`;
    const kind = resource === undefined ? "container" : "resource";
    const error = `failed to get ${name} ${kind} metric value: ${message}`;
    return { reason, message, error };
  }
  const averageValue = milliText(proposal.usageMilli);
  const { utilization } = proposal;
  const current =
    utilization === undefined
      ? { averageValue }
      : { averageUtilization: utilization, averageValue };
  const suffix = utilization === undefined ? "" : " utilization (percentage of request)";
  const status: autoscaling.MetricStatus =
    resource === undefined
      ? { type: "ContainerResource", containerResource: { container, name, current } }
      : { type: "Resource", resource: { name, current } };
  return { replicas: proposal.replicas, name: `${name} resource${suffix}`, status };
}

function podsOutcome(
  { metric, target }: autoscaling.PodsMetricSource,
  answer: ApiCall,
  scope: MetricScope,
  calculator: ReplicaCalculator,
): MetricOutcome {
  const values = metricValues(answer, "custom");
  const proposal =
    typeof values === "string"
      ? `unable to get metric ${metric.name}: ${values}`
      : calculator.byAverage(byPod(values), scope, "", milli(target.averageValue));
  if (typeof proposal === "string") {
    const error = `failed to get pods metric value: ${proposal}`;
    return { reason: "FailedGetPodsMetric", message: proposal, error };
  }
  const current = { averageValue: milliText(proposal.usageMilli) };
  const status = { type: "Pods", pods: { metric, current } };
  return { replicas: proposal.replicas, name: `pods metric ${metric.name}`, status };
}

function objectOutcome(
  { metric, target, describedObject }: autoscaling.ObjectMetricSource,
  answer: ApiCall,
  scope: MetricScope,
  calculator: ReplicaCalculator,
): MetricOutcome {
  const values = metricValues(answer, "custom");
  const isValue = target.type === "Value";
  const proposal = byValue(values, target, isValue, scope, calculator);
  if (typeof proposal === "string") {
    const at = `${describedObject.kind} on ${scope.namespace} ${describedObject.name}/`;
    const why =
      typeof values === "string" ? `unable to get metric ${metric.name}: ${at}${values}` : proposal;
    const message = isValue ? why : `failed to get ${metric.name} object metric: ${why}`;
    const error = `failed to get object metric value: ${message}`;
    return { reason: "FailedGetObjectMetric", message: why, error };
  }
  const text = milliText(proposal.usageMilli);
  const current = isValue ? { value: text } : { averageValue: text };
  const status = { type: "Object", object: { describedObject, metric, current } };
  const name = isValue
    ? `${describedObject.kind} metric ${metric.name}`
    : `external metric ${metric.name}(${selectorText(metric.selector)})`;
  return { replicas: proposal.replicas, name, status };
}

function externalOutcome(
  { metric, target }: autoscaling.ExternalMetricSource,
  answer: ApiCall,
  scope: MetricScope,
  calculator: ReplicaCalculator,
): MetricOutcome {
  const values = metricValues(answer, "external");
  const isValue = target.averageValue === undefined;
  const shown = selectorText(metric.selector);
  const proposal = byValue(values, target, isValue, scope, calculator);
  if (typeof proposal === "string") {
    const prefix = `unable to get external metric ${scope.namespace}/${metric.name}/${shown}: `;
    const why = typeof values === "string" ? prefix + values : proposal;
    const message = isValue
      ? `failed to get external metric ${metric.name}: ${why}`
      : `failed to get ${metric.name} external metric: ${why}`;
    const error = `failed to get ${metric.name} external metric value: ${message}`;
    return { reason: "FailedGetExternalMetric", message: why, error };
  }
  const text = milliText(proposal.usageMilli);
  const current = isValue ? { value: text } : { averageValue: text };
  const status = { type: "External", external: { metric, current } };
  return { replicas: proposal.replicas, name: `external metric ${metric.name}(${shown})`, status };
}

/** Of the sum of the values: for a target value, or one per pod. */
function byValue(
  values: readonly MetricValue[] | string,
  target: autoscaling.MetricTarget,
  isValue: boolean,
  scope: MetricScope,
  calculator: ReplicaCalculator,
): ReplicaProposal {
  if (typeof values === "string") return values;
  let sum = 0;
  for (const { value } of values) sum += cpuMilli(value);
  return isValue
    ? calculator.byValue(sum, scope, milli(target.value))
    : calculator.byValuePerPod(sum, scope.statusReplicas, milli(target.averageValue));
}

/** Usage of a resource by pod; or why there is none (GetResourceMetric). */
function podMetrics(
  { ok, message, items }: ApiCall,
  resource: string,
  container: string,
): PodMetricsInfo | string {
  if (!ok) return `unable to fetch metrics from resource metrics API: ${message}`;
  if (items.length === 0) return "no metrics returned from resource metrics API";
  const found = new Map<string, PodMetric>();
  for (const { object } of items) {
    const { metadata, timestamp, window, containers } = object as PodMetrics;
    const wanted = containers.filter(({ name }) => container === "" || name === container);
    if (wanted.length === 0 && container !== "") {
      const where = `${metadata.namespace}/${metadata.name}`;
      return `failed to get container metrics: container ${container} not present in metrics for pod ${where}`;
    }
    const usages = wanted.map(({ usage }) => usage[resource]);
    if (usages.length === 0 || usages.includes(undefined)) continue;
    found.set(metadata.name, {
      valueMilli: usages.reduce((sum, usage) => sum + milli(usage), 0),
      timestampUs: timestampUs(timestamp),
      windowUs: parseDuration(window) ?? 0,
    });
  }
  return found;
}

function metricValues(
  { ok, message, items }: ApiCall,
  api: "custom" | "external",
): readonly MetricValue[] | string {
  if (!ok) return `unable to fetch metrics from ${api} metrics API: ${message}`;
  if (items.length === 0) return `no metrics returned from ${api} metrics API`;
  return items.map(({ object }) => object as MetricValue);
}

function byPod(values: readonly MetricValue[]): PodMetricsInfo {
  return new Map(
    values.map(({ describedObject, value, timestamp, windowSeconds }) => {
      const windowUs: Micros = windowSeconds === 0 ? DEFAULT_WINDOW_US : windowSeconds * 1_000_000;
      const metric = { valueMilli: cpuMilli(value), timestampUs: timestampUs(timestamp), windowUs };
      return [describedObject?.name ?? "", metric];
    }),
  );
}

const milli = (quantity: string | undefined): number => cpuMilli(String(quantity ?? "0"));

/** resource.NewMilliQuantity(value, resource.DecimalSI) as text. */
function milliText(valueMilli: number): string {
  return new Quantity(BigInt(Math.trunc(valueMilli)), -3, "DecimalSI", false, "").toString();
}

function labelText(selector: LabelSelector | undefined): string {
  return selector === undefined ? "" : compileLabelSelector(selector).toString();
}

/** As Go prints a *LabelSelector with %+v; its own notation is shortened to the selector's text. */
function selectorText(selector: LabelSelector | undefined): string {
  return selector === undefined ? "nil" : labelText(selector);
}
