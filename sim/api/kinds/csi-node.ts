/** CSINode. Source: pkg/apis/storage/validation/validation.go of v1.30. */
import { atLeastZero } from "../container-validation.ts";
import { duplicate, invalid, required } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { canonicalJson } from "../metadata.ts";
import { qualifiedNameError } from "../name-format.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { CSINode, storage } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { semanticallyEqual } from "../semantic-equal.ts";
import { validateDriverName } from "../volume-validation.ts";

export const csiNodeKind: Kind<CSINode> = {
  kind: "CSINode",
  apiVersion: "storage.k8s.io/v1",
  resource: "csinodes",
  namespaced: false,
  fields: ["spec"],
  fieldTypes: {
    CSINode: "apiVersion kind metadata:ObjectMeta spec:CSINodeSpec",
    CSINodeSpec: "drivers:CSINodeDriver[name]",
    CSINodeDriver: "allocatable:VolumeNodeResources name nodeID topologyKeys:string[]",
    VolumeNodeResources: "count:int",
  },

  defaults(given) {
    const spec = given.spec as CSINode["spec"] | undefined;
    return {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSINode",
      metadata: given.metadata,
      spec: spec?.drivers === undefined ? { drivers: [] } : spec,
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false }, errors);
    const names = new Set<string>();
    spec.drivers.forEach((driver, i) => {
      validateDriver(driver, `spec.drivers[${i}]`, names, errors);
    });
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    object.spec.drivers.forEach((driver, i) => {
      const before = old.spec.drivers.find(({ name }) => name === driver.name);
      if (before === undefined || semanticallyEqual(driver, before)) return;
      const message = `Invalid value: ${canonicalJson(driver)}: field is immutable`;
      errors.push({ path: `spec.drivers[${i}]`, message });
    });
    return errors;
  },

  printerColumns: [{ name: "DRIVERS", value: ({ spec }) => String(spec.drivers.length) }, AGE],
};

function validateDriver(
  { name, nodeID, allocatable, topologyKeys = [] }: storage.CSINodeDriver,
  path: string,
  names: Set<string>,
  errors: FieldError[],
): void {
  validateDriverName(name, `${path}.name`, errors);
  if ((nodeID ?? "") === "") errors.push(required(`${path}.nodeID`));
  atLeastZero(allocatable?.count, `${path}.allocatable.count`, errors);
  if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
  names.add(name);
  topologyKeys.forEach((key, i) => {
    if (topologyKeys.indexOf(key) < i) errors.push(duplicate(`${path}.topologyKeys`, key));
    const error = qualifiedNameError(key);
    if (error !== "") errors.push(invalid(`${path}.topologyKeys`, key, error));
  });
}
