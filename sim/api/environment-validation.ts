/**
 * Validation of a container's environment.
 * Source: ValidateEnv and ValidateEnvFrom in pkg/apis/core/validation/validation.go of v1.30.
 */
import { invalid, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { configKeyError, environmentNameError, subdomainError } from "./name-format.ts";
import type { core } from "./objects.ts";

const MORE_THAN_ONE = "may not have more than one field specified at a time";
const FIELD_PATHS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
/** Fields of a pod that have a label, and no place in an environment. */
const OTHER_FIELD_PATHS = [
  "metadata.annotations",
  "metadata.labels",
  "spec.restartPolicy",
  "spec.schedulerName",
  "status.phase",
];
const RESOURCES = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];

/** Appends the faults of a list of variables. */
export function validateEnvironment(
  env: readonly core.EnvVar[],
  path: string,
  errors: FieldError[],
): void {
  env.forEach(({ name, value, valueFrom }, index) => {
    const at = `${path}[${index}]`;
    if (name === undefined || name === "") errors.push(required(`${at}.name`));
    else {
      const error = environmentNameError(name);
      if (error !== "") errors.push(invalid(`${at}.name`, name, error));
    }
    if (valueFrom !== undefined) {
      validateValueFrom(valueFrom, value ?? "", `${at}.valueFrom`, errors);
    }
  });
}

function validateValueFrom(
  from: core.EnvVarSource,
  value: string,
  at: string,
  errors: FieldError[],
): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = from;
  if (fieldRef !== undefined) validateFieldPath(fieldRef.fieldPath, `${at}.fieldRef`, errors);
  if (resourceFieldRef !== undefined) {
    validateResource(resourceFieldRef.resource, `${at}.resourceFieldRef.resource`, errors);
  }
  if (configMapKeyRef !== undefined) validateKey(configMapKeyRef, `${at}.configMapKeyRef`, errors);
  if (secretKeyRef !== undefined) validateKey(secretKeyRef, `${at}.secretKeyRef`, errors);
  const given = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef];
  const count = given.filter((each) => each !== undefined).length;
  if (count === 0) {
    const detail =
      "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`";
    errors.push(invalid(at, "", detail));
  } else if (value !== "") {
    errors.push(invalid(at, "", "may not be specified when `value` is not empty"));
  } else if (count > 1) errors.push(invalid(at, "", MORE_THAN_ONE));
}

function validateFieldPath(fieldPath: string | undefined, at: string, errors: FieldError[]): void {
  const path = `${at}.fieldPath`;
  if (fieldPath === undefined || fieldPath === "") errors.push(required(path));
  else if (/^metadata\.(annotations|labels)\['.+'\]$/.test(fieldPath)) return;
  else if (OTHER_FIELD_PATHS.includes(fieldPath)) {
    errors.push(unsupported(path, fieldPath, FIELD_PATHS));
  } else if (!FIELD_PATHS.includes(fieldPath)) {
    const detail = `error converting fieldPath: field label not supported: ${fieldPath}`;
    errors.push(invalid(path, fieldPath, detail));
  }
}

function validateResource(resource: string | undefined, path: string, errors: FieldError[]): void {
  if (resource === undefined || resource === "") errors.push(required(path));
  else if (!RESOURCES.includes(resource) && !/^(limits|requests)\.hugepages-/.test(resource)) {
    errors.push(unsupported(path, resource, RESOURCES));
  }
}

function validateKey(
  { name = "", key = "" }: core.ConfigMapKeySelector,
  at: string,
  errors: FieldError[],
): void {
  if (name === "") errors.push(required(`${at}.name`));
  if (key === "") {
    errors.push(required(`${at}.key`));
    return;
  }
  const error = configKeyError(key);
  if (error !== "") errors.push(invalid(`${at}.key`, key, error));
}

/** Appends the faults of a list of whole ConfigMaps and Secrets. */
export function validateEnvironmentFrom(
  sources: readonly core.EnvFromSource[],
  path: string,
  errors: FieldError[],
): void {
  sources.forEach(({ prefix = "", configMapRef, secretRef }, index) => {
    const at = `${path}[${index}]`;
    const error = prefix === "" ? "" : environmentNameError(prefix);
    if (error !== "") errors.push(invalid(`${at}.prefix`, prefix, error));
    if (configMapRef !== undefined) validateName(configMapRef.name, `${at}.configMapRef`, errors);
    if (secretRef !== undefined) validateName(secretRef.name, `${at}.secretRef`, errors);
    if (configMapRef === undefined && secretRef === undefined) {
      errors.push(invalid(at, "", "must specify one of: `configMapRef` or `secretRef`"));
    } else if (configMapRef !== undefined && secretRef !== undefined) {
      errors.push(invalid(at, "", MORE_THAN_ONE));
    }
  });
}

function validateName(name: string | undefined, at: string, errors: FieldError[]): void {
  if (name === undefined || name === "") {
    errors.push(required(`${at}.name`));
    return;
  }
  const error = subdomainError(name);
  if (error !== "") errors.push(invalid(`${at}.name`, name, error));
}
