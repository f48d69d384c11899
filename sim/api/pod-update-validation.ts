/**
 * What an update of a pod's spec may change.
 * Source: ValidatePodUpdate in pkg/apis/core/validation/validation.go of v1.30. The difference that
 * the real API appends to its last message is left out.
 */
import { forbidden, invalid, required } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { canonicalJson } from "./metadata.ts";
import type { Container, core, PodSpec, Toleration } from "./objects.ts";
import { validateTolerations } from "./scheduling-validation.ts";
import { semanticallyEqual } from "./semantic-equal.ts";

const MAX_INT32 = 2_147_483_647;

const SPEC_IS_FIXED =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** Appends the faults of a changed spec. */
export function validatePodSpecUpdate(spec: PodSpec, old: PodSpec, errors: FieldError[]): void {
  if (!keepsContainers(spec.containers, old.containers, "spec.containers", errors)) return;
  const { initContainers = [] } = spec;
  const path = "spec.initContainers";
  if (!keepsContainers(initContainers, old.initContainers ?? [], path, errors)) return;
  if (!keepsDeadline(spec.activeDeadlineSeconds, old.activeDeadlineSeconds, errors)) return;
  validateTolerationsUpdate(spec.tolerations ?? [], old.tolerations ?? [], errors);
  validateGatesUpdate(spec, old, errors);
  const isGated = (old.schedulingGates ?? []).length > 0;
  if (isGated) validateSteering(spec, old, errors);
  const before = fixedPart(old, old, isGated);
  if (!semanticallyEqual(fixedPart(spec, old, isGated), before)) {
    errors.push(forbidden("spec", SPEC_IS_FIXED));
  }
}

function keepsContainers(
  containers: readonly Container[],
  old: readonly Container[],
  path: string,
  errors: FieldError[],
): boolean {
  if (containers.length !== old.length) {
    errors.push(forbidden(path, "pod updates may not add or remove containers"));
    return false;
  }
  containers.forEach(({ image = "" }, i) => {
    const at = `${path}[${i}].image`;
    if (image === "") errors.push(required(at));
    else if (image !== image.trim()) {
      errors.push(invalid(at, image, "must not have leading or trailing whitespace"));
    }
  });
  return true;
}

/** A deadline may be set, and made shorter. */
function keepsDeadline(
  deadline: number | undefined,
  old: number | undefined,
  errors: FieldError[],
): boolean {
  const path = "spec.activeDeadlineSeconds";
  if (deadline === undefined) {
    if (old === undefined) return true;
    errors.push(invalid(path, undefined, "must not update from a positive integer to nil value"));
    return true;
  }
  if (deadline < 0 || deadline > MAX_INT32) {
    errors.push(invalid(path, deadline, `must be between 0 and ${MAX_INT32}, inclusive`));
    return false;
  }
  if (old === undefined || deadline <= old) return true;
  errors.push(invalid(path, deadline, "must be less than or equal to previous value"));
  return false;
}

/** Tolerations can be added; of those that are there only the seconds can change. */
function validateTolerationsUpdate(
  tolerations: readonly Toleration[],
  old: readonly Toleration[],
  errors: FieldError[],
): void {
  const text = ({ tolerationSeconds, ...rest }: Toleration): string => canonicalJson(rest);
  const texts = new Set(tolerations.map(text));
  if (old.every((each) => texts.has(text(each)))) {
    return validateTolerations(tolerations, "spec.tolerations", errors);
  }
  const detail = "existing toleration can not be modified except its tolerationSeconds";
  errors.push(forbidden("spec.tolerations", detail));
}

/** Gates can be taken away and not added. */
function validateGatesUpdate(spec: PodSpec, old: PodSpec, errors: FieldError[]): void {
  const known = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  (spec.schedulingGates ?? []).forEach(({ name }, i) => {
    if (known.has(name)) return;
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.push(forbidden(`spec.schedulingGates[${i}].name`, detail));
  });
}

/** A gated pod may be steered to fewer nodes, and never to more (KEP-3838). */
function validateSteering(spec: PodSpec, old: PodSpec, errors: FieldError[]): void {
  const { nodeSelector = {} } = spec;
  for (const [key, value] of Object.entries(old.nodeSelector ?? {})) {
    if (nodeSelector[key] === value) continue;
    const detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
    errors.push(invalid("spec.nodeSelector", nodeSelector, detail));
    break;
  }
  const terms = requiredTerms(spec);
  const oldTerms = requiredTerms(old);
  if (oldTerms.length === 0) return; // anything can be set
  const path =
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
  if (terms.length !== oldTerms.length) {
    const detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
    errors.push(invalid(path, terms, detail));
    return;
  }
  terms.forEach((term, i) => {
    if (hasOnlyAdditions(term, oldTerms[i] ?? {})) return;
    const detail = "only additions are allowed (no mutations or deletions)";
    errors.push(invalid(`${path}[${i}]`, term, detail));
  });
}

function requiredTerms({ affinity }: PodSpec): readonly core.NodeSelectorTerm[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: needed } = affinity?.nodeAffinity ?? {};
  return needed?.nodeSelectorTerms ?? [];
}

/** An empty term matches nothing, and so stays as it is; of another one the requirements stay. */
function hasOnlyAdditions(term: core.NodeSelectorTerm, old: core.NodeSelectorTerm): boolean {
  const lists = ["matchExpressions", "matchFields"] as const;
  const isEmpty = (each: core.NodeSelectorTerm): boolean =>
    lists.every((list) => (each[list] ?? []).length === 0);
  if (isEmpty(old) !== isEmpty(term)) return false;
  return lists.every((list) => {
    const before = old[list] ?? [];
    return semanticallyEqual((term[list] ?? []).slice(0, before.length), before);
  });
}

/** The spec with what may be changed taken from the old one. */
function fixedPart(spec: PodSpec, old: PodSpec, isGated: boolean): object {
  const { activeDeadlineSeconds, tolerations, schedulingGates, ...rest } = spec;
  const withoutImage = ({ image, ...container }: Container): object => container;
  const grace = old.terminationGracePeriodSeconds ?? 0;
  const part = {
    ...rest,
    containers: spec.containers.map(withoutImage),
    initContainers: (spec.initContainers ?? []).map(withoutImage),
    terminationGracePeriodSeconds:
      grace < 0 && spec.terminationGracePeriodSeconds === 1
        ? grace
        : spec.terminationGracePeriodSeconds,
  };
  if (!isGated) return part;
  const { nodeSelector, affinity, ...steady } = part;
  const { nodeAffinity, ...others } = affinity ?? {};
  return { ...steady, affinity: others };
}
