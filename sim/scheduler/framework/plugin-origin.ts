/**
 * Where a plugin comes from: known to messages only, so that they name a user's file, and accuse a
 * user's plugin before the simulator. By identity: a copy of a built-in plugin with a field
 * replaced is the user's.
 */
import type { AnyPlugin } from "./interface.ts";

const BUILT_IN = Symbol("built in");

const origins = new WeakMap<AnyPlugin, string | typeof BUILT_IN>();

/** Marks a plugin as one that comes with Stowage. */
export function markBuiltIn(plugin: AnyPlugin): AnyPlugin {
  origins.set(plugin, BUILT_IN);
  return plugin;
}

/** Notes the policy file that a plugin comes from; a built-in one stays built in. */
export function markFile(plugin: AnyPlugin, file: string): AnyPlugin {
  if (!isBuiltIn(plugin)) origins.set(plugin, file);
  return plugin;
}

export function isBuiltIn(plugin: AnyPlugin): boolean {
  return origins.get(plugin) === BUILT_IN;
}

/** `policy "Mine" (/policies/mine.ts)`: how messages begin. */
export function policyTitle(plugin: AnyPlugin): string {
  const origin = origins.get(plugin);
  const file = typeof origin === "string" ? ` (${origin})` : "";
  return `policy "${plugin.name}"${file}`;
}
