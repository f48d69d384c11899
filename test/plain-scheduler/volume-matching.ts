/** Which existing volume a claim gets: component-helpers' storage/volume/pv_helpers.go. */
import { matchesNodeSelector } from "./node-affinity.ts";
import type { NodeState } from "./node-state.ts";
import { parseQuantity } from "./quantities.ts";
import type { Claim, Scenario, Volume } from "./scenario.ts";
import { selectorOf, selects } from "./selectors.ts";
import { classNameOf, requestedStorage } from "./volume-claims.ts";

export interface StaticBinding {
  readonly claim: Claim;
  readonly volume: Volume;
}

interface Matches {
  readonly matched: readonly StaticBinding[];
  readonly unmatched: readonly Claim[];
}

/** findMatchingVolumes, in plugins/volumebinding/binder.go: small claims choose first. */
export function matchVolumes(
  claims: readonly Claim[],
  node: NodeState,
  { persistentVolumes }: Scenario,
): Matches {
  const matched: StaticBinding[] = [];
  const unmatched: Claim[] = [];
  const free = new Set(persistentVolumes);
  for (const claim of [...claims].sort(byRequest)) {
    const volume = bestVolume(claim, [...free], node);
    if (volume === undefined) unmatched.push(claim);
    else {
      matched.push({ claim, volume });
      free.delete(volume);
    }
  }
  return { matched, unmatched };
}

function byRequest(one: Claim, other: Claim): number {
  const [mine, theirs] = [requestedStorage(one), requestedStorage(other)];
  if (mine === theirs) return 0;
  return mine < theirs ? -1 : 1;
}

/**
 * FindMatchingVolume: a volume that is promised to the claim, or the smallest that will do; of equal
 * ones the first by name, where Kubernetes takes them as they come.
 */
function bestVolume(claim: Claim, volumes: readonly Volume[], node: NodeState): Volume | undefined {
  const possible = volumes
    .filter((volume) => couldServe(volume, claim))
    .sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  // What is promised is taken or not, and ends the search: its phase is of no matter.
  const promised = possible.find((volume) => isPromisedTo(volume, claim));
  if (promised !== undefined) return reachesNode(promised, node) ? promised : undefined;
  const serving = possible.filter((volume) => isFree(volume, claim) && reachesNode(volume, node));
  return serving.reduce<Volume | undefined>(
    (best, volume) => (best === undefined || sizeOf(volume) < sizeOf(best) ? volume : best),
    undefined,
  );
}

const sizeOf = ({ spec }: Volume): bigint => parseQuantity(spec.capacity?.["storage"] ?? "0");

/** What both a promised volume and a free one must have. */
const couldServe = (volume: Volume, claim: Claim): boolean =>
  classNameOf(volume) === classNameOf(claim) &&
  (volume.spec.claimRef === undefined || isPromisedTo(volume, claim)) &&
  sizeOf(volume) >= requestedStorage(claim) &&
  (volume.spec.volumeMode ?? "Filesystem") === (claim.spec.volumeMode ?? "Filesystem") &&
  volume.metadata.deletionTimestamp === undefined;

/** IsVolumeBoundToClaim: by name, and by uid where the volume says one. */
function isPromisedTo({ spec }: Volume, { metadata }: Claim): boolean {
  const { claimRef } = spec;
  return (
    claimRef?.name === metadata.name &&
    claimRef.namespace === metadata.namespace &&
    (!claimRef.uid || claimRef.uid === (metadata.uid ?? ""))
  );
}

const isFree = ({ metadata, spec, status }: Volume, claim: Claim): boolean =>
  status.phase === "Available" &&
  (claim.spec.selector === undefined ||
    selects(selectorOf(claim.spec.selector), metadata.labels)) &&
  (claim.spec.accessModes ?? []).every((mode) => (spec.accessModes ?? []).includes(mode));

/** CheckNodeAffinity, in component-helpers' storage/volume/helpers.go: by the node's labels only. */
export function reachesNode({ spec }: Volume, { node }: NodeState): boolean {
  const required = spec.nodeAffinity?.required;
  if (required === undefined) return true;
  return matchesNodeSelector(required, { ...node, metadata: { ...node.metadata, name: "" } });
}
