/** Policies by name, by path, or as the objects that a policy file would export. */
import type { Experiment, PolicyRef, RunHooks } from "../bench/index.ts";
import type { ProfileForm } from "../policies/index.ts";
import { InputError } from "../sim/kernel/index.ts";
import type { AnyPlugin } from "../sim/scheduler/index.ts";

/** A policy without a name of its own: what a policy file exports as default. */
export type PolicyObject = AnyPlugin | readonly AnyPlugin[] | ProfileForm;

/**
 * A policy: the name of a built-in one, the path of a policy file or of a
 * KubeSchedulerConfiguration, a plugin (its name is the policy's), or
 * `{ name, policy }` with what a policy file would export.
 */
export type PolicyChoice =
  | string
  | AnyPlugin
  | { readonly name: string; readonly policy: PolicyObject };

/** Begins the path of a policy that is in no file. */
const INLINE = "inline:";

/** Names and paths among the choices, for the flags of an experiment. */
export const namedPolicies = (choices: readonly PolicyChoice[]): string[] =>
  choices.filter((choice) => typeof choice === "string");

/**
 * The experiment with all the choices as its policies, in their order; `experiment` was resolved
 * with `namedPolicies`. InputError for two of one name.
 */
export function withPolicies(
  experiment: Experiment,
  choices: readonly PolicyChoice[] | undefined,
): Experiment {
  if (choices === undefined || choices.length === 0) return experiment;
  const named = experiment.policies[Symbol.iterator]();
  const policies = choices.map((choice): PolicyRef => {
    if (typeof choice !== "string") return { label: choice.name, path: INLINE + choice.name };
    return named.next().value as PolicyRef;
  });
  const labels = policies.map(({ label }) => label);
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice !== undefined)
    throw new InputError(`policies: got "${twice}" twice, want each once. Rename one.`);
  return { ...experiment, policies };
}

/** Loads the objects among the choices; paths go to `loadPolicy`. */
export function policyLoader(
  choices: readonly PolicyChoice[],
  loadPolicy: RunHooks["loadPolicy"],
): RunHooks["loadPolicy"] {
  return async (path) => {
    const choice = choices.find((each) => typeof each !== "string" && INLINE + each.name === path);
    if (choice === undefined || typeof choice === "string") return loadPolicy(path);
    const { profileFromPlugin } = await import("../policies/index.ts");
    const object = "policy" in choice ? choice.policy : choice;
    return { profiles: [profileFromPlugin(object, `policy ${choice.name}`)] };
  };
}
