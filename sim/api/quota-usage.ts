/**
 * What an object counts against a ResourceQuota, by kind.
 *
 * Source: pkg/quota/v1/evaluator/core (pods.go, services.go, persistent_volume_claims.go) and
 * apiserver/pkg/quota/v1/generic/evaluator.go of v1.30. A pod whose grace period is over and that
 * is still there is counted until it is gone; the real evaluators stop counting it.
 */
import type { Kind } from "./kind.ts";
import type { ApiObject, PersistentVolumeClaim, Pod, PodSpec, Service } from "./objects.ts";
import { effectiveLimits } from "./pod-limits.ts";
import { effectiveRequests, type Quantities } from "./pod-requests.ts";
import { mustParseQuantity, Quantity } from "./quantity.ts";

export type QuotaUsage = ReadonlyMap<string, Quantity>;

const count = (number: number): Quantity => new Quantity(BigInt(number), 0, "DecimalSI", false, "");
const ONE = count(1);

const POD_RESOURCES: ReadonlySet<string> = new Set([
  "count/pods",
  "cpu",
  "memory",
  "ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "pods",
]);
const SERVICE_RESOURCES: ReadonlySet<string> = new Set([
  "count/services",
  "services",
  "services.nodeports",
  "services.loadbalancers",
]);
const CLAIM_RESOURCES: ReadonlySet<string> = new Set([
  "count/persistentvolumeclaims",
  "persistentvolumeclaims",
  "requests.storage",
]);
const BY_CLASS = /\.storageclass\.storage\.k8s\.io\/(persistentvolumeclaims|requests\.storage)$/;

/** `count/deployments.apps`: the resource that counts all objects of a kind. */
export function objectCountName({ apiVersion, resource }: Kind): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
  return `count/${resource}${group}`;
}

/** Whether objects of this kind count against that resource of a quota. */
export function isQuotaResourceOf(kind: Kind, name: string): boolean {
  switch (kind.kind) {
    case "Pod":
      return POD_RESOURCES.has(name) || isHugePages(name) || isExtendedRequest(name);
    case "Service":
      return SERVICE_RESOURCES.has(name);
    case "PersistentVolumeClaim":
      return CLAIM_RESOURCES.has(name) || BY_CLASS.test(name);
    case "ResourceQuota":
      return name === "resourcequotas" || name === "count/resourcequotas";
    default:
      return name === objectCountName(kind);
  }
}

/** What one object counts. Pods, services and claims of one shape may share one result. */
export function quotaUsage(kind: Kind, object: ApiObject): QuotaUsage {
  switch (kind.kind) {
    case "Pod":
      return podUsage(object as Pod);
    case "Service":
      return serviceUsage(object as Service);
    case "PersistentVolumeClaim":
      return claimUsage(object as PersistentVolumeClaim);
    case "ResourceQuota":
      return QUOTA_USAGE;
    default:
      return new Map([[objectCountName(kind), ONE]]);
  }
}

const QUOTA_USAGE: QuotaUsage = new Map([
  ["count/resourcequotas", ONE],
  ["resourcequotas", ONE],
]);
const ENDED_POD_USAGE: QuotaUsage = new Map([["count/pods", ONE]]);

/** A pod that has ended counts as an object only. */
function podUsage({ spec, status }: Pod): QuotaUsage {
  const { phase } = status;
  return phase === "Succeeded" || phase === "Failed" ? ENDED_POD_USAGE : specUsage(spec);
}

interface KnownUsage {
  readonly initContainers: PodSpec["initContainers"];
  readonly overhead: PodSpec["overhead"];
  readonly usage: QuotaUsage;
}

/** By the list of containers, which the pods of a template share also when they are bound. */
const knownUsages = new WeakMap<PodSpec["containers"], KnownUsage>();

function specUsage(spec: PodSpec): QuotaUsage {
  const { containers, initContainers, overhead } = spec;
  const known = knownUsages.get(containers);
  if (known !== undefined && known.initContainers === initContainers && known.overhead === overhead)
    return known.usage;
  const usage: Quantities = computeUsage(effectiveRequests(spec), effectiveLimits(spec));
  usage.set("count/pods", ONE);
  knownUsages.set(containers, { initContainers, overhead, usage });
  return usage;
}

/** podComputeUsageHelper: requests and limits under the names that quotas have for them. */
export function computeUsage(requests: Quantities, limits: Quantities): Quantities {
  const usage: Quantities = new Map([["pods", ONE]]);
  for (const [name, request] of requests) {
    if (isPlain(name) || name.startsWith("hugepages-")) usage.set(name, request);
    if (isPlain(name) || name.startsWith("hugepages-") || isExtended(name))
      usage.set(`requests.${name}`, request);
  }
  for (const [name, limit] of limits) if (isPlain(name)) usage.set(`limits.${name}`, limit);
  return usage;
}

const isPlain = (name: string): boolean =>
  name === "cpu" || name === "memory" || name === "ephemeral-storage";
const isHugePages = (name: string): boolean =>
  name.startsWith("hugepages-") || name.startsWith("requests.hugepages-");
const isExtended = (name: string): boolean =>
  name.includes("/") && !name.includes("kubernetes.io/") && !name.startsWith("requests.");
const isExtendedRequest = (name: string): boolean =>
  name.startsWith("requests.") && isExtended(name.slice("requests.".length));

function serviceUsage({ spec }: Service): QuotaUsage {
  const ports = spec.ports ?? [];
  const isBalanced = spec.type === "LoadBalancer";
  let nodePorts = spec.type === "NodePort" || isBalanced ? ports.length : 0;
  if (isBalanced && spec.allocateLoadBalancerNodePorts === false)
    nodePorts = ports.filter(({ nodePort }) => (nodePort ?? 0) !== 0).length;
  return new Map([
    ["count/services", ONE],
    ["services", ONE],
    ["services.nodeports", count(nodePorts)],
    ["services.loadbalancers", count(isBalanced ? 1 : 0)],
  ]);
}

const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

function claimUsage({ metadata, spec, status }: PersistentVolumeClaim): QuotaUsage {
  const usage: Quantities = new Map([
    ["persistentvolumeclaims", ONE],
    ["count/persistentvolumeclaims", ONE],
  ]);
  const storage = largest(
    spec.resources?.requests?.["storage"],
    status.allocatedResources?.["storage"],
  );
  if (storage !== undefined) usage.set("requests.storage", storage);
  const className = metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? "";
  if (className === "") return usage;
  const prefix = `${className}.storageclass.storage.k8s.io/`;
  usage.set(`${prefix}persistentvolumeclaims`, ONE);
  if (storage !== undefined) usage.set(`${prefix}requests.storage`, storage);
  return usage;
}

function largest(requested?: string, allocated?: string): Quantity | undefined {
  if (requested === undefined) return undefined;
  const request = wholeBytes(requested);
  const other = allocated === undefined ? undefined : wholeBytes(allocated);
  return other !== undefined && other.compare(request) > 0 ? other : request;
}

function wholeBytes(text: string): Quantity {
  const quantity = mustParseQuantity(String(text));
  if (quantity.milliValue() % 1000n === 0n) return quantity;
  return new Quantity(quantity.value(), 0, quantity.format, false, "");
}
