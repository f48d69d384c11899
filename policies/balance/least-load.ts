/** Balancers that send a connection where the load is least, by one formula each. */
import { type Balancer, defineBalancer } from "../../sim/network/index.ts";
import {
  closeConnection,
  createOpenConnections,
  forgetEnded,
  type LoadOf,
  leastLoadedEndpoint,
  type OpenConnections,
  openConnection,
  readList,
} from "./open-connections.ts";

/**
 * The balancer of this name that chooses the endpoint with the least load, the first of equals.
 * `countsInactive`: the load counts connections that have ended lately, too.
 */
export function leastLoad(name: string, loadOf: LoadOf, countsInactive = false): Balancer {
  return defineBalancer<OpenConnections>({
    name,
    createMemory: () => createOpenConnections(countsInactive),
    changed: (memory, set) => readList(memory, set, loadOf),
    choose(_set, { nowUs }, memory) {
      forgetEnded(memory, nowUs, loadOf);
      return leastLoadedEndpoint(memory);
    },
    opened: (memory, endpoint) => openConnection(memory, endpoint, loadOf),
    closed: (memory, endpoint, _latencyUs, _isOk, nowUs) =>
      closeConnection(memory, endpoint, nowUs, loadOf),
  });
}

/** What an active connection counts, and an inactive one 1: ip_vs_dest_conn_overhead of ip_vs.h. */
const ACTIVE_OVERHEAD = 256;

/** IPVS' overhead of an endpoint by which `lc` and `wlc` go. */
export function connectionOverhead(connections: number, inactive: number): number {
  return connections * ACTIVE_OVERHEAD + inactive;
}
