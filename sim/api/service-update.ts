/**
 * What an update of a Service carries over from the old one, and what it drops.
 * Source: patchAllocatedValues, dropTypeDependentFields and normalizeClusterIPs in
 * pkg/registry/core/service of v1.30.
 */
import type { core, Service } from "./objects.ts";

type Spec = core.ServiceSpec;

/** The update with what was allocated and it leaves out, without what its type does not have. */
export function preparedService(object: Service, old: Service): Service {
  const spec = { ...object.spec };
  normalizeClusterIps(spec, old.spec);
  patchAllocated(spec, old.spec);
  dropTypeDependent(spec, old.spec);
  return { ...object, spec };
}

/** `clusterIPs` follows `clusterIP` where only that is said or changed. */
function normalizeClusterIps(spec: Spec, old: Spec): void {
  const { clusterIP = "", clusterIPs = [] } = spec;
  const isChanged = clusterIP !== (old.clusterIP ?? "");
  const isListSame = sameList(clusterIPs, old.clusterIPs ?? []);
  if (isChanged && clusterIP === "" && isListSame) delete spec.clusterIPs;
  else if (isChanged && clusterIP !== "" && isListSame && clusterIPs.length > 0)
    spec.clusterIPs = [clusterIP];
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

/** What was allocated stays where the update leaves it out. */
function patchAllocated(spec: Spec, old: Spec): void {
  if (hasClusterIp(spec) && hasClusterIp(old)) {
    if ((spec.clusterIP ?? "") === "" && (old.clusterIP ?? "") !== "") {
      spec.clusterIP = old.clusterIP as string;
      if ((spec.clusterIPs ?? []).length === 0 && old.clusterIPs !== undefined)
        spec.clusterIPs = old.clusterIPs;
    }
    if (spec.clusterIP === old.clusterIP) {
      if (spec.clusterIPs === undefined && old.clusterIPs !== undefined)
        spec.clusterIPs = old.clusterIPs;
      if (spec.ipFamilies === undefined && old.ipFamilies !== undefined)
        spec.ipFamilies = old.ipFamilies;
      if (spec.ipFamilyPolicy === undefined && old.ipFamilyPolicy !== undefined)
        spec.ipFamilyPolicy = old.ipFamilyPolicy;
    }
  }
  if (isExternal(spec) && isExternal(old)) patchNodePorts(spec, old);
  const { healthCheckNodePort } = old;
  if (needsCheck(spec) && needsCheck(old) && (spec.healthCheckNodePort ?? 0) === 0) {
    if (healthCheckNodePort !== undefined) spec.healthCheckNodePort = healthCheckNodePort;
  }
}

/** Node ports by protocol and port, those only that the update does not give to another port. */
function patchNodePorts(spec: Spec, old: Spec): void {
  const had = new Map<string, number>();
  const used = new Set<number>();
  for (const { protocol = "TCP", port, nodePort = 0 } of old.ports ?? [])
    if (nodePort !== 0) had.set(`${protocol}/${port}`, nodePort);
  for (const { nodePort = 0 } of spec.ports ?? []) used.add(nodePort);
  if (spec.ports === undefined) return;
  spec.ports = spec.ports.map((each) => {
    const nodePort = had.get(`${each.protocol ?? "TCP"}/${each.port}`) ?? 0;
    if ((each.nodePort ?? 0) !== 0 || nodePort === 0 || used.has(nodePort)) return each;
    return { ...each, nodePort };
  });
}

/** What another type had, and this one does not, goes unless the update changes it. */
function dropTypeDependent(spec: Spec, old: Spec): void {
  const drop = (...fields: (keyof Spec)[]): void => {
    for (const field of fields) if (isSame(spec[field], old[field])) delete spec[field];
  };
  if (hasClusterIp(old) && !hasClusterIp(spec))
    drop("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy");
  const { type } = spec;
  if (old.type === "LoadBalancer" && type !== "LoadBalancer")
    drop("allocateLoadBalancerNodePorts", "loadBalancerClass");
  if (needsCheck(old) && !needsCheck(spec)) drop("healthCheckNodePort");
  if (!isExternal(old) || isExternal(spec)) return;
  if ((spec.externalIPs ?? []).length === 0) drop("externalTrafficPolicy");
  const oldPorts = new Set(old.ports?.map(({ nodePort }) => nodePort));
  if (spec.ports?.some(({ nodePort }) => nodePort !== undefined && oldPorts.has(nodePort)))
    spec.ports = spec.ports.map(({ nodePort, ...port }) => port);
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function hasClusterIp({ type }: Spec): boolean {
  return type !== "ExternalName";
}

function isExternal({ type }: Spec): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

function needsCheck({ type, externalTrafficPolicy }: Spec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}
