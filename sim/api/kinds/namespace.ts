/** Namespace. Source: pkg/apis/core/validation and pkg/registry/core/namespace of v1.30. */
import { invalid } from "../field-error.ts";
import { FINALIZER_KUBERNETES, validateFinalizerName } from "../finalizers.ts";
import type { FieldError, Kind } from "../kind.ts";
import { labelError } from "../name-format.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { Namespace } from "../objects.ts";
import { AGE } from "../printer-text.ts";

export const namespaceKind: Kind<Namespace> = {
  kind: "Namespace",
  apiVersion: "v1",
  resource: "namespaces",
  namespaced: false,
  fields: ["spec", "status"],
  fieldTypes: {
    Namespace: "apiVersion kind metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus",
    NamespaceSpec: "finalizers:string[]",
    NamespaceStatus: "conditions:Condition[type] phase",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as Namespace["spec"];
    const status = (given.status ?? {}) as Namespace["status"];
    const isNew = given.status === undefined; // what is stored has a status
    return {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: withNameLabel(given.metadata),
      spec: isNew ? withFinalizer(spec) : spec,
      status: status.phase === undefined ? { ...status, phase: "Active" } : status,
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false, nameError: labelError }, errors);
    for (const finalizer of spec.finalizers ?? []) {
      validateFinalizerName(finalizer, "spec.finalizers", errors);
    }
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  /** The path has a capital letter in the real API too. */
  validateStatusUpdate({ metadata, status }) {
    const { phase = "" } = status;
    const path = "status.Phase";
    if (metadata.deletionTimestamp === undefined)
      return phase === "Active"
        ? []
        : [invalid(path, phase, "may only be 'Active' if `deletionTimestamp` is empty")];
    return phase === "Terminating"
      ? []
      : [invalid(path, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")];
  },

  printerColumns: [{ name: "STATUS", value: ({ status }) => status.phase ?? "" }, AGE],
};

/** The namespace controller's finalizer, which a namespace is created with (PrepareForCreate). */
function withFinalizer(spec: Namespace["spec"]): Namespace["spec"] {
  const { finalizers = [] } = spec;
  if (finalizers.includes(FINALIZER_KUBERNETES)) return spec;
  return { ...spec, finalizers: [...finalizers, FINALIZER_KUBERNETES] };
}

/** The label with the name, by which a namespaceSelector finds it (SetDefaults_Namespace). */
function withNameLabel(metadata: Namespace["metadata"]): Namespace["metadata"] {
  const { name, labels } = metadata;
  if (name === "" || labels?.[NAME_LABEL] === name) return metadata;
  return { ...metadata, labels: { ...labels, [NAME_LABEL]: name } };
}

const NAME_LABEL = "kubernetes.io/metadata.name";
