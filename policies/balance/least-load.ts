/** Balancers that send a connection where the load is least, by one formula each. */
import { type Balancer, defineBalancer } from "../../sim/network/index.ts";
import {
  countConnection,
  createOpenConnections,
  type LoadOf,
  leastLoadedEndpoint,
  type OpenConnections,
  readList,
} from "./open-connections.ts";

/** The balancer of this name that chooses the endpoint with the least load, the first of equals. */
export function leastLoad(name: string, loadOf: LoadOf): Balancer {
  return defineBalancer<OpenConnections>({
    name,
    createMemory: createOpenConnections,
    changed: (memory, set) => readList(memory, set, loadOf),
    choose: (_set, _request, memory) => leastLoadedEndpoint(memory),
    opened: (memory, endpoint) => countConnection(memory, endpoint, 1, loadOf),
    closed: (memory, endpoint) => countConnection(memory, endpoint, -1, loadOf),
  });
}
