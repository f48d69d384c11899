/**
 * OpenConnections: what the balancers that go by load remember: how many connections each endpoint
 * has from here, and the endpoint with the least load. A load is what `loadOf` makes of the count
 * and the endpoint's weight.
 */
import type { Endpoint, EndpointSet } from "../../sim/network/index.ts";
import { createLoadTree, fillLoadTree, type LoadTree, leastLoaded, setLoad } from "./load-tree.ts";

export interface OpenConnections {
  /** By slot. */
  readonly counts: number[];
  readonly addresses: string[];
  /** Position in the list, by slot; -1: it is not in it. */
  readonly positions: number[];
  readonly tree: LoadTree;
}

/** The load of an endpoint; the least is chosen. Infinity: it is not to be used. */
export type LoadOf = (connections: number, weight: number) => number;

export function createOpenConnections(): OpenConnections {
  return { counts: [], addresses: [], positions: [], tree: createLoadTree() };
}

/** The list is another one: endpoints that stay keep their counts. O(endpoints). */
export function readList(memory: OpenConnections, set: EndpointSet, loadOf: LoadOf): void {
  const { addresses, counts, positions, tree } = memory;
  const { endpoints, slotCount } = set;
  for (let slot = 0; slot < slotCount; slot++) positions[slot] = -1;
  endpoints.forEach(({ address, slot }, at) => {
    positions[slot] = at;
    if (addresses[slot] === address) return;
    addresses[slot] = address;
    counts[slot] = 0;
  });
  fillLoadTree(tree, endpoints.length, (at) => {
    const { slot = 0, weight = 1 } = endpoints[at] ?? {};
    return loadOf(counts[slot] ?? 0, weight);
  });
}

/** One connection more (1) or less (-1). O(log endpoints). */
export function countConnection(
  memory: OpenConnections,
  { address, slot, weight }: Endpoint,
  change: 1 | -1,
  loadOf: LoadOf,
): void {
  const { addresses, counts, positions, tree } = memory;
  if (addresses[slot] !== address) return; // The slot has another endpoint by now.
  const count = Math.max(0, (counts[slot] ?? 0) + change);
  counts[slot] = count;
  const at = positions[slot] ?? -1;
  if (at >= 0) setLoad(tree, at, loadOf(count, weight));
}

/** Index of the endpoint with the least load, the first of equals; -1: none may be used. O(1). */
export function leastLoadedEndpoint({ tree }: OpenConnections): number {
  return leastLoaded(tree);
}
