/**
 * ReachableVolumes: finds, for node after node, the first of many volumes that the node can reach.
 * Local volumes are looked up by the host that they are on, so that a thousand nodes with a disk each
 * do not cost a million comparisons.
 */
import { type core, isVolumeOnNode, type PersistentVolume } from "../../sim/api/index.ts";

const HOSTNAME = "kubernetes.io/hostname";
const NO_RANKS: readonly number[] = [];

export class ReachableVolumes {
  readonly #volumes: readonly PersistentVolume[];
  /** Places, in order, of volumes that are on certain hosts only, by host. */
  readonly #local = new Map<string, number[]>();
  /** Places of the others, in order. */
  readonly #elsewhere: number[] = [];

  /** `volumes` in the order in which they are to be tried. O(n). */
  constructor(volumes: readonly PersistentVolume[]) {
    this.#volumes = volumes;
    volumes.forEach((volume, rank) => {
      const hosts = hostsOf(volume.spec.nodeAffinity?.required);
      if (hosts === undefined) this.#elsewhere.push(rank);
      else for (const host of hosts) this.#add(host, rank);
    });
  }

  /** The first volume that a node with these labels reaches and that is not taken. */
  first(
    labels: Readonly<Record<string, string>>,
    isTaken: (volume: PersistentVolume) => boolean,
  ): PersistentVolume | undefined {
    const local = this.#local.get(labels[HOSTNAME] ?? "") ?? NO_RANKS;
    const elsewhere = this.#elsewhere;
    for (let i = 0, j = 0; i < local.length || j < elsewhere.length; ) {
      const a = local[i] ?? Number.POSITIVE_INFINITY;
      const b = elsewhere[j] ?? Number.POSITIVE_INFINITY;
      if (a < b) i++;
      else j++;
      const volume = this.#volumes[Math.min(a, b)];
      if (volume !== undefined && isVolumeOnNode(volume, labels) && !isTaken(volume)) return volume;
    }
    return undefined;
  }

  #add(host: string, rank: number): void {
    const ranks = this.#local.get(host);
    if (ranks === undefined) this.#local.set(host, [rank]);
    else ranks.push(rank);
  }
}

/** The hosts on one of which a node must be; undefined: the affinity leaves that open. */
function hostsOf(required: core.NodeSelector | undefined): ReadonlySet<string> | undefined {
  const terms = required?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return undefined;
  const hosts = new Set<string>();
  for (const { matchExpressions = [] } of terms) {
    const named = matchExpressions.find(
      ({ key, operator }) => key === HOSTNAME && operator === "In",
    );
    if (named === undefined) return undefined;
    for (const host of named.values ?? []) hosts.add(host);
  }
  return hosts;
}
