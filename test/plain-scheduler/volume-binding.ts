/** VolumeBinding: plugins/volumebinding/volume_binding.go and binder.go. */
import { valuesInAll } from "./node-affinity.ts";
import type { NodeState } from "./node-state.ts";
import { type Claim, keyOf, type Pod, type Scenario, type Volume } from "./scenario.ts";
import { type BoundVolumes, type Status, unresolvable } from "./step.ts";
import { HOSTNAME } from "./topology.ts";
import {
  BIND_COMPLETED,
  claimUsesOf,
  classNameOf,
  classOf,
  findClaim,
  findVolume,
  foreignClaim,
  SELECTED_NODE,
} from "./volume-claims.ts";
import { matchVolumes, reachesNode, type StaticBinding } from "./volume-matching.ts";
import { provisioningProblem } from "./volume-provisioning.ts";
import { claimNotFound } from "./volume-restrictions.ts";

const PLUGIN = "VolumeBinding";

/** The pod's claims, as PreFilter sorts them. */
export interface PodClaims {
  readonly bound: readonly Claim[];
  /** Bound when the pod has a node. */
  readonly delayed: readonly Claim[];
  /** The only nodes that local volumes leave (GetEligibleNodes); undefined: any. */
  readonly nodeNames: ReadonlySet<string> | undefined;
}

/** PreFilter: a status rejects the pod everywhere; undefined: no claims, the filter is skipped. */
export function podClaimsOf(pod: Pod, scenario: Scenario): PodClaims | Status | undefined {
  const uses = claimUsesOf(pod);
  if (uses.length === 0) return undefined;
  const claims: Claim[] = [];
  for (const { claimName, isEphemeral } of uses) {
    const claim = findClaim(scenario, pod, claimName);
    const problem = claimProblem(claim, { pod, claimName, isEphemeral });
    if (problem !== undefined) return unresolvable(PLUGIN, problem);
    if (claim !== undefined) claims.push(claim);
  }
  // A claim that names its volume before binding is complete is neither bound nor delayed.
  const bound = claims.filter(isBound);
  const delayed = claims.filter((claim) => !isBound(claim) && isDelayed(claim, scenario));
  if (bound.length + delayed.length < claims.length) {
    return unresolvable(PLUGIN, "pod has unbound immediate PersistentVolumeClaims");
  }
  return { bound, delayed, nodeNames: eligibleNodes(bound, scenario) };
}

interface Use {
  readonly pod: Pod;
  readonly claimName: string;
  readonly isEphemeral: boolean;
}

/** podHasPVCs */
function claimProblem(
  claim: Claim | undefined,
  { pod, claimName, isEphemeral }: Use,
): string | undefined {
  const named = `persistentvolumeclaim "${claimName}"`;
  if (claim === undefined) {
    if (!isEphemeral) return claimNotFound(claimName);
    return `waiting for ephemeral volume controller to create the ${named}`;
  }
  if (claim.status.phase === "Lost") {
    return `${named} bound to non-existent persistentvolume "${claim.spec.volumeName ?? ""}"`;
  }
  if (claim.metadata.deletionTimestamp !== undefined) return `${named} is being deleted`;
  return isEphemeral ? foreignClaim(pod, claim) : undefined;
}

/** isPVCFullyBound */
const isBound = ({ metadata, spec }: Claim): boolean =>
  Boolean(spec.volumeName) && Object.hasOwn(metadata.annotations ?? {}, BIND_COMPLETED);

const isDelayed = (claim: Claim, scenario: Scenario): boolean =>
  !claim.spec.volumeName && classOf(scenario, claim)?.volumeBindingMode === "WaitForFirstConsumer";

/** GetEligibleNodes: a bound claim without its volume leaves the question open. */
function eligibleNodes(bound: readonly Claim[], scenario: Scenario): Set<string> | undefined {
  let eligible: Set<string> | undefined;
  for (const claim of bound) {
    const volume = findVolume(scenario, claim);
    if (volume === undefined) return undefined;
    const names = hostnamesOf(volume);
    if (names.size === 0) continue;
    eligible = eligible === undefined ? names : intersection(eligible, names);
  }
  return eligible;
}

