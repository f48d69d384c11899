/**
 * A Job's podFailurePolicy: what a failed pod means for the Job.
 * Source: pkg/controller/job/pod_failure_policy.go of v1.30 (KEP-3329, KEP-3850).
 */
import type { batch, core, Job, Pod } from "../api/index.ts";

/** What the first rule that fits says of a failed pod. */
export interface FailureVerdict {
  /** The pod counts towards backoffLimit. */
  readonly counts: boolean;
  /** Its index has failed for good, whatever its limit. */
  readonly failsIndex: boolean;
  /** Why the whole Job has failed; "": it has not. */
  readonly failsJob: string;
}

const COUNTS: FailureVerdict = { counts: true, failsIndex: false, failsJob: "" };
const IGNORED: FailureVerdict = { counts: false, failsIndex: false, failsJob: "" };
const FAILS_INDEX: FailureVerdict = { counts: true, failsIndex: true, failsJob: "" };

/** The verdict on a pod that has failed; without a policy, or a rule that fits, it counts. */
export function judgeFailure({ spec }: Job, pod: Pod): FailureVerdict {
  const rules = spec.podFailurePolicy?.rules;
  if (rules === undefined) return COUNTS;
  for (const [index, rule] of rules.entries()) {
    const fit = describeFit(rule, pod);
    if (fit === "") continue;
    if (rule.action === "Ignore") return IGNORED;
    if (rule.action === "Count") return COUNTS;
    if (rule.action === "FailIndex" && spec.backoffLimitPerIndex !== undefined) return FAILS_INDEX;
    if (rule.action === "FailJob")
      return { ...COUNTS, failsJob: `${fit} matching ${rule.action} rule at index ${index}` };
  }
  return COUNTS;
}

/** How the pod fits the rule, in the words of the Job's condition; "": it does not. */
function describeFit(
  { onExitCodes, onPodConditions }: batch.PodFailurePolicyRule,
  { metadata, status }: Pod,
): string {
  const pod = `${metadata.namespace}/${metadata.name}`;
  if (onExitCodes !== undefined) {
    const { containerStatuses = [], initContainerStatuses = [] } = status;
    for (const container of [...containerStatuses, ...initContainerStatuses]) {
      const exitCode = container.state?.terminated?.exitCode;
      if (exitCode === undefined || !isExitCodeMet(onExitCodes, container, exitCode)) continue;
      return `Container ${container.name} for pod ${pod} failed with exit code ${exitCode}`;
    }
    return "";
  }
  for (const { type, status: value } of status.conditions ?? []) {
    if (onPodConditions?.some((pattern) => pattern.type === type && pattern.status === value))
      return `Pod ${pod} has condition ${type}`;
  }
  return "";
}

/** A container that ended well fits no rule. */
function isExitCodeMet(
  { containerName, operator, values }: batch.PodFailurePolicyOnExitCodesRequirement,
  { name }: core.ContainerStatus,
  exitCode: number,
): boolean {
  if (exitCode === 0 || (containerName !== undefined && containerName !== name)) return false;
  return values.includes(exitCode) === (operator === "In");
}

/**
 * Why the Job must fail because of one of its pods; "": it need not. Of several pods the first by
 * name is told (the real controller's order is that of a Go map).
 */
export function failJobMessage(
  job: Job,
  pods: readonly Pod[],
  isFailed: (pod: Pod) => boolean,
): string {
  if (job.spec.podFailurePolicy === undefined) return "";
  let name = "";
  let message = "";
  for (const pod of pods) {
    if (!isFailed(pod) || (name !== "" && pod.metadata.name > name)) continue;
    const { failsJob } = judgeFailure(job, pod);
    if (failsJob === "") continue;
    name = pod.metadata.name;
    message = failsJob;
  }
  return message;
}
