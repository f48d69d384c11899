/** PersistentVolumeClaim. Source: pkg/apis/core/v1/defaults.go and pkg/apis/core/validation of v1.30. */
import { forbidden, invalid, required } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { core, PersistentVolumeClaim } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { validateImmutable } from "../replicated-pods.ts";
import { compareQuantities, quantityError, quantitySign } from "../resource-amount.ts";
import { semanticallyEqual } from "../semantic-equal.ts";
import {
  accessModesText,
  validateAttributesClassUpdate,
  validateClaimSpec,
} from "../volume-validation.ts";

export const persistentVolumeClaimKind: Kind<PersistentVolumeClaim> = {
  kind: "PersistentVolumeClaim",
  apiVersion: "v1",
  resource: "persistentvolumeclaims",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    PersistentVolumeClaim:
      "apiVersion kind metadata:ObjectMeta spec:PersistentVolumeClaimSpec status:PersistentVolumeClaimStatus",
    PersistentVolumeClaimStatus:
      "accessModes:string[] allocatedResourceStatuses:map allocatedResources:quantities capacity:quantities conditions:Condition[type] currentVolumeAttributesClassName modifyVolumeStatus:any phase",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as core.PersistentVolumeClaimSpec;
    const status = (given.status ?? {}) as PersistentVolumeClaim["status"];
    return {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: given.metadata,
      spec: spec.volumeMode === undefined ? { ...spec, volumeMode: "Filesystem" } : spec,
      status: status.phase === undefined ? { ...status, phase: "Pending" } : status,
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    validateClaimSpec(spec, "spec", errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    if (object.spec === old.spec) return errors;
    if (!semanticallyEqual(fixedPart(object, old), fixedPart(old, old))) {
      const detail =
        "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
      errors.push(forbidden("spec", detail));
    }
    const size = sizeOf(object);
    const oldSize = sizeOf(old);
    const isComparable = quantityError(size) === "" && quantityError(oldSize) === "";
    if (isComparable && compareQuantities(size, oldSize) < 0) {
      const detail = "field can not be less than previous value";
      errors.push(forbidden("spec.resources.requests.storage", detail));
    }
    validateImmutable(object.spec.volumeMode, old.spec.volumeMode, "spec.volumeMode", errors);
    validateAttributesClassUpdate(object.spec, old.spec, errors);
    return errors;
  },

  validateStatusUpdate({ spec, status }) {
    const errors: FieldError[] = [];
    if ((spec.accessModes ?? []).length === 0) errors.push(required("spec.accessModes"));
    for (const [name, amount] of Object.entries(status.capacity ?? {})) {
      const path = `status.capacity[${name}]`;
      const error = quantityError(amount);
      if (error !== "") errors.push(invalid(path, amount, error));
      else if (quantitySign(amount) < 0)
        errors.push(invalid(path, amount, "must be a valid resource quantity"));
    }
    return errors;
  },

  printerColumns: [
    { name: "STATUS", value: phaseText },
    { name: "VOLUME", value: ({ spec }) => spec.volumeName ?? "" },
    {
      name: "CAPACITY",
      value: ({ spec, status }) =>
        (spec.volumeName ?? "") === "" ? "" : String(status.capacity?.["storage"] ?? ""),
    },
    {
      name: "ACCESS MODES",
      value: ({ spec, status }) =>
        (spec.volumeName ?? "") === "" ? "" : accessModesText(status.accessModes),
    },
    { name: "STORAGECLASS", value: ({ spec }) => spec.storageClassName ?? "" },
    {
      name: "VOLUMEATTRIBUTESCLASS",
      value: ({ spec }) => spec.volumeAttributesClassName ?? "<unset>",
    },
    AGE,
  ],
};

/** What may not change: a volume is set once, a class once, and a bound claim may grow. */
function fixedPart({ spec }: PersistentVolumeClaim, old: PersistentVolumeClaim): object {
  const { volumeName, storageClassName, resources, volumeAttributesClassName, ...rest } = spec;
  const isBound = old.status.phase === "Bound";
  return {
    ...rest,
    volumeName: (old.spec.volumeName ?? "") === "" ? "" : volumeName,
    storageClassName: old.spec.storageClassName === undefined ? "" : storageClassName,
    volumeAttributesClassName: isBound ? undefined : volumeAttributesClassName,
    resources: isBound ? { limits: resources?.limits } : resources,
  };
}

function sizeOf({ spec }: PersistentVolumeClaim): string {
  return String(spec.resources?.requests?.["storage"] ?? "0");
}

function phaseText({ metadata, status }: PersistentVolumeClaim): string {
  return metadata.deletionTimestamp === undefined ? (status.phase ?? "") : "Terminating";
}