export const intersection = (one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> =>
  new Set([...one].filter((name) => other.has(name)));

/** GetLocalPersistentVolumeNodeNames, in pkg/volume/util/util.go */
const hostnamesOf = ({ spec }: Volume): Set<string> =>
  new Set(
    (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap(
      ({ matchExpressions = [] }) => valuesInAll(matchExpressions, HOSTNAME) ?? [],
    ),
  );

/** What a node can do for the claims. */
interface PodVolumes {
  readonly reasons: readonly string[];
  readonly static: readonly StaticBinding[];
  readonly dynamic: readonly Claim[];
}

/** FindPodVolumes */
function findPodVolumes(claims: PodClaims, node: NodeState, scenario: Scenario): PodVolumes {
  const forBound = boundProblem(claims.bound, node, scenario);
  const forDelayed = planBindings(claims.delayed, node, scenario);
  return {
    ...forDelayed,
    reasons: [forBound, forDelayed.problem].filter((reason) => reason !== undefined),
  };
}

/** checkBoundClaims, at the first claim with a problem. */
function boundProblem(
  bound: readonly Claim[],
  node: NodeState,
  scenario: Scenario,
): string | undefined {
  for (const claim of bound) {
    const volume = findVolume(scenario, claim);
    if (volume === undefined) {
      return "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
    }
    if (!reachesNode(volume, node)) return "node(s) had volume node affinity conflict";
  }
  return undefined;
}

interface BindingPlan {
  readonly problem: string | undefined;
  readonly static: readonly StaticBinding[];
  readonly dynamic: readonly Claim[];
}

/** Claims whose node is chosen already are only provisioned, the others also matched. */
function planBindings(delayed: readonly Claim[], node: NodeState, scenario: Scenario): BindingPlan {
  const nodeOf = ({ metadata }: Claim): string | undefined => metadata.annotations?.[SELECTED_NODE];
  const chosen = delayed.filter((claim) => nodeOf(claim) !== undefined);
  if (chosen.some((claim) => nodeOf(claim) !== node.name)) {
    const problem = "node(s) didn't find available persistent volumes to bind";
    return { problem, static: [], dynamic: [] };
  }
  const open = delayed.filter((claim) => nodeOf(claim) === undefined);
  const { matched, unmatched } = matchVolumes(open, node, scenario);
  const dynamic = [...chosen, ...unmatched];
  return { problem: provisioningProblem(dynamic, node, scenario), static: matched, dynamic };
}

export function filterVolumes(
  claims: PodClaims,
  node: NodeState,
  scenario: Scenario,
): Status | undefined {
  const { reasons } = findPodVolumes(claims, node, scenario);
  return reasons.length > 0 ? unresolvable(PLUGIN, ...reasons) : undefined;
}

/**
 * Reserve and PreBind, with what the volume controller and the provisioner do afterwards, all at once
 * as docs/conformance.md describes it. Undefined: there was nothing to bind.
 */
export function bindVolumes(
  claims: PodClaims,
  node: NodeState,
  scenario: Scenario,
): BoundVolumes | undefined {
  const found = findPodVolumes(claims, node, scenario);
  const bound: BoundVolumes = {};
  if (found.static.length > 0) {
    bound.static = found.static
      .map(({ claim, volume }) => ({ pvc: keyOf(claim), pv: volume.metadata.name }))
      .sort((one, other) => (one.pvc < other.pvc ? -1 : 1));
  }
  if (found.dynamic.length > 0) bound.dynamic = found.dynamic.map(keyOf).sort();
  for (const { claim, volume } of found.static) bind(claim, volume);
  for (const claim of found.dynamic) {
    const volume = provisionedVolume(claim, scenario);
    scenario.persistentVolumes.push(volume);
    bind(claim, volume);
  }
  return bound.static || bound.dynamic ? bound : undefined;
}

function bind(claim: Claim, volume: Volume): void {
  const { name, namespace, uid = "" } = claim.metadata;
  volume.spec.claimRef = { namespace, name, uid };
  volume.status.phase = "Bound";
  claim.spec.volumeName = volume.metadata.name;
  claim.metadata.annotations = { ...claim.metadata.annotations, [BIND_COMPLETED]: "yes" };
  claim.status.phase = "Bound";
}

function provisionedVolume(claim: Claim, scenario: Scenario): Volume {
  const { name: claimName, namespace } = claim.metadata;
  const name = `pvc-${namespace}-${claimName}`;
  const { accessModes = [], resources } = claim.spec;
  const driver = classOf(scenario, claim)?.provisioner ?? "";
  return {
    metadata: { name, namespace: "default", labels: {} },
    spec: {
      capacity: { storage: resources?.requests?.["storage"] ?? "0" },
      accessModes,
      storageClassName: classNameOf(claim),
      csi: { driver, volumeHandle: name },
    },
    status: {},
  };
}
