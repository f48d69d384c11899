/**
 * Hints: for which zone an endpoint is meant. By the Service's annotation topology-mode the
 * endpoints are shared out among the zones by their CPU; by its field trafficDistribution each is
 * meant for its own zone.
 *
 * Source: staging/src/k8s.io/endpointslice/topologycache (topologycache.go, sliceinfo.go, utils.go)
 * and trafficdist/trafficdist.go of v1.30. Where the real one walks maps in any order, zones go by
 * their names.
 */
import type { Service } from "../api/index.ts";
import { Bin, type SlicePlan } from "./endpoint-packing.ts";
import type { Endpoint } from "./pod-endpoint.ts";

/** overloadThreshold: by how much an endpoint may be overloaded for the sake of its zone. */
const OVERLOAD_THRESHOLD = 0.2;
const MODE = "service.kubernetes.io/topology-mode";
const DEPRECATED_MODE = "service.kubernetes.io/topology-aware-hints";

/** `none`: hints are taken off; `close`: the own zone; `auto`: in proportion to the zones' CPU. */
export type HintMode = "none" | "close" | "auto";

/** Share of each zone in the CPU of all ready nodes, by zone name in order; undefined: not known. */
export type ZoneRatios = ReadonlyMap<string, number> | undefined;

export type ZoneCounts = ReadonlyMap<string, number>;

/** Why there are no hints, in the words of its event. */
export const HINT_MESSAGES = {
  noZone: "One or more endpoints do not have a zone specified",
  noneAllocated: "No hints allocated for zones",
  enabled: "Topology Aware Hints has been enabled",
  disabled: "Topology Aware Hints has been disabled",
  noNodeInfo:
    "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes",
  fewEndpoints: "Insufficient number of endpoints",
  overload:
    "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold",
} as const;

/** The annotation goes before the field. */
export function hintMode({ metadata, spec }: Service): HintMode {
  const { annotations = {} } = metadata;
  const mode = annotations[DEPRECATED_MODE] ?? annotations[MODE];
  if (mode === "Auto" || mode === "auto") return "auto";
  return spec.trafficDistribution === "PreferClose" ? "close" : "none";
}

/**
 * Takes the hints off: those of unchanged slices too, which are written then. A plan without its
 * unchanged slices may be given where those are known to be right; so for `hintOwnZone`.
 */
export function removeHints(plan: SlicePlan): void {
  rehint(
    plan,
    () => undefined,
    ({ hints }) => hints !== undefined,
  );
}

/** Each ready endpoint is meant for its own zone. */
export function hintOwnZone(plan: SlicePlan): void {
  rehint(plan, ownZone, (endpoint) => isReady(endpoint) && zoneHint(endpoint) !== endpoint.zone);
}

function ownZone(endpoint: Endpoint): string | undefined {
  return isReady(endpoint) ? endpoint.zone : undefined;
}

/**
 * Shares the endpoints out. Answers with the number of hints by zone, or with the reason for which
 * all hints were taken off.
 */
export function hintByCpu(plan: SlicePlan, ratios: ZoneRatios): ZoneCounts | string {
  const allocations = allocationsOf(countReady(plan), ratios);
  if (typeof allocations === "string") {
    removeHints(plan);
    return allocations;
  }
  const counts = keepAllocated(plan, allocations);
  const bins = [...plan.create, ...plan.update];
  if (bins.some(({ endpoints }) => endpoints.some((each) => isReady(each) && !hasZone(each)))) {
    removeHints(plan);
    return HINT_MESSAGES.noZone;
  }
  const hints = new Map<Endpoint, string>();
  for (const { endpoints } of bins) {
    for (const endpoint of endpoints) {
      if (!isReady(endpoint)) continue;
      add(counts, endpoint.zone ?? "", 1);
      hints.set(endpoint, endpoint.zone ?? "");
    }
  }
  redistribute(bins, hints, counts, allocations);
  if (counts.size === 0) {
    removeHints(plan);
    return HINT_MESSAGES.noneAllocated;
  }
  for (const bin of bins)
    bin.endpoints = bin.endpoints.map((endpoint) => withHint(endpoint, hints.get(endpoint)));
  return counts;
}

