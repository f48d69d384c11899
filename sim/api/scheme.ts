/**
 * The scheme: which kinds the simulated API knows, found by apiVersion and kind.
 * A new kind is one file under kinds/ and one line here.
 */
import { nearestName } from "../kernel/index.ts";
import type { Kind } from "./kind.ts";
import { csiDriverKind } from "./kinds/csi-driver.ts";
import { csiNodeKind } from "./kinds/csi-node.ts";
import { csiStorageCapacityKind } from "./kinds/csi-storage-capacity.ts";
import { deploymentKind } from "./kinds/deployment.ts";
import { endpointSliceKind } from "./kinds/endpoint-slice.ts";
import { eventKind } from "./kinds/event.ts";
import { jobKind } from "./kinds/job.ts";
import { leaseKind } from "./kinds/lease.ts";
import { namespaceKind } from "./kinds/namespace.ts";
import { nodeKind } from "./kinds/node.ts";
import { persistentVolumeKind } from "./kinds/persistent-volume.ts";
import { persistentVolumeClaimKind } from "./kinds/persistent-volume-claim.ts";
import { podKind } from "./kinds/pod.ts";
import { podDisruptionBudgetKind } from "./kinds/pod-disruption-budget.ts";
import { priorityClassKind } from "./kinds/priority-class.ts";
import { replicaSetKind } from "./kinds/replica-set.ts";
import { serviceKind } from "./kinds/service.ts";
import { storageClassKind } from "./kinds/storage-class.ts";

/** All kinds, in the order of their names. */
export const allKinds: readonly Kind[] = [
  csiDriverKind,
  csiNodeKind,
  csiStorageCapacityKind,
  deploymentKind,
  endpointSliceKind,
  eventKind,
  jobKind,
  leaseKind,
  namespaceKind,
  nodeKind,
  persistentVolumeKind,
  persistentVolumeClaimKind,
  podKind,
  podDisruptionBudgetKind,
  priorityClassKind,
  replicaSetKind,
  serviceKind,
  storageClassKind,
] as unknown as Kind[]; // each handles its own type only

const byKind: ReadonlyMap<string, Kind> = new Map(allKinds.map((kind) => [kind.kind, kind]));

/** The handler of a kind in this API version; undefined when there is none (see unknownKind). */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  const found = byKind.get(kind);
  return found?.apiVersion === apiVersion ? found : undefined;
}

/** The handler of a kind that is known to exist, by its name alone; otherwise it throws: a bug. */
export function kindNamed(kind: string): Kind {
  const found = byKind.get(kind);
  if (found === undefined) throw new Error(`no kind "${kind}" in the scheme`);
  return found;
}

/** Why kindOf found nothing, as the API says it, with what was probably meant. */
export function unknownKind(apiVersion: string, kind: string): string {
  const text = `no matches for kind "${kind}" in version "${apiVersion}"`;
  const known = byKind.get(kind) ?? byKind.get(nearestName(kind, [...byKind.keys()]) ?? "");
  if (known === undefined) return `${text}; known are ${[...byKind.keys()].join(", ")}`;
  return `${text}; did you mean kind "${known.kind}" in version "${known.apiVersion}"?`;
}
