/**
 * Weighted round robin: in turn, an endpoint of weight w taken w times a round, the heavier ones
 * first: a level falls from the greatest weight by their greatest common divisor, and whoever has
 * the level's weight has a turn.
 *
 * Source: the `wrr` scheduler of IPVS (net/netfilter/ipvs/ip_vs_wrr.c). Weights are whole numbers
 * there; here others are rounded to thousandths.
 */
import { type Balancer, defineBalancer, type EndpointSet } from "../../sim/network/index.ts";

interface Turn {
  /** Where it stands in the list; before the first at the beginning. */
  at: number;
  level: number;
  max: number;
  divisor: number;
}

/** So many parts has a weight of 1. */
const PARTS = 1000;

export function weightedRoundRobin(): Balancer {
  return defineBalancer<Turn>({
    name: "weighted-round-robin",
    createMemory: () => ({ at: -1, level: 0, max: 0, divisor: 1 }),
    changed: begin,
    choose({ endpoints }, _request, turn) {
      if (turn.max === 0) return -1;
      for (;;) {
        turn.at++;
        if (turn.at >= endpoints.length) turn.at = 0;
        if (turn.at === 0) {
          turn.level -= turn.divisor;
          if (turn.level <= 0) turn.level = turn.max;
        }
        if (partsOf(endpoints[turn.at]?.weight ?? 0) >= turn.level) return turn.at;
      }
    },
  });
}

function begin(turn: Turn, { endpoints }: EndpointSet): void {
  turn.at = -1;
  turn.level = 0;
  turn.max = 0;
  turn.divisor = 0;
  for (const { weight } of endpoints) {
    const parts = partsOf(weight);
    turn.max = Math.max(turn.max, parts);
    turn.divisor = greatestCommonDivisor(turn.divisor, parts);
  }
}

function partsOf(weight: number): number {
  return Math.round(weight * PARTS);
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return x;
}
