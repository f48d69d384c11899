/**
 * The scheme: which kinds the simulated API knows, found by apiVersion and kind.
 * A new kind is one file under kinds/ and one line here.
 */
import { nearestName } from "../kernel/index.ts";
import { groupOf, ignoredKinds, isCustomGroup } from "./ignored-kinds.ts";
import type { Kind } from "./kind.ts";
import { controllerRevisionKind } from "./kinds/controller-revision.ts";
import { cronJobKind } from "./kinds/cron-job.ts";
import { csiDriverKind } from "./kinds/csi-driver.ts";
import { csiNodeKind } from "./kinds/csi-node.ts";
import { csiStorageCapacityKind } from "./kinds/csi-storage-capacity.ts";
import { daemonSetKind } from "./kinds/daemon-set.ts";
import { deploymentKind } from "./kinds/deployment.ts";
import { endpointSliceKind } from "./kinds/endpoint-slice.ts";
import { eventKind } from "./kinds/event.ts";
import { flowSchemaKind } from "./kinds/flow-schema.ts";
import { horizontalPodAutoscalerKind } from "./kinds/horizontal-pod-autoscaler.ts";
import { ingressKind } from "./kinds/ingress.ts";
import { ingressClassKind } from "./kinds/ingress-class.ts";
import { jobKind } from "./kinds/job.ts";
import { leaseKind } from "./kinds/lease.ts";
import { limitRangeKind } from "./kinds/limit-range.ts";
import { namespaceKind } from "./kinds/namespace.ts";
import { nodeKind } from "./kinds/node.ts";
import { persistentVolumeKind } from "./kinds/persistent-volume.ts";
import { persistentVolumeClaimKind } from "./kinds/persistent-volume-claim.ts";
import { podKind } from "./kinds/pod.ts";
import { podDisruptionBudgetKind } from "./kinds/pod-disruption-budget.ts";
import { priorityClassKind } from "./kinds/priority-class.ts";
import { priorityLevelConfigurationKind } from "./kinds/priority-level-configuration.ts";
import { replicaSetKind } from "./kinds/replica-set.ts";
import { resourceQuotaKind } from "./kinds/resource-quota.ts";
import { serviceKind } from "./kinds/service.ts";
import { serviceAccountKind } from "./kinds/service-account.ts";
import { statefulSetKind } from "./kinds/stateful-set.ts";
import { storageClassKind } from "./kinds/storage-class.ts";

/** All kinds, in the order of their names. */
export const allKinds: readonly Kind[] = [
  controllerRevisionKind,
  cronJobKind,
  csiDriverKind,
  csiNodeKind,
  csiStorageCapacityKind,
  daemonSetKind,
  deploymentKind,
  endpointSliceKind,
  eventKind,
  flowSchemaKind,
  horizontalPodAutoscalerKind,
  ingressKind,
  ingressClassKind,
  jobKind,
  leaseKind,
  limitRangeKind,
  namespaceKind,
  nodeKind,
  persistentVolumeKind,
  persistentVolumeClaimKind,
  podKind,
  podDisruptionBudgetKind,
  priorityClassKind,
  priorityLevelConfigurationKind,
  replicaSetKind,
  resourceQuotaKind,
  serviceKind,
  serviceAccountKind,
  statefulSetKind,
  storageClassKind,
] as unknown as Kind[]; // each handles its own type only

const byKind: ReadonlyMap<string, Kind> = new Map(allKinds.map((kind) => [kind.kind, kind]));

/** The handler of a kind in this API version; undefined when there is none (see unknownKind). */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  const found = byKind.get(kind);
  return found?.apiVersion === apiVersion ? found : undefined;
}

/** Names of all kinds. */
export function kindNames(): string[] {
  return [...byKind.keys()];
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
  const near = versionOf(kind) === "" ? nearestName(kind, knownNames()) : kind;
  if (near !== undefined) {
    return `${text}; did you mean kind "${near}" in version "${versionOf(near)}"?`;
  }
  if (isCustomGroup(groupOf(apiVersion))) {
    return `${text}; give its CustomResourceDefinition before it, and it is ignored, or take it out`;
  }
  return `${text}; known are ${knownNames().join(", ")}`;
}

/** The API version of a kind that is known, simulated or ignored; "" of another. */
function versionOf(kind: string): string {
  return byKind.get(kind)?.apiVersion ?? ignoredKinds.get(kind) ?? "";
}

function knownNames(): string[] {
  return [...byKind.keys(), ...ignoredKinds.keys()];
}
