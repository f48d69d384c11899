/**
 * Validation of a pod's spec, alone or in a template.
 * Source: ValidatePodSpec in pkg/apis/core/validation/validation.go of v1.30.
 *
 * Hot: once per pod created. A spec that was found valid once is not looked at again: specs do not
 * change, and the pods of one template share one.
 */

import { validateAffinity } from "./affinity-validation.ts";
import {
  atLeastZero,
  type ContainerScope,
  oneOf,
  validateContainers,
} from "./container-validation.ts";
import { duplicate, forbidden, invalid, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { qualifiedNameError, subdomainError } from "./name-format.ts";
import { validateAnnotations, validateLabels } from "./object-meta.ts";
import type { core, PodSpec, PodTemplateSpec } from "./objects.ts";
import { validatePodNetwork } from "./pod-network-validation.ts";
import { validateVolumes } from "./pod-volume-validation.ts";
import { validateAmounts } from "./resource-list.ts";
import { validateTolerations, validateTopologySpread } from "./scheduling-validation.ts";
import { validatePodSecurityContext } from "./security-context-validation.ts";

const RESTART_POLICIES = ["Always", "OnFailure", "Never"];
const DNS_POLICIES = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const PREEMPTION_POLICIES = ["PreemptLowerPriority", "Never"];
const SYSTEMS = ["linux", "windows"];
const NO_VOLUMES: readonly core.Volume[] = [];
const MAX_INT32 = 2_147_483_647;

const validSpecs = new WeakSet<PodSpec>();

/** Whether the spec was validated before, without a fault. */
export function isKnownValid(spec: PodSpec): boolean {
  return validSpecs.has(spec);
}

/** Notes that a spec has no fault. */
export function noteValid(spec: PodSpec): void {
  validSpecs.add(spec);
}

/** Appends the faults of a defaulted spec, in field order. */
export function validatePodSpec(spec: PodSpec, path: string, errors: FieldError[]): void {
  if (validSpecs.has(spec)) return;
  const before = errors.length;
  const volumes = spec.volumes ?? NO_VOLUMES;
  validateVolumes(volumes, `${path}.volumes`, errors);
  const scope: ContainerScope = {
    volumes,
    names: new Set(),
    hostPorts: new Set(),
    graceSeconds: spec.terminationGracePeriodSeconds ?? 30,
  };
  if (spec.containers.length === 0) errors.push(required(`${path}.containers`));
  validateContainers(spec.containers, `${path}.containers`, false, scope, errors);
  if (spec.initContainers !== undefined) {
    validateContainers(spec.initContainers, `${path}.initContainers`, true, scope, errors);
  }
  if (spec.ephemeralContainers !== undefined && spec.ephemeralContainers.length > 0) {
    errors.push(forbidden(`${path}.ephemeralContainers`, noEphemeral(path)));
  }
  validateLifetime(spec, path, errors);
  validateGuise(spec, path, errors);
  validatePlacement(spec, path, errors);
  if (errors.length === before) validSpecs.add(spec);
}

/** Appends the faults of a template's labels, annotations and spec. */
export function validatePodTemplate(
  template: PodTemplateSpec,
  path: string,
  errors: FieldError[],
): void {
  validateLabels(template.metadata?.labels, `${path}.metadata.labels`, errors);
  validateAnnotations(template.metadata?.annotations, `${path}.metadata.annotations`, errors);
  validatePodSpec(template.spec ?? { containers: [] }, `${path}.spec`, errors);
}

function validateLifetime(spec: PodSpec, path: string, errors: FieldError[]): void {
  oneOf(spec.restartPolicy, `${path}.restartPolicy`, RESTART_POLICIES, errors);
  oneOf(spec.dnsPolicy, `${path}.dnsPolicy`, DNS_POLICIES, errors);
  const grace = spec.terminationGracePeriodSeconds;
  atLeastZero(grace, `${path}.terminationGracePeriodSeconds`, errors);
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32)) {
    const detail = "must be between 1 and 2147483647, inclusive";
    errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, detail));
  }
  oneOf(spec.preemptionPolicy, `${path}.preemptionPolicy`, PREEMPTION_POLICIES, errors);
}

/** Only a running pod can get ephemeral containers, through a subresource of its own. */
const noEphemeral = (path: string): string =>
  path === "spec" ? "cannot be set on create" : "ephemeral containers not allowed in pod template";

/** Who the pod is to others: its names, network, rights, operating system and readiness. */
function validateGuise(spec: PodSpec, path: string, errors: FieldError[]): void {
  validatePodNetwork(spec, path, errors);
  validatePodSecurityContext(spec, path, errors);
  name(spec.serviceAccountName, `${path}.serviceAccountName`, errors);
  name(spec.runtimeClassName, `${path}.runtimeClassName`, errors);
  spec.readinessGates?.forEach(({ conditionType = "" }, i) => {
    const error = qualifiedNameError(conditionType);
    const at = `${path}.readinessGates[${i}].conditionType`;
    if (error !== "") errors.push(invalid(at, conditionType, error));
  });
  if (spec.os === undefined) return;
  if ((spec.os.name ?? "") === "") errors.push(required(`${path}.os.name`));
  else if (!SYSTEMS.includes(spec.os.name)) {
    errors.push(unsupported(`${path}.os.name`, spec.os.name, SYSTEMS));
  }
}

function validatePlacement(spec: PodSpec, path: string, errors: FieldError[]): void {
  name(spec.nodeName, `${path}.nodeName`, errors);
  name(spec.priorityClassName, `${path}.priorityClassName`, errors);
  if (spec.schedulerName === "") errors.push(required(`${path}.schedulerName`));
  if (spec.nodeSelector !== undefined) {
    validateLabels(spec.nodeSelector, `${path}.nodeSelector`, errors);
  }
  if (spec.affinity !== undefined) validateAffinity(spec.affinity, `${path}.affinity`, errors);
  if (spec.tolerations !== undefined) {
    validateTolerations(spec.tolerations, `${path}.tolerations`, errors);
  }
  if (spec.topologySpreadConstraints !== undefined) {
    const at = `${path}.topologySpreadConstraints`;
    validateTopologySpread(spec.topologySpreadConstraints, at, errors);
  }
  if (spec.overhead !== undefined) {
    validateAmounts(spec.overhead as Record<string, string>, `${path}.overhead`, errors, true);
  }
  if (spec.schedulingGates !== undefined) validateGates(spec.schedulingGates, path, errors);
}

function validateGates(
  gates: readonly core.PodSchedulingGate[],
  path: string,
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  gates.forEach((gate, i) => {
    const error = qualifiedNameError(gate.name ?? "");
    const at = `${path}.schedulingGates[${i}]`;
    if (error !== "") errors.push(invalid(at, gate.name ?? "", error));
    else if (seen.has(gate.name)) errors.push(duplicate(at, gate.name));
    seen.add(gate.name);
  });
}

function name(value: string | undefined, path: string, errors: FieldError[]): void {
  if (value === undefined || value === "") return;
  const error = subdomainError(value);
  if (error !== "") errors.push(invalid(path, value, error));
}
