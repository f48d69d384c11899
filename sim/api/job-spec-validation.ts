/**
 * Validation of a Job's spec, as it stands in a Job or in a CronJob's template.
 * Source: validateJobSpec in pkg/apis/batch/validation/validation.go of v1.30.
 */
import { atLeastZero, oneOf } from "./container-validation.ts";
import { invalid, required, unsupported } from "./field-error.ts";
import { validatePodFailurePolicy, validateSuccessPolicy } from "./job-policy-validation.ts";
import type { FieldError } from "./kind.ts";
import type { Job } from "./objects.ts";
import { validatePodTemplate } from "./pod-spec-validation.ts";

type JobSpec = Job["spec"];

const PARALLELISM_MAX = 100_000; // maxParallelismForIndexedJob
const FAILED_INDEXES_MAX = 100_000; // maxFailedIndexesForIndexedJob
/** Above so many completions back-off per index has limits of its own (completionsSoftLimit). */
const COMPLETIONS_SOFT_MAX = 100_000;
const PARALLELISM_MAX_ABOVE = 10_000;
const FAILED_INDEXES_MAX_ABOVE = 10_000;

/** Appends the faults of a spec; `path` is `spec`, or `spec.jobTemplate.spec`. */
export function validateJobSpec(spec: JobSpec, path: string, errors: FieldError[]): void {
  validateCounts(spec, path, errors);
  oneOf(spec.completionMode, `${path}.completionMode`, ["NonIndexed", "Indexed"], errors);
  if (spec.completionMode === "Indexed") validateIndexed(spec, path, errors);
  if ((spec.completionMode ?? "NonIndexed") === "NonIndexed") {
    for (const field of ["backoffLimitPerIndex", "maxFailedIndexes"] as const) {
      if (spec[field] === undefined) continue;
      errors.push(invalid(`${path}.${field}`, spec[field], "requires indexed completion mode"));
    }
  }
  if (spec.podFailurePolicy !== undefined) {
    validatePodFailurePolicy(spec, `${path}.podFailurePolicy`, errors);
  }
  if (spec.successPolicy !== undefined) {
    if (spec.completionMode === "Indexed") {
      validateSuccessPolicy(spec, `${path}.successPolicy`, errors);
    } else {
      const detail = "requires indexed completion mode";
      errors.push(invalid(`${path}.successPolicy`, spec.successPolicy, detail));
    }
  }
  const replacements =
    spec.podFailurePolicy === undefined ? ["Failed", "TerminatingOrFailed"] : ["Failed"];
  oneOf(spec.podReplacementPolicy, `${path}.podReplacementPolicy`, replacements, errors);
  validatePodTemplate(spec.template, `${path}.template`, errors);
  validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`, errors);
}

function validateCounts(spec: JobSpec, path: string, errors: FieldError[]): void {
  for (const field of [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
  ] as const) {
    atLeastZero(spec[field], `${path}.${field}`, errors);
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  }
}

function validateIndexed(spec: JobSpec, path: string, errors: FieldError[]): void {
  const { completions, parallelism = 0, maxFailedIndexes } = spec;
  if (completions === undefined) {
    errors.push(required(`${path}.completions`, "when completion mode is Indexed"));
  }
  if (parallelism > PARALLELISM_MAX) {
    const detail = `must be less than or equal to ${PARALLELISM_MAX} when completion mode is Indexed`;
    errors.push(invalid(`${path}.parallelism`, parallelism, detail));
  }
  const failedPath = `${path}.maxFailedIndexes`;
  if (maxFailedIndexes !== undefined && maxFailedIndexes > (completions ?? maxFailedIndexes)) {
    const detail = "must be less than or equal to completions";
    errors.push(invalid(failedPath, maxFailedIndexes, detail));
  }
  if (maxFailedIndexes !== undefined && maxFailedIndexes > FAILED_INDEXES_MAX) {
    const detail = `must be less than or equal to ${FAILED_INDEXES_MAX}`;
    errors.push(invalid(failedPath, maxFailedIndexes, detail));
  }
  if ((completions ?? 0) <= COMPLETIONS_SOFT_MAX || spec.backoffLimitPerIndex === undefined) return;
  const above = `when completions are above ${COMPLETIONS_SOFT_MAX} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) {
    const detail = `must be specified when completions is above ${COMPLETIONS_SOFT_MAX}`;
    errors.push(required(failedPath, detail));
  } else if (maxFailedIndexes > FAILED_INDEXES_MAX_ABOVE) {
    const detail = `must be less than or equal to ${FAILED_INDEXES_MAX_ABOVE} ${above}`;
    errors.push(invalid(failedPath, maxFailedIndexes, detail));
  }
  if (parallelism > PARALLELISM_MAX_ABOVE) {
    const detail = `must be less than or equal to ${PARALLELISM_MAX_ABOVE} ${above}`;
    errors.push(invalid(`${path}.parallelism`, parallelism, detail));
  }
}

function validateRestartPolicy(spec: JobSpec, path: string, errors: FieldError[]): void {
  const policy = spec.template.spec?.restartPolicy ?? "";
  // Always is what the defaults make of an absent one.
  if (policy === "" || policy === "Always") {
    errors.push(required(path, 'valid values: "OnFailure", "Never"'));
  } else if (policy !== "OnFailure" && policy !== "Never") {
    errors.push(unsupported(path, policy, ["OnFailure", "Never"]));
  } else if (spec.podFailurePolicy !== undefined && policy !== "Never") {
    const detail = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(invalid(path, policy, detail));
  }
}
