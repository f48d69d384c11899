/**
 * Validation of label selectors and topology keys inside objects.
 * Source: apimachinery/pkg/apis/meta/v1/validation/validation.go of v1.30.
 */
import { byCodeUnit } from "./code-unit-order.ts";
import { forbidden, invalid, required } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { labelValueError, qualifiedNameError } from "./name-format.ts";
import type { LabelSelector } from "./objects.ts";

/**
 * What a workload without any selector has until it is refused: told by its identity from an empty
 * one, which the API refuses in other words.
 */
export const ABSENT_SELECTOR: LabelSelector = Object.freeze({});

/** A fault of a selector as a whole, which the API prints as Go does. */
export function invalidSelector(path: string, selector: LabelSelector, detail: string): FieldError {
  return { path, message: `Invalid value: ${selectorText(selector)}: ${detail}` };
}

function selectorText({ matchLabels, matchExpressions }: LabelSelector): string {
  const quoted = (text: string): string => JSON.stringify(text);
  const pairs = Object.entries(matchLabels ?? {})
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([key, value]) => `${quoted(key)}:${quoted(value)}`);
  const labels = matchLabels === undefined ? "(nil)" : `{${pairs.join(", ")}}`;
  const type = "v1.LabelSelectorRequirement";
  const requirements = matchExpressions?.map(({ key, operator, values }) => {
    const list = values === undefined ? "(nil)" : `{${values.map(quoted).join(", ")}}`;
    return `${type}{Key:${quoted(key)}, Operator:${quoted(operator)}, Values:[]string${list}}`;
  });
  const expressions = requirements === undefined ? "(nil)" : `{${requirements.join(", ")}}`;
  return `v1.LabelSelector{MatchLabels:map[string]string${labels}, MatchExpressions:[]${type}${expressions}}`;
}

/** Appends the faults of a label selector; absent is allowed. */
export function validateLabelSelector(
  selector: LabelSelector | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (selector === undefined) return;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    const keyError = qualifiedNameError(key);
    if (keyError !== "") errors.push(invalid(`${path}.matchLabels`, key, keyError));
    const valueError = labelValueError(value);
    if (valueError !== "") errors.push(invalid(`${path}.matchLabels`, value, valueError));
  }
  selector.matchExpressions?.forEach(({ key, operator, values }, i) => {
    const at = `${path}.matchExpressions[${i}]`;
    const count = values?.length ?? 0;
    if (operator === "In" || operator === "NotIn") {
      if (count === 0) {
        errors.push(
          required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
        );
      }
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (count > 0) {
        errors.push(
          forbidden(
            `${at}.values`,
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
      }
    } else {
      errors.push(invalid(`${at}.operator`, operator ?? "", "not a valid selector operator"));
    }
    const error = qualifiedNameError(key ?? "");
    if (error !== "") errors.push(invalid(`${at}.key`, key ?? "", error));
    values?.forEach((value, j) => {
      const valueError = labelValueError(value);
      if (valueError !== "") errors.push(invalid(`${at}.values[${j}]`, value, valueError));
    });
  });
}

/** Appends a fault when the text is no key of a node label. */
export function validateTopologyKey(
  key: string | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (key === undefined || key === "") errors.push(required(path, "can not be empty"));
  else {
    const error = qualifiedNameError(key);
    if (error !== "") errors.push(invalid(path, key, error));
  }
}
