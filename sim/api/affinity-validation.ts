/**
 * Validation of node affinity, pod affinity and pod anti-affinity.
 * Source: pkg/apis/core/validation/validation.go of v1.30.
 */
import { forbidden, invalid, required } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { validateLabelSelector, validateTopologyKey } from "./label-selector-validation.ts";
import { labelError, qualifiedNameError, subdomainError } from "./name-format.ts";
import type { core } from "./objects.ts";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

/** Appends the faults of a pod's affinity. */
export function validateAffinity(
  affinity: core.Affinity,
  path: string,
  errors: FieldError[],
): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity !== undefined) {
    validateNodeAffinity(nodeAffinity, `${path}.nodeAffinity`, errors);
  }
  if (podAffinity !== undefined) validatePodAffinity(podAffinity, `${path}.podAffinity`, errors);
  if (podAntiAffinity !== undefined) {
    validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`, errors);
  }
}

function validateNodeAffinity(
  affinity: core.NodeAffinity,
  path: string,
  errors: FieldError[],
): void {
  const terms = affinity[REQUIRED]?.nodeSelectorTerms;
  const at = `${path}.${REQUIRED}.nodeSelectorTerms`;
  if (affinity[REQUIRED] !== undefined && (terms ?? []).length === 0) {
    errors.push(required(at, "must have at least one node selector term"));
  }
  terms?.forEach((term, i) => {
    validateNodeSelectorTerm(term, `${at}[${i}]`, errors);
  });
  affinity[PREFERRED]?.forEach(({ weight, preference }, i) => {
    validateWeight(weight, `${path}.${PREFERRED}[${i}].weight`, errors);
    validateNodeSelectorTerm(preference ?? {}, `${path}.${PREFERRED}[${i}].preference`, errors);
  });
}

/** Appends the faults of a node selector that must have terms, as that of a volume. */
export function validateNodeSelector(
  { nodeSelectorTerms = [] }: core.NodeSelector,
  path: string,
  errors: FieldError[],
): void {
  const at = `${path}.nodeSelectorTerms`;
  if (nodeSelectorTerms.length === 0) {
    errors.push(required(at, "must have at least one node selector term"));
  }
  nodeSelectorTerms.forEach((term, i) => {
    validateNodeSelectorTerm(term, `${at}[${i}]`, errors);
  });
}

function validateNodeSelectorTerm(
  term: core.NodeSelectorTerm,
  path: string,
  errors: FieldError[],
): void {
  term.matchExpressions?.forEach((requirement, i) => {
    validateNodeRequirement(requirement, `${path}.matchExpressions[${i}]`, errors);
  });
  term.matchFields?.forEach(({ key, operator, values }, i) => {
    const at = `${path}.matchFields[${i}]`;
    if (operator !== "In" && operator !== "NotIn") {
      errors.push(invalid(`${at}.operator`, operator ?? "", "not a valid selector operator"));
    } else if (values?.length !== 1) {
      errors.push(
        required(
          `${at}.values`,
          "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        ),
      );
    }
    if (key !== "metadata.name") {
      errors.push(invalid(`${at}.key`, key, "not a valid field selector key"));
    } else {
      values?.forEach((name, j) => {
        const error = subdomainError(name);
        if (error !== "") errors.push(invalid(`${at}.values[${j}]`, name, error));
      });
    }
  });
}

/** A bound of Gt and Lt that is no number is let through, as in v1.30; its term matches nothing. */
function validateNodeRequirement(
  { key, operator, values }: core.NodeSelectorRequirement,
  path: string,
  errors: FieldError[],
): void {
  const count = values?.length ?? 0;
  switch (operator) {
    case "In":
    case "NotIn":
      if (count === 0) {
        errors.push(
          required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
        );
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (count > 0) {
        errors.push(
          forbidden(
            `${path}.values`,
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
      }
      break;
    case "Gt":
    case "Lt":
      if (count !== 1) {
        errors.push(
          required(
            `${path}.values`,
            "must be specified single value when `operator` is 'Lt' or 'Gt'",
          ),
        );
      }
      break;
    default:
      errors.push(invalid(`${path}.operator`, operator ?? "", "not a valid selector operator"));
  }
  const error = qualifiedNameError(key ?? "");
  if (error !== "") errors.push(invalid(`${path}.key`, key ?? "", error));
}

function validatePodAffinity(affinity: core.PodAffinity, path: string, errors: FieldError[]): void {
  affinity[REQUIRED]?.forEach((term, i) => {
    validatePodAffinityTerm(term, `${path}.${REQUIRED}[${i}]`, errors);
  });
  affinity[PREFERRED]?.forEach(({ weight, podAffinityTerm }, i) => {
    const at = `${path}.${PREFERRED}[${i}]`;
    validateWeight(weight, `${at}.weight`, errors);
    validatePodAffinityTerm(
      podAffinityTerm ?? { topologyKey: "" },
      `${at}.podAffinityTerm`,
      errors,
    );
  });
}

/** matchLabelKeys and mismatchLabelKeys: an alpha feature of v1.30, off; the API drops them. */
function validatePodAffinityTerm(
  term: core.PodAffinityTerm,
  path: string,
  errors: FieldError[],
): void {
  validateLabelSelector(term.labelSelector, `${path}.labelSelector`, errors);
  validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`, errors);
  for (const namespace of term.namespaces ?? []) {
    const error = labelError(namespace);
    if (error !== "") errors.push(invalid(`${path}.namespace`, namespace, error)); // singular there
  }
  validateTopologyKey(term.topologyKey, `${path}.topologyKey`, errors);
}

function validateWeight(weight: number | undefined, path: string, errors: FieldError[]): void {
  if (weight === undefined || weight < 1 || weight > 100) {
    errors.push(invalid(path, weight ?? 0, "must be in the range 1-100"));
  }
}
