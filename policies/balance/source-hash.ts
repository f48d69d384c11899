/**
 * Source hashing: all connections of one client go to one endpoint.
 *
 * Source: the `sh` scheduler of IPVS (net/netfilter/ipvs/ip_vs_sh.c).
 */
import { type Balancer, defineBalancer } from "../../sim/network/index.ts";
import { bucketOf } from "./hash-buckets.ts";

export function sourceHash(): Balancer {
  return defineBalancer({
    name: "source-hash",
    choose: (set, { clientHash }) => bucketOf(set, clientHash),
  });
}
