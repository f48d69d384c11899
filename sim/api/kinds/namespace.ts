/** Namespace. Source: pkg/apis/core/validation and pkg/registry/core/namespace of v1.30. */
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
    NamespaceStatus: "conditions:Condition[] phase",
  },

  defaults(given) {
    const status = (given.status ?? {}) as Namespace["status"];
    return {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: given.metadata,
      spec: (given.spec ?? {}) as Namespace["spec"],
      status: status.phase === undefined ? { ...status, phase: "Active" } : status,
    };
  },

  validate({ metadata }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false, nameError: labelError }, errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  printerColumns: [{ name: "STATUS", value: ({ status }) => status.phase ?? "" }, AGE],
};
