/** The order of the active queue: what the profiles' QueueSort plugin says, then arrival. */
import { InputError } from "../../kernel/index.ts";
import type { AnyPlugin, Profile } from "../framework/interface.ts";
import type { QueuedPodInfo } from "./queued-pod-info.ts";

/**
 * One total order over all queued pods. InputError when a profile has no QueueSort plugin, or when
 * two profiles have different ones: there is one queue (profile.Map validation, v1.30). A plugin
 * that answers NaN is an InputError when it happens.
 */
export function queueSortOrder(
  profiles: readonly Profile[],
): (a: QueuedPodInfo, b: QueuedPodInfo) => number {
  const plugin = queueSortPlugin(profiles);
  return (a, b) => {
    const order = plugin.compare?.(a, b) ?? 0;
    if (Number.isNaN(order)) {
      throw new InputError(
        `plugin ${plugin.name}, compare: got NaN for pods ${a.info.record.key} and ` +
          `${b.info.record.key}, want a number. Check the fields that it subtracts.`,
      );
    }
    return order || a.seq - b.seq;
  };
}

function queueSortPlugin(profiles: readonly Profile[]): AnyPlugin {
  let chosen: { readonly plugin: AnyPlugin; readonly profile: string } | undefined;
  for (const { schedulerName, plugins } of profiles) {
    const plugin = plugins.find((entry) => entry.plugin.compare !== undefined)?.plugin;
    if (plugin === undefined) {
      throw new InputError(
        `profile ${schedulerName}: no plugin orders the queue. Add one with compare, such as ` +
          "PrioritySort.",
      );
    }
    if (chosen !== undefined && chosen.plugin.name !== plugin.name) {
      throw new InputError(
        `profile ${schedulerName}: got QueueSort plugin ${plugin.name}, want ` +
          `${chosen.plugin.name} as in profile ${chosen.profile}: all profiles share one queue.`,
      );
    }
    chosen ??= { plugin, profile: schedulerName };
  }
  if (chosen === undefined) throw new InputError("scheduler: got no profile, want at least one");
  return chosen.plugin;
}
