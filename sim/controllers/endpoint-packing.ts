/**
 * How endpoints are packed into slices with as few writes as possible: what is there stays where it
 * is, slices that must be written anyway are filled first, then one that would become nearly full,
 * and only then new ones.
 *
 * Source: reconcileByPortMapping and finalize in staging/src/k8s.io/endpointslice/reconciler.go of
 * v1.30.
 */
import { canonicalJson, type EndpointSlice, semanticallyEqual } from "../api/index.ts";
import type { Endpoint, EndpointPort } from "./pod-endpoint.ts";

/** Endpoints that share their ports: such can be in one slice. */
export interface EndpointGroup {
  readonly ports: readonly EndpointPort[];
  /** In the order in which they are packed. */
  readonly endpoints: readonly Endpoint[];
}

/** What a new or a changed slice should hold. */
export interface SliceContent {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SlicePlan {
  readonly create: readonly SliceContent[];
  readonly update: readonly { readonly slice: EndpointSlice; readonly content: SliceContent }[];
  readonly remove: readonly EndpointSlice[];
}

interface Bin {
  readonly slice: EndpointSlice | undefined;
  readonly endpoints: Endpoint[];
  isChanged: boolean;
}

/** `max` endpoints in a slice at most. A Service without endpoints keeps one empty slice. */
export function packEndpoints(
  groups: readonly EndpointGroup[],
  existing: readonly EndpointSlice[],
  max: number,
): SlicePlan {
  const create: SliceContent[] = [];
  const update: { slice: EndpointSlice; content: SliceContent }[] = [];
  const remove: EndpointSlice[] = [];
  const byPorts = new Map<string, EndpointSlice[]>();
  for (const slice of existing) {
    const key = portsKey(slice.ports ?? []);
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice]);
  }
  for (const { ports, endpoints } of groups) {
    const key = portsKey(ports);
    const bins = packGroup(endpoints, byPorts.get(key) ?? [], max);
    byPorts.delete(key);
    for (const { slice, endpoints: content, isChanged } of bins) {
      if (slice === undefined) create.push({ ports, endpoints: content });
      else if (content.length === 0) remove.push(slice);
      else if (isChanged) update.push({ slice, content: { ports, endpoints: content } });
    }
  }
  // Slices whose ports no endpoint has.
  for (const slice of existing) {
    if (byPorts.get(portsKey(slice.ports ?? []))?.includes(slice) === true) remove.push(slice);
  }
  keepPlaceholder(existing, create, remove);
  // A slice that would go is given the content of one that would come.
  while (create.length > 0 && remove.length > 0) {
    const [slice, content] = [remove.shift(), create.shift()];
    if (slice !== undefined && content !== undefined) update.push({ slice, content });
  }
  return { create, update, remove };
}

/** The empty slice tells that the Service was seen and has no endpoints. */
function keepPlaceholder(
  existing: readonly EndpointSlice[],
  create: SliceContent[],
  remove: EndpointSlice[],
): void {
  if (create.length > 0 || existing.length > remove.length) return;
  const index = remove.findIndex(
    ({ endpoints, ports }) => endpoints.length === 0 && (ports ?? []).length === 0,
  );
  if (index >= 0) remove.splice(index, 1);
  else create.push({ ports: [], endpoints: [] });
}

/** Packs endpoints of one set of ports; bins without a slice are new. */
function packGroup(
  endpoints: readonly Endpoint[],
  slices: readonly EndpointSlice[],
  max: number,
): Bin[] {
  const wanted = new Map(endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const bins = slices.map((slice) => keepWanted(slice, wanted));
  const rest = [...wanted.values()];
  for (const bin of bins) if (bin.isChanged) fill(bin, rest, max);
  while (rest.length > 0) {
    let bin = rest.length < max ? closestToFull(bins, rest.length, max) : undefined;
    if (bin === undefined) {
      bin = { slice: undefined, endpoints: [], isChanged: true };
      bins.push(bin);
    }
    fill(bin, rest, max);
  }
  return bins;
}

/** The slice's endpoints that are still wanted, as they are now; takes them out of `wanted`. */
function keepWanted(slice: EndpointSlice, wanted: Map<string, Endpoint>): Bin {
  const bin: Bin = { slice, endpoints: [], isChanged: false };
  for (const endpoint of slice.endpoints) {
    const key = endpointKey(endpoint);
    const now = wanted.get(key);
    if (now === undefined) bin.isChanged = true;
    else {
      wanted.delete(key);
      const isSame = semanticallyEqual(now, endpoint);
      bin.isChanged ||= !isSame;
      bin.endpoints.push(isSame ? endpoint : now);
    }
  }
  return bin;
}

function fill(bin: Bin, rest: Endpoint[], max: number): void {
  const taken = rest.splice(0, Math.max(0, max - bin.endpoints.length));
  if (taken.length === 0) return;
  bin.isChanged = true;
  for (const endpoint of taken) bin.endpoints.push(endpoint);
}

/** The unchanged slice that all `count` fit into, and that they fill best (getSliceToFill). */
function closestToFull(bins: readonly Bin[], count: number, max: number): Bin | undefined {
  let best: Bin | undefined;
  for (const bin of bins) {
    const size = bin.endpoints.length;
    if (bin.isChanged || size + count > max) continue;
    if (best === undefined || size > best.endpoints.length) best = bin;
  }
  return best;
}

/** An endpoint is its pod at its address. */
function endpointKey({ addresses, targetRef }: Endpoint): string {
  return `${targetRef?.uid ?? ""}/${addresses.join(",")}`;
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
