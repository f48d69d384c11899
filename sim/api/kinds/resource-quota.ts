/**
 * ResourceQuota: how much all objects of a namespace may ask for together.
 * Source: pkg/apis/core/validation/validation.go (ValidateResourceQuota) and
 * pkg/apis/core/helper/helpers.go of v1.30.
 */
import { byCodeUnit } from "../code-unit-order.ts";
import { invalid, required } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { qualifiedNameError } from "../name-format.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { core, ResourceQuota } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { isWholeQuantity, quantityError, quantitySign } from "../resource-amount.ts";
import { isNative } from "../resource-list.ts";

const COUNTED = [
  "configmaps",
  "persistentvolumeclaims",
  "pods",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "services",
  "services.loadbalancers",
  "services.nodeports",
];
const COMPUTED = [
  "cpu",
  "limits.cpu",
  "limits.memory",
  "memory",
  "requests.cpu",
  "requests.memory",
];
const STORAGE = [
  "ephemeral-storage",
  "limits.ephemeral-storage",
  "requests.ephemeral-storage",
  "requests.storage",
];
const STANDARD: ReadonlySet<string> = new Set([...COUNTED, ...COMPUTED, ...STORAGE]);
const SCOPES = [
  "BestEffort",
  "CrossNamespacePodAffinity",
  "NotBestEffort",
  "NotTerminating",
  "PriorityClass",
  "Terminating",
];
/** Scopes that a pod is in or not, whatever the operator's values. */
const PLAIN_SCOPES = ["BestEffort", "NotBestEffort", "Terminating", "NotTerminating"];
const CONFLICTS = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;

export const resourceQuotaKind: Kind<ResourceQuota> = {
  kind: "ResourceQuota",
  apiVersion: "v1",
  resource: "resourcequotas",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    ResourceQuota:
      "apiVersion kind metadata:ObjectMeta spec:ResourceQuotaSpec status:ResourceQuotaStatus",
    ResourceQuotaSpec: "hard:quantities scopeSelector:ScopeSelector scopes:string[]",
    ResourceQuotaStatus: "hard:quantities used:quantities",
    ScopeSelector: "matchExpressions:ScopeRequirement[]",
    ScopeRequirement: "operator scopeName values:string[]",
  },

  defaults(given) {
    return {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: given.metadata,
      spec: (given.spec ?? {}) as ResourceQuota["spec"],
      status: (given.status ?? {}) as ResourceQuota["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    const hard = (spec.hard ?? {}) as Readonly<Record<string, string>>;
    const names = Object.keys(hard).sort(byCodeUnit);
    for (const name of names) validateHard(name, hard[name] ?? "", `spec.hard[${name}]`, errors);
    const { scopes = [], scopeSelector } = spec;
    validateScopes(scopes, names, errors);
    if (scopeSelector !== undefined) validateSelector(scopeSelector, names, scopes, errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    const sorted = ({ spec }: ResourceQuota): string =>
      [...new Set(spec.scopes ?? [])].sort(byCodeUnit).join(",");
    if (sorted(object) !== sorted(old))
      errors.push(invalid("spec.scopes", object.spec.scopes ?? [], "field is immutable"));
    return errors;
  },

  validateStatusUpdate({ status }, old) {
    const errors: FieldError[] = [];
    for (const field of ["hard", "used"] as const) {
      const amounts = (status[field] ?? {}) as Readonly<Record<string, string>>;
      if (amounts === old.status[field]) continue;
      for (const name of Object.keys(amounts).sort(byCodeUnit))
        validateHard(name, amounts[name] ?? "", `status.${field}[${name}]`, errors);
    }
    return errors;
  },

  printerColumns: [
    AGE,
    { name: "REQUEST", value: (quota) => usageText(quota, false) },
    { name: "LIMIT", value: (quota) => usageText(quota, true) },
  ],
};

function validateHard(name: string, amount: string, path: string, errors: FieldError[]): void {
  const nameError = qualifiedNameError(name);
  if (nameError !== "") errors.push(invalid(path, name, nameError));
  const isStandard = name.includes("/") || isStandardName(name);
  if (nameError === "" && !isStandard) {
    errors.push(invalid(path, name, "must be a standard resource type or fully qualified"));
  }
  if (!isStandard) errors.push(invalid(path, name, "must be a standard resource for quota"));
  const amountError = quantityError(amount);
  if (amountError !== "") errors.push(invalid(path, amount, amountError));
  else if (quantitySign(amount) < 0) {
    errors.push(invalid(path, amount, "must be greater than or equal to 0"));
  }
  if (amountError === "" && isCounted(name) && !isWholeQuantity(amount)) {
    errors.push(invalid(path, amount, "must be an integer"));
  }
}

function isStandardName(name: string): boolean {
  return (
    STANDARD.has(name) || name.startsWith("hugepages-") || name.startsWith("requests.hugepages-")
  );
}

function isCounted(name: string): boolean {
  return COUNTED.includes(name) || (!isNative(name) && !name.startsWith("requests."));
}

function validateScopes(
  scopes: readonly string[],
  names: readonly string[],
  errors: FieldError[],
): void {
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) errors.push(invalid("spec.scopes", scopes, "unsupported scope"));
    for (const name of names) {
      if (isStandardName(name) && !isScopeValidFor(scope, name))
        errors.push(invalid("spec.scopes", scopes, "unsupported scope applied to resource"));
    }
  }
  validateConflicts(scopes, scopes, errors);
}

