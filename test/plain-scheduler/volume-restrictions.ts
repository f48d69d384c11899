/** VolumeRestrictions: plugins/volumerestrictions/volume_restrictions.go. */
import type { IncomingPod } from "./incoming-pod.ts";
import type { NodeState } from "./node-state.ts";
import type { core, Pod } from "./scenario.ts";
import { type Status, unresolvable, unschedulable } from "./step.ts";
import { claimNamesOf, claimUsesOf, findClaim } from "./volume-claims.ts";

const PLUGIN = "VolumeRestrictions";

/** What the filter knows of one pod. */
export class ExclusiveClaims {
  readonly #pod: Pod;
  /** Claims of the pod with access mode ReadWriteOncePod. */
  readonly #names: ReadonlySet<string>;
  /** Uses of them by pods on nodes: on any node, since one pod in the cluster may have each. */
  #useCount: number;

  constructor(pod: Pod, names: ReadonlySet<string>, useCount: number) {
    this.#pod = pod;
    this.#names = names;
    this.#useCount = useCount;
  }

  /** PreFilter: a status rejects the pod everywhere; undefined: the filter is skipped. */
  static of({ pod, cluster, scenario }: IncomingPod): ExclusiveClaims | Status | undefined {
    const names = new Set<string>();
    for (const name of claimNamesOf(pod)) {
      const claim = findClaim(scenario, pod, name);
      if (claim === undefined) return unresolvable(PLUGIN, claimNotFound(name));
      if (claim.spec.accessModes?.includes("ReadWriteOncePod")) names.add(name);
    }
    const others = cluster.nodes
      .flatMap(({ pods }) => pods)
      .filter(({ metadata }) => metadata.namespace === pod.metadata.namespace);
    const used = new Set(others.flatMap(claimUsesOf).map(({ claimName }) => claimName));
    const useCount = [...names].filter((name) => used.has(name)).length;
    if (useCount === 0 && !(pod.spec.volumes ?? []).some(isDisk)) return undefined;
    return new ExclusiveClaims(pod, names, useCount);
  }

  clone(): ExclusiveClaims {
    return new ExclusiveClaims(this.#pod, this.#names, this.#useCount);
  }

  /** updateWithPod: it doesn't ask for the other pod's namespace. */
  update(other: Pod, sign: 1 | -1): void {
    this.#useCount += sign * claimNamesOf(other).filter((name) => this.#names.has(name)).length;
  }

  filter({ pods }: NodeState): Status | undefined {
    const taken = pods.flatMap(({ spec }) => spec.volumes ?? []);
    const wanted = this.#pod.spec.volumes ?? [];
    if (wanted.some((disk) => taken.some((other) => excludes(disk, other)))) {
      return unschedulable(PLUGIN, "node(s) had no available disk");
    }
    // Evicting two pods that use one claim can take the count below 0.
    if (this.#useCount <= 0) return undefined;
    return unschedulable(
      PLUGIN,
      "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
    );
  }
}

export const claimNotFound = (name: string): string => `persistentvolumeclaim "${name}" not found`;

/** needsRestrictionsCheck */
const isDisk = (volume: core.Volume): boolean =>
  volume.gcePersistentDisk !== undefined ||
  volume.awsElasticBlockStore !== undefined ||
  volume.rbd !== undefined ||
  volume.iscsi !== undefined;

interface MayBeReadOnly {
  readonly readOnly?: boolean;
}

const isShared = (one: MayBeReadOnly, other: MayBeReadOnly): boolean =>
  one.readOnly === true && other.readOnly === true;

/** isVolumeConflict: the same disk, which not both of them only read. */
function excludes(one: core.Volume, other: core.Volume): boolean {
  const [gce, otherGce] = [one.gcePersistentDisk, other.gcePersistentDisk];
  if (gce && otherGce && gce.pdName === otherGce.pdName && !isShared(gce, otherGce)) return true;
  // An EBS volume can be attached once, for reading too.
  const [ebs, otherEbs] = [one.awsElasticBlockStore, other.awsElasticBlockStore];
  if (ebs && otherEbs && ebs.volumeID === otherEbs.volumeID) return true;
  const [iscsi, otherIscsi] = [one.iscsi, other.iscsi];
  if (iscsi && otherIscsi && iscsi.iqn === otherIscsi.iqn && !isShared(iscsi, otherIscsi)) {
    return true;
  }
  const [rbd, otherRbd] = [one.rbd, other.rbd];
  return Boolean(rbd && otherRbd && isSameRbd(rbd, otherRbd) && !isShared(rbd, otherRbd));
}

const isSameRbd = (one: core.RBDVolumeSource, other: core.RBDVolumeSource): boolean =>
  (one.monitors ?? []).some((monitor) => (other.monitors ?? []).includes(monitor)) &&
  (one.pool ?? "") === (other.pool ?? "") &&
  one.image === other.image;
