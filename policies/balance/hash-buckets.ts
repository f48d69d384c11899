/**
 * HashBuckets: the 256 buckets over which the hashing schedulers of IPVS deal out the endpoints, in
 * turn and as often as each one weighs (IP_VS_SH_TAB_SIZE; ip_vs_sh_reassign).
 */
import type { EndpointSet } from "../../sim/network/index.ts";
import { mixHashes } from "./hash-mix.ts";

const BUCKETS = 256;
const SALT = 0x2c1b3c6d;

/** Made from a list when first asked for; can be made again. */
const tables = new WeakMap<EndpointSet, Int32Array>();

/** Index of the endpoint whose bucket the hash falls into; -1: all weights are 0. */
export function bucketOf(set: EndpointSet, hash: number): number {
  let table = tables.get(set);
  if (table === undefined) {
    table = deal(set);
    tables.set(set, table);
  }
  return table[mixHashes(hash, SALT) % BUCKETS] ?? -1;
}

function deal({ endpoints }: EndpointSet): Int32Array {
  const table = new Int32Array(BUCKETS).fill(-1);
  const total = endpoints.reduce((sum, { weight }) => sum + Math.round(weight), 0);
  if (total === 0) return table;
  let at = 0;
  let taken = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    while (taken >= Math.round(endpoints[at]?.weight ?? 0)) {
      at = (at + 1) % endpoints.length;
      taken = 0;
    }
    table[bucket] = at;
    taken++;
  }
  return table;
}
