/**
 * SliceView: what a Service's slices hold as this controller left them, so that a sync has to look
 * only at the pods that changed since the last one.
 *
 * Plain data: a part of the controller's state, and so without private parts. The view is true as long as each slice still has
 * the very list of endpoints that was planned for it (`matches`); else everything is compared anew.
 */
import {
  Bin,
  byKey,
  byName,
  endpointKey,
  groupOf,
  isSameEndpoint,
  type PortGroup,
  portsKey,
  type SlicePlan,
  type StoredSlice,
  type WantedEndpoint,
} from "./endpoint-packing.ts";
import type { Endpoint, EndpointPort } from "./pod-endpoint.ts";

/** A pod whose endpoint may have changed: what was planned for it, and what is wanted now. */
export interface EndpointChange {
  readonly before: WantedEndpoint | undefined;
  readonly after: WantedEndpoint | undefined;
}

interface GroupCount {
  readonly ports: readonly EndpointPort[];
  count: number;
}

export class SliceView {
  /** By name of the slice. */
  readonly bins = new Map<string, Bin>();
  /** Name of the slice that an endpoint is in, by its key. */
  readonly places = new Map<string, string>();
  /** Endpoints by their ports' key. */
  readonly counts = new Map<string, GroupCount>();

  /** Whether these, all slices of the Service, are as they were planned. */
  matches(slices: readonly StoredSlice[]): boolean {
    if (slices.length !== this.bins.size) return false;
    return slices.every(({ name, ports, endpoints, isRelabelled }) => {
      const bin = this.bins.get(name);
      if (isRelabelled || bin?.endpoints !== endpoints) return false;
      return portsKey(bin.ports) === portsKey(ports);
    });
  }

  /** The groups that `openAll` would make of all that is wanted; `changes` by the pods' keys. */
  openChanged(changes: readonly EndpointChange[]): PortGroup[] {
    const groups = new Map<string, PortGroup>();
    const patches = new Map<string, Map<string, Endpoint | undefined>>();
    const patch = (key: string, endpoint: Endpoint | undefined): void => {
      const name = this.places.get(key);
      if (name === undefined) throw new Error(`endpoint ${key} is in no slice`);
      const others = patches.get(name);
      if (others === undefined) patches.set(name, new Map([[key, endpoint]]));
      else others.set(key, endpoint);
    };
    for (const { before, after } of changes) {
      if (before !== undefined && after !== undefined && isInPlace(before, after)) {
        if (!isSameEndpoint(after.endpoint, before.endpoint))
          patch(endpointKey(before.endpoint), after.endpoint);
        continue;
      }
      if (before !== undefined) {
        patch(endpointKey(before.endpoint), undefined);
        this.places.delete(endpointKey(before.endpoint));
        countOf(this, before.ports).count--;
      }
      if (after !== undefined) {
        groupOf(groups, after.ports).rest.push(after.endpoint);
        countOf(this, after.ports).count++;
      }
    }
    for (const bin of [...this.bins.values()].sort(byName)) {
      const changed = patches.get(bin.name);
      groupOf(groups, bin.ports).bins.push(changed === undefined ? bin : patched(bin, changed));
    }
    for (const group of groups.values()) group.count = this.counts.get(group.key)?.count ?? 0;
    return [...groups.values()].sort(byKey);
  }

  /** Forgets everything, and counts what is wanted: the next plan is made by `openAll`. */
  restart(wanted: readonly WantedEndpoint[]): void {
    this.bins.clear();
    this.places.clear();
    this.counts.clear();
    for (const { ports } of wanted) countOf(this, ports).count++;
  }

  /** The plan is carried out, and each new slice has been given its name. */
  planned({ create, update, remove, unchanged }: SlicePlan): void {
    for (const { name } of remove) this.bins.delete(name);
    for (const bin of unchanged) if (!this.bins.has(bin.name)) put(this, bin);
    for (const bin of update) put(this, bin);
    for (const bin of create) put(this, bin);
  }
}

function put({ bins, places }: SliceView, bin: Bin): void {
  bin.isChanged = false;
  bins.set(bin.name, bin);
  for (const endpoint of bin.endpoints) places.set(endpointKey(endpoint), bin.name);
}

function countOf({ counts }: SliceView, ports: readonly EndpointPort[]): GroupCount {
  const key = portsKey(ports);
  let known = counts.get(key);
  if (known === undefined) {
    known = { ports, count: 0 };
    counts.set(key, known);
  }
  return known;
}

/** It stays in its slice. */
function isInPlace(before: WantedEndpoint, after: WantedEndpoint): boolean {
  return (
    endpointKey(before.endpoint) === endpointKey(after.endpoint) &&
    portsKey(before.ports) === portsKey(after.ports)
  );
}

function patched(bin: Bin, changes: ReadonlyMap<string, Endpoint | undefined>): Bin {
  const endpoints: Endpoint[] = [];
  for (const endpoint of bin.endpoints) {
    const key = endpointKey(endpoint);
    const now = changes.has(key) ? changes.get(key) : endpoint;
    if (now !== undefined) endpoints.push(now);
  }
  return new Bin(bin.name, bin.ports, endpoints, true);
}
