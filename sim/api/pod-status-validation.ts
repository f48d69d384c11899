/**
 * What an update of a pod's status may say.
 * Source: ValidatePodStatusUpdate and ValidateContainerStateTransition in
 * pkg/apis/core/validation/validation.go of v1.30.
 */
import { duplicate, forbidden, invalid } from "./field-error.ts";
import { ipError, isIPv4 } from "./ip-address.ts";
import type { FieldError } from "./kind.ts";
import { qualifiedNameError, subdomainError } from "./name-format.ts";
import type { core, Pod, PodCondition, PodSpec } from "./objects.ts";
import { validateImmutable } from "./replicated-pods.ts";

type Statuses = readonly core.ContainerStatus[] | undefined;

/** Appends the faults of a changed status. Hot: each look that can be spared is. */
export function validatePodStatusUpdate(pod: Pod, old: Pod, errors: FieldError[]): void {
  const { status } = pod;
  const before = old.status;
  if (status === before) return;
  const { conditions, nominatedNodeName: node = "" } = status;
  if (conditions !== undefined && conditions !== before.conditions)
    validateConditionTypes(conditions, before.conditions ?? NO_CONDITIONS, errors);
  if (node !== "" && node !== before.nominatedNodeName) {
    const error = subdomainError(node);
    if (error !== "") errors.push(invalid("status.nominatedNodeName", node, error));
  }
  if (status.qosClass !== before.qosClass)
    validateImmutable(status.qosClass, before.qosClass, "status.qosClass", errors);
  if (pod.spec.restartPolicy !== "Always") validateEndings(status, old, errors);
  if (status.podIPs !== undefined && status.podIPs !== before.podIPs)
    validateAddresses(status.podIPs, "status.podIPs", errors);
  if (status.hostIPs !== undefined && status.hostIPs !== before.hostIPs)
    validateAddresses(status.hostIPs, "status.hostIPs", errors);
}

const NO_CONDITIONS: readonly PodCondition[] = [];

/** The path lacks the status in the real API too. What was there before was valid then. */
function validateConditionTypes(
  conditions: readonly PodCondition[],
  before: readonly PodCondition[],
  errors: FieldError[],
): void {
  for (let i = 0; i < conditions.length; i++) {
    const { type } = conditions[i] as PodCondition;
    if (type === before[i]?.type) continue;
    const error = qualifiedNameError(type);
    if (error !== "") errors.push(invalid(`metadata.conditions[${i}].Type`, type, error));
  }
}

/** A container that has ended stays so, unless the pod's restart policy lets it begin again. */
function validateEndings(
  status: Pod["status"],
  { status: before, spec }: Pod,
  errors: FieldError[],
): void {
  validateStates(
    status.containerStatuses,
    before.containerStatuses,
    spec,
    "containerStatuses",
    errors,
  );
  const init = "initContainerStatuses";
  validateStates(status.initContainerStatuses, before.initContainerStatuses, spec, init, errors);
}

function validateStates(
  statuses: Statuses,
  before: Statuses,
  spec: PodSpec,
  field: string,
  errors: FieldError[],
): void {
  if (before === undefined || statuses === undefined || statuses === before) return;
  for (let i = 0; i < before.length; i++) {
    const { name, state } = before[i] as core.ContainerStatus;
    const ending = state?.terminated;
    if (ending === undefined) continue;
    if (ending.exitCode !== 0 && spec.restartPolicy === "OnFailure") continue;
    const next = statuses.find((each) => each.name === name);
    if (next === undefined || next.state?.terminated !== undefined) continue;
    if (isSidecarNamed(name, spec)) continue;
    const detail = "may not be transitioned to non-terminated state";
    errors.push(forbidden(`status.${field}[${i}].state`, detail));
  }
}

function isSidecarNamed(wanted: string, { initContainers }: PodSpec): boolean {
  const found = initContainers?.find(({ name }) => name === wanted);
  return found?.restartPolicy === "Always";
}

/** Addresses of the pod or of its host: at most one of each family. */
function validateAddresses(
  addresses: readonly { readonly ip?: string }[],
  path: string,
  errors: FieldError[],
): void {
  for (let i = 0; i < addresses.length; i++) {
    const { ip = "" } = addresses[i] as { readonly ip?: string };
    const error = ipError(ip);
    if (error !== "") errors.push(invalid(`${path}[${i}]`, ip, error));
  }
  if (addresses.length < 2) return;
  const texts = addresses.map(({ ip = "" }) => ip);
  const ipv4 = texts.filter(isIPv4).length;
  if (ipv4 !== 1 || texts.length !== 2) {
    const detail = "may specify no more than one IP for each IP family";
    errors.push(invalid(path, addresses, detail));
  }
  texts.forEach((ip, i) => {
    if (texts.indexOf(ip) < i) errors.push(duplicate(`${path}[${i}]`, { ip }));
  });
}
