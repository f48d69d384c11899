/** NameCache: answers about names, each until its time is over. Plain data. */
import type { Micros } from "../../kernel/index.ts";
import type { EndpointSet, NameLead } from "../proxy/index.ts";

/** What a name server says about a name. */
export interface NameAnswer {
  readonly exists: boolean;
  /** The addresses of a headless Service; undefined: there is one, the Service's own. */
  readonly records: EndpointSet | undefined;
  /** The Service that has the name, or where the CNAMEs of ExternalNames lead. */
  readonly lead: NameLead;
  /** Until when it may be told on. */
  readonly untilUs: Micros;
}

export type NameCache = Map<string, NameAnswer>;

/** The caches of many clients or pods. */
export type NameCaches = Map<number, NameCache>;

/** Caches of clients after which those with nothing in them that is known still are thrown away. Our assumption. */
const SWEEP_CACHES_AT = 4096;

/** Entries after which those that are over are thrown away. Our assumption. */
const SWEEP_AT = 4096;

/** The answer if it is known still. */
export function remembered(cache: NameCache, name: string, nowUs: Micros): NameAnswer | undefined {
  const answer = cache.get(name);
  if (answer === undefined) return undefined;
  if (answer.untilUs > nowUs) return answer;
  cache.delete(name);
  return undefined;
}

export function remember(
  cache: NameCache,
  name: string,
  answer: NameAnswer,
  nowUs: Micros,
): NameAnswer {
  if (cache.size >= SWEEP_AT)
    for (const [old, { untilUs }] of cache) if (untilUs <= nowUs) cache.delete(old);
  cache.set(name, answer);
  return answer;
}

/** The cache with this key; made when there is none. */
export function cacheOf(caches: NameCaches, key: number): NameCache {
  let cache = caches.get(key);
  if (cache === undefined) {
    cache = new Map();
    caches.set(key, cache);
  }
  return cache;
}

/**
 * Throws away the caches in which nothing is known any more, when there are `sweepAt` of them or more.
 * Returns at how many this is worth while again. O(1) on average.
 */
export function sweepCaches(caches: NameCaches, sweepAt: number, nowUs: Micros): number {
  if (caches.size < Math.max(sweepAt, SWEEP_CACHES_AT)) return sweepAt;
  for (const [key, cache] of caches) {
    for (const [name, { untilUs }] of cache) if (untilUs <= nowUs) cache.delete(name);
    if (cache.size === 0) caches.delete(key);
  }
  return 2 * caches.size;
}
