/**
 * Which plugins a profile enables where: the sets of the configuration merged with the defaults.
 *
 * Source: mergePluginSet in kubernetes/pkg/scheduler/apis/config/v1/default_plugins.go and
 * expandMultiPointPlugins in framework/runtime/framework.go, v1.30.
 */
import type { Point } from "./extension-points.ts";
import { DEFAULT_PLUGINS } from "./in-tree.ts";

/** An entry of `enabled`; `path` says where it is written, "" for a default. */
export interface EnabledPlugin {
  readonly name: string;
  /** As written; undefined or 0 is the default weight, 1. */
  readonly weight: number | undefined;
  readonly path: string;
}

export interface PluginSet {
  readonly enabled?: readonly { readonly name?: string; readonly weight?: number }[];
  readonly disabled?: readonly { readonly name?: string }[];
}

export type PluginSets = Readonly<Partial<Record<Point | "multiPoint", PluginSet>>>;

/** The entries of `enabled`, with their paths. */
export function enabledIn(set: PluginSet | undefined, path: string): readonly EnabledPlugin[] {
  return (set?.enabled ?? []).map(({ name = "", weight }, i) => ({
    name,
    weight,
    path: `${path}.enabled[${i}]`,
  }));
}

/**
 * `multiPoint` merged with the defaults: a default that is named again keeps its place, with what
 * was written; the others follow, also those written twice.
 */
export function mergedMultiPoint(
  set: PluginSet | undefined,
  path: string,
): readonly EnabledPlugin[] {
  const custom = enabledIn(set, path);
  const last = new Map(custom.map((plugin) => [plugin.name, plugin]));
  const isDisabled = disables(set);
  const replaced = new Set<EnabledPlugin>();
  const kept = DEFAULT_PLUGINS.filter(({ name }) => !isDisabled(name)).map(({ name, weight }) => {
    const again = last.get(name);
    if (again === undefined) return { name, weight, path: "" };
    replaced.add(again);
    return again;
  });
  return [...kept, ...custom.filter((plugin) => !replaced.has(plugin))];
}

/**
 * The plugins that are enabled at one point, in their order: those of multiPoint which the point
 * names too (they take its weight), the other ones of multiPoint, then what only the point names.
 * A plugin of multiPoint counts where it extends the point.
 */
export function enabledAt(
  set: PluginSet | undefined,
  path: string,
  multiPoint: readonly EnabledPlugin[],
): readonly EnabledPlugin[] {
  const specific = enabledIn(set, path);
  const isDisabled = disables(set);
  const expanded = multiPoint.filter(({ name }) => !isDisabled(name));
  const names = new Set(specific.map(({ name }) => name));
  const inMultiPoint = new Set(expanded.map(({ name }) => name));
  return [
    ...specific.filter(({ name }) => inMultiPoint.has(name)),
    ...expanded.filter(({ name }) => !names.has(name)),
    ...specific.filter(({ name }) => !inMultiPoint.has(name)),
  ];
}

/** Whether a set disables a plugin, by its name or by `*`. */
export function disables(set: PluginSet | undefined): (name: string) => boolean {
  const names = new Set((set?.disabled ?? []).map(({ name }) => name));
  return (name) => names.has("*") || names.has(name);
}
