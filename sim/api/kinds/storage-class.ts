/** StorageClass. Source: pkg/apis/storage/v1/defaults.go and pkg/apis/storage/validation of v1.30. */
import { duplicate, forbidden, invalid, required, unsupported } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { canonicalJson } from "../metadata.ts";
import { qualifiedNameError } from "../name-format.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { core, StorageClass } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { semanticallyEqual } from "../semantic-equal.ts";

const RECLAIM_POLICIES = ["Delete", "Retain"];
const BINDING_MODES = ["Immediate", "WaitForFirstConsumer"];

export const storageClassKind: Kind<StorageClass> = {
  kind: "StorageClass",
  apiVersion: "storage.k8s.io/v1",
  resource: "storageclasses",
  namespaced: false,
  fields: [
    "allowVolumeExpansion",
    "allowedTopologies",
    "mountOptions",
    "parameters",
    "provisioner",
    "reclaimPolicy",
    "volumeBindingMode",
  ],
  fieldTypes: {
    StorageClass:
      "apiVersion kind metadata:ObjectMeta ~allowVolumeExpansion:bool allowedTopologies:TopologySelectorTerm[] ~mountOptions:string[] ~parameters:map provisioner reclaimPolicy volumeBindingMode",
    TopologySelectorTerm: "matchLabelExpressions:TopologySelectorRequirement[]",
    TopologySelectorRequirement: "key values:string[]",
  },

  defaults(given) {
    const { allowVolumeExpansion, allowedTopologies, mountOptions, parameters, ...rest } =
      given as unknown as Partial<StorageClass>;
    return {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: given.metadata,
      provisioner: rest.provisioner ?? "",
      reclaimPolicy: rest.reclaimPolicy ?? "Delete",
      volumeBindingMode: rest.volumeBindingMode ?? "Immediate",
      ...(allowVolumeExpansion === undefined ? {} : { allowVolumeExpansion }),
      ...(allowedTopologies === undefined ? {} : { allowedTopologies }),
      ...(mountOptions === undefined ? {} : { mountOptions }),
      ...(parameters === undefined ? {} : { parameters }),
    };
  },

  validate({ metadata, provisioner, reclaimPolicy, volumeBindingMode, allowedTopologies }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false }, errors);
    if (provisioner === "") errors.push(required("provisioner"));
    else {
      const error = qualifiedNameError(provisioner.toLowerCase());
      if (error !== "") errors.push(invalid("provisioner", provisioner, error));
    }
    if (reclaimPolicy !== undefined && !RECLAIM_POLICIES.includes(reclaimPolicy)) {
      errors.push(unsupported("reclaimPolicy", reclaimPolicy, RECLAIM_POLICIES));
    }
    if (volumeBindingMode !== undefined && !BINDING_MODES.includes(volumeBindingMode)) {
      errors.push(unsupported("volumeBindingMode", volumeBindingMode, BINDING_MODES));
    }
    validateTopologies(allowedTopologies ?? [], errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    for (const field of ["parameters", "provisioner", "reclaimPolicy"] as const) {
      if (!semanticallyEqual(object[field], old[field])) {
        errors.push(forbidden(field, `updates to ${field} are forbidden.`));
      }
    }
    if (object.volumeBindingMode !== old.volumeBindingMode) {
      errors.push(invalid("volumeBindingMode", object.volumeBindingMode, "field is immutable"));
    }
    return errors;
  },

  printerColumns: [
    { name: "PROVISIONER", value: ({ provisioner }) => provisioner },
    { name: "RECLAIMPOLICY", value: ({ reclaimPolicy }) => reclaimPolicy ?? "" },
    { name: "VOLUMEBINDINGMODE", value: ({ volumeBindingMode }) => volumeBindingMode ?? "" },
    {
      name: "ALLOWVOLUMEEXPANSION",
      value: ({ allowVolumeExpansion }) => String(allowVolumeExpansion ?? false),
    },
    AGE,
  ],
};

function validateTopologies(
  terms: readonly core.TopologySelectorTerm[],
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  terms.forEach(({ matchLabelExpressions = [] }, i) => {
    const path = `allowedTopologies[${i}]`;
    const keys = new Set<string>();
    matchLabelExpressions.forEach(({ key, values }, j) => {
      validateRequirement(key, values ?? [], `${path}.matchLabelExpressions[${j}]`, keys, errors);
    });
    const text = canonicalJson(
      matchLabelExpressions.map(({ key, values }) => [key, [...(values ?? [])].sort()]),
    );
    if (seen.has(text)) errors.push(duplicate(`${path}.matchLabelExpressions`, ""));
    seen.add(text);
  });
}

function validateRequirement(
  key: string,
  values: readonly string[],
  path: string,
  keys: Set<string>,
  errors: FieldError[],
): void {
  if (values.length === 0) errors.push(required(`${path}.values`));
  values.forEach((value, k) => {
    if (values.indexOf(value) < k) errors.push(duplicate(`${path}.values[${k}]`, value));
  });
  const error = qualifiedNameError(key ?? "");
  if (error !== "") errors.push(invalid(`${path}.key`, key ?? "", error));
  if (keys.has(key)) errors.push(duplicate(`${path}.key`, key));
  keys.add(key);
}
