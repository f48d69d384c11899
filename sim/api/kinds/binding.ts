/**
 * Binding: not an object of the store but the body of POST pods/NAME/binding.
 * Source: ValidatePodBinding in pkg/apis/core/validation/validation.go of v1.30.
 */
import { required, unsupported } from "../field-error.ts";
import type { FieldError } from "../kind.ts";

/** The body of a binding request. */
export interface Binding {
  readonly apiVersion: "v1";
  readonly kind: "Binding";
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid?: string };
  readonly target: { readonly kind?: string; readonly name: string };
}

/** The faults of a binding, in field order; the target is a Node by its name. */
export function validateBinding({ target }: Binding): FieldError[] {
  const errors: FieldError[] = [];
  if (target.kind !== undefined && target.kind !== "" && target.kind !== "Node") {
    errors.push(unsupported("target.kind", target.kind, ["Node", "<empty>"]));
  }
  if (target.name === "") errors.push(required("target.name"));
  return errors;
}
