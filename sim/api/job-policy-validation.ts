/**
 * Validation of a Job's pod failure policy and success policy.
 * Source: validatePodFailurePolicy and validateSuccessPolicy in
 * pkg/apis/batch/validation/validation.go of v1.30.
 */
import { atLeastZero } from "./container-validation.ts";
import { duplicate, invalid, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { qualifiedNameError } from "./name-format.ts";
import type { batch, Job } from "./objects.ts";

type JobSpec = Job["spec"];

const RULES_MAX = 20;
const PATTERNS_MAX = 20;
const EXIT_CODES_MAX = 255;
const SUCCEEDED_INDEXES_LENGTH_MAX = 65_536;
const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"];
const OPERATORS = ["In", "NotIn"];
const STATUSES = ["False", "True", "Unknown"];

/** Appends the faults of `spec.podFailurePolicy`, which stands at `path`. */
export function validatePodFailurePolicy(spec: JobSpec, path: string, errors: FieldError[]): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  tooMany(rules, `${path}.rules`, RULES_MAX, errors);
  const { containers = [], initContainers = [] } = spec.template.spec ?? {};
  const names = [...containers, ...initContainers].map(({ name }) => name);
  rules.forEach((rule, i) => {
    validateRule(spec, rule, `${path}.rules[${i}]`, names, errors);
  });
}

function validateRule(
  spec: JobSpec,
  rule: batch.PodFailurePolicyRule,
  path: string,
  containerNames: readonly string[],
  errors: FieldError[],
): void {
  const { action = "", onExitCodes, onPodConditions = [] } = rule;
  if (action === "") errors.push(required(`${path}.action`, validValues(ACTIONS)));
  else if (action === "FailIndex" && spec.backoffLimitPerIndex === undefined) {
    const detail = "requires the backoffLimitPerIndex to be set";
    errors.push(invalid(`${path}.action`, action, detail));
  } else if (!ACTIONS.includes(action)) {
    errors.push(unsupported(`${path}.action`, action, ACTIONS));
  }
  if (onExitCodes !== undefined) {
    validateExitCodes(onExitCodes, `${path}.onExitCodes`, containerNames, errors);
  }
  validateConditions(onPodConditions, `${path}.onPodConditions`, errors);
  if (onExitCodes !== undefined && onPodConditions.length > 0) {
    const message =
      "Invalid value: specifying both OnExitCodes and OnPodConditions is not supported";
    errors.push({ path, message });
  }
  if (onExitCodes === undefined && onPodConditions.length === 0) {
    const message = "Invalid value: specifying one of OnExitCodes and OnPodConditions is required";
    errors.push({ path, message });
  }
}

function validateConditions(
  patterns: readonly batch.PodFailurePolicyOnPodConditionsPattern[],
  path: string,
  errors: FieldError[],
): void {
  tooMany(patterns, path, PATTERNS_MAX, errors);
  patterns.forEach(({ type = "", status = "" }, i) => {
    const error = qualifiedNameError(type);
    if (error !== "") errors.push(invalid(`${path}[${i}].type`, type, error));
    if (status === "") errors.push(required(`${path}[${i}].status`, validValues(STATUSES)));
    else if (!STATUSES.includes(status)) {
      errors.push(unsupported(`${path}[${i}].status`, status, STATUSES));
    }
  });
}

function validateExitCodes(
  { operator = "", containerName, values = [] }: batch.PodFailurePolicyOnExitCodesRequirement,
  path: string,
  containerNames: readonly string[],
  errors: FieldError[],
): void {
  if (operator === "") errors.push(required(`${path}.operator`, validValues(OPERATORS)));
  else if (!OPERATORS.includes(operator)) {
    errors.push(unsupported(`${path}.operator`, operator, OPERATORS));
  }
  if (containerName !== undefined && !containerNames.includes(containerName)) {
    const detail = "must be one of the container or initContainer names in the pod template";
    errors.push(invalid(`${path}.containerName`, containerName, detail));
  }
  const shown = `[]int32{${values.join(", ")}}`;
  const wrong = (detail: string): void => {
    errors.push({ path: `${path}.values`, message: `Invalid value: ${shown}: ${detail}` });
  };
  if (values.length === 0) wrong("at least one value is required");
  else tooMany(values, `${path}.values`, EXIT_CODES_MAX, errors);
  const seen = new Set<number>();
  values.forEach((value, i) => {
    if (operator === "In" && value === 0) {
      errors.push(invalid(`${path}.values[${i}]`, value, "must not be 0 for the In operator"));
    }
    if (seen.has(value)) errors.push(duplicate(`${path}.values[${i}]`, value));
    seen.add(value);
  });
  if (values.some((value, i) => i > 0 && (values[i - 1] ?? value) > value))
    wrong("must be ordered");
}

