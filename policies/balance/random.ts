/**
 * Random: each connection goes to any endpoint with the same probability.
 *
 * Source: kube-proxy's iptables mode, its default (`-m statistic --mode random`, where rule i of n
 * matches with probability 1 / (n - i), which makes the whole uniform), and its nftables mode
 * (`numgen random mod n`).
 */
import { type Balancer, defineBalancer } from "../../sim/network/index.ts";

export function random(): Balancer {
  return defineBalancer({
    name: "random",
    choose: ({ endpoints }, { uniform }) => Math.floor(uniform * endpoints.length),
  });
}
