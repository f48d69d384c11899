import type { Node } from "../../../sim/api/index.ts";
import { CREATED } from "./pod-group.ts";

const ZONES = 3;
/** Four types of machine, from 16 cores up. */
const NODE_CORES = [16, 32, 48, 64] as const;
const GIB_PER_CORE = 4;
export const BYTES_PER_CORE = GIB_PER_CORE * 2 ** 30;

/** Node number `index` of a cluster of three zones and four types of machine. */
export function benchNode(index: number): Node {
  const name = `node-${String(index).padStart(5, "0")}`;
  const cores = coresOf(index);
  const resources = { cpu: String(cores), memory: `${cores * GIB_PER_CORE}Gi`, pods: "110" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      namespace: "",
      uid: `uid-${name}`,
      resourceVersion: "1",
      creationTimestamp: CREATED,
      labels: {
        "kubernetes.io/hostname": name,
        "node.kubernetes.io/instance-type": `type-${cores}`,
        "topology.kubernetes.io/region": "r1",
        "topology.kubernetes.io/zone": `z${index % ZONES}`,
      },
    },
    spec: {},
    status: { capacity: resources, allocatable: resources },
  };
}

export function coresOf(index: number): number {
  return NODE_CORES[Math.floor(index / ZONES) % NODE_CORES.length] as number;
}
