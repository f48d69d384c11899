/**
 * TargetHistory: the versions of one port of a Service, from one change to the next.
 *
 * A version is the Service with its EndpointSlices after one change. Each place that balances has
 * the newest version that has reached it, and never goes back. Versions are kept until every place
 * has a newer one.
 */
import type { EndpointSlice, Service } from "../../api/index.ts";
import type { Micros } from "../../kernel/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import type { ServiceView } from "./endpoint.ts";
import { clusterEndpoints, localEndpoints, readyEndpoints } from "./endpoint-categories.ts";
import { RouteSet } from "./route-set.ts";
import type { Target } from "./service-routing.ts";
import type { SiteKind, SiteState } from "./site-state.ts";
import {
  type EndpointReader,
  type HintedEndpoint,
  readSlice,
  type SliceEndpoints,
} from "./slice-endpoints.ts";
import { SlotTable } from "./slot-table.ts";

/** Versions kept at least before it is asked which of them are still needed. */
const PRUNE_AT_LEAST = 64;
const SECOND_US = 1_000_000;
/** core/v1 DefaultClientIPServiceAffinitySeconds. */
const AFFINITY_SECONDS = 10_800;

export class TargetVersion {
  /** Number of the change that made it, in the whole cluster's order; 0: it was there at the start. */
  readonly seq: number;
  /** When the proxies' watches were told of it. */
  readonly timeUs: Micros;
  /** undefined: there is no such Service. */
  readonly service: Service | undefined;
  readonly slices: readonly SliceEndpoints[];
  /** All endpoints, ordered by address; undefined: nobody has asked yet. */
  all: readonly HintedEndpoint[] | undefined = undefined;
  /** By what tells them apart: see `setFor`. undefined: it has no endpoints. */
  readonly sets = new Map<string, RouteSet | undefined>();
  /** Numbers of the nodes with a ready endpoint; undefined: nobody has asked yet. */
  localNodes: readonly number[] | undefined = undefined;

  constructor(
    seq: number,
    timeUs: Micros,
    service: Service | undefined,
    slices: readonly SliceEndpoints[],
  ) {
    this.seq = seq;
    this.timeUs = timeUs;
    this.service = service;
    this.slices = slices;
  }
}

export class TargetHistory {
  readonly target: Target;
  /** Oldest first. */
  versions: TargetVersion[] = [];
  /** That of the newest version; -1: there is none. */
  newestSeq = -1;
  /** Versions that were there before the oldest one kept. */
  droppedCount = 0;
  /** Length of `versions` at which unneeded ones are looked for. */
  pruneAt = PRUNE_AT_LEAST;
  readonly slots = new SlotTable();
  /** The newest set of each kind that a kept version has, used again when a version changes nothing in it. */
  readonly lastSets = new Map<string, RouteSet>();
  /** By node. */
  readonly proxySites: (SiteState | undefined)[] = [];
  readonly externalSites: (SiteState | undefined)[] = [];
  /** By name, then by node + 1. */
  readonly clientSites = new Map<string, (SiteState | undefined)[]>();

  constructor(target: Target) {
    this.target = target;
  }

  get newest(): TargetVersion | undefined {
    return this.versions[this.versions.length - 1];
  }

  /** Adds a version. Changes within one microsecond are one: nobody can have seen the first. */
  publish(
    seq: number,
    timeUs: Micros,
    service: Service | undefined,
    slices: readonly EndpointSlice[],
    reader: EndpointReader,
  ): void {
    const before = this.newest;
    const portName = portNameOf(service, this.target.port);
    const read = slices.map((slice) => {
      const { name } = slice.metadata;
      const old = before?.slices.find((each) => each.slice.metadata.name === name);
      if (old?.slice === slice && old.portName === portName) return old;
      return readSlice(slice, portName, old, this.slots, reader);
    });
    const isAmended = before?.timeUs === timeUs && (before.seq > 0 || seq === 0);
    if (isAmended) this.versions.pop();
    this.versions.push(new TargetVersion(seq, timeUs, service, read));
    this.newestSeq = seq;
  }

  /**
   * What a place chooses from by this version; undefined: it has no endpoint. `site`: its node.
   * A proxy knows no endpoints of a headless Service: there is no virtual IP.
   */
  setFor(
    version: TargetVersion,
    kind: SiteKind,
    site: number,
    nodes: NetworkNodes,
  ): RouteSet | undefined {
    const { service } = version;
    if (service === undefined || service.spec.type === "ExternalName") return undefined;
    const { spec } = service;
    if (kind !== "client" && spec.clusterIP === "None") return undefined;
    const node = nodes.nameOf(site);
    const zone = nodes.zoneOf(site);
    const policy = kind === "proxy" ? spec.internalTrafficPolicy : spec.externalTrafficPolicy;
    const isLocal = kind !== "client" && policy === "Local";
    const group = kind === "client" ? "ready" : isLocal ? `node/${node}` : `zone/${zone}`;
    if (version.sets.has(group)) return version.sets.get(group);
    const all = allOf(version, nodes);
    const endpoints =
      kind === "client"
        ? readyEndpoints(all)
        : isLocal
          ? localEndpoints(all, node)
          : clusterEndpoints(all, zone);
    const set = makeSet(this, group, service, endpoints);
    version.sets.set(group, set);
    return set;
  }

