/** Random volumes of pods, with claims and volumes that they may be about. */
import type { Draws } from "./random-draws.ts";
import type { core } from "./scenario.ts";
import { HOSTNAME, REGION, ZONE } from "./topology.ts";
import { BIND_COMPLETED, SELECTED_NODE } from "./volume-claims.ts";

const CLAIM_NAMES = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];
const CLAIM_NAMESPACES = ["default", "team-a", "team-b"];
const BETA_ZONE = "failure-domain.beta.kubernetes.io/zone";

export const drawSize = (draws: Draws): string => draws.pick(["1Gi", "2Gi", "5G", "500Mi", "3Gi"]);

export const drawClaimName = (draws: Draws): string => draws.pick(CLAIM_NAMES);

/** One or two volumes, no two of them with the same claim. */
export function drawPodVolumes(draws: Draws): core.Volume[] {
  const volumes = draws.times(draws.integer(1, 2), (index) => ({
    name: `v${index}`,
    ...drawVolumeSource(draws),
  }));
  return withDistinctClaims(volumes);
}

export function withDistinctClaims(volumes: readonly core.Volume[]): core.Volume[] {
  const names = volumes.map((volume) => volume.persistentVolumeClaim?.claimName);
  return volumes.filter(
    (_, index) => names[index] === undefined || names.indexOf(names[index]) === index,
  );
}

function drawVolumeSource(draws: Draws): Omit<core.Volume, "name"> {
  const readOnly = draws.maybe(0.5, () => ({ readOnly: true }));
  switch (draws.integer(1, 12)) {
    case 1:
    case 2:
    case 3:
      return { persistentVolumeClaim: { claimName: drawClaimName(draws) } };
    case 4: {
      const claimName = draws.chance(0.05) ? "nope" : drawClaimName(draws);
      return { persistentVolumeClaim: { claimName } };
    }
    case 5:
      return { gcePersistentDisk: { pdName: draws.pick(["g1", "g2"]), ...readOnly } };
    case 6:
      return { awsElasticBlockStore: { volumeID: draws.pick(["vol-1", "vol-2", "vol-3"]) } };
    case 7: {
      const monitors = [...draws.some(["m1", "m2", "m3"], 0.6), "m9"];
      const pool = draws.maybe(0.5, () => ({ pool: draws.pick(["rbd", "x"]) }));
      return { rbd: { monitors, image: draws.pick(["i", "j"]), ...pool, ...readOnly } };
    }
    case 8: {
      const iqn = draws.pick(["q1", "q2"]);
      return { iscsi: { targetPortal: "x", iqn, lun: 0, readOnly: draws.chance(0.5) } };
    }
    case 9:
    case 10:
      return { azureDisk: { diskName: draws.pick(["d1", "d2", "d3"]), diskURI: "u" } };
    case 11:
      return { emptyDir: {} };
    default:
      return { ephemeral: {} };
  }
}

/** Objects as they stand in a scenario. */
export interface RandomClaims {
  readonly persistentVolumeClaims: unknown[];
  readonly persistentVolumes: unknown[];
}

/** Bound claims with their volumes, unbound ones, promised volumes and free ones. */
export function drawClaims(draws: Draws, nodeNames: readonly string[]): RandomClaims {
  const claims: RandomClaims = { persistentVolumeClaims: [], persistentVolumes: [] };
  for (const namespace of CLAIM_NAMESPACES) {
    for (const name of CLAIM_NAMES) {
      if (draws.chance(0.95)) addClaim(draws, claims, { namespace, name, nodeNames });
    }
  }
  for (const index of draws.times(draws.integer(3, 14), (free) => free)) {
    const volume = drawVolume(draws, `free-${index}`, {
      nodeNames,
      storageClassName: draws.pick(["static", "static", "wait"]),
      phase: draws.chance(0.9) ? "Available" : "Released",
    });
    claims.persistentVolumes.push(volume);
  }
  return claims;
}

interface ClaimPlace {
  readonly namespace: string;
  readonly name: string;
  readonly nodeNames: readonly string[];
}

const CLASSES = ["wait", "wait", "wait2", "static", "static", "imm", "", "gone"];

