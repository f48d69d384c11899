/**
 * Validation that the kinds of storage share: access modes, class names, sizes, topologies.
 * Source: pkg/apis/core/validation/validation.go and pkg/apis/storage/validation of v1.30.
 */
import { forbidden, invalid, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { validateLabelSelector } from "./label-selector-validation.ts";
import { subdomainError } from "./name-format.ts";
import { validateLabels } from "./object-meta.ts";
import type { core } from "./objects.ts";
import { quantityError, quantitySign } from "./resource-amount.ts";

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const VOLUME_MODES = ["Block", "Filesystem"];
/** Longest name of a CSI driver. */
const DRIVER_NAME_MAX = 63;

/** What `kubectl get` calls each access mode. */
const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

/** `RWO,ROX`: access modes as `kubectl get` shows them. */
export function accessModesText(modes: readonly string[] | undefined): string {
  const given = new Set(modes ?? []);
  return Object.keys(SHORT_MODES)
    .filter((mode) => given.has(mode))
    .map((mode) => SHORT_MODES[mode])
    .join(",");
}

/** Appends the faults of a list of access modes; `missing` is the detail when there is none. */
export function validateAccessModes(
  modes: readonly string[] | undefined,
  path: string,
  missing: string,
  errors: FieldError[],
): void {
  if (modes === undefined || modes.length === 0) {
    errors.push(required(path, missing));
    return;
  }
  for (const mode of modes) {
    if (!ACCESS_MODES.includes(mode)) errors.push(unsupported(path, mode, ACCESS_MODES));
  }
  const others = modes.some((mode) => mode !== "ReadWriteOncePod");
  if (modes.includes("ReadWriteOncePod") && others) {
    errors.push(forbidden(path, "may not use ReadWriteOncePod with other access modes"));
  }
}

/** Appends the faults of a class's name; absent and "" are allowed. */
export function validateClassName(
  name: string | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (name === undefined || name === "") return;
  const error = subdomainError(name);
  if (error !== "") errors.push(invalid(path, name, error));
}

export function validateVolumeMode(
  mode: string | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (mode === undefined || VOLUME_MODES.includes(mode)) return;
  errors.push(unsupported(path, mode, VOLUME_MODES));
}

/** Appends the faults of a size; `isPositive`: 0 is refused. */
export function validateSize(
  size: string,
  path: string,
  isPositive: boolean,
  errors: FieldError[],
): void {
  const error = quantityError(size);
  if (error !== "") errors.push(invalid(path, size, error));
  else if (quantitySign(size) < 0) {
    errors.push(invalid(path, size, "must be greater than or equal to 0"));
  }
  if (error === "" && isPositive && quantitySign(size) <= 0) {
    errors.push(invalid(path, size, "must be greater than zero"));
  }
}

/** Appends the faults of a claim's spec, in a PersistentVolumeClaim or a template of one. */
export function validateClaimSpec(
  spec: core.PersistentVolumeClaimSpec,
  path: string,
  errors: FieldError[],
): void {
  const missing = "at least 1 access mode is required";
  validateAccessModes(spec.accessModes, `${path}.accessModes`, missing, errors);
  validateLabelSelector(spec.selector, `${path}.selector`, errors);
  const size = (spec.resources?.requests as Record<string, string> | undefined)?.["storage"];
  const at = `${path}.resources[storage]`;
  if (size === undefined) errors.push(required(at));
  else validateSize(size, at, true, errors);
  validateClassName(spec.storageClassName, `${path}.storageClassName`, errors);
  validateVolumeMode(spec.volumeMode, `${path}.volumeMode`, errors);
}

/** Appends the faults of the template that a generic ephemeral volume makes its claim from. */
export function validateClaimTemplate(
  template: core.PersistentVolumeClaimTemplate | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (template === undefined) {
    errors.push(required(path));
    return;
  }
  validateLabels(template.metadata?.labels, `${path}.metadata.labels`, errors);
  validateClaimSpec(template.spec ?? {}, `${path}.spec`, errors);
}

/** Appends the faults of a CSI driver's name. */
export function validateDriverName(
  name: string | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (name === undefined || name === "") {
    errors.push(required(path));
    return;
  }
  if (name.length > DRIVER_NAME_MAX) {
    errors.push({ path, message: `Too long: must have at most ${DRIVER_NAME_MAX} bytes` });
  }
  const error = subdomainError(name.toLowerCase());
  if (error !== "") errors.push(invalid(path, name, error));
}

/** Appends a fault when a claim's or a volume's attributes class changes: its gate is alpha, and off. */
export function validateAttributesClassUpdate(
  { volumeAttributesClassName: name = "" }: { readonly volumeAttributesClassName?: string },
  { volumeAttributesClassName: old = "" }: { readonly volumeAttributesClassName?: string },
  errors: FieldError[],
): void {
  if (name === old) return;
  const detail = "update is forbidden when the VolumeAttributesClass feature gate is disabled";
  errors.push(forbidden("spec.volumeAttributesClassName", detail));
}
