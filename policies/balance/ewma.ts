/**
 * Peak EWMA: of two endpoints taken at random, the one with the lower cost: an exponentially weighted
 * moving average of its latency, which follows a rise at once and falls slowly, times the requests
 * on their way there (and this one). An endpoint without an answer yet costs nothing.
 *
 * Source: com.twitter.finagle.loadbalancer.p2c `PeakEwma`; ingress-nginx's `ewma` balancer, with the
 * same decay time of 10 s, is alike.
 */
import { type Balancer, defineBalancer, type Endpoint } from "../../sim/network/index.ts";
import { firstOfTwo, secondOfTwo } from "./two-choices.ts";

/** Time in which what is remembered loses 1 - 1/e of its weight, us. */
const DECAY_US = 10_000_000;

/** By slot. */
interface Averages {
  readonly addresses: string[];
  readonly counts: number[];
  readonly costUs: number[];
  readonly seenUs: number[];
}

export function ewma(): Balancer {
  return defineBalancer<Averages>({
    name: "ewma",
    createMemory: () => ({ addresses: [], counts: [], costUs: [], seenUs: [] }),
    changed({ addresses, costUs, counts, seenUs }, { endpoints }) {
      for (const { address, slot } of endpoints) {
        if (addresses[slot] === address) continue;
        addresses[slot] = address;
        counts[slot] = 0;
        costUs[slot] = 0;
        seenUs[slot] = 0;
      }
    },
    choose({ endpoints }, { nowUs, uniform, uniform2 }, memory) {
      const first = firstOfTwo(endpoints.length, uniform);
      const second = secondOfTwo(endpoints.length, first, uniform2);
      const ofFirst = cost(memory, endpoints[first], nowUs);
      return cost(memory, endpoints[second], nowUs) < ofFirst ? second : first;
    },
    opened({ addresses, counts }, { address, slot }) {
      if (addresses[slot] === address) counts[slot] = (counts[slot] ?? 0) + 1;
    },
    closed({ addresses, costUs, counts, seenUs }, { address, slot }, latencyUs, _isOk, nowUs) {
      if (addresses[slot] !== address) return;
      counts[slot] = Math.max(0, (counts[slot] ?? 0) - 1);
      const old = costUs[slot] ?? 0;
      const kept = Math.exp(-(nowUs - (seenUs[slot] ?? 0)) / DECAY_US);
      costUs[slot] = latencyUs > old ? latencyUs : old * kept + latencyUs * (1 - kept);
      seenUs[slot] = nowUs;
    },
  });
}

function cost(
  { costUs, counts, seenUs }: Averages,
  endpoint: Endpoint | undefined,
  nowUs: number,
): number {
  const slot = endpoint?.slot ?? 0;
  const idleUs = nowUs - (seenUs[slot] ?? 0);
  const averageUs = (costUs[slot] ?? 0) * Math.exp(-idleUs / DECAY_US);
  return averageUs * ((counts[slot] ?? 0) + 1);
}
