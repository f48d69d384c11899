/**
 * Validation of containers, their ports, environment, probes and mounts.
 * Source: pkg/apis/core/validation/validation.go of v1.30.
 */
import { duplicate, forbidden, invalid, notFound, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { environmentNameError, labelError, portNameError } from "./name-format.ts";
import type { Container, core } from "./objects.ts";
import { validateResources } from "./resource-list.ts";

const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];
const MESSAGE_POLICIES = ["File", "FallbackToLogsOnError"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const PORT_RANGE = "must be between 1 and 65535, inclusive";

/** What the containers of one pod are checked against. */
export interface ContainerScope {
  readonly volumes: readonly core.Volume[];
  readonly names: Set<string>;
  readonly hostPorts: Set<string>;
}

/** Appends the faults of a list of containers or init containers. */
export function validateContainers(
  containers: readonly Container[],
  path: string,
  isInit: boolean,
  scope: ContainerScope,
  errors: FieldError[],
): void {
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i];
    if (container !== undefined) {
      validateContainer(container, `${path}[${i}]`, isInit, scope, errors);
    }
  }
}

function validateContainer(
  container: Container,
  path: string,
  isInit: boolean,
  scope: ContainerScope,
  errors: FieldError[],
): void {
  const { name, image } = container;
  if (name === undefined || name === "") errors.push(required(`${path}.name`));
  else {
    const error = labelError(name);
    if (error !== "") errors.push(invalid(`${path}.name`, name, error));
    if (scope.names.has(name)) errors.push(duplicate(`${path}.name`, name));
    scope.names.add(name);
  }
  if (image === undefined || image === "") errors.push(required(`${path}.image`));
  else if (image.trim() !== image) {
    errors.push(invalid(`${path}.image`, image, "must not have leading or trailing whitespace"));
  }
  oneOf(container.imagePullPolicy, `${path}.imagePullPolicy`, PULL_POLICIES, errors);
  oneOf(
    container.terminationMessagePolicy,
    `${path}.terminationMessagePolicy`,
    MESSAGE_POLICIES,
    errors,
  );
  validateRestartPolicy(container, path, isInit, errors);
  validateResources(container.resources, `${path}.resources`, errors);
  if (container.ports !== undefined) {
    validatePorts(container.ports, `${path}.ports`, isInit ? new Set() : scope.hostPorts, errors);
  }
  if (container.env !== undefined) validateEnvironment(container.env, `${path}.env`, errors);
  if (container.volumeMounts !== undefined) {
    validateMounts(container.volumeMounts, `${path}.volumeMounts`, scope.volumes, errors);
  }
  validateProbes(container, path, isInit, errors);
}

function validateRestartPolicy(
  container: Container,
  path: string,
  isInit: boolean,
  errors: FieldError[],
): void {
  if (container.restartPolicy === undefined) return;
  if (isInit) oneOf(container.restartPolicy, `${path}.restartPolicy`, ["Always"], errors);
  else errors.push(forbidden(`${path}.restartPolicy`, "may not be set for non-init containers"));
}

function validatePorts(
  ports: readonly core.ContainerPort[],
  path: string,
  hostPorts: Set<string>,
  errors: FieldError[],
): void {
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const at = `${path}[${index}]`;
    if (port.name !== undefined && port.name !== "") {
      const error = portNameError(port.name);
      if (error !== "") errors.push(invalid(`${at}.name`, port.name, error));
      else if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    if (port.containerPort === undefined) errors.push(required(`${at}.containerPort`));
    else portNumber(port.containerPort, `${at}.containerPort`, errors);
    oneOf(port.protocol, `${at}.protocol`, PROTOCOLS, errors);
    if (port.hostPort === undefined || port.hostPort === 0) return;
    portNumber(port.hostPort, `${at}.hostPort`, errors);
    const taken = `${port.protocol}/${port.hostIP ?? ""}/${port.hostPort}`;
    if (hostPorts.has(taken)) errors.push(duplicate(`${at}.hostPort`, taken));
    hostPorts.add(taken);
  });
}

/** Appends a fault when the number is no port. */
export function portNumber(port: number, path: string, errors: FieldError[]): void {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    errors.push(invalid(path, port, PORT_RANGE));
}

function validateEnvironment(
  env: readonly core.EnvVar[],
  path: string,
  errors: FieldError[],
): void {
  env.forEach(({ name, value, valueFrom }, index) => {
    if (name === undefined || name === "") errors.push(required(`${path}[${index}].name`));
    else {
      const error = environmentNameError(name);
      if (error !== "") errors.push(invalid(`${path}[${index}].name`, name, error));
    }
    if (value !== undefined && value !== "" && valueFrom !== undefined) {
      const detail = "may not be specified when `value` is not empty";
      errors.push(invalid(`${path}[${index}].valueFrom`, "", detail));
    }
  });
}

function validateMounts(
  mounts: readonly core.VolumeMount[],
  path: string,
  volumes: readonly core.Volume[],
  errors: FieldError[],
): void {
  const mountPaths = new Set<string>();
  mounts.forEach(({ name, mountPath }, index) => {
    if (name === undefined || name === "") errors.push(required(`${path}[${index}].name`));
    else if (!volumes.some((volume) => volume.name === name)) {
      errors.push(notFound(`${path}[${index}].name`, name));
    }
    if (mountPath === undefined || mountPath === "") {
      errors.push(required(`${path}[${index}].mountPath`));
    } else if (mountPaths.has(mountPath)) {
      errors.push(invalid(`${path}[${index}].mountPath`, mountPath, "must be unique"));
    } else mountPaths.add(mountPath);
  });
}

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
const PROBE_NUMBERS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

function validateProbes(
  container: Container,
  path: string,
  isInit: boolean,
  errors: FieldError[],
): void {
  for (const kind of PROBES) {
    const probe = container[kind];
    if (probe === undefined) continue;
    const at = `${path}.${kind}`;
    if (isInit && container.restartPolicy !== "Always") {
      const detail = "may not be set for init containers without restartPolicy=Always";
      errors.push(forbidden(at, detail));
      continue;
    }
    for (const name of PROBE_NUMBERS) atLeastZero(probe[name], `${at}.${name}`, errors);
    if (kind !== "readinessProbe" && (probe.successThreshold ?? 1) !== 1) {
      errors.push(invalid(`${at}.successThreshold`, probe.successThreshold, "must be 1"));
    }
    const handlers = [probe.exec, probe.httpGet, probe.tcpSocket, probe.grpc];
    const count = handlers.filter((handler) => handler !== undefined).length;
    if (count === 0) errors.push(required(at, "must specify a handler type"));
    if (count > 1) errors.push(forbidden(at, "may not specify more than 1 handler type"));
  }
}

/** Appends a fault when the number is negative. */
export function atLeastZero(value: number | undefined, path: string, errors: FieldError[]): void {
  if (value !== undefined && value < 0) {
    errors.push(invalid(path, value, "must be greater than or equal to 0"));
  }
}

/** Appends a fault when the text is none of those known; absent is allowed. */
export function oneOf(
  value: string | undefined,
  path: string,
  known: readonly string[],
  errors: FieldError[],
): void {
  if (value !== undefined && !known.includes(value)) errors.push(unsupported(path, value, known));
}
