/**
 * Ring hash: consistent hashing. Each endpoint stands at many points of a ring, a request goes to the
 * first point after its own hash: a list that loses one endpoint moves only that one's requests.
 * What a request is about (its key) decides, or else its client.
 *
 * Source: D. Karger et al., Consistent Hashing and Random Trees, STOC 1997; as in ketama, 160 points
 * for a weight of 1.
 */
import { hashString } from "../../sim/kernel/index.ts";
import { type Balancer, defineBalancer, type EndpointSet } from "../../sim/network/index.ts";
import { mixHashes } from "./hash-mix.ts";

const POINTS = 160;

interface Ring {
  readonly hashes: Uint32Array;
  /** Index of the endpoint that stands there. */
  readonly owners: Int32Array;
}

/** Made from a list when first asked for; can be made again. */
const rings = new WeakMap<EndpointSet, Ring>();

export function ringHash(): Balancer {
  return defineBalancer({
    name: "ring-hash",
    choose(set, { clientHash, keyHash }) {
      let ring = rings.get(set);
      if (ring === undefined) {
        ring = makeRing(set);
        rings.set(set, ring);
      }
      return ownerOf(ring, mixHashes(keyHash === 0 ? clientHash : keyHash, POINTS));
    },
  });
}

function makeRing({ endpoints }: EndpointSet): Ring {
  const points: { readonly hash: number; readonly owner: number }[] = [];
  endpoints.forEach(({ address, weight }, owner) => {
    const seed = hashString(address);
    const count = Math.round(POINTS * weight);
    for (let i = 0; i < count; i++) points.push({ hash: mixHashes(seed, i + 1), owner });
  });
  points.sort((a, b) => a.hash - b.hash || a.owner - b.owner);
  return {
    hashes: Uint32Array.from(points, ({ hash }) => hash),
    owners: Int32Array.from(points, ({ owner }) => owner),
  };
}

/** The owner of the first point at or after the hash, round the ring; -1: it is empty. */
function ownerOf({ hashes, owners }: Ring, hash: number): number {
  let low = 0;
  let high = hashes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((hashes[middle] ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  return owners[low === owners.length ? 0 : low] ?? -1;
}
