/**
 * Validation that the kinds with replicas, a selector and a pod template share.
 * Source: pkg/apis/apps/validation/validation.go of v1.30.
 */
import { atLeastZero } from "./container-validation.ts";
import { invalid, required, unsupported } from "./field-error.ts";
import { jsonEqual } from "./json-equal.ts";
import type { FieldError } from "./kind.ts";
import { compileLabelSelector } from "./label-selector.ts";
import {
  ABSENT_SELECTOR,
  invalidSelector,
  validateLabelSelector,
} from "./label-selector-validation.ts";
import type { LabelSelector, PodTemplateSpec } from "./objects.ts";
import { validatePodTemplate } from "./pod-spec-validation.ts";

export interface ReplicatedSpec {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly selector: LabelSelector;
  readonly template?: PodTemplateSpec;
}

/** Appends the faults of a ReplicaSet's or Deployment's spec; `owner` is used in a message. */
export function validateReplicated(
  spec: ReplicatedSpec,
  owner: string,
  errors: FieldError[],
): void {
  atLeastZero(spec.replicas, "spec.replicas", errors);
  atLeastZero(spec.minReadySeconds, "spec.minReadySeconds", errors);
  const { selector, template = {} } = spec;
  validateSelected(selector, template.metadata?.labels, owner, errors);
  validatePodTemplate(template, "spec.template", errors);
  const policy = template.spec?.restartPolicy ?? "Always";
  if (policy !== "Always") {
    errors.push(unsupported("spec.template.spec.restartPolicy", policy, ["Always"]));
  }
}

/**
 * Appends the faults of a workload's selector, which must select the labels of its own template. An
 * absent one selects nothing, an empty one everything.
 */
export function validateSelected(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>> | undefined,
  owner: string,
  errors: FieldError[],
): void {
  const path = "spec.selector";
  if (selector === ABSENT_SELECTOR) {
    errors.push(required(path), templateMismatch(labels));
    return;
  }
  const before = errors.length;
  validateLabelSelector(selector, path, errors);
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (Object.keys(matchLabels).length + matchExpressions.length === 0) {
    errors.push(invalidSelector(path, selector, `empty selector is invalid for ${owner}`));
  } else if (errors.length === before && !compileLabelSelector(selector).matches(labels)) {
    errors.push(templateMismatch(labels));
  }
}

/** Appends a fault when a workload's selector has changed. */
export function validateSelectorUpdate(
  selector: LabelSelector,
  old: LabelSelector,
  errors: FieldError[],
): void {
  if (jsonEqual(selector, old)) return;
  errors.push(invalidSelector("spec.selector", selector, "field is immutable"));
}

/** The fault of a template whose labels the object's own selector does not select. */
export function templateMismatch(labels: Readonly<Record<string, string>> | undefined): FieldError {
  const detail = "`selector` does not match template `labels`";
  return invalid("spec.template.metadata.labels", labels ?? {}, detail);
}

/** Appends a fault when a field that may never change has changed. */
export function validateImmutable(
  value: unknown,
  old: unknown,
  path: string,
  errors: FieldError[],
): void {
  if (jsonEqual(value, old)) return;
  errors.push(invalid(path, value, "field is immutable"));
}
