/** Lease. Source: pkg/apis/coordination/validation/validation.go of v1.30. */
import { atLeastZero } from "../container-validation.ts";
import { invalid } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { Lease } from "../objects.ts";
import { AGE } from "../printer-text.ts";

export const leaseKind: Kind<Lease> = {
  kind: "Lease",
  apiVersion: "coordination.k8s.io/v1",
  resource: "leases",
  namespaced: true,
  fields: ["spec"],
  fieldTypes: {
    Lease: "apiVersion kind metadata:ObjectMeta spec:LeaseSpec",
    LeaseSpec: "acquireTime holderIdentity leaseDurationSeconds:int leaseTransitions:int renewTime",
  },

  defaults(given) {
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: given.metadata,
      spec: (given.spec ?? {}) as Lease["spec"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    const duration = spec.leaseDurationSeconds;
    if (duration !== undefined && duration <= 0) {
      errors.push(invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"));
    }
    atLeastZero(spec.leaseTransitions, "spec.leaseTransitions", errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  printerColumns: [{ name: "HOLDER", value: ({ spec }) => spec.holderIdentity ?? "" }, AGE],
};
