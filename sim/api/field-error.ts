/**
 * FieldError constructors: one per kind of fault, worded as the API words it.
 * Source: staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go of v1.30.
 */
import { byCodeUnit } from "./code-unit-order.ts";
import type { FieldError } from "./kind.ts";
import type { meta } from "./objects.ts";

/** `Invalid value: "x": detail`. Texts are quoted, numbers bare, lists in Go's notation. */
export function invalid(path: string, value: unknown, detail: string): FieldError {
  return { path, message: `Invalid value: ${goSyntax(value)}: ${detail}` };
}

export function required(path: string, detail = ""): FieldError {
  return { path, message: detail === "" ? "Required value" : `Required value: ${detail}` };
}

export function duplicate(path: string, value: unknown): FieldError {
  return { path, message: `Duplicate value: ${goSyntax(value)}` };
}

export function forbidden(path: string, detail: string): FieldError {
  return { path, message: `Forbidden: ${detail}` };
}

/** `Unsupported value: "Sometimes": supported values: "Always", "Never"`. */
export function unsupported(path: string, value: unknown, known: readonly string[]): FieldError {
  const list = known.map((each) => JSON.stringify(each)).join(", ");
  return { path, message: `Unsupported value: ${goSyntax(value)}: supported values: ${list}` };
}

/** `Too many: 101: must have at most 100 items`. */
export function tooMany(path: string, count: number, max: number): FieldError {
  return { path, message: `Too many: ${count}: must have at most ${max} items` };
}

/** `Too long: must have at most 5 bytes`. */
export function tooLong(path: string, maxBytes: number): FieldError {
  return { path, message: `Too long: must have at most ${maxBytes} bytes` };
}

/** `Not found: "x"`: a name that refers to nothing. */
export function notFound(path: string, value: unknown): FieldError {
  return { path, message: `Not found: ${goSyntax(value)}` };
}

/** A fault in one line: `path: message`, or the message alone where it names the path itself. */
export function describeFieldError({ path, message }: FieldError): string {
  return path === "" || message.startsWith("unknown field ") ? message : `${path}: ${message}`;
}

/** What a message begins with, and what a Status calls it (field.ErrorType, metav1.CauseType). */
const CAUSE_REASONS: readonly (readonly [string, string])[] = [
  ["Invalid value", "FieldValueInvalid"],
  ["Required value", "FieldValueRequired"],
  ["Forbidden", "FieldValueForbidden"],
  ["Duplicate value", "FieldValueDuplicate"],
  ["Unsupported value", "FieldValueNotSupported"],
  ["Not found", "FieldValueNotFound"],
  ["Too many", "FieldValueTooMany"],
  ["Too long", "FieldValueTooLong"],
];

/** A fault as a Status tells it in details.causes (NewInvalid in apimachinery/pkg/api/errors). */
export function statusCause({ path, message }: FieldError): meta.StatusCause {
  const known = CAUSE_REASONS.find(([beginning]) => message.startsWith(beginning));
  return { reason: known?.[1] ?? "FieldValueInvalid", message, field: path };
}

/** A value as Go's %#v shows it, which is what the API prints. */
function goSyntax(value: unknown): string {
  if (value === undefined || value === null) return '"null"'; // quoted, as errors.go has it
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) {
    return `[]string{${value.map((each) => JSON.stringify(each)).join(", ")}}`;
  }
  if (Array.isArray(value)) return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.some(([, held]) => typeof held !== "string")) return JSON.stringify(value);
  entries.sort(([a], [b]) => byCodeUnit(a, b));
  const pairs = entries.map(([name, held]) => `${JSON.stringify(name)}:${JSON.stringify(held)}`);
  return `map[string]string{${pairs.join(", ")}}`;
}
