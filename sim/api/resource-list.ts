/**
 * Validation of resource amounts: requests and limits of containers, capacity of nodes.
 * Source: pkg/apis/core/validation/validation.go (ValidateResourceRequirements) of v1.30.
 */
import { invalid, required } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { qualifiedNameError } from "./name-format.ts";
import type { core } from "./objects.ts";
import {
  compareQuantities,
  isWholeQuantity,
  quantityError,
  quantitySign,
} from "./resource-amount.ts";

type ResourceList = Readonly<Record<string, string>>;

const HUGE_PAGES = "hugepages-";

/** Appends the faults of a container's requests and limits. */
export function validateResources(
  resources: core.ResourceRequirements | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (resources === undefined) return;
  const { limits, requests } = resources as { limits?: ResourceList; requests?: ResourceList };
  const before = errors.length;
  if (limits !== undefined) validateAmounts(limits, `${path}.limits`, errors, true);
  if (requests === undefined) return;
  if (requests !== limits) validateAmounts(requests, `${path}.requests`, errors, true);
  if (errors.length > before) return; // amounts that are none cannot be compared
  for (const name of Object.keys(requests)) {
    const request = requests[name] ?? "0";
    const limit = limits?.[name];
    if (limit === undefined) {
      if (!isOvercommitAllowed(name)) {
        const detail = "Limit must be set for non overcommitable resources";
        errors.push(required(`${path}.limits`, detail));
      }
      continue;
    }
    const order = compareQuantities(request, limit);
    if (order !== 0 && !isOvercommitAllowed(name)) {
      errors.push(
        invalid(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`),
      );
    } else if (order > 0) {
      const detail = `must be less than or equal to ${name} limit of ${limit}`;
      errors.push(invalid(`${path}.requests`, request, detail));
    }
  }
}

/** Appends the faults of a list of amounts; names of containers' resources are stricter. */
export function validateAmounts(
  amounts: ResourceList | undefined,
  path: string,
  errors: FieldError[],
  isContainer: boolean,
): void {
  if (amounts === undefined) return;
  for (const name of Object.keys(amounts)) {
    const amount = amounts[name] ?? "";
    const nameError = resourceNameError(name, isContainer);
    if (nameError !== "") errors.push(invalid(`${path}[${name}]`, name, nameError));
    const parseError = quantityError(amount);
    if (parseError !== "") errors.push(invalid(`${path}[${name}]`, amount, parseError));
    else if (quantitySign(amount) < 0) {
      errors.push(invalid(`${path}[${name}]`, amount, "must be greater than or equal to 0"));
    } else if (isContainer && !isNative(name) && !isWholeQuantity(amount)) {
      errors.push(invalid(`${path}[${name}]`, amount, "must be an integer"));
    }
  }
}

/** Why a resource's name is refused, or "". Names of containers' resources are stricter. */
export function resourceNameError(name: string, isContainer: boolean): string {
  if (name === "cpu" || name === "memory" || name === "ephemeral-storage") return "";
  if (name.startsWith(HUGE_PAGES)) return "";
  const error = qualifiedNameError(name);
  if (error !== "") return error;
  if (name.includes("/")) return "";
  if (isContainer) return "must be a standard resource for containers";
  return name === "pods" || name === "storage"
    ? ""
    : "must be a standard resource type or fully qualified";
}

/** Kubernetes' own resources, as against extended ones such as `nvidia.com/gpu`. */
export function isNative(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** Whether more may be requested than is limited: not of extended resources and huge pages. */
export function isOvercommitAllowed(name: string): boolean {
  return isNative(name) && !name.startsWith(HUGE_PAGES);
}
