/** RouteSet: the endpoints that a choice is made from, as the proxies keep them. */
import type { Micros } from "../../kernel/index.ts";
import type { Endpoint, EndpointSet, ServiceView } from "./endpoint.ts";

export class RouteSet implements EndpointSet {
  readonly service: ServiceView;
  readonly endpoints: readonly Endpoint[];
  readonly slotCount: number;
  /** Index in `endpoints` by slot; -1: not in it. */
  readonly indexBySlot: Int32Array;
  /** How long a client stays with its endpoint, us; 0: there is no session affinity. */
  readonly affinityUs: Micros;

  constructor(service: ServiceView, endpoints: readonly Endpoint[], affinityUs: Micros) {
    let slotCount = 0;
    for (const { slot } of endpoints) if (slot >= slotCount) slotCount = slot + 1;
    this.service = service;
    this.endpoints = endpoints;
    this.slotCount = slotCount;
    this.affinityUs = affinityUs;
    this.indexBySlot = new Int32Array(slotCount).fill(-1);
    for (const [i, { slot }] of endpoints.entries()) this.indexBySlot[slot] = i;
  }

  /** The endpoint with this slot and address; undefined: it is not in the list. O(1). */
  find(slot: number, address: string): Endpoint | undefined {
    const endpoint = this.endpoints[this.indexBySlot[slot] ?? -1];
    return endpoint?.address === address ? endpoint : undefined;
  }

  /** Whether another set would be no news to anybody. */
  isSame(service: ServiceView, endpoints: readonly Endpoint[], affinityUs: Micros): boolean {
    if (this.affinityUs !== affinityUs || this.endpoints.length !== endpoints.length) return false;
    const { isHeadless, sessionAffinity } = this.service;
    if (service.isHeadless !== isHeadless || service.sessionAffinity !== sessionAffinity) {
      return false;
    }
    for (let i = 0; i < endpoints.length; i++) {
      if (this.endpoints[i] !== endpoints[i]) return false;
    }
    return true;
  }
}
