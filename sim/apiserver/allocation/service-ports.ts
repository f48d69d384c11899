/**
 * Which node ports a Service needs.
 * Source: initNodePorts, updateNodePorts and updateHealthCheckNodePort in
 * pkg/registry/core/service/storage/alloc.go, and NeedsHealthCheck in pkg/api/service of v1.30.
 */
import type { core } from "../../api/index.ts";
import { type AllocationFault, internal } from "./allocation-fault.ts";

type Spec = core.ServiceSpec;
/** Takes a port, 0: any; the text says why that cannot be. */
type TakePort = (port: number) => number | string;

export function needsNodePorts({ type }: Spec): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

export function needsHealthCheck({ type, externalTrafficPolicy }: Spec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

/** All ports that a Service holds on the nodes. */
export function nodePortsOf({ ports = [], healthCheckNodePort = 0 }: Spec): number[] {
  return [...ports.map(({ nodePort = 0 }) => nodePort), healthCheckNodePort].filter(
    (port) => port !== 0,
  );
}

/** Gives the Service's ports the node ports that they need. */
export function allocateNodePorts(
  spec: Spec,
  old: Spec | undefined,
  take: TakePort,
): AllocationFault | undefined {
  if (!needsNodePorts(spec) || spec.ports === undefined) return undefined;
  spec.ports = spec.ports.map((port) => ({ ...port }));
  return old === undefined ? initNodePorts(spec, take) : updateNodePorts(spec, old, take);
}

function isAllocating({ type, allocateLoadBalancerNodePorts }: Spec): boolean {
  return type !== "LoadBalancer" || allocateLoadBalancerNodePorts !== false;
}

/** Ports of one number, as TCP and UDP, have one node port. */
function initNodePorts(spec: Spec, take: TakePort): AllocationFault | undefined {
  const byPort = new Map<number, number>();
  const ports = spec.ports ?? [];
  for (const [i, port] of ports.entries()) {
    if ((port.nodePort ?? 0) === 0 && !isAllocating(spec)) continue;
    const known = byPort.get(port.port);
    if (known === undefined) {
      const asked = ports.find((each) => each.port === port.port && (each.nodePort ?? 0) !== 0);
      const taken = take(asked?.nodePort ?? 0);
      if (typeof taken === "string") return refused(i, asked?.nodePort ?? 0, taken);
      port.nodePort = taken;
      byPort.set(port.port, taken);
    } else if ((port.nodePort ?? 0) === 0) port.nodePort = known;
    else if (port.nodePort !== known) {
      const taken = take(port.nodePort ?? 0);
      if (typeof taken === "string") return refused(i, port.nodePort ?? 0, taken);
    }
  }
  return undefined;
}

function updateNodePorts(spec: Spec, old: Spec, take: TakePort): AllocationFault | undefined {
  const had = new Set((old.ports ?? []).map(({ nodePort = 0 }) => nodePort));
  const allocated = new Set<number>();
  for (const [i, port] of (spec.ports ?? []).entries()) {
    const { nodePort = 0 } = port;
    if (nodePort === 0) {
      if (!isAllocating(spec)) continue;
      const taken = take(0);
      if (typeof taken === "string") return refused(i, 0, taken);
      port.nodePort = taken;
    } else if (!had.has(nodePort) && !allocated.has(nodePort)) {
      const taken = take(nodePort);
      if (typeof taken === "string") return refused(i, nodePort, taken);
      allocated.add(nodePort);
    }
  }
  return undefined;
}

function refused(index: number, port: number, why: string): AllocationFault {
  if (port === 0) return internal(`failed to allocate a nodePort: ${why}`);
  const path = `spec.ports[${index}].nodePort`;
  return { path, message: `Invalid value: ${port}: ${why}` };
}

/** A balancer whose nodes answer for their own pods only is told by a port which of them have some. */
export function allocateHealthCheckPort(
  spec: Spec,
  old: Spec | undefined,
  take: TakePort,
): AllocationFault | undefined {
  if (!needsHealthCheck(spec)) return undefined;
  const { healthCheckNodePort: port = 0 } = spec;
  if (old !== undefined && needsHealthCheck(old)) {
    if (port === (old.healthCheckNodePort ?? 0)) return undefined;
    const detail =
      "cannot change healthCheckNodePort on loadBalancer service with externalTraffic=Local during update";
    return { path: "spec.healthCheckNodePort", message: `Invalid value: ${port}: ${detail}` };
  }
  const taken = take(port);
  if (typeof taken === "string") {
    return internal(
      port === 0
        ? `failed to allocate a HealthCheck NodePort 0: ${taken}`
        : `failed to allocate requested HealthCheck NodePort ${port}: ${taken}`,
    );
  }
  spec.healthCheckNodePort = taken;
  return undefined;
}
