/** IPVS' lc and wlc go by 256 active + inactive; sed and nq by the active ones alone. */
import { describe, expect, test } from "vitest";
import type { Balancer, Endpoint, EndpointSet } from "../../sim/network/index.ts";
import { endpointNumbered, endpointSet, plainRequest, weighted } from "../../test/endpoint-sets.ts";
import { addInactive, createInactiveConnections, nextExpired } from "./inactive-connections.ts";
import { balancerByName } from "./registry.ts";

const SECOND = 1_000_000;

/** A balancer's place, whose connections a test opens and ends one by one. */
class Place {
  readonly #balancer: Balancer;
  readonly #memory: object;
  #set: EndpointSet;

  constructor(name: string, weights: readonly number[]) {
    this.#balancer = balancerByName(name);
    this.#memory = this.#balancer.createMemory?.() ?? {};
    this.#set = weighted(...weights);
    this.change(this.#set);
  }

  change(set: EndpointSet): void {
    this.#set = set;
    this.#balancer.changed?.(this.#memory, set);
  }

  open(at: number): void {
    this.#balancer.opened?.(this.#memory, this.#endpoint(at));
  }

  close(at: number, nowUs: number): void {
    this.#balancer.closed?.(this.#memory, this.#endpoint(at), 1, true, nowUs);
  }

  choose(nowUs: number): number {
    return this.#balancer.choose(this.#set, { ...plainRequest, nowUs }, this.#memory);
  }

  #endpoint(at: number): Endpoint {
    return this.#set.endpoints[at] ?? endpointNumbered(at);
  }
}

/** So many connections to each endpoint were opened, and ended after one second. */
function endedAt(name: string, weights: readonly number[], counts: readonly number[]): Place {
  const place = new Place(name, weights);
  counts.forEach((count, at) => {
    for (let i = 0; i < count; i++) {
      place.open(at);
      place.close(at, SECOND);
    }
  });
  return place;
}

test.each<[string, readonly number[], readonly number[], number]>([
  ["least-connection", [1, 1], [1, 0], 1],
  ["least-connection", [1, 1], [2, 3], 0],
  ["weighted-least-connection", [3, 1], [5, 2], 0],
  ["weighted-least-connection", [3, 1], [7, 2], 1],
  ["shortest-expected-delay", [1, 1], [9, 0], 0],
  ["never-queue", [1, 1], [9, 0], 0],
])("%s with weights %j after %j that have ended chooses %i", (name, weights, counts, expected) => {
  expect(endedAt(name, weights, counts).choose(2 * SECOND)).toBe(expected);
});

describe("an open connection weighs as much as 256 that have ended", () => {
  test.each([
    [255, 1],
    [256, 0],
    [257, 0],
  ])("%i ended at the second, one open at the first: the next goes to %i", (ended, expected) => {
    const place = endedAt("least-connection", [1, 1], [0, ended]);
    place.open(0);
    expect(place.choose(2 * SECOND)).toBe(expected);
  });
});

test("what has ended is forgotten after two minutes", () => {
  const place = endedAt("least-connection", [1, 1], [5, 0]);
  expect(place.choose(120 * SECOND)).toBe(1);
  expect(place.choose(121 * SECOND)).toBe(0);
});

test("an address that takes a slot over begins with nothing", () => {
  const place = endedAt("least-connection", [1, 1], [5, 1]);
  const successor = { ...endpointNumbered(0), address: "10.9.9.9" };
  place.change(endpointSet([successor, endpointNumbered(1)]));
  expect(place.choose(2 * SECOND)).toBe(0);
  // The five of the address before it are forgotten without being taken from the successor's.
  expect(place.choose(121 * SECOND)).toBe(0);
});

test("memory grows with endpoints and seconds, not with connections", () => {
  const memory = createInactiveConnections();
  for (let second = 0; second < 1_000; second++) {
    for (let i = 0; i < 1_000; i++) addInactive(memory, i % 2, second * SECOND + i + 1);
    while (nextExpired(memory, second * SECOND) >= 0);
  }
  expect(memory.ended.items.length).toBeLessThan(2 * 2 * 125);
  expect(memory.counts).toEqual([60_500, 60_500]);
});