/** Whether a zone has too few of the Service's endpoints (serviceOverloaded). */
export function isOverloaded(counts: ZoneCounts, ratios: ZoneRatios): boolean {
  if (counts.size === 0) return false;
  if (ratios === undefined || ratios.size === 0) return true;
  let total = 0;
  for (const count of counts.values()) total += count;
  for (const [zone, ratio] of ratios) {
    const minimum = Math.ceil(total * ratio * (1 / (1 + OVERLOAD_THRESHOLD)));
    const count = counts.get(zone);
    if (count === undefined || count < minimum) return true;
  }
  return false;
}

interface Allocation {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
}
type Allocations = ReadonlyMap<string, Allocation>;

/** How many endpoints each zone should have, or why that cannot be (getAllocations). */
export function allocationsOf(endpoints: number, ratios: ZoneRatios): Allocations | string {
  if (ratios === undefined) return HINT_MESSAGES.noNodeInfo;
  const numbers = `(${endpoints} endpoints, ${ratios.size} zones)`;
  if (ratios.size > endpoints) return `${HINT_MESSAGES.fewEndpoints} ${numbers}`;
  const minimums = new Map<string, number>();
  let total = 0;
  for (const [zone, ratio] of ratios) {
    const minimum = Math.ceil(ratio * endpoints * (1 / (1 + OVERLOAD_THRESHOLD)));
    minimums.set(zone, minimum);
    total += minimum;
  }
  if (total > endpoints) return `${HINT_MESSAGES.overload} ${numbers}`;
  const allocations = new Map<string, Allocation>();
  for (const [zone, ratio] of ratios) {
    const minimum = minimums.get(zone) ?? 0;
    const desired = Math.max(ratio * endpoints, minimum);
    allocations.set(zone, { minimum, maximum: minimum + endpoints - total, desired });
  }
  return allocations;
}

/**
 * Counts the hints of unchanged slices; slices whose hints cannot stay are written
 * (getAllocatedHintsByZone).
 */
function keepAllocated(plan: SlicePlan, allocations: Allocations): Map<string, number> {
  const counts = new Map<string, number>();
  const kept: Bin[] = [];
  for (const bin of plan.unchanged) {
    const own = hintsOf(bin, counts, allocations);
    if (own === undefined) plan.update.push(copyOf(bin));
    else {
      kept.push(bin);
      for (const [zone, count] of own) add(counts, zone, count);
    }
  }
  plan.unchanged.splice(0, plan.unchanged.length, ...kept);
  return counts;
}

/** The slice's hints by zone; undefined when they cannot stay (getHintsByZone). */
function hintsOf(
  { endpoints }: Bin,
  counts: ZoneCounts,
  allocations: Allocations,
): ReadonlyMap<string, number> | undefined {
  const own = new Map<string, number>();
  for (const endpoint of endpoints) {
    if (!isReady(endpoint)) continue;
    const zones = endpoint.hints?.forZones ?? [];
    if (zones.length === 0) return undefined;
    for (const { name } of zones) {
      if (!allocations.has(name)) return undefined;
      add(own, name, 1);
    }
  }
  for (const [zone, count] of own) {
    const maximum = allocations.get(zone)?.maximum ?? 0;
    if (count + (counts.get(zone) ?? 0) > maximum) return undefined;
  }
  return own;
}

/** Gives endpoints of zones that have too many to zones that have too few (redistributeHints). */
function redistribute(
  bins: readonly Bin[],
  hints: Map<Endpoint, string>,
  counts: Map<string, number>,
  allocations: Allocations,
): void {
  const { giving, receiving } = givingAndReceiving(allocations, counts);
  for (const { endpoints } of bins) {
    for (const endpoint of endpoints) {
      if (giving.size === 0 || receiving.size === 0) return;
      const { zone = "" } = endpoint;
      const [receiver] = receiving.keys();
      if (!isReady(endpoint) || !giving.has(zone) || receiver === undefined) continue;
      hints.set(endpoint, receiver);
      take(giving, zone);
      take(receiving, receiver);
      add(counts, receiver, 1);
      add(counts, zone, -1);
    }
  }
}

