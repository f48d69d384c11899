/**
 * OpenConnections: what the balancers that go by load remember: how many connections each endpoint
 * has from here, and the endpoint with the least load. A load is what `loadOf` makes of the count,
 * the endpoint's weight and, where they count too, its connections that have ended lately.
 */
import type { Micros } from "../../sim/kernel/index.ts";
import type { Endpoint, EndpointSet } from "../../sim/network/index.ts";
import {
  addInactive,
  clearInactive,
  createInactiveConnections,
  type InactiveConnections,
  nextExpired,
} from "./inactive-connections.ts";
import { createLoadTree, fillLoadTree, type LoadTree, leastLoaded, setLoad } from "./load-tree.ts";

export interface OpenConnections {
  /** By slot. */
  readonly counts: number[];
  readonly addresses: string[];
  /** Position in the list, by slot; -1: it is not in it. */
  readonly positions: number[];
  readonly weights: number[];
  readonly tree: LoadTree;
  /** undefined: they do not count. */
  readonly inactive: InactiveConnections | undefined;
}

/** The load of an endpoint; the least is chosen. Infinity: it is not to be used. */
export type LoadOf = (connections: number, weight: number, inactive: number) => number;

export function createOpenConnections(countsInactive: boolean): OpenConnections {
  return {
    counts: [],
    addresses: [],
    positions: [],
    weights: [],
    tree: createLoadTree(),
    inactive: countsInactive ? createInactiveConnections() : undefined,
  };
}

/** The list is another one: endpoints that stay keep their counts. O(endpoints). */
export function readList(memory: OpenConnections, set: EndpointSet, loadOf: LoadOf): void {
  const { addresses, counts, inactive, positions, tree, weights } = memory;
  const { endpoints, slotCount } = set;
  for (let slot = 0; slot < slotCount; slot++) positions[slot] = -1;
  endpoints.forEach(({ address, slot, weight }, at) => {
    positions[slot] = at;
    weights[slot] = weight;
    if (addresses[slot] === address) return;
    addresses[slot] = address;
    counts[slot] = 0;
    if (inactive !== undefined) clearInactive(inactive, slot);
  });
  fillLoadTree(tree, endpoints.length, (at) => loadAt(memory, endpoints[at]?.slot ?? 0, loadOf));
}

/** A connection is opened. O(log endpoints). */
export function openConnection(
  memory: OpenConnections,
  { address, slot }: Endpoint,
  loadOf: LoadOf,
): void {
  const { addresses, counts } = memory;
  if (addresses[slot] !== address) return; // The slot has another endpoint by now.
  counts[slot] = (counts[slot] ?? 0) + 1;
  update(memory, slot, loadOf);
}

/** A connection has ended now. O(log endpoints). */
export function closeConnection(
  memory: OpenConnections,
  { address, slot }: Endpoint,
  nowUs: Micros,
  loadOf: LoadOf,
): void {
  const { addresses, counts, inactive } = memory;
  if (addresses[slot] !== address) return;
  counts[slot] = Math.max(0, (counts[slot] ?? 0) - 1);
  if (inactive !== undefined) addInactive(inactive, slot, nowUs);
  update(memory, slot, loadOf);
}

/** Forgets ended connections whose time is over. O(log endpoints) each. */
export function forgetEnded(memory: OpenConnections, nowUs: Micros, loadOf: LoadOf): void {
  const { inactive } = memory;
  if (inactive === undefined) return;
  for (let slot = nextExpired(inactive, nowUs); slot >= 0; slot = nextExpired(inactive, nowUs))
    update(memory, slot, loadOf);
}

function update(memory: OpenConnections, slot: number, loadOf: LoadOf): void {
  const at = memory.positions[slot] ?? -1;
  if (at >= 0) setLoad(memory.tree, at, loadAt(memory, slot, loadOf));
}

function loadAt(
  { counts, inactive, weights }: OpenConnections,
  slot: number,
  loadOf: LoadOf,
): number {
  return loadOf(counts[slot] ?? 0, weights[slot] ?? 1, inactive?.counts[slot] ?? 0);
}

/** Index of the endpoint with the least load, the first of equals; -1: none may be used. O(1). */
export function leastLoadedEndpoint({ tree }: OpenConnections): number {
  return leastLoaded(tree);
}
