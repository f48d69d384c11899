/**
 * Validation of label selectors and topology keys inside objects.
 * Source: apimachinery/pkg/apis/meta/v1/validation/validation.go of v1.30.
 */
import { forbidden, invalid, required } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { labelValueError, qualifiedNameError } from "./name-format.ts";
import type { LabelSelector } from "./objects.ts";

const LABEL_OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"];

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
      const detail = "not a valid selector operator";
      errors.push(
        invalid(
          `${at}.operator`,
          operator ?? "",
          `${detail}: want one of ${LABEL_OPERATORS.join(", ")}`,
        ),
      );
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
