/**
 * ServiceAccount: whom a pod acts as. Its tokens are not modelled.
 * Source: pkg/apis/core/validation and pkg/printers/internalversion of v1.30.
 */
import type { FieldError, Kind } from "../kind.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { ServiceAccount } from "../objects.ts";
import { AGE } from "../printer-text.ts";

export const serviceAccountKind: Kind<ServiceAccount> = {
  kind: "ServiceAccount",
  apiVersion: "v1",
  resource: "serviceaccounts",
  namespaced: true,
  fields: ["automountServiceAccountToken", "imagePullSecrets", "secrets"],
  fieldTypes: {
    ServiceAccount:
      "apiVersion kind metadata:ObjectMeta ~automountServiceAccountToken:bool ~imagePullSecrets:LocalObjectReference[] ~secrets:ObjectReference[name]",
  },

  defaults(given) {
    const { automountServiceAccountToken, imagePullSecrets, secrets } =
      given as unknown as ServiceAccount;
    return {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: given.metadata,
      ...(automountServiceAccountToken === undefined ? {} : { automountServiceAccountToken }),
      ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }),
      ...(secrets === undefined ? {} : { secrets }),
    };
  },

  validate({ metadata }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  printerColumns: [
    { name: "SECRETS", value: ({ secrets }) => String((secrets ?? []).length) },
    AGE,
  ],
};
