/**
 * How fast the nodes of each zone are given up: a zone that is broken as a whole is more likely cut
 * off than dead. Source: node_lifecycle_controller.go of v1.30 (ComputeZoneState, handleDisruption,
 * setLimiterInZone).
 */
import type { KeyRecord, Node } from "../api/index.ts";
import type { Micros, SimEvent } from "../kernel/index.ts";

export type ZoneState = "Initial" | "Normal" | "PartialDisruption" | "FullDisruption";

export interface EvictionRates {
  /** --node-eviction-rate: nodes per second that are tainted in a healthy zone. */
  readonly nodeEvictionRate: number;
  /** --secondary-node-eviction-rate: in a zone that is partly broken, if it is large. */
  readonly secondaryNodeEvictionRate: number;
  /** --large-cluster-size-threshold: nodes. */
  readonly largeClusterSizeThreshold: number;
  /** --unhealthy-zone-threshold: share of nodes that are not ready. */
  readonly unhealthyZoneThreshold: number;
}

/** One zone: plain data. */
export class Zone {
  readonly name: string;
  state: ZoneState = "Initial";
  /** Nodes per second; 0: none. */
  qps = 0;
  /** Nodes that will be tainted NoExecute, one after the other. */
  readonly queue: KeyRecord<Node>[] = [];
  /** Not before this time the next one. */
  nextUs: Micros = 0;
  timer: SimEvent | undefined = undefined;

  constructor(name: string) {
    this.name = name;
  }
}

/** How many nodes of a zone are ready, and are not. */
export interface ZoneCount {
  ready: number;
  notReady: number;
}

/** The state that the count stands for. */
export function zoneState({ ready, notReady }: ZoneCount, rates: EvictionRates): ZoneState {
  if (ready === 0 && notReady > 0) return "FullDisruption";
  const share = notReady / (ready + notReady);
  if (notReady > 2 && share >= rates.unhealthyZoneThreshold) return "PartialDisruption";
  return "Normal";
}

/** Nodes per second in a zone of this state and number of nodes. */
export function evictionQps(state: ZoneState, size: number, rates: EvictionRates): number {
  if (state !== "PartialDisruption") return rates.nodeEvictionRate;
  return size > rates.largeClusterSizeThreshold ? rates.secondaryNodeEvictionRate : 0;
}

/** What a change of the zones' states asks for. */
export type DisruptionChange = "none" | "all-broken" | "recovering";

/**
 * Sets the zones' states and rates by the counts. `all-broken`: every zone is fully disrupted now,
 * so nobody is evicted; `recovering`: that is over, and every node gets new time.
 */
export function updateZones(
  zones: ReadonlyMap<string, Zone>,
  counts: ReadonlyMap<string, ZoneCount>,
  rates: EvictionRates,
): DisruptionChange {
  const states = new Map<Zone, ZoneState>();
  for (const [name, zone] of zones) {
    const count = counts.get(name);
    if (count !== undefined) states.set(zone, zoneState(count, rates));
  }
  if (states.size === 0) return "none";
  const areAllFull = [...states.values()].every((state) => state === "FullDisruption");
  const wereAllFull = [...states.keys()].every(({ state }) => state === "FullDisruption");
  if (areAllFull && wereAllFull) return "none";
  for (const [zone, state] of states) {
    if (zone.state === state && !wereAllFull) continue;
    const { ready = 0, notReady = 0 } = counts.get(zone.name) ?? {};
    zone.state = state;
    zone.qps = evictionQps(state, ready + notReady, rates);
  }
  if (areAllFull) for (const zone of zones.values()) zone.qps = 0;
  return areAllFull ? "all-broken" : wereAllFull ? "recovering" : "none";
}

/** Region and zone of a node (component-helpers/node/topology: GetZoneKey). */
export function zoneKey({ metadata: { labels = {} } }: Node): string {
  const region = labels["topology.kubernetes.io/region"] ?? "";
  const zone = labels["topology.kubernetes.io/zone"] ?? "";
  return `${region}:${zone}`;
}
