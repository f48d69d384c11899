/**
 * Destination hashing: the endpoint goes by the address that is asked for. All connections to one
 * Service have the same address, so that one endpoint gets them all: made for caches in front of
 * many addresses, not for Services.
 *
 * Source: the `dh` scheduler of IPVS (net/netfilter/ipvs/ip_vs_dh.c).
 */

import { hashString } from "../../sim/kernel/index.ts";
import { type Balancer, defineBalancer } from "../../sim/network/index.ts";
import { bucketOf } from "./hash-buckets.ts";

export function destinationHash(): Balancer {
  return defineBalancer({
    name: "destination-hash",
    choose: (set, _request) => bucketOf(set, hashString(set.service.key)),
  });
}
