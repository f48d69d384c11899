/**
 * ControllerRevision: one version of a StatefulSet's or DaemonSet's pod template.
 * Source: ValidateControllerRevision in pkg/apis/apps/validation/validation.go of v1.30.
 */
import { atLeastZero } from "../container-validation.ts";
import { required } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { controllerOf } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { ControllerRevision } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { validateImmutable } from "../replicated-pods.ts";

export const controllerRevisionKind: Kind<ControllerRevision> = {
  kind: "ControllerRevision",
  apiVersion: "apps/v1",
  resource: "controllerrevisions",
  namespaced: true,
  fields: ["data", "revision"],
  fieldTypes: { ControllerRevision: "apiVersion kind metadata:ObjectMeta data:any revision:int" },

  defaults(given) {
    const revision: ControllerRevision = {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: given.metadata,
      revision: (given["revision"] ?? 0) as number,
    };
    if (given["data"] !== undefined) revision.data = given["data"] as object;
    return revision;
  },

  validate({ metadata, data, revision }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    if (data === undefined || data === null) errors.push(required("data", "data is mandatory"));
    atLeastZero(revision, "revision", errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    validateImmutable(object.data, old.data, "data", errors);
    return errors;
  },

  printerColumns: [
    { name: "CONTROLLER", value: controllerText },
    { name: "REVISION", value: ({ revision }) => String(revision) },
    AGE,
  ],
};

/** `statefulset.apps/web`, as kubectl shows the owner. */
function controllerText(revision: ControllerRevision): string {
  const owner = controllerOf(revision);
  if (owner === undefined) return "<none>";
  const [group = "", version] = owner.apiVersion.split("/");
  const kind = owner.kind.toLowerCase();
  return version === undefined ? `${kind}/${owner.name}` : `${kind}.${group}/${owner.name}`;
}
