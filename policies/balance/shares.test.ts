import { describe, expect, test } from "vitest";
import type { Balancer } from "../../sim/network/index.ts";
import {
  BalancePlace,
  endpointNumbered,
  endpointSet,
  equal,
  weighted,
} from "../../test/endpoint-sets.ts";
import { leastConnection } from "./least-connection.ts";
import { leastOutstanding } from "./least-outstanding.ts";
import { neverQueue } from "./never-queue.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { shortestExpectedDelay } from "./shortest-expected-delay.ts";
import { weightedLeastConnection } from "./weighted-least-connection.ts";
import { weightedRoundRobin } from "./weighted-round-robin.ts";

/** Opens connections and closes none; how many each endpoint has got. */
function opened(place: BalancePlace, count: number, ofEndpoints: number): number[] {
  const counts = Array.from({ length: ofEndpoints }, () => 0);
  for (let i = 0; i < count; i++) {
    const { slot } = place.open();
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return counts;
}

describe("weighted round robin", () => {
  test.each<[string, number[], number, string]>([
    ["the heavier ones first, then all", [4, 3, 2], 9, "A A B A B C A B C"],
    ["equal weights are plain turns", [1, 1, 1], 6, "A B C A B C"],
    ["a common divisor makes no difference", [20, 10], 6, "A A B A A B"],
    ["an endpoint without weight gets none", [1, 0, 1], 4, "A C A C"],
    ["fractions are weights too", [0.5, 1.5], 4, "B B A B"],
  ])("%s", (_name, weights, count, expected) => {
    const place = new BalancePlace(weightedRoundRobin(), weighted(...weights));
    const order = Array.from({ length: count }, () => "ABC"[place.choose()]);
    expect(order.join(" ")).toBe(expected);
  });

  test("with all weights 0 there is no choice", () => {
    expect(new BalancePlace(weightedRoundRobin(), weighted(0, 0)).choose()).toBe(-1);
  });
});

describe("shares of connections that stay open", () => {
  test.each<[Balancer, number[], number, number[]]>([
    [leastConnection(), [1, 1, 1], 7, [3, 2, 2]],
    [leastConnection(), [5, 1], 4, [2, 2]],
    [weightedLeastConnection(), [3, 1], 8, [6, 2]],
    [shortestExpectedDelay(), [3, 1], 8, [6, 2]],
    // An idle endpoint is used before a faster one that is not idle.
    [shortestExpectedDelay(), [10, 1], 2, [2, 0]],
    [neverQueue(), [10, 1], 2, [1, 1]],
  ])("%o", (balancer, weights, count, expected) => {
    const place = new BalancePlace(balancer, weighted(...weights));
    expect(opened(place, count, weights.length)).toEqual(expected);
  });

  test.each([leastConnection, weightedLeastConnection, shortestExpectedDelay, neverQueue])(
    "an endpoint of weight 0 gets none, and with all of them 0 there is no choice",
    (make) => {
      expect(opened(new BalancePlace(make(), weighted(0, 1)), 3, 2)).toEqual([0, 3]);
      expect(new BalancePlace(make(), weighted(0, 0)).choose()).toBe(-1);
    },
  );
});

describe.each([leastConnection, leastOutstanding])("the least loaded endpoint", (make) => {
  test("is the one whose connections were closed", () => {
    const place = new BalancePlace(make(), equal(3));
    const first = [0, 1, 2].map(() => place.open());
    place.close(first[1] ?? endpointNumbered(9));
    expect(place.open().slot).toBe(first[1]?.slot);
  });

  test("keeps its count while the list changes around it; a new one begins with none", () => {
    const [a, b, c] = [0, 1, 2].map((number) => endpointNumbered(number));
    if (a === undefined || b === undefined || c === undefined) throw new Error("three endpoints");
    const place = new BalancePlace(make(), endpointSet([a]));
    place.open();
    place.open();
    place.change(endpointSet([a, b]));
    expect([place.open().slot, place.open().slot]).toEqual([1, 1]);
    place.change(endpointSet([a, b, c]));
    expect(place.open().slot).toBe(2);
  });

  test("is not misled by the end of a connection to an endpoint whose slot has another one now", () => {
    const gone = endpointNumbered(1);
    const heir = { ...endpointNumbered(7), slot: 1 };
    const place = new BalancePlace(make(), endpointSet([gone]));
    place.open();
    place.change(endpointSet([heir]));
    place.open();
    place.close(gone);
    place.change(endpointSet([heir, endpointNumbered(0)]));
    expect(place.open().slot).toBe(0);
  });
});

test("two choices take the less loaded of two different endpoints", () => {
  const place = new BalancePlace(powerOfTwo(), equal(4));
  const draws = { uniform: 0, uniform2: 0.4 }; // endpoints 0 and 2
  expect([0, 1, 2, 3].map(() => place.open(draws).slot)).toEqual([0, 2, 0, 2]);
});

test("two choices keep the greatest of 1,000 loads at a few above the mean, one choice does not", () => {
  const greatest = (isOfTwo: boolean) => {
    const place = new BalancePlace(powerOfTwo(), equal(1000));
    const counts = Array.from({ length: 1000 }, () => 0);
    let word = 1;
    const draw = () => {
      word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
      return word / 0x100000000;
    };
    for (let i = 0; i < 1000; i++) {
      const [uniform, uniform2] = [draw(), draw()];
      const slot = isOfTwo ? place.open({ uniform, uniform2 }).slot : Math.floor(uniform * 1000);
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
    return Math.max(...counts);
  };
  // log2 ln n + O(1) = 3, against ln n / ln ln n = 4 and more (Mitzenmacher 2001, section 1).
  expect(greatest(true)).toBeLessThanOrEqual(3);
  expect(greatest(false)).toBeGreaterThanOrEqual(5);
});
