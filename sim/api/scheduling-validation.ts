/**
 * Validation of taints, tolerations and topology spread constraints.
 * Source: pkg/apis/core/validation/validation.go of v1.30.
 */
import { oneOf } from "./container-validation.ts";
import { duplicate, forbidden, invalid, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { validateLabelSelector } from "./label-selector-validation.ts";
import { labelValueError, qualifiedNameError } from "./name-format.ts";
import type { core, Taint, Toleration } from "./objects.ts";

const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Appends the faults of a pod's tolerations. */
export function validateTolerations(
  tolerations: readonly Toleration[],
  path: string,
  errors: FieldError[],
): void {
  tolerations.forEach((toleration, i) => {
    const at = `${path}[${i}]`;
    const { key = "", operator = "", value = "", effect = "" } = toleration;
    if (key !== "") {
      const error = qualifiedNameError(key);
      if (error !== "") errors.push(invalid(`${at}.key`, key, error));
    } else if (operator !== "Exists") {
      errors.push(
        invalid(
          `${at}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (toleration.tolerationSeconds !== undefined && effect !== "NoExecute") {
      errors.push(
        invalid(
          `${at}.effect`,
          effect,
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      );
    }
    if (operator === "" || operator === "Equal") {
      const error = labelValueError(value);
      if (error !== "") errors.push(invalid(`${at}.operator`, value, error));
    } else if (operator === "Exists") {
      if (value !== "") {
        errors.push(
          invalid(
            `${at}.operator`,
            toleration.value,
            "value must be empty when `operator` is 'Exists'",
          ),
        );
      }
    } else errors.push(unsupported(`${at}.operator`, operator, ["Equal", "Exists"]));
    if (effect !== "") oneOf(effect, `${at}.effect`, TAINT_EFFECTS, errors);
  });
}

/** Appends the faults of a node's taints. */
export function validateTaints(taints: readonly Taint[], path: string, errors: FieldError[]): void {
  const seen = new Set<string>();
  taints.forEach(({ key = "", value = "", effect = "" }, i) => {
    const at = `${path}[${i}]`;
    const keyError = qualifiedNameError(key);
    if (keyError !== "") errors.push(invalid(`${at}.key`, key, keyError));
    const valueError = labelValueError(value);
    if (valueError !== "") errors.push(invalid(`${at}.value`, value, valueError));
    if (effect === "") errors.push(required(`${at}.effect`));
    else oneOf(effect, `${at}.effect`, TAINT_EFFECTS, errors);
    const identity = `${key}:${effect}`;
    if (seen.has(identity)) errors.push(duplicate(at, identity));
    seen.add(identity);
  });
}

/** Appends the faults of a pod's topology spread constraints. */
export function validateTopologySpread(
  constraints: readonly core.TopologySpreadConstraint[],
  path: string,
  errors: FieldError[],
): void {
  constraints.forEach((constraint, i) => {
    const at = `${path}[${i}]`;
    const { maxSkew = 0, topologyKey = "", whenUnsatisfiable = "" } = constraint;
    if (maxSkew <= 0) errors.push(invalid(`${at}.maxSkew`, maxSkew, NOT_POSITIVE));
    if (topologyKey === "") errors.push(required(`${at}.topologyKey`, "can not be empty"));
    const actions = ["DoNotSchedule", "ScheduleAnyway"];
    oneOf(whenUnsatisfiable, `${at}.whenUnsatisfiable`, actions, errors);
    const isRepeated = constraints
      .slice(i + 1)
      .some((other) => other.topologyKey === topologyKey && actionOf(other) === whenUnsatisfiable);
    if (isRepeated) {
      const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    }
    validateMinDomains(constraint, at, errors);
    oneOf(constraint.nodeAffinityPolicy, `${at}.nodeAffinityPolicy`, ["Honor", "Ignore"], errors);
    oneOf(constraint.nodeTaintsPolicy, `${at}.nodeTaintsPolicy`, ["Honor", "Ignore"], errors);
    validateMatchLabelKeys(constraint, `${at}.matchLabelKeys`, errors);
    validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`, errors);
  });
}

const NOT_POSITIVE = "must be greater than zero";

const actionOf = ({ whenUnsatisfiable = "" }: Partial<core.TopologySpreadConstraint>): string =>
  whenUnsatisfiable;

function validateMinDomains(
  { minDomains, whenUnsatisfiable }: core.TopologySpreadConstraint,
  at: string,
  errors: FieldError[],
): void {
  if (minDomains === undefined) return;
  if (minDomains <= 0) errors.push(invalid(`${at}.minDomains`, minDomains, NOT_POSITIVE));
  if (whenUnsatisfiable === "DoNotSchedule") return;
  const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
  errors.push(invalid(`${at}.minDomains`, minDomains, detail));
}

function validateMatchLabelKeys(
  { matchLabelKeys = [], labelSelector }: core.TopologySpreadConstraint,
  path: string,
  errors: FieldError[],
): void {
  if (matchLabelKeys.length === 0) return;
  if (labelSelector === undefined) {
    errors.push(forbidden(path, "must not be specified when labelSelector is not set"));
  }
  const selected = new Set([
    ...Object.keys(labelSelector?.matchLabels ?? {}),
    ...(labelSelector?.matchExpressions ?? []).map(({ key }) => key),
  ]);
  matchLabelKeys.forEach((key, i) => {
    const error = qualifiedNameError(key);
    if (error !== "") errors.push(invalid(`${path}[${i}]`, key, error));
    if (selected.has(key)) {
      const detail = "exists in both matchLabelKeys and labelSelector";
      errors.push(invalid(`${path}[${i}]`, key, detail));
    }
  });
}
