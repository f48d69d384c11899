import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../sim/kernel/index.ts";
import type { Balancer, Endpoint, ServiceView } from "../../sim/network/index.ts";
import { balancerByName, balancerNames } from "./registry.ts";

const service: ServiceView = {
  key: "default/web",
  isHeadless: false,
  internalTrafficPolicy: "Cluster",
  sessionAffinity: "None",
};

function endpoints(count: number): readonly Endpoint[] {
  return Array.from({ length: count }, (_, i) => {
    const podName = `p${i}`;
    const isUp = { isReady: true, isServing: true, isTerminating: false };
    const pod = { podKey: `default/${podName}`, podName, podUid: "" };
    return Object.freeze({ address: `10.0.0.${i}`, ...pod, nodeName: "n", zone: "", ...isUp });
  });
}

/** Asks with frozen inputs: a balancer changes nothing but its memory. */
function choices(
  balancer: Balancer,
  calls: readonly { count: number; uniform: number }[],
): number[] {
  const memory = balancer.createMemory?.() ?? Object.freeze({});
  return calls.map(({ count, uniform }) => {
    const request = Object.freeze({ sourceNode: "n", sourceZone: "", uniform });
    return balancer.choose(service, Object.freeze(endpoints(count)), request, memory);
  });
}

describe.each(balancerNames())("balancer %s", (name) => {
  const call = fc.record({
    count: fc.integer({ min: 1, max: 7 }),
    uniform: fc.constantFrom(0, 0.1, 0.5, 0.999, 1 - Number.EPSILON / 2),
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
      { seed: 1 },
    );
  });
});

test("round robin takes turns, and goes on from its place when the list changes", () => {
  const calls = [3, 3, 3, 3, 3, 2, 2, 4, 4, 4].map((count) => ({ count, uniform: 0.5 }));
  expect(choices(balancerByName("round-robin"), calls)).toEqual([0, 1, 2, 0, 1, 0, 1, 2, 3, 0]);
});

test("random follows its draw", () => {
  const calls = [0, 0.24, 0.25, 0.5, 0.99].map((uniform) => ({ count: 4, uniform }));
  expect(choices(balancerByName("random"), calls)).toEqual([0, 0, 1, 2, 3]);
});

test("an unknown balancer is refused with the nearest name", () => {
  expect(() => balancerByName("round-robbin")).toThrow(InputError);
  expect(() => balancerByName("round-robbin")).toThrow(
    'There is no load balancer "round-robbin". Did you mean round-robin? Known: round-robin, random.',
  );
});
