/** IngressClass. Source: pkg/apis/networking/v1/defaults.go and validation of v1.30. */
import { forbidden, invalid, required, tooLong, unsupported } from "../field-error.ts";
import { validateReference } from "../ingress-validation.ts";
import type { FieldError, Kind } from "../kind.ts";
import { labelError, subdomainError } from "../name-format.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { IngressClass, networking } from "../objects.ts";
import { AGE } from "../printer-text.ts";

const CONTROLLER_LENGTH_MAX = 250;
const SCOPES = ["Cluster", "Namespace"];
/** apimachinery/pkg/util/validation: httpPathFmt. */
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const HTTP_PATH_REGEXP = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

export const ingressClassKind: Kind<IngressClass> = {
  kind: "IngressClass",
  apiVersion: "networking.k8s.io/v1",
  resource: "ingressclasses",
  namespaced: false,
  fields: ["spec"],
  fieldTypes: {
    IngressClass: "apiVersion kind metadata:ObjectMeta spec:IngressClassSpec",
    IngressClassSpec: "controller ~parameters:IngressClassParametersReference",
    IngressClassParametersReference: "apiGroup kind name namespace scope",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as networking.IngressClassSpec;
    const { parameters } = spec;
    const isScoped = parameters === undefined || parameters.scope !== undefined;
    return {
      apiVersion: "networking.k8s.io/v1",
      kind: "IngressClass",
      metadata: given.metadata,
      spec: isScoped ? spec : { ...spec, parameters: { ...parameters, scope: "Cluster" } },
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false }, errors);
    validateController(spec.controller ?? "", errors);
    if (spec.parameters !== undefined) validateParameters(spec.parameters, errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    const { controller } = object.spec;
    if (controller !== old.spec.controller)
      errors.push(invalid("spec.controller", controller, "field is immutable"));
    return errors;
  },

  printerColumns: [
    { name: "CONTROLLER", value: ({ spec }) => spec.controller ?? "" },
    { name: "PARAMETERS", value: parametersText },
    AGE,
  ],
};

/** apimachinery/pkg/util/validation: IsDomainPrefixedPath. */
function validateController(controller: string, errors: FieldError[]): void {
  const path = "spec.controller";
  if (controller.length > CONTROLLER_LENGTH_MAX) errors.push(tooLong(path, CONTROLLER_LENGTH_MAX));
  if (controller === "") {
    errors.push(required(path));
    return;
  }
  const slash = controller.indexOf("/");
  const host = controller.slice(0, Math.max(0, slash));
  const rest = controller.slice(slash + 1);
  if (host === "" || rest === "") {
    const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
    errors.push(invalid(path, controller, why));
    return;
  }
  const error = subdomainError(host);
  if (error !== "") errors.push(invalid(path, host, error));
  if (!HTTP_PATH_REGEXP.test(rest)) {
    const why = `Invalid path (regex used for validation is '${HTTP_PATH}')`;
    errors.push(invalid(path, rest, why));
  }
}

function validateParameters(
  parameters: networking.IngressClassParametersReference,
  errors: FieldError[],
): void {
  const path = "spec.parameters";
  validateReference(parameters, path, errors);
  const { namespace, scope = "" } = parameters;
  if (!SCOPES.includes(scope)) errors.push(unsupported(`${path}.scope`, scope, SCOPES));
  else if (scope === "Cluster" && namespace !== undefined)
    errors.push(forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  else if (scope === "Namespace" && namespace === undefined)
    errors.push(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  else if (namespace !== undefined) {
    const error = labelError(namespace);
    if (error !== "") errors.push(invalid(`${path}.namespace`, namespace, error));
  }
}

function parametersText({ spec: { parameters } }: IngressClass): string {
  if (parameters === undefined) return "<none>";
  const { apiGroup, kind, name } = parameters;
  return apiGroup === undefined ? `${kind}/${name}` : `${kind}.${apiGroup}/${name}`;
}
