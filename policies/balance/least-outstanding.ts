/**
 * Least outstanding: the endpoint with the fewest requests on their way from this client; one of the
 * equals at random. With an exact count of all clients it would be "join the shortest queue".
 *
 * Source: `least_outstanding_requests` of AWS Application Load Balancers; gRPC's and Envoy's
 * `least_request` with all hosts looked at.
 */
import { type Balancer, defineBalancer, type EndpointSet } from "../../sim/network/index.ts";

/** Endpoints in buckets by their count of requests: the lowest bucket is found in O(1). */
interface Buckets {
  readonly counts: number[];
  readonly addresses: string[];
  /** Position in the list by slot; -1: it is not in it. */
  readonly positions: number[];
  /** Slots by count, and where each slot stands in its bucket. */
  readonly buckets: number[][];
  readonly places: number[];
  lowest: number;
}

export function leastOutstanding(): Balancer {
  return defineBalancer<Buckets>({
    name: "least-outstanding",
    createMemory: () => ({
      counts: [],
      addresses: [],
      positions: [],
      buckets: [],
      places: [],
      lowest: 0,
    }),
    changed: readList,
    choose({ endpoints }, { uniform }, memory) {
      const { buckets, lowest, positions } = memory;
      const bucket = buckets[lowest] ?? [];
      const slot = bucket[Math.floor(uniform * bucket.length)] ?? 0;
      return positions[slot] ?? endpoints.length - 1;
    },
    opened: (memory, { address, slot }) => count(memory, address, slot, 1),
    closed: (memory, { address, slot }) => count(memory, address, slot, -1),
  });
}

function readList(memory: Buckets, { endpoints, slotCount }: EndpointSet): void {
  const { addresses, buckets, counts, places, positions } = memory;
  for (let slot = 0; slot < slotCount; slot++) positions[slot] = -1;
  buckets.length = 0;
  memory.lowest = Number.POSITIVE_INFINITY;
  endpoints.forEach(({ address, slot }, at) => {
    positions[slot] = at;
    if (addresses[slot] !== address) counts[slot] = 0;
    addresses[slot] = address;
    put(buckets, places, slot, counts[slot] ?? 0);
    memory.lowest = Math.min(memory.lowest, counts[slot] ?? 0);
  });
}

function count(memory: Buckets, address: string, slot: number, change: 1 | -1): void {
  const { addresses, buckets, counts, places, positions } = memory;
  if (addresses[slot] !== address) return; // The slot has another endpoint by now.
  const old = counts[slot] ?? 0;
  const now = Math.max(0, old + change);
  counts[slot] = now;
  if ((positions[slot] ?? -1) < 0 || now === old) return;
  takeOut(buckets[old] ?? [], places, slot);
  put(buckets, places, slot, now);
  if (now < memory.lowest) memory.lowest = now;
  while ((buckets[memory.lowest]?.length ?? 0) === 0) memory.lowest++;
}

function put(buckets: number[][], places: number[], slot: number, level: number): void {
  while (buckets.length <= level) buckets.push([]);
  const bucket = buckets[level] ?? [];
  places[slot] = bucket.push(slot) - 1;
}

function takeOut(bucket: number[], places: number[], slot: number): void {
  const last = bucket.pop();
  if (last === undefined || last === slot) return;
  const place = places[slot] ?? 0;
  bucket[place] = last;
  places[last] = place;
}
