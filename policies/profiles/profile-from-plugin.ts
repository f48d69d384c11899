/**
 * profileFromPlugin makes a profile of what a user's policy file exports as default:
 *
 *   a plugin, or a list of them   join the default filters and REPLACE the default scores, if one
 *                                 of them scores; weight 1 each
 *   { profile: {...} }            the whole profile: `plugins` in order, each a plugin, the name
 *                                 of a built-in one, or { plugin, weight, args }
 */
import { InputError } from "../../sim/kernel/index.ts";
import {
  type AnyPlugin,
  definePlugin,
  describeValue,
  markFile,
  type Profile,
  type ProfilePlugin,
} from "../../sim/scheduler/index.ts";
import { checkFields, refuse, type TypedArgs } from "../plugin-args.ts";
import { defaultProfile, profileOf, profileWithScores } from "./default-profile.ts";
import { DEFAULT_PLUGINS, makePlugin } from "./in-tree.ts";
import type { ProfileOptions } from "./profile-options.ts";

/** An entry of `plugins` in the profile form. */
export type PluginChoice =
  | AnyPlugin
  | string
  | { readonly plugin: AnyPlugin | string; readonly weight?: number; readonly args?: TypedArgs };

/** The profile form of a policy file. */
export interface ProfileForm {
  readonly profile: ProfileOptions & { readonly plugins: readonly PluginChoice[] };
}

/** Weight of a plugin that states none: kube-scheduler's (runtime/framework.go). */
const DEFAULT_WEIGHT = 1;

/**
 * The profile of `exported`, the default export of the file `where`. Throws InputError when it is
 * none of the forms, or a plugin in it is not usable. `options` win over what the file states.
 */
export function profileFromPlugin(
  exported: unknown,
  where: string,
  options: ProfileOptions = {},
): Profile {
  if (isProfileForm(exported)) return fromForm(exported, where, options);
  const given = Array.isArray(exported) ? exported : [exported];
  if (given.length === 0) refuse(where, exported, "at least one plugin");
  const own = given.map((plugin, index) =>
    checked(plugin, Array.isArray(exported) ? `${where}[${index}]` : where, where),
  );
  refuseTwins(own, where);
  if (own.some((plugin) => plugin.score !== undefined)) return withUserScores(own, options);
  const defaults = defaultProfile().plugins;
  return profileOf([...replace(defaults, own), ...additions(defaults, own)], options);
}

/** Default filters, the user's plugins last; the user's plugin wins over a default of its name. */
function withUserScores(own: readonly AnyPlugin[], options: ProfileOptions): Profile {
  return profileWithScores(
    own.map((plugin) => ({ plugin, weight: weightOf(plugin, DEFAULT_WEIGHT) })),
    options,
  );
}

function replace(
  defaults: readonly ProfilePlugin[],
  own: readonly AnyPlugin[],
): readonly ProfilePlugin[] {
  return defaults.map((entry) => {
    const substitute = own.find((plugin) => plugin.name === entry.plugin.name);
    return substitute === undefined ? entry : { plugin: substitute, weight: 0 };
  });
}

function additions(
  defaults: readonly ProfilePlugin[],
  own: readonly AnyPlugin[],
): readonly ProfilePlugin[] {
  const taken = new Set(defaults.map(({ plugin }) => plugin.name));
  return own.filter(({ name }) => !taken.has(name)).map((plugin) => ({ plugin, weight: 0 }));
}

function fromForm({ profile }: ProfileForm, where: string, options: ProfileOptions): Profile {
  const path = `${where}: profile`;
  checkFields(path, profile, ["schedulerName", "percentageOfNodesToScore", "plugins"]);
  if (!Array.isArray(profile.plugins) || profile.plugins.length === 0) {
    refuse(`${path}.plugins`, profile.plugins, "a list of plugins or names of built-in ones");
  }
  checkOptions(path, profile);
  const plugins = profile.plugins.map((choice: PluginChoice, index: number) =>
    chosen(choice, `${path}.plugins[${index}]`, where),
  );
  const names = plugins.map(({ plugin }) => plugin);
  refuseTwins(names, path);
  return profileOf(completed(plugins), { ...profile, ...options });
}

/** A profile without queue order or binding gets the default ones: nothing would run otherwise. */
function completed(plugins: readonly ProfilePlugin[]): readonly ProfilePlugin[] {
  const extra: ProfilePlugin[] = [];
  if (!plugins.some(({ plugin }) => plugin.compare !== undefined)) {
    extra.push({ plugin: makePlugin("PrioritySort"), weight: 0 });
  }
  if (!plugins.some(({ plugin }) => plugin.bind !== undefined)) {
    extra.push({ plugin: makePlugin("DefaultBinder"), weight: 0 });
  }
  return [...plugins, ...extra];
}

function chosen(choice: PluginChoice, where: string, file: string): ProfilePlugin {
  if (typeof choice === "string") return withDefaultWeight(named(choice, {}, where));
  if (typeof choice === "object" && choice !== null && "plugin" in choice) {
    checkFields(where, choice, ["plugin", "weight", "args"]);
    const plugin =
      typeof choice.plugin === "string"
        ? named(choice.plugin, choice.args ?? {}, where)
        : checked(choice.plugin, `${where}.plugin`, file);
    if (choice.weight === undefined) return withDefaultWeight(plugin);
    if (!Number.isInteger(choice.weight) || choice.weight < 0) {
      refuse(`${where}.weight`, choice.weight, "a whole number, 0 (does not score) or more");
    }
    return { plugin, weight: choice.weight };
  }
  return withDefaultWeight(checked(choice, where, file));
}

function withDefaultWeight(plugin: AnyPlugin): ProfilePlugin {
  const standard = DEFAULT_PLUGINS.find(({ name }) => name === plugin.name)?.weight;
  return { plugin, weight: weightOf(plugin, standard ?? DEFAULT_WEIGHT) };
}

function weightOf(plugin: AnyPlugin, weight: number): number {
  return plugin.score === undefined ? 0 : weight;
}

function named(name: string, args: TypedArgs, where: string): AnyPlugin {
  try {
    return makePlugin(name, args);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}

/** definePlugin's own checks; also for a plain object that never went through it. */
function checked(value: unknown, where: string, file: string): AnyPlugin {
  if (typeof value !== "object" || value === null || !("name" in value)) {
    throw new InputError(
      `${where}: got ${describeValue(value)}, which is no plugin. Export definePlugin({ name, ... }), a list of ` +
        `them, or { profile: { plugins: [...] } } as default from ${file}.`,
    );
  }
  try {
    return markFile(definePlugin(value as AnyPlugin), file);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}

function refuseTwins(plugins: readonly AnyPlugin[], where: string): void {
  const seen = new Set<string>();
  for (const { name } of plugins) {
    if (seen.has(name))
      throw new InputError(`${where}: two plugins are called "${name}". Rename one.`);
    seen.add(name);
  }
}

function checkOptions(where: string, options: ProfileOptions): void {
  const { schedulerName, percentageOfNodesToScore: percentage } = options;
  if (schedulerName !== undefined && (typeof schedulerName !== "string" || schedulerName === "")) {
    refuse(`${where}.schedulerName`, schedulerName, "a name");
  }
  if (percentage === undefined) return;
  if (!Number.isInteger(percentage) || percentage < 0 || percentage > 100) {
    refuse(`${where}.percentageOfNodesToScore`, percentage, "a whole number from 0 to 100");
  }
}

function isProfileForm(value: unknown): value is ProfileForm {
  return typeof value === "object" && value !== null && "profile" in value;
}
