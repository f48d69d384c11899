/**
 * Which pods a ResourceQuota with scopes is about. Objects of other kinds match none with scopes.
 * Source: podMatchesScopeFunc in pkg/quota/v1/evaluator/core/pods.go of v1.30.
 */
import type { ApiObject, core, Pod, ResourceQuota } from "./objects.ts";
import { qosClass } from "./pod-spec-defaults.ts";

/** Whether the object is in all scopes of the quota. */
export function isInScopes({ spec }: ResourceQuota, object: ApiObject): boolean {
  for (const scope of spec.scopes ?? [])
    if (!isInScope({ scopeName: scope, operator: "Exists" }, object)) return false;
  for (const requirement of spec.scopeSelector?.matchExpressions ?? [])
    if (!isInScope(requirement, object)) return false;
  return true;
}

function isInScope(
  requirement: core.ScopedResourceSelectorRequirement,
  object: ApiObject,
): boolean {
  if (object.kind !== "Pod") return false;
  const { spec } = object as Pod;
  switch (requirement.scopeName) {
    case "Terminating":
      return (spec.activeDeadlineSeconds ?? -1) >= 0;
    case "NotTerminating":
      return (spec.activeDeadlineSeconds ?? -1) < 0;
    case "BestEffort":
      return qosClass(spec) === "BestEffort";
    case "NotBestEffort":
      return qosClass(spec) !== "BestEffort";
    case "PriorityClass":
      return matchesClass(requirement, spec.priorityClassName ?? "");
    case "CrossNamespacePodAffinity":
      return hasCrossNamespaceTerms(spec.affinity);
    default:
      return false;
  }
}

function matchesClass(
  { operator, values = [] }: core.ScopedResourceSelectorRequirement,
  name: string,
): boolean {
  switch (operator) {
    case "Exists":
      return name !== "";
    case "DoesNotExist":
      return name === "";
    case "In":
      return name !== "" && values.includes(name);
    default:
      return name === "" || !values.includes(name);
  }
}

function hasCrossNamespaceTerms(affinity: core.Affinity | undefined): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((each) => {
    const required = each?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const preferred = each?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms = [...required, ...preferred.map(({ podAffinityTerm }) => podAffinityTerm)];
    return terms.some(
      ({ namespaces, namespaceSelector }) =>
        (namespaces ?? []).length > 0 || namespaceSelector !== undefined,
    );
  });
}
