/**
 * Validation of a count or a percentage (intstr.IntOrString).
 * Source: ValidatePositiveIntOrPercent and IsNotMoreThan100Percent in
 * pkg/apis/apps/validation/validation.go of v1.30.
 */
import { atLeastZero } from "./container-validation.ts";
import { invalid } from "./field-error.ts";
import type { FieldError } from "./kind.ts";

const PERCENT_ERROR =
  "a valid percent string must be a numeric string followed by an ending '%' " +
  "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** Appends the faults of a count of 0 or more, or of a percentage from 0% to 100%. */
export function validateIntOrPercent(
  value: number | string,
  path: string,
  errors: FieldError[],
): void {
  if (typeof value === "number") return atLeastZero(value, path, errors);
  if (!/^[0-9]+%$/.test(value)) errors.push(invalid(path, value, PERCENT_ERROR));
  else if (Number(value.slice(0, -1)) > 100) {
    errors.push(invalid(path, value, "must not be greater than 100%"));
  }
}
