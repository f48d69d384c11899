/**
 * How endpoints are packed into slices with as few writes as possible: what is there stays where it
 * is, slices that must be written anyway are filled first, the fullest of them first, then one that
 * would become nearly full, and only then new ones.
 *
 * Two ways lead to the same plan: `openAll` looks at everything, `openChanged` only at the slices
 * that hold an endpoint that changed. Where the real controller takes the slices or endpoints of a
 * set in any order, here it is that of their names and of the pods' keys.
 *
 * Source: reconcileByPortMapping and finalize in staging/src/k8s.io/endpointslice/reconciler.go of
 * v1.30.
 */
import { areFieldsEqual, canonicalJson } from "../api/index.ts";
import type { Endpoint, EndpointPort } from "./pod-endpoint.ts";

/** What a slice holds, or should hold. Plain data; never changed once it was planned. */
export class Bin {
  /** Name of the slice; "": it is new. */
  name: string;
  readonly ports: readonly EndpointPort[];
  endpoints: Endpoint[];
  /** It differs from the slice. */
  isChanged: boolean;

  constructor(
    name: string,
    ports: readonly EndpointPort[],
    endpoints: Endpoint[],
    isChanged: boolean,
  ) {
    this.name = name;
    this.ports = ports;
    this.endpoints = endpoints;
    this.isChanged = isChanged;
  }
}

/** All that have the same ports: endpoints that can be in one slice. */
export interface PortGroup {
  /** See `portsKey`. */
  readonly key: string;
  readonly ports: readonly EndpointPort[];
  /** Endpoints that should be in its slices. */
  count: number;
  /** By name; new ones at the end. */
  readonly bins: Bin[];
  /** Wanted endpoints that are in no bin yet, in the order in which they are packed. */
  readonly rest: Endpoint[];
}

export interface SlicePlan {
  readonly create: Bin[];
  readonly update: Bin[];
  readonly remove: Bin[];
  readonly unchanged: Bin[];
}

/** One wanted endpoint with the ports of its pod. */
export interface WantedEndpoint {
  readonly endpoint: Endpoint;
  readonly ports: readonly EndpointPort[];
}

/** A slice as it is stored. `isRelabelled`: it must be written for its labels' sake. */
export interface StoredSlice {
  readonly name: string;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
  readonly isRelabelled: boolean;
}

/** Compares all wanted endpoints (in the order of their pods' keys) with all slices (by name). */
export function openAll(
  wanted: readonly WantedEndpoint[],
  slices: readonly StoredSlice[],
): PortGroup[] {
  const groups = new Map<string, PortGroup>();
  const missing = new Map<PortGroup, Map<string, Endpoint>>();
  for (const { endpoint, ports } of wanted) {
    const group = groupOf(groups, ports);
    group.count++;
    const others = missing.get(group);
    if (others === undefined) missing.set(group, new Map([[endpointKey(endpoint), endpoint]]));
    else others.set(endpointKey(endpoint), endpoint);
  }
  for (const slice of slices) {
    const group = groupOf(groups, slice.ports);
    group.bins.push(keepWanted(slice, missing.get(group) ?? NOTHING));
  }
  for (const [group, endpoints] of missing)
    for (const endpoint of endpoints.values()) group.rest.push(endpoint);
  return [...groups.values()].sort(byKey);
}

const NOTHING: ReadonlyMap<string, Endpoint> = new Map();

/** The slice's endpoints that are still wanted, as they are now; takes them out of `missing`. */
function keepWanted(slice: StoredSlice, missing: ReadonlyMap<string, Endpoint>): Bin {
  const kept: Endpoint[] = [];
  let isChanged = slice.isRelabelled;
  for (const endpoint of slice.endpoints) {
    const key = endpointKey(endpoint);
    const now = missing.get(key);
    if (now === undefined) isChanged = true;
    else {
      (missing as Map<string, Endpoint>).delete(key);
      const isSame = isSameEndpoint(now, endpoint);
      isChanged ||= !isSame;
      kept.push(isSame ? endpoint : now);
    }
  }
  return new Bin(slice.name, slice.ports, isChanged ? kept : slice.endpoints, isChanged);
}

/** Works out what is written. Changes the groups' bins: those that it changes are new ones. */
export function packGroups(groups: readonly PortGroup[], max: number): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [], unchanged: [] };
  let existing = 0;
  for (const group of groups) {
    existing += group.bins.length;
    packGroup(group, max);
    for (const bin of group.bins) {
      const isOver = group.count === 0 || (bin.isChanged && bin.endpoints.length === 0);
      if (bin.name === "") plan.create.push(bin);
      else if (isOver) plan.remove.push(bin);
      else if (bin.isChanged) plan.update.push(bin);
      else plan.unchanged.push(bin);
    }
  }
  keepPlaceholder(plan, existing);
  return plan;
}

