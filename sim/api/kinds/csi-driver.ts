/** CSIDriver. Source: pkg/apis/storage/v1/defaults.go and pkg/apis/storage/validation of v1.30. */
import { oneOf } from "../container-validation.ts";
import { invalid, unsupported } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { CSIDriver } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { semanticallyEqual } from "../semantic-equal.ts";
import { validateDriverName } from "../volume-validation.ts";

const GROUP_POLICIES = ["File", "None", "ReadWriteOnceWithFSType"];
const LIFECYCLE_MODES = ["Ephemeral", "Persistent"];

export const csiDriverKind: Kind<CSIDriver> = {
  kind: "CSIDriver",
  apiVersion: "storage.k8s.io/v1",
  resource: "csidrivers",
  namespaced: false,
  fields: ["spec"],
  fieldTypes: {
    CSIDriver: "apiVersion kind metadata:ObjectMeta spec:CSIDriverSpec",
    CSIDriverSpec:
      "~attachRequired=true:bool ~fsGroupPolicy=ReadWriteOnceWithFSType ~podInfoOnMount:bool ~requiresRepublish:bool ~seLinuxMount:bool storageCapacity:bool ~tokenRequests:TokenRequest[] ~volumeLifecycleModes:string[set]",
    TokenRequest: "audience expirationSeconds:int",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as CSIDriver["spec"];
    return {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSIDriver",
      metadata: given.metadata,
      spec: {
        ...spec,
        attachRequired: spec.attachRequired ?? true,
        podInfoOnMount: spec.podInfoOnMount ?? false,
        storageCapacity: spec.storageCapacity ?? false,
        fsGroupPolicy: spec.fsGroupPolicy ?? "ReadWriteOnceWithFSType",
        volumeLifecycleModes: spec.volumeLifecycleModes ?? ["Persistent"],
        requiresRepublish: spec.requiresRepublish ?? false,
        seLinuxMount: spec.seLinuxMount ?? false,
      },
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false, nameError: () => "" }, errors);
    if (metadata.name !== "") validateDriverName(metadata.name, "metadata.name", errors);
    oneOf(spec.fsGroupPolicy, "spec.fsGroupPolicy", GROUP_POLICIES, errors);
    for (const mode of spec.volumeLifecycleModes ?? []) {
      if (LIFECYCLE_MODES.includes(mode)) continue;
      errors.push(unsupported("spec.volumeLifecycleModes", mode, LIFECYCLE_MODES));
    }
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    for (const field of ["attachRequired", "volumeLifecycleModes"] as const) {
      if (semanticallyEqual(object.spec[field], old.spec[field])) continue;
      errors.push(invalid(`spec.${field}`, object.spec[field], "field is immutable"));
    }
    return errors;
  },

  printerColumns: [
    { name: "ATTACHREQUIRED", value: ({ spec }) => String(spec.attachRequired ?? true) },
    { name: "PODINFOONMOUNT", value: ({ spec }) => String(spec.podInfoOnMount ?? false) },
    { name: "STORAGECAPACITY", value: ({ spec }) => String(spec.storageCapacity ?? false) },
    {
      name: "TOKENREQUESTS",
      value: ({ spec }) =>
        spec.tokenRequests?.map(({ audience }) => audience).join(",") ?? "<unset>",
    },
    { name: "REQUIRESREPUBLISH", value: ({ spec }) => String(spec.requiresRepublish ?? false) },
    { name: "MODES", value: ({ spec }) => spec.volumeLifecycleModes?.join(",") ?? "<none>" },
    AGE,
  ],
};
