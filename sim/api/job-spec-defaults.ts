/**
 * Defaults within a Job's spec that a CronJob's template gets too.
 * Source: SetDefaults_PodFailurePolicyOnPodConditionsPattern in pkg/apis/batch/v1/defaults.go of v1.30.
 */
import type { batch } from "./objects.ts";

/** The policy with the status `True` for each pattern without one; itself when none lacks it. */
export function defaultPodFailurePolicy(policy: batch.PodFailurePolicy): batch.PodFailurePolicy {
  const lacks = ({ onPodConditions = [] }: batch.PodFailurePolicyRule): boolean =>
    onPodConditions.some(({ status }) => status === undefined);
  if (!(policy.rules ?? []).some(lacks)) return policy;
  return {
    ...policy,
    rules: policy.rules.map((rule) => {
      const { onPodConditions } = rule;
      if (onPodConditions === undefined) return rule;
      const complete = onPodConditions.map((each) => ({ ...each, status: each.status ?? "True" }));
      return { ...rule, onPodConditions: complete };
    }),
  };
}
