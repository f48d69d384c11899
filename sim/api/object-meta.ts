/**
 * Validation of metadata, alike for all kinds.
 * Source: apimachinery/pkg/api/validation/objectmeta.go of v1.30.
 */
import { forbidden, invalid, required, tooLong } from "./field-error.ts";
import { validateFinalizers, validateNoNewFinalizers } from "./finalizers.ts";
import type { FieldError } from "./kind.ts";
import { labelError, labelValueError, qualifiedNameError, subdomainError } from "./name-format.ts";
import type { ApiObject, ObjectMeta } from "./objects.ts";

export interface ObjectMetaRules {
  readonly namespaced: boolean;
  /** The format of the name; RFC 1123 subdomain where the kind has no rule of its own. */
  readonly nameError?: (name: string) => string;
}

/**
 * Appends the faults of an object's metadata. What is as in `old`, the valid object that it
 * replaces, is not looked at again.
 */
export function validateObjectMeta(
  metadata: Readonly<ObjectMeta>,
  rules: ObjectMetaRules,
  errors: FieldError[],
  old?: Readonly<ObjectMeta>,
): void {
  const { name, namespace, generateName, labels, annotations, finalizers } = metadata;
  if (name !== old?.name || namespace !== old.namespace || generateName !== old.generateName)
    validateNames(metadata, rules, errors);
  if (labels !== old?.labels) validateLabels(labels, "metadata.labels", errors);
  if (annotations !== old?.annotations)
    validateAnnotations(annotations, "metadata.annotations", errors);
  if (finalizers !== old?.finalizers) validateFinalizers(metadata, errors);
}

function validateNames(
  { name, namespace, generateName = "" }: Readonly<ObjectMeta>,
  { namespaced, nameError = subdomainError }: ObjectMetaRules,
  errors: FieldError[],
): void {
  if (generateName !== "") {
    // A prefix may end in a dash: the suffix follows it.
    const error = nameError(generateName.replace(/-$/, ""));
    if (error !== "") errors.push(invalid("metadata.generateName", generateName, error));
  }
  if (name === "") errors.push(required("metadata.name", "name or generateName is required"));
  else {
    const error = nameError(name);
    if (error !== "") errors.push(invalid("metadata.name", name, error));
  }
  if (!namespaced) {
    if (namespace !== "") errors.push(forbidden("metadata.namespace", "not allowed on this type"));
  } else if (namespace === "") errors.push(required("metadata.namespace"));
  else {
    const error = labelError(namespace);
    if (error !== "") errors.push(invalid("metadata.namespace", namespace, error));
  }
}

/** The labels last found valid, a memo: objects of one template share theirs. */
const validSets: object[] = [];
const VALID_SETS_KEPT = 8;

/** Appends the faults of a set of labels (or of a nodeSelector). */
export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (labels === undefined || validSets.includes(labels)) return;
  const before = errors.length;
  for (const key of Object.keys(labels)) {
    const keyError = qualifiedNameError(key);
    if (keyError !== "") errors.push(invalid(path, key, keyError));
    const value = labels[key] ?? "";
    const valueError = labelValueError(value);
    if (valueError !== "") errors.push(invalid(path, value, valueError));
  }
  if (errors.length > before) return;
  if (validSets.length >= VALID_SETS_KEPT) validSets.shift();
  validSets.push(labels);
}

/** Appends the faults of annotations: their keys must be qualified names. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (annotations === undefined) return;
  let length = 0;
  for (const key of Object.keys(annotations)) {
    const error = qualifiedNameError(key.toLowerCase());
    if (error !== "") errors.push(invalid(path, key, error));
    length += key.length + (annotations[key] ?? "").length;
  }
  // A UTF-16 unit is three bytes at most: only what may be too long is counted.
  if (length * 3 > ANNOTATIONS_BYTES_MAX && bytesOf(annotations) > ANNOTATIONS_BYTES_MAX) {
    errors.push(tooLong(path, ANNOTATIONS_BYTES_MAX));
  }
}

/** TotalAnnotationSizeLimitB: 256 KiB. */
const ANNOTATIONS_BYTES_MAX = 262_144;

function bytesOf(annotations: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    for (const character of key + value) {
      const point = character.codePointAt(0) ?? 0;
      bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }
  }
  return bytes;
}

const IMMUTABLE = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
] as const;

/** Appends what may not change about an object's identity and deletion. */
export function validateObjectMetaUpdate(
  object: ApiObject,
  old: ApiObject,
  errors: FieldError[],
): void {
  for (const field of IMMUTABLE) {
    const value = object.metadata[field];
    if (value !== old.metadata[field]) {
      errors.push(invalid(`metadata.${field}`, value, "field is immutable"));
    }
  }
  validateNoNewFinalizers(object.metadata, old.metadata, errors);
}
