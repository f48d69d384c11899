/**
 * Round robin: each node's proxy takes the endpoints of a Service in turn, apart from all other
 * nodes. When endpoints come or go it goes on from the same place in the list.
 *
 * Source: the `rr` scheduler of IPVS, kube-proxy's default in ipvs mode.
 */
import { type Balancer, defineBalancer } from "../../sim/network/index.ts";

export function roundRobin(): Balancer {
  return defineBalancer({
    name: "round-robin",
    createMemory: () => ({ next: 0 }),
    choose({ endpoints }, _request, memory) {
      const choice = memory.next % endpoints.length;
      memory.next = choice + 1;
      return choice;
    },
  });
}
