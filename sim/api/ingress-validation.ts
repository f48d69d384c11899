/**
 * Validation of an Ingress' spec, in the API's words.
 * Source: pkg/apis/networking/validation/validation.go of v1.30.
 */
import { invalid, required, unsupported } from "./field-error.ts";
import { isIPv4, isIPv6 } from "./ip-address.ts";
import type { FieldError } from "./kind.ts";
import { label1035Error, portNameError, subdomainError, wildcardError } from "./name-format.ts";
import type { networking } from "./objects.ts";

const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const FORBIDDEN_IN_PATH = ["//", "/./", "/../", "%2f", "%2F"];
const FORBIDDEN_AT_END = ["/..", "/."];

/** What a reference to an object of another kind must have. */
interface Reference {
  readonly apiGroup?: string;
  readonly kind?: string;
  readonly name?: string;
}

export function validateIngressSpec(spec: networking.IngressSpec, errors: FieldError[]): void {
  const { defaultBackend, ingressClassName, rules = [], tls = [] } = spec;
  if (rules.length === 0 && defaultBackend === undefined) {
    const value = spec.rules === undefined ? "(nil)" : "{}";
    const why = "either `defaultBackend` or `rules` must be specified";
    const message = `Invalid value: []networking.IngressRule${value}: ${why}`;
    errors.push({ path: "spec", message });
  }
  if (defaultBackend !== undefined) validateBackend(defaultBackend, "spec.defaultBackend", errors);
  rules.forEach((rule, i) => {
    validateRule(rule, `spec.rules[${i}]`, errors);
  });
  tls.forEach((each, i) => {
    validateTls(each, `spec.tls[${i}]`, errors);
  });
  if (ingressClassName === undefined) return;
  const error = subdomainError(ingressClassName);
  if (error !== "") errors.push(invalid("spec.ingressClassName", ingressClassName, error));
}

/** An object of any kind that is named; `path` is where it stands. */
export function validateReference(
  { apiGroup, kind = "", name = "" }: Reference,
  path: string,
  errors: FieldError[],
): void {
  const error = apiGroup === undefined ? "" : subdomainError(apiGroup);
  if (error !== "") errors.push(invalid(`${path}.apiGroup`, apiGroup, error));
  validateSegment("kind", kind, path, errors);
  validateSegment("name", name, path, errors);
}

function validateRule(
  { host = "", http }: networking.IngressRule,
  path: string,
  errors: FieldError[],
): void {
  if (isIPv4(host) || isIPv6(host)) {
    const why = "must be a DNS name, not an IP address";
    errors.push(invalid(`${path}.host`, host, why));
  }
  if (host !== "") validateHost(host, `${path}.host`, errors);
  if (http === undefined) return;
  const paths = http.paths ?? [];
  if (paths.length === 0) errors.push(required(`${path}.http.paths`));
  paths.forEach((each, i) => {
    validatePath(each, `${path}.http.paths[${i}]`, errors);
  });
}

function validateHost(host: string, path: string, errors: FieldError[]): void {
  const error = host.includes("*") ? wildcardError(host) : subdomainError(host);
  if (error !== "") errors.push(invalid(path, host, error));
}

function validatePath(
  { backend, path: text = "", pathType }: Partial<networking.HTTPIngressPath>,
  path: string,
  errors: FieldError[],
): void {
  if (pathType === undefined) {
    errors.push(required(`${path}.pathType`, "pathType must be specified"));
    return;
  }
  const at = `${path}.path`;
  const isFree = pathType === "ImplementationSpecific";
  if (!PATH_TYPES.includes(pathType)) {
    errors.push(unsupported(`${path}.pathType`, pathType, PATH_TYPES));
  } else if (!text.startsWith("/") && !(isFree && text === "")) {
    errors.push(invalid(at, text, "must be an absolute path"));
  }
  if (pathType === "Exact" || pathType === "Prefix") {
    for (const part of FORBIDDEN_IN_PATH)
      if (text.includes(part)) errors.push(invalid(at, text, `must not contain '${part}'`));
    for (const end of FORBIDDEN_AT_END)
      if (text.endsWith(end)) errors.push(invalid(at, text, `cannot end with '${end}'`));
  }
  validateBackend(backend ?? {}, `${path}.backend`, errors);
}

function validateBackend(
  { resource, service }: networking.IngressBackend,
  path: string,
  errors: FieldError[],
): void {
  if (resource !== undefined && service !== undefined)
    errors.push(invalid(path, "", "cannot set both resource and service backends"));
  else if (resource !== undefined) validateReference(resource, `${path}.resource`, errors);
  else if (service !== undefined) validateService(service, path, errors);
  else errors.push(invalid(path, "", "resource or service backend is required"));
}

function validateService(
  { name: service = "", port = {} }: Partial<networking.IngressServiceBackend>,
  path: string,
  errors: FieldError[],
): void {
  const error = label1035Error(service);
  if (service === "") errors.push(required(`${path}.service.name`));
  else if (error !== "") errors.push(invalid(`${path}.service.name`, service, error));
  const { name = "", number = 0 } = port;
  if (name !== "" && number !== 0) {
    errors.push(invalid(path, "", "cannot set both port name & port number"));
  } else if (name !== "") {
    const nameError = portNameError(name);
    if (nameError !== "") errors.push(invalid(`${path}.service.port.name`, name, nameError));
  } else if (number !== 0) {
    const why = "must be between 1 and 65535, inclusive";
    if (number < 1 || number > 65_535)
      errors.push(invalid(`${path}.service.port.number`, number, why));
  } else {
    errors.push(required(path, "port name or number is required"));
  }
}

function validateTls(
  { hosts = [], secretName = "" }: networking.IngressTLS,
  path: string,
  errors: FieldError[],
): void {
  for (const host of hosts) validateHost(host, `${path}.hosts`, errors);
  const error = secretName === "" ? "" : subdomainError(secretName);
  if (error !== "") errors.push(invalid(`${path}.secretName`, secretName, error));
}

/** apimachinery/pkg/api/validation/path: IsValidPathSegmentName. */
function validateSegment(
  field: "kind" | "name",
  value: string,
  path: string,
  errors: FieldError[],
): void {
  const at = `${path}.${field}`;
  if (value === "") errors.push(required(at, `${field} is required`));
  else if (value === "." || value === "..")
    errors.push(invalid(at, value, `may not be '${value}'`));
  else
    for (const part of ["/", "%"])
      if (value.includes(part)) errors.push(invalid(at, value, `may not contain '${part}'`));
}
