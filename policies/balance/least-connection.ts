/**
 * Least connection: the endpoint with the fewest connections from this proxy; the first of equals.
 *
 * Source: the `lc` scheduler of IPVS (net/netfilter/ipvs/ip_vs_lc.c), which counts 256 active plus
 * the inactive connections. Closed connections that the kernel still remembers (inactive) are not
 * counted here. An endpoint of weight 0 takes none.
 */
import type { Balancer } from "../../sim/network/index.ts";
import { leastLoad } from "./least-load.ts";

export function leastConnection(): Balancer {
  return leastLoad("least-connection", (connections, weight) =>
    weight > 0 ? connections : Number.POSITIVE_INFINITY,
  );
}
