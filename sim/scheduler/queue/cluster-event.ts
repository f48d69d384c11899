/**
 * Cluster events: what happened in the cluster that may make a rejected pod schedulable, and which
 * plugin registered for what (kubernetes/pkg/scheduler/framework/types.go and
 * internal/queue/events.go, v1.30).
 */
import { InputError, nearestName } from "../../kernel/index.ts";
import type { Profile } from "../framework/interface.ts";

/** A bit mask, as kube-scheduler's ActionType. */
export const ActionType = {
  Add: 1,
  Delete: 2,
  UpdateNodeAllocatable: 4,
  UpdateNodeLabel: 8,
  UpdateNodeTaint: 16,
  UpdateNodeCondition: 32,
  UpdateNodeAnnotation: 64,
  Update: 124,
  All: 127,
} as const;

/** Resource of an event that concerns everything. */
export const WILDCARD = "*";

export interface ClusterEvent {
  /** `Pod`, `Node`, `PersistentVolume`, ... or WILDCARD. */
  readonly resource: string;
  /** One or more bits of ActionType. */
  readonly actionType: number;
}

export const POD_ADD: ClusterEvent = { resource: "Pod", actionType: ActionType.Add };
export const POD_UPDATE: ClusterEvent = { resource: "Pod", actionType: ActionType.Update };
export const POD_DELETE: ClusterEvent = { resource: "Pod", actionType: ActionType.Delete };
export const NODE_ADD: ClusterEvent = { resource: "Node", actionType: ActionType.Add };
export const NODE_DELETE: ClusterEvent = { resource: "Node", actionType: ActionType.Delete };
/** A pod has been unschedulable for too long: it is tried again whatever rejected it. */
export const UNSCHEDULABLE_TIMEOUT: ClusterEvent = {
  resource: WILDCARD,
  actionType: ActionType.All,
};

/** Does a registration cover an event? */
export function eventMatches(registered: ClusterEvent, event: ClusterEvent): boolean {
  return (
    (registered.resource === WILDCARD || registered.resource === event.resource) &&
    (registered.actionType & event.actionType) !== 0
  );
}

export function isWildCard(event: ClusterEvent): boolean {
  return event.resource === WILDCARD && event.actionType === ActionType.All;
}

const ACTIONS: ReadonlyMap<string, number> = new Map([
  ["Add", ActionType.Add],
  ["Delete", ActionType.Delete],
  ["Update", ActionType.Update],
  ["UpdateAllocatable", ActionType.UpdateNodeAllocatable],
  ["UpdateLabel", ActionType.UpdateNodeLabel],
  ["UpdateTaint", ActionType.UpdateNodeTaint],
  ["UpdateCondition", ActionType.UpdateNodeCondition],
  ["UpdateAnnotation", ActionType.UpdateNodeAnnotation],
  ["All", ActionType.All],
  ["*", ActionType.All],
]);

/** Reads `Resource/Action` as plugins write it, e.g. `Node/Add`. `where` names the plugin. */
export function parseClusterEvent(name: string, where: string): ClusterEvent {
  const slash = name.lastIndexOf("/");
  const resource = name.slice(0, Math.max(slash, 0));
  const action = name.slice(slash + 1);
  const actionType = ACTIONS.get(action);
  if (resource !== "" && actionType !== undefined) return { resource, actionType };
  const nearest = nearestName(action, [...ACTIONS.keys()]);
  const hint = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  throw new InputError(
    `${where}: got "${name}", want Resource/Action such as Node/Add or Pod/Delete.${hint}`,
  );
}

/** A plugin that says nothing about events is woken by all of them, as kube-scheduler does. */
const ALL_EVENTS: readonly ClusterEvent[] = [UNSCHEDULABLE_TIMEOUT];

/** Who registered for what: kube-scheduler's queueing hint map, with queueing hints off. */
export class EventRegistrations {
  readonly #byProfile = new Map<string, Map<string, readonly ClusterEvent[]>>();
  readonly #all: ClusterEvent[] = [];

  constructor(profiles: readonly Profile[]) {
    for (const { schedulerName, plugins } of profiles) {
      for (const { plugin } of plugins) {
        const where = `plugin ${plugin.name}, requeueOn`;
        const events = plugin.requeueOn?.map((name) => parseClusterEvent(name, where));
        this.register(schedulerName, plugin.name, events ?? ALL_EVENTS);
      }
    }
  }

  /** Adds a plugin's registrations to a profile. */
  register(schedulerName: string, plugin: string, events: readonly ClusterEvent[]): void {
    let byPlugin = this.#byProfile.get(schedulerName);
    if (byPlugin === undefined) {
      byPlugin = new Map();
      this.#byProfile.set(schedulerName, byPlugin);
    }
    byPlugin.set(plugin, [...(byPlugin.get(plugin) ?? []), ...events]);
    this.#all.push(...events);
  }

  /** Is any plugin of any profile interested? */
  isOfInterest(event: ClusterEvent): boolean {
    return isWildCard(event) || this.#all.some((registered) => eventMatches(registered, event));
  }

  /** May the event help a pod of this profile that these plugins rejected? */
  isWorthRequeuing(
    schedulerName: string,
    rejectors: readonly string[],
    event: ClusterEvent,
  ): boolean {
    if (rejectors.length === 0 || isWildCard(event)) return true;
    const byPlugin = this.#byProfile.get(schedulerName);
    if (byPlugin === undefined) return false;
    for (const rejector of rejectors) {
      const events = byPlugin.get(rejector);
      if (events?.some((registered) => eventMatches(registered, event))) return true;
    }
    return false;
  }
}
