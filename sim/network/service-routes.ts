/**
 * ServiceRoutes: what a proxy makes of a Service and its EndpointSlices: which endpoints a
 * connection may be sent to (pkg/proxy/endpointslicecache.go and topology.go of v1.30).
 */
import type { EndpointSlice, Service } from "../api/index.ts";
import type { Endpoint, ServiceView } from "./balancer.ts";

type SliceEndpoint = EndpointSlice["endpoints"][number];

export class ServiceRoutes {
  readonly service: ServiceView;
  /** All endpoints that are known, ordered by address. */
  readonly #all: readonly Endpoint[];
  readonly #usable: readonly Endpoint[];
  readonly #usableByNode = new Map<string, readonly Endpoint[]>();

  constructor(key: string, service: Service | undefined, slices: readonly EndpointSlice[]) {
    this.service = serviceView(key, service);
    const isProxied = service !== undefined && service.spec.type !== "ExternalName";
    this.#all = isProxied ? endpointsOf(slices, service.spec.ipFamilies?.[0] ?? "IPv4") : [];
    this.#usable = this.service.isHeadless ? this.#all.filter(isReady) : usable(this.#all);
  }

  /** The endpoints for a connection that starts on this node, ordered by address. */
  endpointsFor(nodeName: string): readonly Endpoint[] {
    const { isHeadless, internalTrafficPolicy } = this.service;
    if (isHeadless || internalTrafficPolicy !== "Local") return this.#usable;
    let found = this.#usableByNode.get(nodeName);
    if (found === undefined) {
      found = usable(this.#all.filter((endpoint) => endpoint.nodeName === nodeName));
      this.#usableByNode.set(nodeName, found);
    }
    return found;
  }
}

/** The ready endpoints; when there are none, those that still serve while they terminate. */
function usable(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ready = endpoints.filter(isReady);
  if (ready.length > 0) return ready;
  return endpoints.filter(({ isServing, isTerminating }) => isServing && isTerminating);
}

function isReady(endpoint: Endpoint): boolean {
  return endpoint.isReady;
}

function serviceView(key: string, service: Service | undefined): ServiceView {
  const { clusterIP, internalTrafficPolicy, sessionAffinity } = service?.spec ?? {};
  return {
    key,
    isHeadless: clusterIP === "None",
    internalTrafficPolicy: internalTrafficPolicy === "Local" ? "Local" : "Cluster",
    sessionAffinity: sessionAffinity === "ClientIP" ? "ClientIP" : "None",
  };
}

/** An address that two slices have (its pod moves between them) is one endpoint: the later slice's. */
function endpointsOf(slices: readonly EndpointSlice[], family: string): Endpoint[] {
  const byAddress = new Map<string, Endpoint>();
  for (const { addressType, endpoints, metadata } of slices) {
    if (addressType !== family) continue;
    for (const each of endpoints) {
      const address = each.addresses[0];
      if (address !== undefined)
        byAddress.set(address, endpoint(each, address, metadata.namespace));
    }
  }
  return [...byAddress.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** Conditions that are not stated count as ready, serving and not terminating. */
function endpoint(
  { conditions = {}, nodeName = "", targetRef, zone = "" }: SliceEndpoint,
  address: string,
  namespace: string,
): Endpoint {
  const podName = targetRef?.kind === "Pod" ? (targetRef.name ?? "") : "";
  return {
    address,
    podKey: podName === "" ? "" : `${targetRef?.namespace ?? namespace}/${podName}`,
    podName,
    podUid: podName === "" ? "" : (targetRef?.uid ?? ""),
    nodeName,
    zone,
    isReady: conditions.ready ?? true,
    isServing: conditions.serving ?? true,
    isTerminating: conditions.terminating ?? false,
  };
}
