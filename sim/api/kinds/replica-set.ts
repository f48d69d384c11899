/** ReplicaSet. Source: pkg/apis/apps/v1/defaults.go and pkg/apis/apps/validation of v1.30. */
import type { FieldError, Kind } from "../kind.ts";
import { compileLabelSelector } from "../label-selector.ts";
import { ABSENT_SELECTOR } from "../label-selector-validation.ts";
import { withGeneration } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { ReplicaSet } from "../objects.ts";
import { defaultPodTemplate } from "../pod-spec-defaults.ts";
import { AGE } from "../printer-text.ts";
import { validateReplicated, validateSelectorUpdate } from "../replicated-pods.ts";
import { validateCounts, validateParts } from "../status-validation.ts";

const PARTS = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"];
const COUNTS = ["replicas", ...PARTS, "observedGeneration"];

export const replicaSetKind: Kind<ReplicaSet> = {
  kind: "ReplicaSet",
  apiVersion: "apps/v1",
  resource: "replicasets",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    ReplicaSet: "apiVersion kind metadata:ObjectMeta spec:ReplicaSetSpec status:ReplicaSetStatus",
    ReplicaSetSpec:
      "minReadySeconds:int replicas:int selector:LabelSelector(atomic) template:PodTemplateSpec",
    ReplicaSetStatus:
      "availableReplicas:int conditions:Condition[type] fullyLabeledReplicas:int observedGeneration:int readyReplicas:int replicas:int",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as Partial<ReplicaSet["spec"]>;
    return {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: withGeneration(given.metadata),
      spec: {
        replicas: spec.replicas ?? 1,
        minReadySeconds: spec.minReadySeconds ?? 0,
        selector: spec.selector ?? ABSENT_SELECTOR,
        template: defaultPodTemplate(spec.template),
      },
      status: (given.status ?? { replicas: 0 }) as ReplicaSet["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    validateReplicated(spec, "replicaset", errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    validateSelectorUpdate(object.spec.selector, old.spec.selector, errors);
    return errors;
  },

  validateStatusUpdate({ status }) {
    const errors: FieldError[] = [];
    validateCounts(status, COUNTS, errors);
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
    { name: "DESIRED", value: ({ spec }) => String(spec.replicas ?? 0) },
    { name: "CURRENT", value: ({ status }) => String(status.replicas) },
    { name: "READY", value: ({ status }) => String(status.readyReplicas ?? 0) },
    AGE,
  ],
};
