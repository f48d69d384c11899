/**
 * Validation of the security contexts of pods and containers.
 * Source: ValidateSecurityContext, ValidatePodSecurityContext and validateSysctls in
 * pkg/apis/core/validation/validation.go of v1.30.
 */
import { duplicate, invalid, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import type { core, PodSpec } from "./objects.ts";

const MAX_INT32 = 2_147_483_647;
const ID_RANGE = `must be between 0 and ${MAX_INT32}, inclusive`;
const SECCOMP_TYPES = ["Localhost", "RuntimeDefault", "Unconfined"];
const CHANGE_POLICIES = ["Always", "OnRootMismatch"];
const SYSCTL_LENGTH_MAX = 253;
const SYSCTL = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
const SYSCTL_REGEXP = new RegExp(SYSCTL);

/** Appends the faults of a container's context. */
export function validateSecurityContext(
  context: core.SecurityContext,
  at: string,
  errors: FieldError[],
): void {
  id(context.runAsUser, `${at}.runAsUser`, errors);
  id(context.runAsGroup, `${at}.runAsGroup`, errors);
  validateSeccomp(context.seccompProfile, `${at}.seccompProfile`, errors);
  if (context.allowPrivilegeEscalation !== false) return;
  const clash = "cannot set `allowPrivilegeEscalation` to false and";
  if (context.privileged === true) {
    errors.push(invalid(at, context, `${clash} \`privileged\` to true`));
  }
  if (context.capabilities?.add?.includes("CAP_SYS_ADMIN") === true) {
    errors.push(invalid(at, context, `${clash} \`capabilities.Add\` CAP_SYS_ADMIN`));
  }
}

/** Appends the faults of a pod's context. */
export function validatePodSecurityContext(
  { securityContext, hostNetwork, hostPID, shareProcessNamespace }: PodSpec,
  path: string,
  errors: FieldError[],
): void {
  if (shareProcessNamespace === true && hostPID === true) {
    const detail = "ShareProcessNamespace and HostPID cannot both be enabled";
    errors.push(invalid(`${path}.shareProcessNamespace`, true, detail));
  }
  if (securityContext === undefined || Object.keys(securityContext).length === 0) return;
  const at = `${path}.securityContext`;
  const { fsGroup, fsGroupChangePolicy, supplementalGroups = [], sysctls = [] } = securityContext;
  id(fsGroup, `${at}.fsGroup`, errors);
  id(securityContext.runAsUser, `${at}.runAsUser`, errors);
  id(securityContext.runAsGroup, `${at}.runAsGroup`, errors);
  supplementalGroups.forEach((group, i) => {
    id(group, `${at}.supplementalGroups[${i}]`, errors);
  });
  validateSysctls(sysctls, `${at}.sysctls`, hostNetwork === true, errors);
  if (fsGroupChangePolicy !== undefined && !CHANGE_POLICIES.includes(fsGroupChangePolicy)) {
    errors.push(unsupported(`${at}.fsGroupChangePolicy`, fsGroupChangePolicy, CHANGE_POLICIES));
  }
  validateSeccomp(securityContext.seccompProfile, `${at}.seccompProfile`, errors);
}

function id(value: number | undefined, path: string, errors: FieldError[]): void {
  if (value !== undefined && (value < 0 || value > MAX_INT32)) {
    errors.push(invalid(path, value, ID_RANGE));
  }
}

function validateSeccomp(
  profile: core.SeccompProfile | undefined,
  at: string,
  errors: FieldError[],
): void {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  if (!SECCOMP_TYPES.includes(type)) {
    errors.push(
      type === undefined ? required(`${at}.type`) : unsupported(`${at}.type`, type, SECCOMP_TYPES),
    );
  } else if (type === "Localhost" && localhostProfile === undefined) {
    const detail = "must be set when seccomp type is Localhost ";
    errors.push(required(`${at}.localhostProfile`, detail));
  } else if (type !== "Localhost" && localhostProfile !== undefined) {
    const detail = "can only be set when seccomp type is Localhost";
    errors.push(invalid(`${at}.localhostProfile`, localhostProfile, detail));
  }
}

function validateSysctls(
  sysctls: readonly core.Sysctl[],
  path: string,
  isHostNetwork: boolean,
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  sysctls.forEach(({ name = "" }, i) => {
    const at = `${path}[${i}].name`;
    if (name === "") errors.push(required(at));
    else if (name.length > SYSCTL_LENGTH_MAX || !SYSCTL_REGEXP.test(name)) {
      const detail = `must have at most ${SYSCTL_LENGTH_MAX} characters and match regex ${SYSCTL}`;
      errors.push(invalid(at, name, detail));
    } else if (isHostNetwork && /^net[./]/.test(name)) {
      errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"));
    }
    if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
  });
}
