/**
 * FindPodVolumes: which volumes a pod's claims would get on one node, or why they cannot.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/volumebinding/binder.go, v1.30.
 */
import {
  type CSINode,
  isVolumeOnNode,
  matchesNodes,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from "../../sim/api/index.ts";
import type { ClusterInfo, NodeSpecInfo, Rejection } from "../../sim/scheduler/index.ts";
import { isMigrated, migratableDisk, migratedAffinity } from "../volumes/csi-migration.ts";
import { provisionOn } from "./volume-binding-provision.ts";
import type { DelayedClaim, PodVolumes } from "./volume-binding-state.ts";

/** A volume for a claim. */
export interface VolumeBindingPair {
  readonly volume: PersistentVolume;
  readonly claim: PersistentVolumeClaim;
}

export interface FoundVolumes {
  /** Undefined: the node can serve all claims, as follows. */
  readonly rejection: Rejection | undefined;
  readonly bindings: readonly VolumeBindingPair[];
  /** Claims for which a volume must be made. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

/** The reasons, each a bit; rejections list them in this order. */
const REASONS = [
  "node(s) had volume node affinity conflict",
  "node(s) didn't find available persistent volumes to bind",
  "node(s) did not have enough free storage",
  "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
] as const;
const AFFINITY_CONFLICT = 1;
const NO_VOLUME = 2;
const NO_SPACE = 4;
const VOLUME_MISSING = 8;

/** By the sum of its bits. */
const REJECTIONS: readonly Rejection[] = Array.from({ length: 16 }, (_, bits) => ({
  code: "UnschedulableAndUnresolvable",
  reasons: REASONS.filter((_reason, i) => (bits & (1 << i)) !== 0),
}));
const NOTHING: FoundVolumes = { rejection: undefined, bindings: [], provisions: [] };

/** Hot for pods with volumes: once per node. Its cost is the volumes that must be tried. */
export function findPodVolumes(volumes: PodVolumes, node: NodeSpecInfo): FoundVolumes {
  const bound = checkBoundVolumes(volumes, node);
  const { selected, unselected } = volumes;
  if (selected.length + unselected.length === 0) return bound === 0 ? NOTHING : rejected(bound);
  if (selected.some(({ nodeName }) => nodeName !== node.name)) return rejected(bound | NO_VOLUME);

  const bindings: VolumeBindingPair[] = [];
  const toProvision: DelayedClaim[] = [...selected];
  for (const delayed of unselected) {
    const volume = findVolume(delayed, bindings, node);
    if (volume === undefined) toProvision.push(delayed);
    else bindings.push({ volume, claim: delayed.claim });
  }
  const bits = bound | checkProvisions(toProvision, node);
  if (bits !== 0) return rejected(bits);
  return { rejection: undefined, bindings, provisions: toProvision.map(({ claim }) => claim) };
}

function rejected(bits: number): FoundVolumes {
  return { ...NOTHING, rejection: REJECTIONS[bits] };
}

/** The first fault among the bound volumes, or 0. */
function checkBoundVolumes({ boundVolumes, cluster }: PodVolumes, node: NodeSpecInfo): number {
  for (const volume of boundVolumes) {
    if (volume === undefined) return VOLUME_MISSING;
    if (!reaches(volume, node, cluster)) return AFFINITY_CONFLICT;
  }
  return 0;
}

/** Whether the node can use the volume, in-tree disks as the node's CSINode says. */
export function reaches(
  volume: PersistentVolume,
  { name, labels }: NodeSpecInfo,
  cluster: ClusterInfo,
): boolean {
  const disk = volume.spec.csi === undefined ? migratableDisk(volume.spec) : undefined;
  if (disk !== undefined) {
    const csiNode = cluster.objects<CSINode>("CSINode").get("", name);
    if (isMigrated(csiNode, disk.plugin)) {
      const required = migratedAffinity(volume);
      return required === undefined || matchesNodes(required, labels);
    }
  }
  return isVolumeOnNode(volume, labels);
}

/** The claim's own volume, if the node can reach it, or the smallest one that is still free. */
function findVolume(
  { preBound, available }: DelayedClaim,
  taken: readonly VolumeBindingPair[],
  { labels }: NodeSpecInfo,
): PersistentVolume | undefined {
  if (preBound !== undefined) return isVolumeOnNode(preBound, labels) ? preBound : undefined;
  return available.first(labels, (volume) => taken.some((pair) => pair.volume === volume));
}

/** The first fault among the volumes that must be made, or 0. */
function checkProvisions(claims: readonly DelayedClaim[], node: NodeSpecInfo): number {
  for (const { provision } of claims) {
    const outcome = provisionOn(provision, node);
    if (outcome === "unreachable") return NO_VOLUME;
    if (outcome === "full") return NO_SPACE;
  }
  return 0;
}
