/** CSIStorageCapacity. Source: pkg/apis/storage/validation/validation.go of v1.30. */
import { invalid, required } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateLabelSelector } from "../label-selector-validation.ts";
import { canonicalJson } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { CSIStorageCapacity } from "../objects.ts";
import { semanticallyEqual } from "../semantic-equal.ts";
import { validateClassName, validateSize } from "../volume-validation.ts";

export const csiStorageCapacityKind: Kind<CSIStorageCapacity> = {
  kind: "CSIStorageCapacity",
  apiVersion: "storage.k8s.io/v1",
  resource: "csistoragecapacities",
  namespaced: true,
  fields: ["capacity", "maximumVolumeSize", "nodeTopology", "storageClassName"],
  fieldTypes: {
    CSIStorageCapacity:
      "apiVersion kind metadata:ObjectMeta capacity:quantity maximumVolumeSize:quantity nodeTopology:LabelSelector storageClassName",
  },

  defaults(given) {
    const { storageClassName, nodeTopology, capacity, maximumVolumeSize } =
      given as unknown as Partial<CSIStorageCapacity>;
    return {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSIStorageCapacity",
      metadata: given.metadata,
      storageClassName: storageClassName ?? "",
      ...(nodeTopology === undefined ? {} : { nodeTopology }),
      ...(capacity === undefined ? {} : { capacity }),
      ...(maximumVolumeSize === undefined ? {} : { maximumVolumeSize }),
    };
  },

  validate({ metadata, storageClassName, nodeTopology, capacity, maximumVolumeSize }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    validateLabelSelector(nodeTopology, "nodeTopology", errors);
    if (storageClassName === "") errors.push(required("storageClassName"));
    validateClassName(storageClassName, "storageClassName", errors);
    if (capacity !== undefined) validateSize(capacity as string, "capacity", false, errors);
    if (maximumVolumeSize !== undefined) {
      validateSize(maximumVolumeSize as string, "maximumVolumeSize", false, errors);
    }
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    if (!semanticallyEqual(object.nodeTopology, old.nodeTopology)) {
      const text = canonicalJson(object.nodeTopology);
      errors.push({ path: "nodeTopology", message: `Invalid value: ${text}: field is immutable` });
    }
    if (object.storageClassName !== old.storageClassName) {
      errors.push(invalid("storageClassName", object.storageClassName, "field is immutable"));
    }
    return errors;
  },

  printerColumns: [
    { name: "STORAGECLASSNAME", value: ({ storageClassName }) => storageClassName },
    { name: "CAPACITY", value: ({ capacity }) => String(capacity ?? "") },
  ],
};
