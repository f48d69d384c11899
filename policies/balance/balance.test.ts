import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../sim/kernel/index.ts";
import type { Balancer } from "../../sim/network/index.ts";
import { BalancePlace, equal } from "../../test/endpoint-sets.ts";
import { balancerByName, balancerNames } from "./registry.ts";

interface Step {
  readonly count: number;
  readonly uniform: number;
  readonly clientHash: number;
}

/** Chooses from lists of changing length with frozen inputs: a balancer changes nothing but its memory. */
function choices(balancer: Balancer, steps: readonly Step[]): number[] {
  const place = new BalancePlace(balancer, equal(1));
  return steps.map(({ clientHash, count, uniform }) => {
    place.change(equal(count));
    return place.open(Object.freeze({ uniform, uniform2: 1 - uniform, clientHash })).slot;
  });
}

describe.each(balancerNames())("balancer %s", (name) => {
  const call = fc.record({
    count: fc.integer({ min: 1, max: 7 }),
    clientHash: fc.nat(),
    uniform: fc.constantFrom(1e-9, 0.1, 0.5, 0.999, 1 - Number.EPSILON / 2),
  });

  test("is found by its name", () => expect(balancerByName(name).name).toBe(name));

  test("chooses one of the endpoints, however many there are, and the same ones again", () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        const chosen = choices(balancerByName(name), calls);
        for (const [i, choice] of chosen.entries()) {
          expect(Number.isInteger(choice)).toBe(true);
          expect([choice >= 0, choice < (calls[i]?.count ?? 0)]).toEqual([true, true]);
        }
        expect(choices(balancerByName(name), calls)).toEqual(chosen);
      }),
      { seed: 1, numRuns: 40 },
    );
  });
});

const plainStep = { uniform: 0.5, clientHash: 1 };

test("round robin takes turns, and goes on from its place when the list changes", () => {
  const steps = [3, 3, 3, 3, 3, 2, 2, 4, 4, 4].map((count) => ({ ...plainStep, count }));
  const expected = [0, 1, 2, 0, 1, 0, 1, 2, 3, 0];
  expect(choices(balancerByName("round-robin"), steps)).toEqual(expected);
});

test("random follows its draw", () => {
  const draws = [0, 0.24, 0.25, 0.5, 0.99];
  const steps = draws.map((uniform) => ({ ...plainStep, count: 4, uniform }));
  expect(choices(balancerByName("random"), steps)).toEqual([0, 0, 1, 2, 3]);
});

test("the short names of IPVS are understood", () => {
  expect(["rr", "wlc", "nq"].map((name) => balancerByName(name).name)).toEqual([
    "round-robin",
    "weighted-least-connection",
    "never-queue",
  ]);
});

test.each([
  ["powr", "power-of-two"],
  ["leest", "least-connection"],
  ["magleff", "maglev"],
  ["rrr", "rr"],
])("%s may mean %s", (name, meant) => {
  expect(() => balancerByName(name)).toThrow(`"${name}". Did you mean ${meant}?`);
});

test("an unknown balancer is refused with the nearest name", () => {
  expect(() => balancerByName("round-robbin")).toThrow(InputError);
  expect(() => balancerByName("round-robbin")).toThrow(
    'There is no load balancer "round-robbin". Did you mean round-robin? Known: round-robin, random,',
  );
});
