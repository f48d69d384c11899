/**
 * What the status of an object may say: the rules that several kinds share.
 * Source: pkg/apis/apps/validation/validation.go of v1.30, and ValidateConditions in
 * apimachinery/pkg/apis/meta/v1/validation/validation.go.
 */
import { duplicate, invalid, required, tooLong, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { qualifiedNameError } from "./name-format.ts";
import type { meta } from "./objects.ts";

type Counts = Readonly<Record<string, unknown>>;

/** Appends a fault for each of these counts that is negative. */
export function validateCounts(
  status: object,
  fields: readonly string[],
  errors: FieldError[],
): void {
  for (const field of fields) {
    const count = (status as Counts)[field];
    if (typeof count === "number" && count < 0)
      errors.push(invalid(`status.${field}`, count, "must be greater than or equal to 0"));
  }
}

/** Appends a fault for each of these counts that is beyond the one that it is a part of. */
export function validateParts(
  status: object,
  fields: readonly string[],
  { of, named }: { readonly of: string; readonly named: string },
  errors: FieldError[],
): void {
  const whole = ((status as Counts)[of] as number | undefined) ?? 0;
  for (const field of fields) {
    const count = (status as Counts)[field];
    if (typeof count === "number" && count > whole)
      errors.push(invalid(`status.${field}`, count, `cannot be greater than ${named}`));
  }
}

/** Appends a fault where the count of hash collisions is negative or has become smaller. */
export function validateCollisionCount(
  { collisionCount }: { readonly collisionCount?: number },
  old: { readonly collisionCount?: number },
  errors: FieldError[],
): void {
  const count = collisionCount ?? 0;
  const path = "status.collisionCount";
  if (count < 0) errors.push(invalid(path, count, "must be greater than or equal to 0"));
  if (old.collisionCount !== undefined && count < old.collisionCount)
    errors.push(invalid(path, count, "cannot be decremented"));
}

const STATUSES = ["False", "True", "Unknown"];
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const REASON_FORMAT =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";
const REASON_BYTES_MAX = 1024;
const MESSAGE_BYTES_MAX = 32_768;

/** Appends the faults of conditions of the shared type, metav1.Condition. */
export function validateConditions(
  conditions: readonly meta.Condition[],
  path: string,
  errors: FieldError[],
): void {
  conditions.forEach((condition, i) => {
    const at = `${path}[${i}]`;
    const isKnown = conditions.findIndex(({ type }) => type === condition.type) < i;
    if (isKnown) errors.push(duplicate(`${at}.type`, condition.type));
    validateCondition(condition, at, errors);
  });
}

function validateCondition(condition: meta.Condition, path: string, errors: FieldError[]): void {
  const { type = "", status = "", reason = "", message = "", observedGeneration = 0 } = condition;
  const typeError = qualifiedNameError(type);
  if (typeError !== "") errors.push(invalid(`${path}.type`, type, typeError));
  if (!STATUSES.includes(status)) errors.push(unsupported(`${path}.status`, status, STATUSES));
  if (observedGeneration < 0) {
    const detail = "must be greater than or equal to zero";
    errors.push(invalid(`${path}.observedGeneration`, observedGeneration, detail));
  }
  if ((condition.lastTransitionTime ?? "") === "")
    errors.push(required(`${path}.lastTransitionTime`, "must be set"));
  if (reason === "") errors.push(required(`${path}.reason`, "must be set"));
  else if (!REASON.test(reason)) errors.push(invalid(`${path}.reason`, reason, REASON_FORMAT));
  if (reason.length > REASON_BYTES_MAX) errors.push(tooLong(`${path}.reason`, REASON_BYTES_MAX));
  if (message.length > MESSAGE_BYTES_MAX)
    errors.push(tooLong(`${path}.message`, MESSAGE_BYTES_MAX));
}