  /** Whether it is time to ask which versions are still needed. */
  get isLong(): boolean {
    return this.versions.length >= this.pruneAt;
  }

  /** Drops the versions before this index, which all places have left behind. */
  prune(oldest: number): void {
    if (oldest > 0) {
      this.versions.splice(0, oldest);
      this.droppedCount += oldest;
      const addresses = new Set<string>();
      for (const { slices } of this.versions)
        for (const { endpoints } of slices)
          for (const each of endpoints) addresses.add(each.address);
      this.slots.keep(addresses);
      for (const group of this.lastSets.keys())
        if (!this.versions.some(({ sets }) => sets.has(group))) this.lastSets.delete(group);
    }
    this.pruneAt = Math.max(PRUNE_AT_LEAST, this.versions.length * 2);
  }
}

/** The set of these endpoints: the last one of this group again when nothing is new in it. */
function makeSet(
  history: TargetHistory,
  group: string,
  service: Service,
  endpoints: readonly HintedEndpoint[],
): RouteSet | undefined {
  if (endpoints.length === 0) return undefined;
  const view = viewOf(history.target.service, service);
  const seconds = service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS;
  const affinityUs = view.sessionAffinity === "ClientIP" ? seconds * SECOND_US : 0;
  const last = history.lastSets.get(group);
  if (last?.isSame(view, endpoints, affinityUs)) return last;
  const set = new RouteSet(view, endpoints, affinityUs);
  history.lastSets.set(group, set);
  return set;
}

/** All endpoints of a version, ordered by address. */
export function allOf(version: TargetVersion, nodes: NetworkNodes): readonly HintedEndpoint[] {
  if (version.all !== undefined) return version.all;
  const family = version.service?.spec.ipFamilies?.[0] ?? "IPv4";
  // An address that two slices have (its pod moves between them) is one endpoint: the later slice's.
  const byAddress = new Map<string, HintedEndpoint>();
  for (const { slice, endpoints } of version.slices) {
    if (slice.addressType !== family) continue;
    for (const endpoint of endpoints) {
      byAddress.set(endpoint.address, endpoint);
      // Its slice may have been read before its node joined.
      if (endpoint.node < 0) endpoint.node = nodes.numberOf(endpoint.nodeName);
    }
  }
  version.all = [...byAddress.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  return version.all;
}

/** Numbers of the nodes on which a version has a ready endpoint, in order. */
export function localNodesOf(version: TargetVersion, nodes: NetworkNodes): readonly number[] {
  if (version.localNodes === undefined) {
    const found = new Set<number>();
    for (const { isReady, node } of allOf(version, nodes))
      if (isReady && node >= 0) found.add(node);
    version.localNodes = [...found].sort((a, b) => a - b);
  }
  return version.localNodes;
}

/** What slices call the port; undefined: the Service has no ports (headless), all slices count. */
function portNameOf(service: Service | undefined, port: string): string | undefined {
  const ports = service?.spec.ports ?? [];
  if (ports.length === 0) return undefined;
  if (port === "") return ports[0]?.name ?? "";
  const found = ports.find((each) => each.name === port || String(each.port) === port);
  return found === undefined ? NO_SUCH_PORT : (found.name ?? "");
}

/** No port can be called that. */
const NO_SUCH_PORT = "/";

function viewOf(key: string, { spec }: Service): ServiceView {
  return {
    key,
    isHeadless: spec.clusterIP === "None",
    sessionAffinity: spec.sessionAffinity === "ClientIP" ? "ClientIP" : "None",
  };
}

/** Keys of the pods behind a version, ready or not; made from it when first asked for. */
const podKeys = new WeakMap<TargetVersion, ReadonlySet<string>>();

/** Whether the pod (`namespace/name`) is an endpoint of this version, ready or not. */
export function hasPod(version: TargetVersion, podKey: string): boolean {
  let keys = podKeys.get(version);
  if (keys === undefined) {
    keys = new Set(version.slices.flatMap(({ slice }) => podKeysOf(slice)));
    podKeys.set(version, keys);
  }
  return keys.has(podKey);
}

function podKeysOf({ endpoints, metadata }: EndpointSlice): string[] {
  return endpoints.map(
    ({ targetRef }) => `${targetRef?.namespace ?? metadata.namespace}/${targetRef?.name ?? ""}`,
  );
}
