/** Lists of endpoints for tests of balancers. */
import type { BalanceRequest, Balancer, Endpoint, EndpointSet } from "../sim/network/index.ts";

/** An endpoint whose slot is its number; `10.0.0.7` is p7. */
export function endpointNumbered(number: number, weight = 1): Endpoint {
  const podName = `p${number}`;
  return Object.freeze({
    address: `10.0.${number >> 8}.${number & 255}`,
    slot: number,
    podKey: `default/${podName}`,
    podName,
    podUid: "",
    nodeName: "n",
    node: 0,
    zone: "",
    isReady: true,
    isServing: true,
    isTerminating: false,
    weight,
  });
}

/** The set of these endpoints, of Service default/web. */
export function endpointSet(endpoints: readonly Endpoint[]): EndpointSet {
  const service = { key: "default/web", isHeadless: false, sessionAffinity: "None" } as const;
  const slotCount = endpoints.reduce((count, { slot }) => Math.max(count, slot + 1), 0);
  return Object.freeze({ service, endpoints: Object.freeze([...endpoints]), slotCount });
}

/** Endpoints 0 .. weights.length - 1 with these weights. */
export function weighted(...weights: readonly number[]): EndpointSet {
  return endpointSet(weights.map((weight, number) => endpointNumbered(number, weight)));
}

export function equal(count: number): EndpointSet {
  return weighted(...Array.from({ length: count }, () => 1));
}

export const plainRequest: BalanceRequest = Object.freeze({
  nowUs: 0,
  sourceNode: 0,
  sourceNodeName: "n",
  sourceZone: "",
  clientHash: 1,
  keyHash: 0,
  uniform: 0,
  uniform2: 0,
});

/** One place that balances: remembers as the framework does. */
export class BalancePlace {
  readonly #balancer: Balancer;
  readonly #memory: object;
  #set: EndpointSet;

  constructor(balancer: Balancer, set: EndpointSet) {
    this.#balancer = balancer;
    this.#memory = balancer.createMemory?.() ?? Object.freeze({});
    this.#set = set;
    balancer.changed?.(this.#memory, set);
  }

  change(set: EndpointSet): void {
    this.#set = set;
    this.#balancer.changed?.(this.#memory, set);
  }

  choose(request: Partial<BalanceRequest> = {}): number {
    return this.#balancer.choose(this.#set, { ...plainRequest, ...request }, this.#memory);
  }

  /** Chooses, and opens a connection to what was chosen. */
  open(request: Partial<BalanceRequest> = {}): Endpoint {
    const endpoint = this.#set.endpoints[this.choose(request)];
    if (endpoint === undefined) throw new Error("no endpoint was chosen");
    this.#balancer.opened?.(this.#memory, endpoint);
    return endpoint;
  }

  close(endpoint: Endpoint, latencyUs = 1000, isOk = true, nowUs = 0): void {
    this.#balancer.closed?.(this.#memory, endpoint, latencyUs, isOk, nowUs);
  }
}
