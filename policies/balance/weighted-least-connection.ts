/**
 * Weighted least connection: the endpoint with the fewest connections for its weight.
 *
 * Source: the `wlc` scheduler of IPVS (net/netfilter/ipvs/ip_vs_wlc.c): least (256 active +
 * inactive) / weight. Inactive connections are not counted here.
 */
import type { Balancer } from "../../sim/network/index.ts";
import { leastLoad } from "./least-load.ts";

export function weightedLeastConnection(): Balancer {
  return leastLoad("weighted-least-connection", (connections, weight) =>
    weight > 0 ? connections / weight : Number.POSITIVE_INFINITY,
  );
}
