/**
 * Validation of a HorizontalPodAutoscaler's spec.
 * Source: pkg/apis/autoscaling/validation/validation.go of v1.30.
 */
import { forbidden, invalid, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { validateLabelSelector } from "./label-selector-validation.ts";
import type { autoscaling } from "./objects.ts";
import { quantitySign } from "./resource-amount.ts";

/** The gate HPAScaleToZero is alpha, and off. */
const MIN_REPLICAS = 1;
const STABILIZATION_WINDOW_SECONDS_MAX = 3600;
const PERIOD_SECONDS_MAX = 1800;

const SOURCE_TYPES = ["ContainerResource", "External", "Object", "Pods", "Resource"];
const TARGET_TYPES = ["Utilization", "Value", "AverageValue"];
/** The field that each source type fills, in the order in which they are looked at. */
const FIELDS = [
  ["Object", "object"],
  ["External", "external"],
  ["Pods", "pods"],
  ["Resource", "resource"],
  ["ContainerResource", "containerResource"],
] as const;

type Target = autoscaling.MetricTarget;

/** Appends the faults of the spec. */
export function validateAutoscalerSpec(
  spec: autoscaling.HorizontalPodAutoscalerSpec,
  path: string,
  errors: FieldError[],
): void {
  const { minReplicas, maxReplicas, scaleTargetRef, metrics = [], behavior } = spec;
  if (minReplicas !== undefined && minReplicas < MIN_REPLICAS) {
    const detail = `must be greater than or equal to ${MIN_REPLICAS}`;
    errors.push(invalid(`${path}.minReplicas`, minReplicas, detail));
  }
  if (maxReplicas < 1) {
    errors.push(invalid(`${path}.maxReplicas`, maxReplicas, "must be greater than 0"));
  }
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const detail = "must be greater than or equal to `minReplicas`";
    errors.push(invalid(`${path}.maxReplicas`, maxReplicas, detail));
  }
  validateReference(scaleTargetRef, `${path}.scaleTargetRef`, errors);
  metrics.forEach((metric, i) => {
    validateMetric(metric, `${path}.metrics[${i}]`, errors);
  });
  validateRules(behavior?.scaleUp, `${path}.behavior.scaleUp`, errors);
  validateRules(behavior?.scaleDown, `${path}.behavior.scaleDown`, errors);
}

function validateReference(
  { kind, name }: autoscaling.CrossVersionObjectReference,
  path: string,
  errors: FieldError[],
): void {
  validateSegment(kind, `${path}.kind`, "", errors);
  validateSegment(name, `${path}.name`, "", errors);
}

/** A name that is part of a request's path (pathvalidation.IsValidPathSegmentName). */
function validateSegment(
  name: string | undefined,
  path: string,
  whenMissing: string,
  errors: FieldError[],
): void {
  if (name === undefined || name === "") errors.push(required(path, whenMissing));
  else if (name === "." || name === "..") errors.push(invalid(path, name, `may not be '${name}'`));
  else {
    for (const illegal of ["/", "%"]) {
      if (name.includes(illegal)) errors.push(invalid(path, name, `may not contain '${illegal}'`));
    }
  }
}

function validateMetric(spec: autoscaling.MetricSpec, path: string, errors: FieldError[]): void {
  if (spec.type === undefined || spec.type === "") {
    errors.push(required(`${path}.type`, "must specify a metric source type"));
  }
  if (!SOURCE_TYPES.includes(spec.type)) {
    errors.push(unsupported(`${path}.type`, spec.type ?? "", SOURCE_TYPES));
  }
  const present = FIELDS.filter(([, field]) => spec[field] !== undefined);
  const first = present[0];
  if (first !== undefined) validateSource(spec, first[1], path, errors);
  const expected = FIELDS.find(([type]) => type === spec.type)?.[1];
  if (expected !== undefined && spec[expected] === undefined) {
    const detail = "must populate information for the given metric source";
    errors.push(required(`${path}.${expected}`, detail));
  }
  if (present.length === 1) return;
  for (const [, field] of present) {
    if (field === expected) continue;
    errors.push(forbidden(`${path}.${field}`, "must populate the given metric source only"));
  }
}

