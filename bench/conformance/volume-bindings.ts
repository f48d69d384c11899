/**
 * The volumes of a pod: what VolumeBinding has assumed for it at Reserve, and what becomes of that
 * when the pod is bound, which in a real cluster is the work of the PV controller and of the
 * provisioner.
 */
import type { core, Pod } from "../../sim/api/index.ts";
import type { SchedulerCache } from "../../sim/scheduler/index.ts";
import type { ObservedVolumes } from "./observed-step.ts";
import type { StoredManifest } from "./scenario.ts";
import type { ScenarioCluster } from "./scenario-cluster.ts";

type Claim = StoredManifest & {
  readonly spec: core.PersistentVolumeClaimSpec;
  readonly status: core.PersistentVolumeClaimStatus;
};
type Volume = StoredManifest & {
  readonly spec: core.PersistentVolumeSpec;
  readonly status: core.PersistentVolumeStatus;
};
type StorageClass = StoredManifest & { readonly provisioner?: string };

const CLAIM = "PersistentVolumeClaim";
const VOLUME = "PersistentVolume";
const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";

/** The unbound claims of a pod for which Reserve has found a volume, or somebody to provision one. */
export function reservedVolumes(pod: Pod, cache: SchedulerCache): ObservedVolumes | undefined {
  const chosen: { pvc: string; pv: string }[] = [];
  const dynamic: string[] = [];
  for (const claim of unboundClaims(pod, cache)) {
    const { namespace, name } = claim.metadata;
    const pvc = `${namespace}/${name}`;
    const isProvisioned = cache.objects.get(CLAIM, namespace, name) !== undefined;
    const volume = volumeFor(claim, isProvisioned, cache);
    if (volume !== undefined) chosen.push({ pvc, pv: volume.metadata.name });
    else if (isProvisioned) dynamic.push(pvc);
  }
  return chosen.length === 0 && dynamic.length === 0 ? undefined : { static: chosen, dynamic };
}

/** Binds and provisions what was reserved. */
export function bindVolumes(volumes: ObservedVolumes, cluster: ScenarioCluster): void {
  const { cache } = cluster;
  for (const { pvc, pv } of volumes.static) {
    const claim = claimOf(pvc, cache);
    const volume = cache.cluster.objects<Volume>(VOLUME).get("", pv);
    if (claim === undefined || volume === undefined) throw new Error(`no ${pvc}, or no ${pv}`);
    cache.objects.restore(VOLUME, "", pv);
    bindTogether(claim, volume, cluster);
  }
  for (const pvc of volumes.dynamic) {
    const claim = claimOf(pvc, cache);
    if (claim === undefined) throw new Error(`there is no claim ${pvc}`);
    cache.objects.restore(CLAIM, claim.metadata.namespace, claim.metadata.name);
    bindTogether(claim, provisioned(claim, cache), cluster);
  }
}

function unboundClaims(pod: Pod, cache: SchedulerCache): readonly Claim[] {
  const { namespace, name: podName } = pod.metadata;
  const names = new Set<string>();
  for (const { name, persistentVolumeClaim, ephemeral } of pod.spec.volumes ?? []) {
    if (persistentVolumeClaim !== undefined) names.add(persistentVolumeClaim.claimName);
    if (ephemeral !== undefined) names.add(`${podName}-${name}`);
  }
  const claims: Claim[] = [];
  for (const name of [...names].sort()) {
    const claim = claimOf(`${namespace}/${name}`, cache);
    if (claim !== undefined && !claim.spec.volumeName) claims.push(claim);
  }
  return claims;
}

function claimOf(key: string, cache: SchedulerCache): Claim | undefined {
  const slash = key.indexOf("/");
  const claims = cache.cluster.objects<Claim>(CLAIM);
  return claims.get(key.slice(0, slash), key.slice(slash + 1));
}

/**
 * The volume that was chosen for the claim: one that is assumed to refer to it, or, unless the claim
 * is to be provisioned, one that did so all along. That another one names the claim says nothing: it
 * may be too small, or out of reach.
 */
function volumeFor(
  claim: Claim,
  isProvisioned: boolean,
  cache: SchedulerCache,
): Volume | undefined {
  const { namespace, name, uid } = claim.metadata;
  let found: Volume | undefined;
  for (const volume of cache.cluster.objects<Volume>(VOLUME).list()) {
    const { claimRef } = volume.spec;
    if (claimRef?.name !== name || claimRef.namespace !== namespace) continue;
    if (cache.objects.get(VOLUME, "", volume.metadata.name) !== undefined) return volume;
    if (!isProvisioned && claimRef.uid === uid) found ??= volume;
  }
  return found;
}

function bindTogether(claim: Claim, volume: Volume, cluster: ScenarioCluster): void {
  const { namespace, name, uid } = claim.metadata;
  cluster.setObject({
    ...volume,
    spec: { ...volume.spec, claimRef: { kind: CLAIM, apiVersion: "v1", namespace, name, uid } },
    status: { ...volume.status, phase: "Bound" },
  });
  cluster.setObject({
    ...claim,
    metadata: {
      ...claim.metadata,
      annotations: { ...claim.metadata.annotations, [BIND_COMPLETED]: "yes" },
    },
    spec: { ...claim.spec, volumeName: volume.metadata.name },
    status: { ...claim.status, phase: "Bound" },
  });
}

function provisioned(claim: Claim, cache: SchedulerCache): Volume {
  const { accessModes, storageClassName, resources } = claim.spec;
  const storage = resources?.requests?.["storage"];
  const name = `pvc-${claim.metadata.namespace}-${claim.metadata.name}`;
  const storageClass = cache.cluster
    .objects<StorageClass>("StorageClass")
    .get("", storageClassName ?? "");
  return {
    apiVersion: "v1",
    kind: VOLUME,
    metadata: { name, namespace: "", uid: "", resourceVersion: "", creationTimestamp: "" },
    spec: {
      ...(storage === undefined ? {} : { capacity: { storage } }),
      ...(accessModes === undefined ? {} : { accessModes }),
      ...(storageClassName === undefined ? {} : { storageClassName }),
      csi: { driver: storageClass?.provisioner ?? "", volumeHandle: name },
    },
    status: {},
  };
}
