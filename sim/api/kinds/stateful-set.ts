/** StatefulSet. Source: pkg/apis/apps/v1/defaults.go and pkg/apis/apps/validation of v1.30. */
import { atLeastZero } from "../container-validation.ts";
import { forbidden, invalid, required, unsupported } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { compileLabelSelector } from "../label-selector.ts";
import { ABSENT_SELECTOR } from "../label-selector-validation.ts";
import { withGeneration } from "../metadata.ts";
import {
  validateAnnotations,
  validateLabels,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from "../object-meta.ts";
import type { core, StatefulSet } from "../objects.ts";
import { defaultPodTemplate } from "../pod-spec-defaults.ts";
import { AGE } from "../printer-text.ts";
import { validateSelected } from "../replicated-pods.ts";
import { semanticallyEqual } from "../semantic-equal.ts";
import { validateCollisionCount, validateCounts, validateParts } from "../status-validation.ts";

type Spec = StatefulSet["spec"];
type Strategy = NonNullable<Spec["updateStrategy"]>;

const PARTS = ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"];
const COUNTS = ["replicas", ...PARTS, "observedGeneration"];

/** What an update of the spec may change. */
const MUTABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

export const statefulSetKind: Kind<StatefulSet> = {
  kind: "StatefulSet",
  apiVersion: "apps/v1",
  resource: "statefulsets",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    StatefulSet:
      "apiVersion kind metadata:ObjectMeta spec:StatefulSetSpec status:StatefulSetStatus",
    StatefulSetSpec:
      "minReadySeconds:int ordinals:StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:ClaimRetentionPolicy podManagementPolicy replicas:int revisionHistoryLimit:int selector:LabelSelector(atomic) serviceName template:PodTemplateSpec updateStrategy:StatefulSetUpdateStrategy volumeClaimTemplates:StatefulSetClaim[]",
    StatefulSetOrdinals: "start:int",
    ClaimRetentionPolicy: "whenDeleted whenScaled",
    StatefulSetUpdateStrategy: "type rollingUpdate:RollingUpdateStatefulSet",
    RollingUpdateStatefulSet: "~maxUnavailable:intstr partition:int",
    StatefulSetClaim:
      "apiVersion kind metadata:ObjectMeta spec:PersistentVolumeClaimSpec status:any",
    StatefulSetStatus:
      "availableReplicas:int collisionCount:int conditions:Condition[type] currentReplicas:int currentRevision observedGeneration:int readyReplicas:int replicas:int updateRevision updatedReplicas:int",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as Partial<Spec>;
    const defaulted: Spec = {
      replicas: spec.replicas ?? 1,
      minReadySeconds: spec.minReadySeconds ?? 0,
      selector: spec.selector ?? ABSENT_SELECTOR,
      template: defaultPodTemplate(spec.template),
      serviceName: spec.serviceName ?? "",
      podManagementPolicy: spec.podManagementPolicy ?? "OrderedReady",
      updateStrategy: defaultStrategy(spec.updateStrategy ?? {}),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: spec.persistentVolumeClaimRetentionPolicy?.whenDeleted ?? "Retain",
        whenScaled: spec.persistentVolumeClaimRetentionPolicy?.whenScaled ?? "Retain",
      },
    };
    if (spec.ordinals !== undefined) defaulted.ordinals = spec.ordinals;
    const { volumeClaimTemplates: claims } = spec;
    if (claims !== undefined) defaulted.volumeClaimTemplates = claims.map(defaultClaim);
    return {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: withGeneration(given.metadata),
      spec: defaulted,
      status: (given.status ?? { replicas: 0 }) as StatefulSet["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    validatePolicies(spec, errors);
    atLeastZero(spec.replicas, "spec.replicas", errors);
    atLeastZero(spec.minReadySeconds, "spec.minReadySeconds", errors);
    atLeastZero(spec.ordinals?.start, "spec.ordinals.start", errors);
    validatePods(spec, errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    if (object.spec === old.spec) return errors;
    const fixed: Record<string, unknown> = { ...object.spec };
    for (const field of MUTABLE) fixed[field] = old.spec[field];
    if (!semanticallyEqual(fixed, old.spec)) {
      const detail =
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
      errors.push(forbidden("spec", detail));
    }
    return errors;
  },

  validateStatusUpdate({ status }, old) {
    const errors: FieldError[] = [];
    validateCounts(status, COUNTS, errors);
    validateCollisionCount(status, old.status, errors);
    validateParts(status, PARTS, { of: "replicas", named: "status.replicas" }, errors);
    const ready = { of: "readyReplicas", named: "status.readyReplicas" };
    validateParts(status, ["availableReplicas"], ready, errors);
    return errors;
  },

  scale: {
    replicas: ({ spec }) => spec.replicas ?? 1,
    statusReplicas: ({ status }) => status.replicas,
    selector: ({ spec }) => compileLabelSelector(spec.selector).toString(),
    withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
  },

  printerColumns: [
    {
      name: "READY",
      value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    AGE,
  ],
};

/** Where the user names the type and no rollingUpdate, there is none: see partitionOf. */
function defaultStrategy({ type = "", rollingUpdate }: Strategy): Strategy {
  if (type === "") {
    return {
      type: "RollingUpdate",
      rollingUpdate: { ...rollingUpdate, partition: rollingUpdate?.partition ?? 0 },
    };
  }
  if (rollingUpdate === undefined) return { type };
  if (type !== "RollingUpdate") return { type, rollingUpdate };
  return { type, rollingUpdate: { ...rollingUpdate, partition: rollingUpdate.partition ?? 0 } };
}

function defaultClaim(given: core.PersistentVolumeClaim): core.PersistentVolumeClaim {
  if (given.spec?.volumeMode !== undefined && given.status?.phase !== undefined) return given;
  return {
    ...given,
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    spec: { ...given.spec, volumeMode: given.spec?.volumeMode ?? "Filesystem" },
    status: { ...given.status, phase: given.status?.phase ?? "Pending" },
  };
}

function validatePolicies(spec: Spec, errors: FieldError[]): void {
  const management = spec.podManagementPolicy ?? "";
  if (management === "") errors.push(required("spec.podManagementPolicy"));
  else if (management !== "OrderedReady" && management !== "Parallel") {
    const detail = "must be 'OrderedReady' or 'Parallel'";
    errors.push(invalid("spec.podManagementPolicy", management, detail));
  }
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  const path = "spec.updateStrategy";
  if (type === "OnDelete") {
    if (rollingUpdate !== undefined) {
      const detail = "only allowed for updateStrategy 'RollingUpdate'";
      errors.push(invalid(`${path}.rollingUpdate`, rollingUpdate, detail));
    }
  } else if (type === "RollingUpdate") {
    atLeastZero(rollingUpdate?.partition, `${path}.rollingUpdate.partition`, errors);
  } else {
    errors.push(invalid(path, spec.updateStrategy, "must be 'RollingUpdate' or 'OnDelete'"));
  }
  for (const field of ["whenDeleted", "whenScaled"] as const) {
    const policy = spec.persistentVolumeClaimRetentionPolicy?.[field];
    if (policy !== "Retain" && policy !== "Delete") {
      const at = `spec.persistentVolumeClaimRetentionPolicy.${field}`;
      errors.push(unsupported(at, policy, ["Delete", "Retain"]));
    }
  }
}

/**
 * The selector, and of the template only its metadata: the volumes of its claims are not there yet,
 * so that the real API leaves its spec to the validation of the pods.
 */
function validatePods({ selector, template }: Spec, errors: FieldError[]): void {
  const labels = template.metadata?.labels;
  validateSelected(selector, labels, "statefulset", errors);
  validateLabels(labels, "spec.template.labels", errors);
  validateAnnotations(template.metadata?.annotations, "spec.template.annotations", errors);
  const policy = template.spec?.restartPolicy ?? "Always";
  if (policy !== "Always") {
    errors.push(unsupported("spec.template.spec.restartPolicy", policy, ["Always"]));
  }
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    const detail = "activeDeadlineSeconds in StatefulSet is not Supported";
    errors.push(forbidden("spec.template.spec.activeDeadlineSeconds", detail));
  }
}
