/**
 * Profiles from a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1), merged with the
 * defaults as kube-scheduler does it.
 *
 * Source: kubernetes/pkg/scheduler/apis/config/v1/default_plugins.go (mergePluginSet) and
 * framework/runtime/framework.go (expandMultiPointPlugins), v1.30. One difference: preFilter goes
 * with filter and preScore with score, since Stowage's plugins hand their state from one to the
 * other.
 */
import { InputError } from "../../sim/kernel/index.ts";
import type { AnyPlugin, Profile, ProfilePlugin } from "../../sim/scheduler/index.ts";
import { checkFields, refuse, type TypedArgs } from "../plugin-args.ts";
import { profileOf } from "./default-profile.ts";
import { DEFAULT_PLUGINS, makePlugin, type NamedPlugin, UNSUPPORTED_PLUGINS } from "./in-tree.ts";

/** The fields that are read; `weight` missing or 0 is the default weight, 1. */
interface PluginSet {
  readonly enabled?: readonly { readonly name: string; readonly weight?: number }[];
  readonly disabled?: readonly { readonly name: string }[];
}

interface ProfileConfiguration {
  readonly schedulerName?: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: Readonly<Record<string, PluginSet>>;
  readonly pluginConfig?: readonly { readonly name: string; readonly args?: TypedArgs }[];
}

export interface KubeSchedulerConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly percentageOfNodesToScore?: number;
  readonly profiles?: readonly ProfileConfiguration[];
}

/** Extension points by their names in the configuration, with the methods that implement them. */
const POINTS = {
  queueSort: ["compare"],
  preEnqueue: ["preEnqueue"],
  preFilter: [],
  filter: ["preFilter", "filter"],
  postFilter: ["postFilter"],
  preScore: [],
  score: ["preScore", "score"],
  reserve: ["reserve", "unreserve"],
  permit: ["permit"],
  preBind: ["preBind"],
  bind: ["bind"],
  postBind: ["postBind"],
} as const satisfies Readonly<Record<string, readonly (keyof AnyPlugin)[]>>;

type Point = keyof typeof POINTS;
const POINT_NAMES = Object.keys(POINTS) as readonly Point[];

/**
 * The profiles of a configuration, one per schedulerName. Plugins that Stowage does not have
 * (UNSUPPORTED_PLUGINS) are left out; other unknown names are InputErrors, as are wrong arguments.
 * `where` names the file in messages.
 */
export function profilesFromConfiguration(
  configuration: KubeSchedulerConfiguration,
  where = "KubeSchedulerConfiguration",
): readonly Profile[] {
  checkFields(where, configuration, KNOWN_FIELDS);
  if (configuration.kind !== undefined && configuration.kind !== "KubeSchedulerConfiguration") {
    refuse(`${where}: kind`, configuration.kind, "KubeSchedulerConfiguration");
  }
  const given = configuration.profiles ?? [];
  const profiles = (given.length === 0 ? [{}] : given).map((profile, index) =>
    profileFromConfiguration(profile, configuration, `${where}: profiles[${index}]`),
  );
  const names = profiles.map((profile) => profile.schedulerName);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) refuse(`${where}: profiles`, twin, "each schedulerName once");
  return profiles;
}

/** Fields that a real file may have; those that are not about profiles are not read here. */
const KNOWN_FIELDS = [
  "apiVersion",
  "kind",
  "percentageOfNodesToScore",
  "profiles",
  "parallelism",
  "leaderElection",
  "clientConnection",
  "enableProfiling",
  "enableContentionProfiling",
  "podInitialBackoffSeconds",
  "podMaxBackoffSeconds",
  "extenders",
  "delayCacheUntilActive",
];

function profileFromConfiguration(
  profile: ProfileConfiguration,
  configuration: KubeSchedulerConfiguration,
  where: string,
): Profile {
  checkFields(where, profile, [
    "schedulerName",
    "percentageOfNodesToScore",
    "plugins",
    "pluginConfig",
  ]);
  checkFields(`${where}.plugins`, profile.plugins ?? {}, ["multiPoint", ...POINT_NAMES]);
  const sets = profile.plugins ?? {};
  const multiPoint = mergeWithDefaults(sets["multiPoint"] ?? {});
  const argsOf = new Map((profile.pluginConfig ?? []).map(({ name, args }) => [name, args ?? {}]));
  const names = allNames(multiPoint, sets);
  for (const name of argsOf.keys()) if (!names.includes(name)) makeKnown(name, {}, where);

  const made = new Map<string, AnyPlugin>();
  for (const name of names) {
    if (UNSUPPORTED_PLUGINS.includes(name)) continue;
    made.set(name, makeKnown(name, argsOf.get(name) ?? {}, where));
  }
  const percentageOfNodesToScore =
    profile.percentageOfNodesToScore ?? configuration.percentageOfNodesToScore ?? 0;
  return profileOf(assemble(made, multiPoint, sets), {
    schedulerName: profile.schedulerName ?? "default-scheduler",
    percentageOfNodesToScore,
  });
}

