/**
 * Shortest expected delay: as if the new connection were there already: least
 * (connections + 1) / weight.
 *
 * Source: the `sed` scheduler of IPVS (net/netfilter/ipvs/ip_vs_sed.c).
 */
import type { Balancer } from "../../sim/network/index.ts";
import { leastLoad } from "./least-load.ts";

export function shortestExpectedDelay(): Balancer {
  return leastLoad("shortest-expected-delay", (connections, weight) =>
    weight > 0 ? (connections + 1) / weight : Number.POSITIVE_INFINITY,
  );
}
