/**
 * ServiceHistory: the versions of a Service as one proxy after the other comes to know them.
 *
 * A version is the Service with its EndpointSlices after one change. Each proxy has a version from
 * the moment on which is the version's time plus the proxy's own lag for that change, and uses the
 * newest it has. So a proxy never goes back, and what all proxies know costs no event: versions
 * are kept until every proxy has a newer one.
 */
import type { EndpointSlice, Service } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

export interface ServiceVersion {
  /** Counts the Service's changes, from 1. */
  readonly number: number;
  /** When the proxies were told of it. */
  readonly timeUs: Micros;
  /** undefined: there is no such Service. */
  readonly service: Service | undefined;
  /** The slices of the Service, by key. */
  readonly slices: readonly EndpointSlice[];
}

/** What one node's proxy has of one Service. */
export interface ProxyEntry {
  /** Number of the version that it was last seen to have; 0: none. Saves looking at older ones. */
  seen: number;
  /** The balancer's memory. */
  readonly memory: object;
}

/** How long after a version's time the proxy of a node has it. The same whenever it is asked. */
export type LagOf = (history: ServiceHistory, version: ServiceVersion, node: number) => Micros;

/** Versions kept at least before it is asked which of them are still needed. */
const PRUNE_AT_LEAST = 16;

/** The versions of one Service, oldest first, and what the proxies remember of it. */
export class ServiceHistory {
  readonly key: string;
  readonly hash: number;
  readonly versions: ServiceVersion[] = [];
  /** By node number. */
  readonly entries = new Map<number, ProxyEntry>();
  /** Versions that were there before the oldest one kept. */
  droppedCount = 0;
  /** Length of `versions` at which unneeded ones are looked for. */
  pruneAt = PRUNE_AT_LEAST;

  constructor(key: string, hash: number) {
    this.key = key;
    this.hash = hash;
  }

  /** Adds a version. Changes within one microsecond are one: nobody can have seen the first. */
  publish(service: Service | undefined, slices: readonly EndpointSlice[], timeUs: Micros): void {
    const last = this.versions.at(-1);
    const isAmended = last?.timeUs === timeUs;
    const number = (last?.number ?? 0) + (isAmended ? 0 : 1);
    if (isAmended) this.versions.pop();
    this.versions.push({ number, timeUs, service, slices });
  }

  /** The newest version that a node's proxy has; undefined: none. O(versions it has not). */
  seenBy(node: number, nowUs: Micros, lagOf: LagOf): ServiceVersion | undefined {
    const version = this.versions[seenIndex(this, node, nowUs, lagOf)];
    const entry = this.entries.get(node);
    if (entry !== undefined && version !== undefined) entry.seen = version.number;
    return version;
  }

  /**
   * Drops the versions that all proxies have left behind. Asked at every change, it looks only
   * when the list has doubled, so that a change costs O(nodes / versions kept) on average.
   */
  prune(nodeCount: number, nowUs: Micros, lagOf: LagOf): void {
    if (this.versions.length < this.pruneAt) return;
    let oldest = this.versions.length - 1;
    for (let node = 0; node < nodeCount && oldest > 0; node++) {
      oldest = Math.min(oldest, seenIndex(this, node, nowUs, lagOf));
    }
    if (oldest > 0) {
      this.versions.splice(0, oldest);
      this.droppedCount += oldest;
    }
    this.pruneAt = Math.max(PRUNE_AT_LEAST, this.versions.length * 2);
  }
}

/**
 * Index of the newest version that the proxy has; -1: none. A proxy that joined after versions were
 * dropped has at least the oldest that is kept.
 */
function seenIndex(history: ServiceHistory, node: number, nowUs: Micros, lagOf: LagOf): number {
  const seen = history.entries.get(node)?.seen ?? 0;
  for (let i = history.versions.length - 1; i >= 0; i--) {
    const version = history.versions[i];
    if (version === undefined || version.number <= seen) return i;
    if (version.timeUs + lagOf(history, version, node) <= nowUs) return i;
  }
  return history.droppedCount > 0 ? 0 : -1;
}
