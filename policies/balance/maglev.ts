/**
 * Maglev: consistent hashing by a table that the endpoints fill in turns, each in an order of its
 * own: shares are even to within one entry, and few requests move when the list changes.
 * What a request is about (its key) decides, or else its client.
 *
 * Source: D. Eisenbud et al., Maglev, NSDI 2016, section 3.4; a table of 65,537 as in Envoy.
 */
import { hashString } from "../../sim/kernel/index.ts";
import { type Balancer, defineBalancer, type EndpointSet } from "../../sim/network/index.ts";
import { mixHashes } from "./hash-mix.ts";

/** A prime, much more than there are endpoints. */
export const MAGLEV_TABLE_SIZE = 65_537;

const OFFSET_SALT = 0x1b873593;
const SKIP_SALT = 0x7feb352d;
const KEY_SALT = 0x4cf5ad43;

/** Made from a list when first asked for; can be made again. */
const tables = new WeakMap<EndpointSet, Int32Array>();

export function maglev(): Balancer {
  return defineBalancer({
    name: "maglev",
    choose(set, { clientHash, keyHash }) {
      const hash = mixHashes(keyHash === 0 ? clientHash : keyHash, KEY_SALT);
      return maglevTable(set)[hash % MAGLEV_TABLE_SIZE] ?? -1;
    },
  });
}

/** Index of the endpoint by entry; -1 throughout when all weights are 0. */
export function maglevTable(set: EndpointSet): Int32Array {
  let table = tables.get(set);
  if (table === undefined) {
    table = fill(set);
    tables.set(set, table);
  }
  return table;
}

function fill({ endpoints }: EndpointSet): Int32Array {
  const table = new Int32Array(MAGLEV_TABLE_SIZE).fill(-1);
  const greatest = endpoints.reduce((max, { weight }) => Math.max(max, weight), 0);
  if (greatest === 0) return table;
  const turns = endpoints.map(({ address, weight }) => {
    const hash = hashString(address);
    const offset = mixHashes(hash, OFFSET_SALT) % MAGLEV_TABLE_SIZE;
    const skip = (mixHashes(hash, SKIP_SALT) % (MAGLEV_TABLE_SIZE - 1)) + 1;
    return { entry: offset, skip, share: weight / greatest, credit: 0 };
  });
  for (let filled = 0; ; ) {
    for (const [owner, turn] of turns.entries()) {
      turn.credit += turn.share;
      if (turn.credit < 1) continue;
      turn.credit -= 1;
      while (table[turn.entry] !== -1) turn.entry = (turn.entry + turn.skip) % MAGLEV_TABLE_SIZE;
      table[turn.entry] = owner;
      filled++;
      if (filled === MAGLEV_TABLE_SIZE) return table;
    }
  }
}