/**
 * A slice that would go is given the content of one that would come. The last step, after hints
 * have been given; the bins that go are no part of the plan any more.
 */
export function reuseSlices(plan: SlicePlan): void {
  while (plan.create.length > 0 && plan.remove.length > 0) {
    const [old, bin] = [plan.remove.shift(), plan.create.pop()];
    if (old === undefined || bin === undefined) return;
    bin.name = old.name;
    plan.update.push(bin);
  }
}

/** The empty slice tells that the Service was seen and has no endpoints. */
function keepPlaceholder({ create, remove, unchanged }: SlicePlan, existing: number): void {
  if (create.length > 0 || existing > remove.length) return;
  const [only] = remove;
  const isPlaceholder =
    remove.length === 1 && only?.ports.length === 0 && !only.isChanged && isEmpty(only);
  if (only !== undefined && isPlaceholder) {
    remove.pop();
    unchanged.push(only);
  } else create.push(new Bin("", [], [], true));
}

function isEmpty({ endpoints }: Bin): boolean {
  return endpoints.length === 0;
}

function packGroup({ bins, rest, ports }: PortGroup, max: number): void {
  if (rest.length === 0) return;
  let next = 0; // of the rest
  const fill = (bin: Bin): void => {
    const room = Math.min(Math.max(0, max - bin.endpoints.length), rest.length - next);
    for (let i = 0; i < room; i++) bin.endpoints.push(rest[next++] as Endpoint);
  };
  const written = bins.filter((bin) => bin.isChanged && !isEmpty(bin));
  written.sort((a, b) => b.endpoints.length - a.endpoints.length || byName(a, b));
  for (const bin of written) fill(bin);
  while (next < rest.length) {
    const count = rest.length - next;
    const index = count < max ? closestToFull(bins, count, max) : -1;
    const old = bins[index];
    const bin = new Bin(old?.name ?? "", old?.ports ?? ports, [...(old?.endpoints ?? [])], true);
    if (old === undefined) bins.push(bin);
    else bins[index] = bin;
    fill(bin);
  }
}

/** Index of the unchanged bin that all `count` fit into and fill best (getSliceToFill); -1: none. */
function closestToFull(bins: readonly Bin[], count: number, max: number): number {
  let best = -1;
  let bestSize = -1;
  for (let i = 0; i < bins.length; i++) {
    const bin = bins[i] as Bin;
    const size = bin.endpoints.length;
    if (bin.isChanged || size + count > max || size <= bestSize) continue;
    best = i;
    bestSize = size;
  }
  return best;
}

/** The group with these ports, made when it is not there yet. */
export function groupOf(groups: Map<string, PortGroup>, ports: readonly EndpointPort[]): PortGroup {
  const key = portsKey(ports);
  let group = groups.get(key);
  if (group === undefined) {
    group = { key, ports, count: 0, bins: [], rest: [] };
    groups.set(key, group);
  }
  return group;
}

export function byKey(a: PortGroup, b: PortGroup): number {
  return a.key < b.key ? -1 : 1;
}

export function byName(a: Bin, b: Bin): number {
  return a.name < b.name ? -1 : 1;
}

/** Whether the slice need not be written for it; hints are looked at apart (EndpointsEqualBeyondHash). */
export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  if (a === b) return true;
  if (a.hints === undefined && b.hints === undefined) return areFieldsEqual(a, b, "hints");
  const { hints: _a, ...restA } = a;
  const { hints: _b, ...restB } = b;
  return areFieldsEqual(restA, restB);
}

const keysOfEndpoints = new WeakMap<Endpoint, string>();

/** An endpoint is its pod at its address. */
export function endpointKey(endpoint: Endpoint): string {
  let key = keysOfEndpoints.get(endpoint);
  if (key === undefined) {
    const { addresses, targetRef } = endpoint;
    key = `${targetRef?.uid ?? ""}/${addresses.join(",")}`;
    keysOfEndpoints.set(endpoint, key);
  }
  return key;
}

const keysOfPorts = new WeakMap<readonly EndpointPort[], string>();

/** Equal for equal sets of ports, whatever their order. */
export function portsKey(ports: readonly EndpointPort[]): string {
  let key = keysOfPorts.get(ports);
  if (key === undefined) {
    const texts = ports.map((port) => canonicalJson({ ...port, name: port.name ?? "" }));
    key = texts.sort().join();
    keysOfPorts.set(ports, key);
  }
  return key;
}