function validateSelector(
  selector: core.ScopeSelector,
  names: readonly string[],
  scopes: readonly string[],
  errors: FieldError[],
): void {
  const path = "spec.scopeSelector.matchExpressions";
  const expressions = selector.matchExpressions ?? [];
  for (const { scopeName, operator, values = [] } of expressions) {
    if (!SCOPES.includes(scopeName)) {
      errors.push(invalid(`${path}.scopeName`, scopeName, "unsupported scope"));
    }
    for (const name of names) {
      if (isStandardName(name) && !isScopeValidFor(scopeName, name))
        errors.push(invalid(path, selector, "unsupported scope applied to resource"));
    }
    if (PLAIN_SCOPES.includes(scopeName) && operator !== "Exists") {
      const detail =
        "must be 'Exist' only operator when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort and ResourceQuotaScopeNotBestEffort";
      errors.push(invalid(`${path}.operator`, operator, detail));
    }
    validateOperator(operator, values, path, errors);
  }
  const named = expressions.map(({ scopeName }) => scopeName);
  validateConflicts(named, scopes, errors);
}

function validateOperator(
  operator: string,
  values: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length > 0) return;
      errors.push(
        required(
          `${path}.values`,
          "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        ),
      );
      return;
    case "Exists":
    case "DoesNotExist":
      if (values.length === 0) return;
      errors.push(
        invalid(
          `${path}.values`,
          values,
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        ),
      );
      return;
    default:
      errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
  }
}

function validateConflicts(
  found: readonly string[],
  shown: readonly string[],
  errors: FieldError[],
): void {
  for (const [scope, opposite] of CONFLICTS) {
    if (found.includes(scope) && found.includes(opposite))
      errors.push(invalid("spec.scopes", shown, "conflicting scopes"));
  }
}

function isScopeValidFor(scope: string, name: string): boolean {
  if (scope === "BestEffort") return name === "pods";
  return !SCOPES.includes(scope) || name === "pods" || COMPUTED.includes(name);
}

/** `cpu: 200m/1, pods: 3/10`; limits and the rest are two columns. */
function usageText({ status }: ResourceQuota, isLimits: boolean): string {
  const { hard = {}, used = {} } = status;
  return Object.keys(hard)
    .filter((name) => name.startsWith("limits.") === isLimits)
    .sort(byCodeUnit)
    .map((name) => `${name}: ${used[name] ?? "0"}/${hard[name]}`)
    .join(", ");
}