/** mergePluginSet: a re-enabled default keeps its place with the new weight; others follow. */
function mergeWithDefaults({ enabled = [], disabled = [] }: PluginSet): readonly NamedPlugin[] {
  const isDisabled = disables(disabled);
  const custom = new Map(enabled.map(({ name, weight }) => [name, { name, weight: weight || 1 }]));
  const defaults = DEFAULT_PLUGINS.filter(({ name }) => !isDisabled(name));
  const kept = defaults.map((plugin) => custom.get(plugin.name) ?? plugin);
  for (const { name } of defaults) custom.delete(name);
  return [...kept, ...custom.values()];
}

/** The plugins, each with the extension points at which it is enabled, in the filters' order. */
function assemble(
  made: ReadonlyMap<string, AnyPlugin>,
  multiPoint: readonly NamedPlugin[],
  sets: Readonly<Record<string, PluginSet>>,
): readonly ProfilePlugin[] {
  const weights = new Map<string, number>();
  const pointsOf = new Map<string, Point[]>();
  for (const point of ["filter", ...POINT_NAMES.filter((name) => name !== "filter")] as Point[]) {
    for (const { name, weight } of enabledAt(sets[point] ?? {}, multiPoint)) {
      const plugin = made.get(name);
      if (plugin === undefined || !implementsPoint(plugin, point)) continue;
      pointsOf.set(name, [...(pointsOf.get(name) ?? []), point]);
      if (point === "score") weights.set(name, weight === 0 ? 1 : weight);
    }
  }
  return [...pointsOf].map(([name, points]) => ({
    plugin: restrict(made.get(name) as AnyPlugin, points),
    weight: weights.get(name) ?? 0,
  }));
}

/**
 * expandMultiPointPlugins for one extension point: multiPoint plugins that this point names too
 * come first and take its weight, then the other multiPoint plugins, then what only it names.
 */
function enabledAt(
  { enabled = [], disabled = [] }: PluginSet,
  multiPoint: readonly NamedPlugin[],
): readonly NamedPlugin[] {
  const specific = enabled.map(({ name, weight = 0 }) => ({ name, weight }));
  const isDisabled = disables(disabled);
  const inMultiPoint = new Set(multiPoint.map(({ name }) => name));
  const named = new Set(specific.map(({ name }) => name));
  return [
    ...specific.filter(({ name }) => inMultiPoint.has(name)),
    ...multiPoint.filter(({ name }) => !named.has(name) && !isDisabled(name)),
    ...specific.filter(({ name }) => !inMultiPoint.has(name)),
  ];
}

function disables(disabled: readonly { readonly name: string }[]): (name: string) => boolean {
  const names = new Set(disabled.map(({ name }) => name));
  return (name) => names.has("*") || names.has(name);
}

function implementsPoint(plugin: AnyPlugin, point: Point): boolean {
  return POINTS[point].some((method) => plugin[method] !== undefined);
}

/** The plugin with the methods of these points only. Built-in plugins are plain objects. */
function restrict(plugin: AnyPlugin, points: readonly Point[]): AnyPlugin {
  const methods = POINT_NAMES.flatMap((point): readonly (keyof AnyPlugin)[] => POINTS[point]);
  const kept = points.flatMap((point): readonly (keyof AnyPlugin)[] => POINTS[point]);
  const dropped = methods.filter((method) => !kept.includes(method) && plugin[method]);
  if (dropped.length === 0) return plugin;
  const entries = Object.entries(plugin).filter(
    ([field]) => !dropped.includes(field as keyof AnyPlugin),
  );
  return Object.fromEntries(entries) as unknown as AnyPlugin;
}

function allNames(
  multiPoint: readonly NamedPlugin[],
  sets: Readonly<Record<string, PluginSet>>,
): readonly string[] {
  const specific = POINT_NAMES.flatMap((point) => sets[point]?.enabled ?? []);
  return [...new Set([...multiPoint, ...specific].map(({ name }) => name))];
}

/** makePlugin with the place in the message; what Stowage does not have yet is passed over. */
function makeKnown(name: string, args: TypedArgs, where: string): AnyPlugin {
  if (UNSUPPORTED_PLUGINS.includes(name)) return { name };
  try {
    return makePlugin(name, args);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}
