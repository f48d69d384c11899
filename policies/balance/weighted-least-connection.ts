/**
 * Weighted least connection: the endpoint with the fewest connections for its weight.
 *
 * Source: the `wlc` scheduler of IPVS (net/netfilter/ipvs/ip_vs_wlc.c): least (256 active +
 * inactive) / weight; see least-connection.ts.
 */
import type { Balancer } from "../../sim/network/index.ts";
import { connectionOverhead, leastLoad } from "./least-load.ts";

export function weightedLeastConnection(): Balancer {
  return leastLoad(
    "weighted-least-connection",
    (connections, weight, inactive) =>
      weight > 0 ? connectionOverhead(connections, inactive) / weight : Number.POSITIVE_INFINITY,
    true,
  );
}