/** Appends the faults of `spec.successPolicy`, which stands at `path`, of an Indexed Job. */
export function validateSuccessPolicy(spec: JobSpec, path: string, errors: FieldError[]): void {
  const rules = spec.successPolicy?.rules ?? [];
  if (rules.length === 0) {
    const detail = "at least one rules must be specified when the successPolicy is specified";
    errors.push(required(`${path}.rules`, detail));
  }
  tooMany(rules, `${path}.rules`, RULES_MAX, errors);
  const { completions = 0 } = spec;
  rules.forEach((rule, i) => {
    validateSuccessRule(rule, completions, `${path}.rules[${i}]`, errors);
  });
}

function validateSuccessRule(
  { succeededCount, succeededIndexes }: batch.SuccessPolicyRule,
  completions: number,
  path: string,
  errors: FieldError[],
): void {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    const detail = "at least one of succeededCount or succeededIndexes must be specified";
    errors.push(required(path, detail));
  }
  const named = succeededIndexes === undefined ? 0 : countIndexes(succeededIndexes, completions);
  if (succeededIndexes !== undefined) {
    const at = `${path}.succeededIndexes`;
    if (succeededIndexes.length > SUCCEEDED_INDEXES_LENGTH_MAX) {
      const message = `Too long: must have at most ${SUCCEEDED_INDEXES_LENGTH_MAX} bytes`;
      errors.push({ path: at, message });
    }
    if (typeof named === "string") {
      errors.push(invalid(at, succeededIndexes, `error parsing succeededIndexes: ${named}`));
    }
  }
  if (succeededCount === undefined) return;
  const at = `${path}.succeededCount`;
  atLeastZero(succeededCount, at, errors);
  const atMost = (count: number, what: string): void => {
    const detail = `must be less than or equal to ${count} (${what})`;
    errors.push(invalid(at, succeededCount, detail));
  };
  if (succeededCount > completions) atMost(completions, "the number of specified completions");
  if (succeededIndexes === undefined) return;
  const count = typeof named === "string" ? 0 : named;
  const what = "the number of indexes in the specified succeededIndexes field";
  if (succeededCount > count) atMost(count, what);
}

/** How many indexes a text such as `0,2-5` names; or what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  let count = 0;
  let last = -1;
  for (const part of text === "" ? [] : text.split(",")) {
    const ends = part.split("-");
    if (ends.length > 2) {
      return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    }
    for (const end of ends) {
      const quoted = JSON.stringify(end);
      if (!/^\+?\d+$/.test(end)) return `cannot convert string to integer for index: ${quoted}`;
      if (Number(end) >= completions) return `too large index: ${quoted}`;
    }
    const first = Number(ends[0]);
    const final = Number(ends[1] ?? ends[0]);
    if (first > final) return `non-increasing order, previous: ${first}, current: ${final}`;
    if (last >= first) return `non-increasing order, previous: ${last}, current: ${first}`;
    count += final - first + 1;
    last = final;
  }
  return count;
}

function tooMany(list: readonly unknown[], path: string, max: number, errors: FieldError[]): void {
  if (list.length <= max) return;
  errors.push({ path, message: `Too many: ${list.length}: must have at most ${max} items` });
}

/** As Go's %q shows a list of texts. */
function validValues(known: readonly string[]): string {
  return `valid values: [${known.map((each) => JSON.stringify(each)).join(" ")}]`;
}
