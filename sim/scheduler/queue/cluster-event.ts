/**
 * Cluster events: what happened in the cluster that may make a rejected pod schedulable, and which
 * plugin registered for what (kubernetes/pkg/scheduler/framework/types.go and
 * internal/queue/events.go, v1.30).
 */
import { InputError, nearestName } from "../../kernel/index.ts";
import type {
  AnyPlugin,
  ClusterChange,
  ClusterInfo,
  PodInfo,
  Profile,
} from "../framework/interface.ts";

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

/** Name of a single action, as the labels of kube-scheduler's metrics have it. */
const ACTION_NAMES: ReadonlyMap<number, string> = new Map([
  [ActionType.Add, "Add"],
  [ActionType.Delete, "Delete"],
  [ActionType.UpdateNodeAllocatable, "AllocatableChange"],
  [ActionType.UpdateNodeLabel, "LabelChange"],
  [ActionType.UpdateNodeTaint, "TaintChange"],
  [ActionType.UpdateNodeCondition, "ConditionChange"],
  [ActionType.UpdateNodeAnnotation, "AnnotationChange"],
  [ActionType.Update, "Update"],
]);

/** Resource of an event that concerns everything. */
export const WILDCARD = "*";

export interface ClusterEvent {
  /** `Pod`, `Node`, `PersistentVolume`, ... or WILDCARD. */
  readonly resource: string;
  /** One or more bits of ActionType. */
  readonly actionType: number;
  /** As in the label `event` of scheduler_queue_incoming_pods_total; plugins' registrations have none. */
  readonly label?: string;
}

/** The event of one action on a resource, labelled as kube-scheduler does: `NodeAdd`, `PvcUpdate`. */
export function clusterEvent(resource: string, actionType: number, labelled = resource) {
  const label = `${labelled}${ACTION_NAMES.get(actionType) ?? ""}`;
  return { resource, actionType, label } satisfies ClusterEvent;
}

/** Bound pods; a change of pods that wait is no event in v1.30. */
export const POD_ADD = clusterEvent("Pod", ActionType.Add, "AssignedPod");
export const POD_UPDATE = clusterEvent("Pod", ActionType.Update, "AssignedPod");
export const POD_DELETE = clusterEvent("Pod", ActionType.Delete, "AssignedPod");
export const NODE_ADD = clusterEvent("Node", ActionType.Add);
export const NODE_DELETE = clusterEvent("Node", ActionType.Delete);
/** A pod has been unschedulable for too long: it is tried again whatever rejected it. */
export const UNSCHEDULABLE_TIMEOUT: ClusterEvent = {
  resource: WILDCARD,
  actionType: ActionType.All,
  label: "UnschedulableTimeout",
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

interface Registration {
  readonly plugin: string;
  readonly events: readonly ClusterEvent[];
  /** The plugin's queueing hint; undefined: any such event may help. */
  readonly hint: AnyPlugin["isSchedulableAfter"] | undefined;
}

/** Who registered for what: kube-scheduler's queueing hint map. */
export class EventRegistrations {
  readonly #byProfile = new Map<string, Map<string, Registration>>();
  readonly #all: ClusterEvent[] = [];
  /** By event: most of them are constants. */
  readonly #interests = new WeakMap<ClusterEvent, boolean>();

  constructor(profiles: readonly Profile[]) {
    for (const { schedulerName, plugins } of profiles) {
      for (const { plugin } of plugins) {
        const where = `plugin ${plugin.name}, requeueOn`;
        const events = plugin.requeueOn?.map((name) => parseClusterEvent(name, where));
        const hint = plugin.isSchedulableAfter?.bind(plugin);
        this.register(schedulerName, plugin.name, events ?? ALL_EVENTS, hint);
      }
    }
  }

  /** Adds a plugin's registrations to a profile. */
  register(
    schedulerName: string,
    plugin: string,
    events: readonly ClusterEvent[],
    hint?: AnyPlugin["isSchedulableAfter"],
  ): void {
    let byPlugin = this.#byProfile.get(schedulerName);
    if (byPlugin === undefined) {
      byPlugin = new Map();
      this.#byProfile.set(schedulerName, byPlugin);
    }
    const known = byPlugin.get(plugin);
    const all = [...(known?.events ?? []), ...events];
    byPlugin.set(plugin, { plugin, events: all, hint: hint ?? known?.hint });
    this.#all.push(...events);
  }

  /** Is any plugin of any profile interested? */
  isOfInterest(event: ClusterEvent): boolean {
    let isOf = this.#interests.get(event);
    if (isOf === undefined) {
      isOf = isWildCard(event) || this.#all.some((registered) => eventMatches(registered, event));
      this.#interests.set(event, isOf);
    }
    return isOf;
  }

  /** May the event help a pod of this profile that these plugins rejected? Hints are not asked. */
  isWorthRequeuing(
    schedulerName: string,
    rejectors: readonly string[],
    event: ClusterEvent,
  ): boolean {
    if (rejectors.length === 0 || isWildCard(event)) return true;
    const byPlugin = this.#byProfile.get(schedulerName);
    return rejectors.some((rejector) => isRegistered(byPlugin?.get(rejector), event));
  }

  /** The same, with the hints of the plugins that rejected the pod. */
  isHinted(
    pod: PodInfo,
    rejectors: readonly string[],
    { event, ...change }: QueuedChange,
    cluster: ClusterInfo,
  ): boolean {
    if (rejectors.length === 0 || isWildCard(event)) return true;
    const byPlugin = this.#byProfile.get(pod.pod.spec.schedulerName ?? "default-scheduler");
    return rejectors.some((rejector) => {
      const registration = byPlugin?.get(rejector);
      if (registration === undefined || !isRegistered(registration, event)) return false;
      return registration.hint?.(pod, { kind: event.resource, ...change }, cluster) ?? true;
    });
  }
}

/** An event with what changed. Plain data: objects of the store never change. */
export interface QueuedChange extends Omit<ClusterChange, "kind"> {
  readonly event: ClusterEvent;
}

function isRegistered(registration: Registration | undefined, event: ClusterEvent): boolean {
  return registration?.events.some((registered) => eventMatches(registered, event)) ?? false;
}
