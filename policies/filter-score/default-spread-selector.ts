/**
 * DefaultSpreadSelectors: which pods a pod without spread constraints is to be spread with: those
 * that the Services that select it and the controller that owns it select, all of them at once.
 *
 * Source: DefaultSelector and GetPodServices of
 * kubernetes/pkg/scheduler/framework/plugins/helper/spread.go, v1.30.
 */
import {
  type ApiObject,
  compileLabelSelector,
  controllerOf,
  type LabelSelector,
  type OwnerReference,
  Selector,
  selectorFromSet,
} from "../../sim/api/index.ts";
import type { ClusterInfo, ObjectLister, PodInfo } from "../../sim/scheduler/index.ts";
import { ServiceIndex } from "./service-index.ts";

type LabelSet = Readonly<Record<string, string>>;

/** Of the owner, where there is one: its kind says which of the two. */
type OwnerSelector = LabelSet | LabelSelector | undefined;

/** An object that selects pods: by a plain set of labels, or by a LabelSelector. */
interface Selecting<T> extends ApiObject {
  readonly spec?: { readonly selector?: T };
}

/** What was found for a pod, and from what. */
interface Known {
  readonly services: ObjectLister;
  readonly servicesVersion: number;
  /** The labels that its Services select by. */
  readonly selected: LabelSet;
  /** The controller that owns it, where that is of a kind that counts. */
  readonly owner: OwnerReference | undefined;
  readonly owners: ObjectLister | undefined;
  ownersVersion: number;
  /** Identity of the owner's selector. */
  readonly ownerSelector: OwnerSelector;
  readonly selector: Selector | undefined;
}

export class DefaultSpreadSelectors {
  readonly #ofPod = new WeakMap<PodInfo, Known>();
  readonly #services = new ServiceIndex();

  /** The same object for a pod as long as nothing changes; undefined when nothing selects it. */
  of(pod: PodInfo, cluster: ClusterInfo): Selector | undefined {
    const known = this.#ofPod.get(pod);
    const services = cluster.objects("Service");
    const hasSameServices =
      known?.services === services && known.servicesVersion === services.version;
    if (hasSameServices && hasSameOwner(known, pod, cluster)) return known.selector;
    const owner = known === undefined ? countedOwnerOf(pod) : known.owner;
    const owners = owner === undefined ? undefined : cluster.objects(owner.kind);
    const ownerSelector = selectorOfOwner(owner, pod, owners);
    const selected = hasSameServices
      ? known.selected
      : this.#services.labelsSelecting(pod.namespace, pod.labels, services);
    const isSame =
      known !== undefined &&
      known.ownerSelector === ownerSelector &&
      isEqual(known.selected, selected);
    const selector = isSame ? known.selector : merge(owner, selected, ownerSelector);
    this.#ofPod.set(pod, {
      services,
      servicesVersion: services.version,
      selected,
      owner,
      owners,
      ownersVersion: owners?.version ?? 0,
      ownerSelector,
      selector,
    });
    return selector;
  }
}

/** Whether the owner selects as it did: it need not be looked up while no object of its kind changes. */
function hasSameOwner(known: Known, pod: PodInfo, cluster: ClusterInfo): boolean {
  const { owner } = known;
  if (owner === undefined) return true;
  const owners = cluster.objects(owner.kind);
  if (owners !== known.owners) return false;
  if (owners.version === known.ownersVersion) return true;
  if (selectorOfOwner(owner, pod, owners) !== known.ownerSelector) return false;
  known.ownersVersion = owners.version;
  return true;
}

function countedOwnerOf({ pod }: PodInfo): OwnerReference | undefined {
  const owner = controllerOf(pod);
  return owner !== undefined && isCountedOwner(owner) ? owner : undefined;
}

function selectorOfOwner(
  owner: OwnerReference | undefined,
  { namespace }: PodInfo,
  owners: ObjectLister | undefined,
): OwnerSelector {
  const found = owner === undefined ? undefined : owners?.get(namespace, owner.name);
  return (found as Selecting<LabelSet | LabelSelector> | undefined)?.spec?.selector;
}

function isCountedOwner({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean {
  if (kind === "ReplicationController") return apiVersion === "v1";
  return (kind === "ReplicaSet" || kind === "StatefulSet") && apiVersion === "apps/v1";
}

function merge(
  owner: OwnerReference | undefined,
  selected: LabelSet,
  ownerSelector: OwnerSelector,
): Selector | undefined {
  const isPlainSet = owner?.kind === "ReplicationController";
  const merged = isPlainSet
    ? selectorFromSet({ ...selected, ...(ownerSelector as LabelSet | undefined) })
    : new Selector([
        ...selectorFromSet(selected).requirements,
        ...compileLabelSelector(ownerSelector as LabelSelector | undefined).requirements,
      ]);
  return merged.isEmpty() ? undefined : merged;
}

function isEqual(a: LabelSet, b: LabelSet): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
