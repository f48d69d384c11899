/** PriorityClass. Source: pkg/apis/scheduling/v1/defaults.go and pkg/apis/scheduling/validation of v1.30. */
import { oneOf } from "../container-validation.ts";
import { forbidden } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { PriorityClass } from "../objects.ts";
import { AGE } from "../printer-text.ts";

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

  validate({ metadata, value, preemptionPolicy }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false }, errors);
    if (metadata.name.startsWith("system-")) {
      const isKnown =
        metadata.name === "system-node-critical" || metadata.name === "system-cluster-critical";
      if (!isKnown) {
        const detail =
          "priority class names with 'system-' prefix are reserved for system use only. error: invalid system priority class";
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
    for (const field of ["value", "preemptionPolicy"] as const) {
      if (object[field] !== old[field]) {
        errors.push(forbidden(field, "may not be changed in an update."));
      }
    }
    return errors;
  },

  printerColumns: [
    { name: "VALUE", value: ({ value }) => String(value) },
    { name: "GLOBAL-DEFAULT", value: ({ globalDefault }) => String(globalDefault ?? false) },
    AGE,
  ],
};
