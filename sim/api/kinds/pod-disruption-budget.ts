/**
 * PodDisruptionBudget: how many of the pods that it selects may be taken away at one time.
 * Source: pkg/apis/policy/validation/validation.go and pkg/printers/internalversion of v1.30.
 */
import { invalid, unsupported } from "../field-error.ts";
import { validateIntOrPercent } from "../int-or-percent-validation.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateLabelSelector } from "../label-selector-validation.ts";
import { withGeneration } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { PodDisruptionBudget } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { validateConditions, validateCounts } from "../status-validation.ts";

const COUNTS = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"];
const EVICTION_POLICIES = ["AlwaysAllow", "IfHealthyBudget"];

export const podDisruptionBudgetKind: Kind<PodDisruptionBudget> = {
  kind: "PodDisruptionBudget",
  apiVersion: "policy/v1",
  resource: "poddisruptionbudgets",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    PodDisruptionBudget:
      "apiVersion kind metadata:ObjectMeta spec:PodDisruptionBudgetSpec status:PodDisruptionBudgetStatus",
    PodDisruptionBudgetSpec:
      "maxUnavailable:intstr minAvailable:intstr selector:LabelSelector(atomic) unhealthyPodEvictionPolicy",
    PodDisruptionBudgetStatus:
      "conditions:Condition[type] currentHealthy:int desiredHealthy:int disruptedPods:map disruptionsAllowed:int expectedPods:int observedGeneration:int",
  },

  defaults(given) {
    return {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: withGeneration(given.metadata),
      spec: (given.spec ?? {}) as PodDisruptionBudget["spec"],
      status: (given.status ?? NO_STATUS) as PodDisruptionBudget["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
    if (minAvailable !== undefined && maxUnavailable !== undefined) {
      const detail = "minAvailable and maxUnavailable cannot be both set";
      errors.push(invalid("spec", { minAvailable, maxUnavailable }, detail));
    }
    if (minAvailable !== undefined) {
      validateIntOrPercent(minAvailable, "spec.minAvailable", errors);
    }
    if (maxUnavailable !== undefined) {
      validateIntOrPercent(maxUnavailable, "spec.maxUnavailable", errors);
    }
    validateLabelSelector(selector, "spec.selector", errors);
    if (policy !== undefined && !EVICTION_POLICIES.includes(policy)) {
      errors.push(unsupported("spec.unhealthyPodEvictionPolicy", policy, EVICTION_POLICIES));
    }
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  validateStatusUpdate({ status }) {
    const errors: FieldError[] = [];
    validateConditions(status.conditions ?? [], "status.conditions", errors);
    validateCounts(status, COUNTS, errors);
    return errors;
  },

  printerColumns: [
    { name: "MIN AVAILABLE", value: ({ spec }) => String(spec.minAvailable ?? "N/A") },
    { name: "MAX UNAVAILABLE", value: ({ spec }) => String(spec.maxUnavailable ?? "N/A") },
    { name: "ALLOWED DISRUPTIONS", value: ({ status }) => String(status.disruptionsAllowed) },
    AGE,
  ],
};

/** Until the disruption controller has looked at it, nothing may be disrupted. */
const NO_STATUS = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
