/**
 * Session affinity ClientIP: a client stays with its endpoint until it has opened no connection for
 * the timeout. In iptables a list of recent clients, which each new connection refreshes
 * (`-m recent --rcheck --seconds`); in ipvs persistence, which does the same.
 */
import type { Micros } from "../../kernel/index.ts";
import type { Endpoint } from "./endpoint.ts";
import type { RouteSet } from "./route-set.ts";
import { Affinity, type SiteState } from "./site-state.ts";

/** Entries at least before expired ones are swept out. */
const SWEEP_AT_LEAST = 1024;

/** The endpoint that the client must stay with; undefined: it may be sent anywhere. O(1). */
export function affineEndpoint(
  site: SiteState,
  set: RouteSet,
  clientHash: number,
  nowUs: Micros,
): Endpoint | undefined {
  const entry = site.affinities?.get(clientHash);
  if (entry === undefined || nowUs - entry.lastUs >= set.affinityUs) return undefined;
  const endpoint = set.find(entry.slot, entry.address);
  if (endpoint !== undefined) entry.lastUs = nowUs;
  return endpoint;
}

/** Remembers where the client was sent. O(1) on average. */
export function keepAffinity(
  site: SiteState,
  set: RouteSet,
  clientHash: number,
  { address, slot }: Endpoint,
  nowUs: Micros,
): void {
  site.affinities ??= new Map();
  const entry = site.affinities.get(clientHash);
  if (entry !== undefined) {
    entry.address = address;
    entry.slot = slot;
    entry.lastUs = nowUs;
    return;
  }
  if (site.affinities.size >= site.sweepAt) sweep(site, site.affinities, set.affinityUs, nowUs);
  site.affinities.set(clientHash, new Affinity(address, slot, nowUs));
}

function sweep(
  site: SiteState,
  affinities: Map<number, Affinity>,
  affinityUs: Micros,
  nowUs: Micros,
): void {
  for (const [hash, { lastUs }] of affinities)
    if (nowUs - lastUs >= affinityUs) affinities.delete(hash);
  site.sweepAt = Math.max(SWEEP_AT_LEAST, 2 * affinities.size);
}
