/** PriorityClass. Source: pkg/apis/scheduling/v1/defaults.go and pkg/apis/scheduling/validation of v1.30. */
import { oneOf } from "../container-validation.ts";
import { forbidden } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { PriorityClass } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { validateImmutable } from "../replicated-pods.ts";

/** HighestUserDefinablePriority of pkg/apis/scheduling/types.go. */
const USER_PRIORITY_MAX = 1_000_000_000;

export const priorityClassKind: Kind<PriorityClass> = {
  kind: "PriorityClass",
  apiVersion: "scheduling.k8s.io/v1",
  resource: "priorityclasses",
  namespaced: false,
  fields: ["description", "globalDefault", "preemptionPolicy", "value"],
  fieldTypes: {
    PriorityClass:
      "apiVersion kind metadata:ObjectMeta description globalDefault:bool preemptionPolicy value:int",
  },

  defaults(given) {
    const priorityClass = given as unknown as Partial<PriorityClass>;
    return {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: given.metadata,
      value: priorityClass.value ?? 0,
      globalDefault: priorityClass.globalDefault ?? false,
      preemptionPolicy: priorityClass.preemptionPolicy ?? "PreemptLowerPriority",
      description: priorityClass.description ?? "",
    };
  },

  validate({ metadata, value, globalDefault, preemptionPolicy }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false }, errors);
    if (metadata.name.startsWith("system-")) {
      const error = systemClassError(metadata.name, value, globalDefault ?? false);
      if (error !== "") {
        const detail = `priority class names with 'system-' prefix are reserved for system use only. error: ${error}`;
        errors.push(forbidden("metadata.name", detail));
      }
    } else if (value > USER_PRIORITY_MAX) {
      const detail = `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`;
      errors.push(forbidden("value", detail));
    }
    oneOf(preemptionPolicy, "preemptionPolicy", ["PreemptLowerPriority", "Never"], errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    if (object.value !== old.value) {
      errors.push(forbidden("value", "may not be changed in an update."));
    }
    const { preemptionPolicy } = object;
    validateImmutable(preemptionPolicy, old.preemptionPolicy, "preemptionPolicy", errors);
    return errors;
  },

  printerColumns: [
    { name: "VALUE", value: ({ value }) => String(value) },
    { name: "GLOBAL-DEFAULT", value: ({ globalDefault }) => String(globalDefault ?? false) },
    AGE,
  ],
};

const SYSTEM_CLASSES: ReadonlyMap<string, number> = new Map([
  ["system-node-critical", 2_000_001_000],
  ["system-cluster-critical", 2_000_000_000],
]);

/** IsKnownSystemPriorityClass of pkg/apis/scheduling/v1/helpers.go. */
function systemClassError(name: string, value: number, isDefault: boolean): string {
  const wanted = SYSTEM_CLASSES.get(name);
  if (wanted === undefined) return `${name} is not a known system priority class`;
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`;
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : "";
}
