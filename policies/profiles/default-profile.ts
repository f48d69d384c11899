/**
 * The default profile: the plugins, order and weights of kube-scheduler v1.30, as far as Stowage
 * has them (see UNSUPPORTED_PLUGINS), and the variants that differ by arguments or scores.
 */
import type { AnyPlugin, Profile, ProfilePlugin } from "../../sim/scheduler/index.ts";
import type { TypedArgs } from "../plugin-args.ts";
import { DEFAULT_PLUGINS, makePlugin, UNSUPPORTED_PLUGINS } from "./in-tree.ts";
import type { ProfileOptions } from "./profile-options.ts";

/** schedulerName of a pod that names none (v1/defaults.go). */
const DEFAULT_SCHEDULER_NAME = "default-scheduler";

/** The default profile, with other arguments for some plugins. */
export function defaultProfile(
  options: ProfileOptions = {},
  argsOf: Readonly<Record<string, TypedArgs>> = {},
): Profile {
  const plugins = DEFAULT_PLUGINS.filter(({ name }) => !UNSUPPORTED_PLUGINS.includes(name)).map(
    ({ name, weight }) => ({ plugin: makePlugin(name, argsOf[name]), weight }),
  );
  return profileOf(plugins, options);
}

/** The default profile's filters, queue order and binding, with these scores instead of its own. */
export function profileWithScores(
  scores: readonly ProfilePlugin[],
  options: ProfileOptions = {},
): Profile {
  const names = new Set(scores.map(({ plugin }) => plugin.name));
  const kept = defaultProfile()
    .plugins.filter(({ plugin }) => !names.has(plugin.name) && doesMoreThanScore(plugin))
    .map(({ plugin }) => ({ plugin, weight: 0 }));
  return profileOf([...kept, ...scores], options);
}

export function profileOf(plugins: readonly ProfilePlugin[], options: ProfileOptions): Profile {
  return {
    schedulerName: options.schedulerName ?? DEFAULT_SCHEDULER_NAME,
    plugins,
    percentageOfNodesToScore: options.percentageOfNodesToScore ?? 0,
  };
}

function doesMoreThanScore(plugin: AnyPlugin): boolean {
  return (
    plugin.score === undefined || plugin.filter !== undefined || plugin.postFilter !== undefined
  );
}
