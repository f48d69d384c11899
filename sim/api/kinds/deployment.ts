/** Deployment. Source: pkg/apis/apps/v1/defaults.go and pkg/apis/apps/validation of v1.30. */
import { atLeastZero, oneOf } from "../container-validation.ts";
import { forbidden, invalid } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { compileLabelSelector } from "../label-selector.ts";
import { ABSENT_SELECTOR } from "../label-selector-validation.ts";
import { withGeneration } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { Deployment } from "../objects.ts";
import { defaultPodTemplate } from "../pod-spec-defaults.ts";
import { AGE } from "../printer-text.ts";
import { validateReplicated, validateSelectorUpdate } from "../replicated-pods.ts";
import { validateCollisionCount, validateCounts, validateParts } from "../status-validation.ts";

const PARTS = ["updatedReplicas", "readyReplicas", "availableReplicas"];
const COUNTS = ["observedGeneration", "replicas", ...PARTS, "unavailableReplicas"];

type Strategy = NonNullable<Deployment["spec"]["strategy"]>;

export const deploymentKind: Kind<Deployment> = {
  kind: "Deployment",
  apiVersion: "apps/v1",
  resource: "deployments",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    Deployment: "apiVersion kind metadata:ObjectMeta spec:DeploymentSpec status:DeploymentStatus",
    DeploymentSpec:
      "minReadySeconds:int paused:bool progressDeadlineSeconds:int replicas:int revisionHistoryLimit:int selector:LabelSelector(atomic) strategy:DeploymentStrategy(union) template:PodTemplateSpec",
    DeploymentStrategy: "type rollingUpdate:RollingUpdateDeployment",
    RollingUpdateDeployment: "maxSurge:intstr maxUnavailable:intstr",
    DeploymentStatus:
      "availableReplicas:int collisionCount:int conditions:Condition[type] observedGeneration:int readyReplicas:int replicas:int unavailableReplicas:int updatedReplicas:int",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as Partial<Deployment["spec"]>;
    const defaulted: Deployment["spec"] = {
      replicas: spec.replicas ?? 1,
      minReadySeconds: spec.minReadySeconds ?? 0,
      selector: spec.selector ?? ABSENT_SELECTOR,
      template: defaultPodTemplate(spec.template),
      strategy: defaultStrategy(spec.strategy ?? {}),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      progressDeadlineSeconds: spec.progressDeadlineSeconds ?? 600,
    };
    if (spec.paused !== undefined) defaulted.paused = spec.paused;
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: withGeneration(given.metadata),
      spec: defaulted,
      status: (given.status ?? {}) as Deployment["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    validateReplicated(spec, "deployment", errors);
    validateStrategy(spec.strategy ?? {}, errors);
    atLeastZero(spec.revisionHistoryLimit, "spec.revisionHistoryLimit", errors);
    const deadline = spec.progressDeadlineSeconds;
    atLeastZero(deadline, "spec.progressDeadlineSeconds", errors);
    if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)) {
      const detail = "must be greater than minReadySeconds";
      errors.push(invalid("spec.progressDeadlineSeconds", deadline, detail));
    }
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
    validateParts(status, PARTS, { of: "replicas", named: "status.replicas" }, errors);
    const ready = { of: "readyReplicas", named: "readyReplicas" };
    validateParts(status, ["availableReplicas"], ready, errors);
    return errors;
  },

  scale: {
    replicas: ({ spec }) => spec.replicas ?? 1,
    statusReplicas: ({ status }) => status.replicas ?? 0,
    selector: ({ spec }) => compileLabelSelector(spec.selector).toString(),
    withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
  },

  printerColumns: [
    {
      name: "READY",
      value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    { name: "UP-TO-DATE", value: ({ status }) => String(status.updatedReplicas ?? 0) },
    { name: "AVAILABLE", value: ({ status }) => String(status.availableReplicas ?? 0) },
    AGE,
  ],
};

function defaultStrategy({ type = "RollingUpdate", rollingUpdate }: Strategy): Strategy {
  if (type !== "RollingUpdate") {
    return rollingUpdate === undefined ? { type } : { type, rollingUpdate };
  }
  return {
    type,
    rollingUpdate: {
      maxUnavailable: rollingUpdate?.maxUnavailable ?? "25%",
      maxSurge: rollingUpdate?.maxSurge ?? "25%",
    },
  };
}

function validateStrategy({ type, rollingUpdate }: Strategy, errors: FieldError[]): void {
  const path = "spec.strategy";
  oneOf(type, `${path}.type`, ["Recreate", "RollingUpdate"], errors);
  if (rollingUpdate === undefined) return;
  if (type === "Recreate") {
    const detail = "may not be specified when strategy `type` is 'Recreate'";
    errors.push(forbidden(`${path}.rollingUpdate`, detail));
    return;
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  const before = errors.length;
  validateShare(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`, true, errors);
  validateShare(maxSurge, `${path}.rollingUpdate.maxSurge`, false, errors);
  if (errors.length === before && isZero(maxUnavailable) && isZero(maxSurge)) {
    const detail = "may not be 0 when `maxSurge` is 0";
    errors.push(invalid(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, detail));
  }
}

/** A count or a percentage, as ValidatePositiveIntOrPercent and IsNotMoreThan100Percent want it. */
function validateShare(
  share: number | string,
  path: string,
  isBounded: boolean,
  errors: FieldError[],
): void {
  if (typeof share === "number") return atLeastZero(share, path, errors);
  if (!/^[0-9]+%$/.test(share)) {
    const detail = "must be an integer or percentage (e.g '5%')";
    errors.push(invalid(path, share, detail));
  } else if (isBounded && Number(share.slice(0, -1)) > 100) {
    errors.push(invalid(path, share, "must not be greater than 100%"));
  }
}

const isZero = (share: number | string): boolean => share === 0 || share === "0%";
