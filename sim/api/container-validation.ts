/**
 * Validation of containers, their ports, environment, probes and mounts.
 * Source: pkg/apis/core/validation/validation.go of v1.30.
 */
import { validateEnvironment, validateEnvironmentFrom } from "./environment-validation.ts";
import { duplicate, forbidden, invalid, required, unsupported } from "./field-error.ts";
import {
  atLeastZero,
  portNumber,
  validateLifecycle,
  validateProbes,
} from "./handler-validation.ts";
import type { FieldError } from "./kind.ts";
import { validateMounts } from "./mount-validation.ts";
import { labelError, portNameError } from "./name-format.ts";
import type { Container, core } from "./objects.ts";
import { validateResources } from "./resource-list.ts";
import { validateSecurityContext } from "./security-context-validation.ts";

export { atLeastZero, portNumber };

const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];
const MESSAGE_POLICIES = ["File", "FallbackToLogsOnError"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];

/** What the containers of one pod are checked against. */
export interface ContainerScope {
  readonly volumes: readonly core.Volume[];
  readonly names: Set<string>;
  readonly hostPorts: Set<string>;
  /** The pod's terminationGracePeriodSeconds. */
  readonly graceSeconds: number;
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
  if (container.envFrom !== undefined) {
    validateEnvironmentFrom(container.envFrom, `${path}.envFrom`, errors);
  }
  if (container.volumeMounts !== undefined || container.volumeDevices !== undefined) {
    validateMounts(container, path, scope.volumes, errors);
  }
  const isPlainInit = isInit && container.restartPolicy !== "Always";
  validateLifecycle(container, path, isPlainInit, scope.graceSeconds, errors);
  validateProbes(container, path, isPlainInit, errors);
  if (container.securityContext !== undefined) {
    validateSecurityContext(container.securityContext, `${path}.securityContext`, errors);
  }
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

/** Appends a fault when the text is none of those known; absent is allowed. */
export function oneOf(
  value: string | undefined,
  path: string,
  known: readonly string[],
  errors: FieldError[],
): void {
  if (value !== undefined && !known.includes(value)) errors.push(unsupported(path, value, known));
}
