/**
 * Power of two choices: of two endpoints taken at random, the one with fewer requests on their way
 * from this client.
 *
 * Source: M. Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, IEEE TPDS 2001;
 * Envoy's `least_request` default.
 */
import { type Balancer, defineBalancer } from "../../sim/network/index.ts";
import { firstOfTwo, secondOfTwo } from "./two-choices.ts";

/** Requests on their way, by slot. */
interface Counts {
  readonly counts: number[];
  readonly addresses: string[];
}

export function powerOfTwo(): Balancer {
  return defineBalancer<Counts>({
    name: "power-of-two",
    createMemory: () => ({ counts: [], addresses: [] }),
    changed({ addresses, counts }, { endpoints }) {
      for (const { address, slot } of endpoints) {
        if (addresses[slot] === address) continue;
        addresses[slot] = address;
        counts[slot] = 0;
      }
    },
    choose({ endpoints }, { uniform, uniform2 }, { counts }) {
      const first = firstOfTwo(endpoints.length, uniform);
      const second = secondOfTwo(endpoints.length, first, uniform2);
      const ofFirst = counts[endpoints[first]?.slot ?? 0] ?? 0;
      return (counts[endpoints[second]?.slot ?? 0] ?? 0) < ofFirst ? second : first;
    },
    opened({ addresses, counts }, { address, slot }) {
      if (addresses[slot] === address) counts[slot] = (counts[slot] ?? 0) + 1;
    },
    closed({ addresses, counts }, { address, slot }) {
      if (addresses[slot] === address) counts[slot] = Math.max(0, (counts[slot] ?? 0) - 1);
    },
  });
}
