/** DaemonSet. Source: pkg/apis/apps/v1/defaults.go and pkg/apis/apps/validation of v1.30. */
import { atLeastZero } from "../container-validation.ts";
import { forbidden, invalid, required, unsupported } from "../field-error.ts";
import { validateIntOrPercent } from "../int-or-percent-validation.ts";
import type { FieldError, Kind } from "../kind.ts";
import { ABSENT_SELECTOR } from "../label-selector-validation.ts";
import { withGeneration } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { DaemonSet } from "../objects.ts";
import { defaultPodTemplate } from "../pod-spec-defaults.ts";
import { validatePodTemplate } from "../pod-spec-validation.ts";
import { AGE } from "../printer-text.ts";
import { validateSelected, validateSelectorUpdate } from "../replicated-pods.ts";
import { validateCollisionCount, validateCounts } from "../status-validation.ts";

type Spec = DaemonSet["spec"];
type Strategy = NonNullable<Spec["updateStrategy"]>;

const NO_PODS: DaemonSet["status"] = {
  currentNumberScheduled: 0,
  desiredNumberScheduled: 0,
  numberMisscheduled: 0,
  numberReady: 0,
};

const COUNTS = [
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "observedGeneration",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
];

export const daemonSetKind: Kind<DaemonSet> = {
  kind: "DaemonSet",
  apiVersion: "apps/v1",
  resource: "daemonsets",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    DaemonSet: "apiVersion kind metadata:ObjectMeta spec:DaemonSetSpec status:DaemonSetStatus",
    DaemonSetSpec:
      "minReadySeconds:int revisionHistoryLimit:int selector:LabelSelector(atomic) template:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy",
    DaemonSetUpdateStrategy: "type rollingUpdate:RollingUpdateDaemonSet",
    RollingUpdateDaemonSet: "maxSurge:intstr maxUnavailable:intstr",
    DaemonSetStatus:
      "collisionCount:int conditions:Condition[type] currentNumberScheduled:int desiredNumberScheduled:int numberAvailable:int numberMisscheduled:int numberReady:int numberUnavailable:int observedGeneration:int updatedNumberScheduled:int",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as Partial<Spec>;
    return {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: withGeneration(given.metadata),
      spec: {
        minReadySeconds: spec.minReadySeconds ?? 0,
        selector: spec.selector ?? ABSENT_SELECTOR,
        template: defaultPodTemplate(spec.template),
        updateStrategy: defaultStrategy(spec.updateStrategy ?? {}),
        revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      },
      status: (given.status ?? NO_PODS) as DaemonSet["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    validatePods(spec, errors);
    atLeastZero(spec.minReadySeconds, "spec.minReadySeconds", errors);
    validateStrategy(spec.updateStrategy ?? {}, errors);
    atLeastZero(spec.revisionHistoryLimit, "spec.revisionHistoryLimit", errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    validateSelectorUpdate(object.spec.selector, old.spec.selector, errors);
    return errors;
  },

  validateStatusUpdate({ status }, old) {
    const errors: FieldError[] = [];
    validateCounts(status, COUNTS, errors);
    validateCollisionCount(status, old.status, errors);
    return errors;
  },

  printerColumns: [
    { name: "DESIRED", value: ({ status }) => String(status.desiredNumberScheduled) },
    { name: "CURRENT", value: ({ status }) => String(status.currentNumberScheduled) },
    { name: "READY", value: ({ status }) => String(status.numberReady) },
    { name: "UP-TO-DATE", value: ({ status }) => String(status.updatedNumberScheduled ?? 0) },
    { name: "AVAILABLE", value: ({ status }) => String(status.numberAvailable ?? 0) },
    { name: "NODE SELECTOR", value: nodeSelectorText },
    AGE,
  ],
};

function nodeSelectorText({ spec }: DaemonSet): string {
  const labels = Object.entries(spec.template.spec?.nodeSelector ?? {});
  if (labels.length === 0) return "<none>";
  return labels
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");
}

function defaultStrategy({ type = "RollingUpdate", rollingUpdate }: Strategy): Strategy {
  if (type !== "RollingUpdate") {
    return rollingUpdate === undefined ? { type } : { type, rollingUpdate };
  }
  return {
    type,
    rollingUpdate: {
      maxUnavailable: rollingUpdate?.maxUnavailable ?? 1,
      maxSurge: rollingUpdate?.maxSurge ?? 0,
    },
  };
}

function validatePods({ selector, template }: Spec, errors: FieldError[]): void {
  validateSelected(selector, template.metadata?.labels, "daemonset", errors);
  validatePodTemplate(template, "spec.template", errors);
  const policy = template.spec?.restartPolicy ?? "Always";
  if (policy !== "Always") {
    errors.push(unsupported("spec.template.spec.restartPolicy", policy, ["Always"]));
  }
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    const detail = "activeDeadlineSeconds in DaemonSet is not Supported";
    errors.push(forbidden("spec.template.spec.activeDeadlineSeconds", detail));
  }
}

function validateStrategy({ type, rollingUpdate }: Strategy, errors: FieldError[]): void {
  const path = "spec.updateStrategy";
  if (type === "OnDelete") return;
  if (type !== "RollingUpdate") {
    errors.push(unsupported(path, type, ["RollingUpdate", "OnDelete"]));
    return;
  }
  if (rollingUpdate === undefined) {
    errors.push(required(`${path}.rollingUpdate`));
    return;
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  validateIntOrPercent(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`, errors);
  validateIntOrPercent(maxSurge, `${path}.rollingUpdate.maxSurge`, errors);
  if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
    const detail = "may not be set when maxUnavailable is non-zero";
    errors.push(invalid(`${path}.rollingUpdate.maxSurge`, maxSurge, detail));
  } else if (isZero(maxUnavailable) && isZero(maxSurge)) {
    const detail = "cannot be 0 when maxSurge is 0";
    errors.push(required(`${path}.rollingUpdate.maxUnavailable`, detail));
  }
}

const isZero = (share: number | string): boolean => share === 0 || share === "0%";