/** How many endpoints zones give away and get (getGivingAndReceivingZones). */
export function givingAndReceiving(
  allocations: Allocations,
  counts: ZoneCounts,
): { giving: Map<string, number>; receiving: Map<string, number> } {
  const surplus = new Map<string, number>();
  const lack = new Map<string, number>();
  for (const [zone, { desired }] of allocations) {
    const count = counts.get(zone) ?? 0;
    if (count > desired) surplus.set(zone, count - desired);
    else if (count < desired) lack.set(zone, desired - count);
  }
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (;;) {
    const [giver, give] = most(surplus);
    const [receiver, get] = most(lack);
    if (giver === "" || receiver === "" || (give < 1 && get < 1) || give < 0.5 || get < 0.5) break;
    add(giving, giver, 1);
    surplus.set(giver, give - 1);
    add(receiving, receiver, 1);
    lack.set(receiver, get - 1);
  }
  return { giving: inOrder(giving), receiving: inOrder(receiving) };
}

function most(zones: ZoneCounts): [string, number] {
  let best: [string, number] = ["", 0];
  for (const [zone, count] of zones) if (count > best[1]) best = [zone, count];
  return best;
}

function inOrder(counts: ZoneCounts): Map<string, number> {
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function take(counts: Map<string, number>, zone: string): void {
  const left = (counts.get(zone) ?? 0) - 1;
  if (left > 0) counts.set(zone, left);
  else counts.delete(zone);
}

function add(counts: Map<string, number>, zone: string, count: number): void {
  counts.set(zone, (counts.get(zone) ?? 0) + count);
}

function countReady({ create, update, unchanged }: SlicePlan): number {
  let count = 0;
  for (const bins of [create, update, unchanged])
    for (const { endpoints } of bins) for (const each of endpoints) if (isReady(each)) count++;
  return count;
}

function rehint(
  plan: SlicePlan,
  hintOf: (endpoint: Endpoint) => string | undefined,
  isWrong: (endpoint: Endpoint) => boolean,
): void {
  const kept: Bin[] = [];
  for (const bin of plan.unchanged) {
    if (bin.endpoints.some(isWrong)) plan.update.push(copyOf(bin));
    else kept.push(bin);
  }
  if (kept.length < plan.unchanged.length) plan.unchanged.splice(0, plan.unchanged.length, ...kept);
  for (const bins of [plan.create, plan.update]) {
    for (const bin of bins) {
      for (let i = 0; i < bin.endpoints.length; i++) {
        const endpoint = bin.endpoints[i] as Endpoint;
        bin.endpoints[i] = withHint(endpoint, hintOf(endpoint));
      }
    }
  }
}

function copyOf({ name, ports, endpoints }: Bin): Bin {
  return new Bin(name, ports, [...endpoints], true);
}

function withHint(endpoint: Endpoint, zone: string | undefined): Endpoint {
  if (zone === undefined) {
    if (endpoint.hints === undefined) return endpoint;
    const { hints, ...rest } = endpoint;
    return rest;
  }
  if (endpoint.hints !== undefined && zoneHint(endpoint) === zone) return endpoint;
  return { ...endpoint, hints: { forZones: [{ name: zone }] } };
}

/** The one zone that an endpoint is meant for; undefined: none, or several. */
function zoneHint({ hints }: Endpoint): string | undefined {
  const zones = hints?.forZones ?? [];
  return zones.length === 1 ? zones[0]?.name : undefined;
}

function hasZone({ zone = "" }: Endpoint): boolean {
  return zone !== "";
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready === true;
}
