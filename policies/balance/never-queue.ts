/**
 * Never queue: an idle endpoint if there is one (the first), else the shortest expected delay.
 *
 * Source: the `nq` scheduler of IPVS (net/netfilter/ipvs/ip_vs_nq.c).
 */
import type { Balancer } from "../../sim/network/index.ts";
import { leastLoad } from "./least-load.ts";

export function neverQueue(): Balancer {
  return leastLoad("never-queue", (connections, weight) => {
    if (weight <= 0) return Number.POSITIVE_INFINITY;
    return connections === 0 ? 0 : (connections + 1) / weight;
  });
}
