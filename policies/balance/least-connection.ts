/**
 * Least connection: the endpoint with the fewest connections from this proxy; the first of equals.
 *
 * Source: the `lc` scheduler of IPVS (net/netfilter/ipvs/ip_vs_lc.c): least 256 active + inactive, which
 * are those that ended within the last 2 minutes (see inactive-connections.ts). An endpoint of weight 0
 * takes none.
 */
import type { Balancer } from "../../sim/network/index.ts";
import { connectionOverhead, leastLoad } from "./least-load.ts";

export function leastConnection(): Balancer {
  return leastLoad(
    "least-connection",
    (connections, weight, inactive) =>
      weight > 0 ? connectionOverhead(connections, inactive) : Number.POSITIVE_INFINITY,
    true,
  );
}