function addClaim(draws: Draws, claims: RandomClaims, place: ClaimPlace): void {
  const { namespace, name, nodeNames } = place;
  const storageClassName = draws.pick(CLASSES);
  const uid = `${namespace}${name}`;
  const isBound = draws.chance(0.45);
  const claimRef = { namespace, name };
  if (isBound && draws.chance(0.95)) {
    const volume = { nodeNames, storageClassName, phase: "Bound", claimRef: { ...claimRef, uid } };
    claims.persistentVolumes.push(drawVolume(draws, `pv-${uid}`, volume));
  }
  if (!isBound && draws.chance(0.1)) {
    const volume = {
      nodeNames,
      storageClassName: draws.pick([storageClassName, "static"]),
      phase: "Available",
      claimRef: { ...claimRef, ...draws.maybe(0.5, () => ({ uid: draws.pick([uid, "other"]) })) },
    };
    claims.persistentVolumes.push(drawVolume(draws, `pre-${uid}`, volume));
  }
  const unboundPhase = draws.chance(0.03) ? "Lost" : "Pending";
  claims.persistentVolumeClaims.push({
    metadata: {
      name,
      namespace,
      uid,
      annotations: {
        ...(isBound && draws.maybe(0.95, () => ({ [BIND_COMPLETED]: "yes" }))),
        ...(!isBound && draws.maybe(0.1, () => ({ [SELECTED_NODE]: draws.pick(nodeNames) }))),
      },
      ...draws.maybe(0.02, () => ({ deletionTimestamp: "2024-01-01T00:00:00Z" })),
    },
    spec: {
      accessModes: [draws.pick(["ReadWriteOnce", "ReadWriteOnce", "ReadWriteOncePod"])],
      resources: { requests: { storage: drawSize(draws) } },
      ...(storageClassName !== "" && { storageClassName }),
      ...(isBound ? { volumeName: `pv-${uid}` } : drawWishes(draws)),
    },
    status: { phase: isBound ? "Bound" : unboundPhase },
  });
}

/** What an unbound claim can want of its volume. */
const drawWishes = (draws: Draws): object => ({
  ...draws.maybe(0.15, () => ({
    selector: { matchLabels: { kind: draws.pick(["fast", "slow"]) } },
  })),
  ...draws.maybe(0.1, () => ({ volumeMode: "Block" })),
});

interface VolumeOf {
  readonly nodeNames: readonly string[];
  /** "": none. */
  readonly storageClassName: string;
  readonly phase: string;
  readonly claimRef?: object;
}

function drawVolume(
  draws: Draws,
  name: string,
  { nodeNames, storageClassName, phase, claimRef }: VolumeOf,
): unknown {
  const accessModes = [["ReadWriteOnce"], ["ReadWriteOnce", "ReadOnlyMany"]];
  return {
    metadata: { name, ...drawVolumeLabels(draws) },
    spec: {
      capacity: { storage: drawSize(draws) },
      accessModes: draws.pick(accessModes),
      ...draws.maybe(0.1, () => ({ volumeMode: "Block" })),
      ...drawVolumeAffinity(draws, nodeNames),
      ...draws.pick([
        { csi: { driver: draws.pick(["csi.a", "csi.b"]), volumeHandle: `h-${name}` } },
        { local: { path: "/x" } },
        { awsElasticBlockStore: { volumeID: "vol-9" } },
        { gcePersistentDisk: { pdName: "g1" } },
      ]),
      ...(storageClassName !== "" && { storageClassName }),
      ...(claimRef !== undefined && { claimRef }),
    },
    status: { phase },
  };
}

/** Zones are old and new labels, several of them in one, or one that is empty. */
function drawVolumeLabels(draws: Draws): { labels?: Record<string, string> } {
  if (draws.chance(0.3)) {
    const zones = ["z1", "z1__z2", "e", "z3__ ", "w"];
    return { labels: { [draws.pick([ZONE, REGION, BETA_ZONE])]: draws.pick(zones) } };
  }
  return draws.maybe(0.3, () => ({ labels: { kind: draws.pick(["fast", "slow"]) } })) ?? {};
}

const affinityTo = (...nodeSelectorTerms: core.NodeSelectorTerm[]): object => ({
  nodeAffinity: { required: { nodeSelectorTerms } },
});

function drawVolumeAffinity(draws: Draws, nodeNames: readonly string[]): object | undefined {
  switch (draws.integer(1, 3)) {
    case 1:
      return undefined;
    case 2:
      return drawHostAffinity(draws, nodeNames);
    default:
      return drawZoneAffinity(draws);
  }
}

function drawHostAffinity(draws: Draws, nodeNames: readonly string[]): object {
  const values = [...draws.some(nodeNames, 0.4), draws.pick(nodeNames)];
  return affinityTo({ matchExpressions: [{ key: HOSTNAME, operator: "In", values }] });
}

function drawZoneAffinity(draws: Draws): object {
  const zone: core.NodeSelectorTerm = {
    matchExpressions: [{ key: ZONE, operator: "In", values: [draws.pick(["z1", "z2"])] }],
  };
  const anyDisk: core.NodeSelectorTerm = {
    matchExpressions: [{ key: "disk", operator: "Exists" }],
  };
  return affinityTo(zone, ...(draws.chance(0.3) ? [anyDisk] : []));
}