function validateSource(
  spec: autoscaling.MetricSpec,
  field: (typeof FIELDS)[number][1],
  path: string,
  errors: FieldError[],
): void {
  const at = `${path}.${field}`;
  const source = spec[field];
  const target = source?.target ?? ({} as Target);
  if (spec.object !== undefined && field === "object") {
    validateReference(spec.object.describedObject, `${at}.describedObject`, errors);
  }
  if (field === "resource" || field === "containerResource") {
    const named = spec[field];
    if ((named?.name ?? "") === "") {
      errors.push(required(`${at}.name`, "must specify a resource name"));
    }
    if (field === "containerResource" && (spec[field]?.container ?? "") === "") {
      errors.push(required(`${at}.container`, "must specify a container"));
    }
    validateTarget(target, `${at}.target`, errors);
    return validateResourceTarget(target, `${at}.target`, errors);
  }
  const metric = spec[field]?.metric;
  validateSegment(metric?.name, `${at}.metric.name`, "must specify a metric name", errors);
  validateLabelSelector(metric?.selector, `${at}.metric.selector`, errors);
  validateTarget(target, `${at}.target`, errors);
  validateValueTarget(target, field, `${at}.target`, errors);
}

function validateTarget(target: Target, path: string, errors: FieldError[]): void {
  const { type, value, averageValue, averageUtilization } = target;
  if (type === undefined || type === "") {
    errors.push(required(`${path}.type`, "must specify a metric target type"));
  }
  if (!TARGET_TYPES.includes(type)) {
    const detail = "must be either Utilization, Value, or AverageValue";
    errors.push(invalid(`${path}.type`, type ?? "", detail));
  }
  if (value !== undefined && quantitySign(String(value)) !== 1) {
    errors.push(invalid(`${path}.value`, value, "must be positive"));
  }
  if (averageValue !== undefined && quantitySign(String(averageValue)) !== 1) {
    errors.push(invalid(`${path}.averageValue`, averageValue, "must be positive"));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    const detail = "must be greater than 0";
    errors.push(invalid(`${path}.averageUtilization`, averageUtilization, detail));
  }
}

function validateResourceTarget(target: Target, path: string, errors: FieldError[]): void {
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined) {
    const detail = "must set either a target raw value or a target utilization";
    errors.push(required(`${path}.averageUtilization`, detail));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const detail = "may not set both a target raw value and a target utilization";
    errors.push(forbidden(`${path}.averageValue`, detail));
  }
}

function validateValueTarget(
  { value, averageValue }: Target,
  field: "object" | "external" | "pods",
  path: string,
  errors: FieldError[],
): void {
  if (field === "pods") {
    if (averageValue === undefined || quantitySign(String(averageValue)) !== 1) {
      const detail = "must specify a positive target averageValue";
      errors.push(required(`${path}.averageValue`, detail));
    }
    return;
  }
  if (value === undefined && averageValue === undefined) {
    const detail = "must set either a target value for metric or a per-pod target";
    errors.push(required(`${path}.averageValue`, detail));
  }
  if (field === "external" && value !== undefined && averageValue !== undefined) {
    const detail = "may not set both a target value for metric and a per-pod target";
    errors.push(forbidden(`${path}.value`, detail));
  }
}

function validateRules(
  rules: autoscaling.HPAScalingRules | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (rules === undefined) return;
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = rules;
  const windowPath = `${path}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0) {
    errors.push(invalid(windowPath, window, "must be greater than or equal to zero"));
  }
  if (window !== undefined && window > STABILIZATION_WINDOW_SECONDS_MAX) {
    const detail = `must be less than or equal to ${STABILIZATION_WINDOW_SECONDS_MAX}`;
    errors.push(invalid(windowPath, window, detail));
  }
  if (selectPolicy !== undefined && !["Disabled", "Max", "Min"].includes(selectPolicy)) {
    errors.push(unsupported(`${path}.selectPolicy`, selectPolicy, ["Disabled", "Max", "Min"]));
  }
  if (policies.length === 0) {
    errors.push(required(`${path}.policies`, "must specify at least one Policy"));
  }
  policies.forEach((policy, i) => {
    validatePolicy(policy, `${path}.policies[${i}]`, errors);
  });
}

function validatePolicy(
  { type, value, periodSeconds }: autoscaling.HPAScalingPolicy,
  path: string,
  errors: FieldError[],
): void {
  if (type !== "Pods" && type !== "Percent") {
    errors.push(unsupported(`${path}.type`, type ?? "", ["Percent", "Pods"]));
  }
  if (!(value > 0)) errors.push(invalid(`${path}.value`, value ?? 0, "must be greater than zero"));
  if (!(periodSeconds > 0)) {
    const detail = "must be greater than zero";
    errors.push(invalid(`${path}.periodSeconds`, periodSeconds ?? 0, detail));
  }
  if (periodSeconds > PERIOD_SECONDS_MAX) {
    const detail = `must be less than or equal to ${PERIOD_SECONDS_MAX}`;
    errors.push(invalid(`${path}.periodSeconds`, periodSeconds, detail));
  }
}
