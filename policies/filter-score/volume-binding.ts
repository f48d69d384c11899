/**
 * VolumeBinding places a pod where the volumes of its claims are, can be bound, or can be made.
 *
 *   bound claims       the node must satisfy the volume's node affinity
 *   immediate claims   must be bound before: that is the PV controller's work
 *   delayed claims     (WaitForFirstConsumer) an available volume that the node can reach, the
 *                      smallest first, or else a new one, if the class's provisioner can make it there
 *
 * Reserve assumes the choice: a volume with a claimRef, or a claim with the selected-node annotation;
 * `reservedVolumes` reads it back from the cluster. PreBind writes it to the API and waits until the
 * controllers have bound every claim. There is no score: the gate VolumeCapacityPriority is off.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/volumebinding (volume_binding.go, binder.go), v1.30.
 */
import {
  bindVolumeToClaim,
  type PersistentVolumeClaim,
  SELECTED_NODE,
} from "../../sim/api/index.ts";
import {
  type ClusterInfo,
  type CycleContext,
  definePlugin,
  type Plugin,
  type PodInfo,
  type PreFilterResult,
  type Rejection,
  SKIP,
} from "../../sim/scheduler/index.ts";
import { NODE_ADDED_OR_RELABELLED } from "../cluster-events.ts";
import type { TypedArgs } from "../plugin-args.ts";
import { claimUses, notFound, ownershipError } from "../volumes/pod-claims.ts";
import { findPodVolumes } from "./volume-binding-find.ts";
import { checkBindings, sendBindings } from "./volume-binding-requests.ts";
import { reservedVolumes } from "./volume-binding-reserved.ts";
import { eligibleNodes, type PodVolumes, preparePodVolumes } from "./volume-binding-state.ts";

export interface VolumeBindingArgs extends TypedArgs {
  /** How long preBind waits for the claims to be bound, 0 or more; 600 by default. */
  readonly bindTimeoutSeconds?: number;
}

const UNRESOLVABLE = "UnschedulableAndUnresolvable";
const SECOND_US = 1_000_000;

const UNBOUND_IMMEDIATE: Rejection = {
  code: UNRESOLVABLE,
  reasons: ["pod has unbound immediate PersistentVolumeClaims"],
};

export function volumeBinding({
  bindTimeoutSeconds = 600,
}: VolumeBindingArgs = {}): Plugin<PodVolumes> {
  return definePlugin<PodVolumes>({
    name: "VolumeBinding",
    locality: "cluster",
    requeueOn: [
      "StorageClass/Add",
      "StorageClass/Update",
      "PersistentVolumeClaim/Add",
      "PersistentVolumeClaim/Update",
      "PersistentVolume/Add",
      "PersistentVolume/Update",
      ...NODE_ADDED_OR_RELABELLED,
      "CSINode/Add",
      "CSINode/Update",
      "CSIDriver/Add",
      "CSIDriver/Update",
      "CSIStorageCapacity/Add",
      "CSIStorageCapacity/Update",
    ],
    preFilter,
    filter: (_pod, node, volumes) => findPodVolumes(volumes, node).rejection,
    reserve,
    unreserve,

    preBind(pod, nodeName, context, startedUs) {
      const { nowUs } = context.kernel;
      if (nowUs === startedUs) {
        if (!sendBindings(pod, context)) return undefined;
        return { retryAfterUs: SECOND_US };
      }
      const state = checkBindings(pod, nodeName, context.cluster, context.assumed);
      if (state === "bound") return undefined;
      if (state !== "waiting") return { error: `binding volumes: ${state.error}` };
      if (nowUs - startedUs >= bindTimeoutSeconds * SECOND_US) {
        return { error: "binding volumes: context deadline exceeded" };
      }
      return { retryAfterUs: SECOND_US };
    },
  });
}

function preFilter(pod: PodInfo, cluster: ClusterInfo): typeof SKIP | PreFilterResult<PodVolumes> {
  const uses = claimUses(pod.pod);
  if (uses.length === 0) return SKIP;
  const fault = claimFault(pod, cluster);
  const volumes = preparePodVolumes(pod.pod, cluster);
  if (fault !== "") return { state: volumes, reject: { code: UNRESOLVABLE, reasons: [fault] } };
  if (volumes.hasUnboundImmediate) return { state: volumes, reject: UNBOUND_IMMEDIATE };
  const nodeNames = eligibleNodes(volumes);
  return nodeNames === undefined ? { state: volumes } : { state: volumes, nodeNames };
}

/** Why one of the pod's claims cannot be used, or "" (podHasPVCs). */
function claimFault({ pod, namespace }: PodInfo, cluster: ClusterInfo): string {
  const claims = cluster.objects<PersistentVolumeClaim>("PersistentVolumeClaim");
  for (const use of claimUses(pod)) {
    const { claimName, isEphemeral } = use;
    const claim = claims.get(namespace, claimName);
    const quoted = JSON.stringify(claimName);
    if (claim === undefined) {
      return isEphemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${quoted}`
        : notFound("PersistentVolumeClaim", claimName);
    }
    if (claim.status.phase === "Lost") {
      const volume = JSON.stringify(claim.spec.volumeName ?? "");
      return `persistentvolumeclaim ${quoted} bound to non-existent persistentvolume ${volume}`;
    }
    if (claim.metadata.deletionTimestamp !== undefined) {
      return `persistentvolumeclaim ${quoted} is being deleted`;
    }
    const fault = ownershipError(pod, use, claim);
    if (fault !== "") return fault;
  }
  return "";
}

/** AssumePodVolumes: what filter found on the node is found again, since nothing has changed. */
function reserve(pod: PodInfo, nodeName: string, context: CycleContext): Rejection | undefined {
  if (claimUses(pod.pod).length === 0) return undefined;
  const { cluster, assumed } = context;
  const node = cluster.node(nodeName);
  if (node === undefined) return undefined;
  const { rejection, bindings, provisions } = findPodVolumes(
    preparePodVolumes(pod.pod, cluster),
    node,
  );
  if (rejection !== undefined) return rejection;
  for (const { volume, claim } of bindings) {
    const bound = bindVolumeToClaim(volume, claim);
    if (bound !== volume) assumed.assume(bound);
  }
  for (const claim of provisions) {
    const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: nodeName };
    assumed.assume({ ...claim, metadata: { ...claim.metadata, annotations } });
  }
  return undefined;
}

/** RevertAssumedPodVolumes: what the API has taken over by now stays. */
function unreserve(pod: PodInfo, _nodeName: string, { cluster, assumed }: CycleContext): void {
  if (claimUses(pod.pod).length === 0) return;
  const { bindings, provisions } = reservedVolumes(pod, cluster);
  for (const { volume } of bindings) assumed.restore("PersistentVolume", "", volume.metadata.name);
  for (const { metadata } of provisions) {
    assumed.restore("PersistentVolumeClaim", metadata.namespace, metadata.name);
  }
}
