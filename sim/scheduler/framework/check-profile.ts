/** What every profile must have, whatever its plugins do. */
import { InputError } from "../../kernel/index.ts";
import type { AnyPlugin, Profile } from "./interface.ts";

/** The queue sort plugin. Throws InputError for a plugin listed twice, or not exactly one queue sort. */
export function checkProfile(profile: Profile): AnyPlugin {
  const where = `profile "${profile.schedulerName}"`;
  const names = new Set<string>();
  for (const { plugin } of profile.plugins) {
    if (names.has(plugin.name)) {
      throw new InputError(`${where}: plugin "${plugin.name}" is listed twice. Remove one.`);
    }
    names.add(plugin.name);
  }
  const sorts = profile.plugins.filter(({ plugin }) => plugin.compare !== undefined);
  const [first] = sorts;
  if (first === undefined || sorts.length > 1) {
    const found = sorts.map(({ plugin }) => plugin.name).join(", ") || "none";
    throw new InputError(
      `${where}: got queue sort plugins ${found}, want exactly one. Keep one (PrioritySort by default).`,
    );
  }
  return first.plugin;
}
