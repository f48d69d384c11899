/**
 * A pod's requests as kube-scheduler counts them: beside what the pod requests, what it counts as
 * where a container says nothing.
 *
 * Source: kubernetes/pkg/scheduler/framework/types.go (calculateResource),
 * pkg/scheduler/util/pod_resources.go (defaults); v1.30.
 */
import {
  addQuantities,
  asQuantities,
  type Container,
  effectiveRequests,
  isSidecar,
  mustParseQuantity,
  type PodSpec,
  podRequests,
  type Quantity,
  quantityAmount,
  requestsOf,
} from "../../api/index.ts";

/** DefaultMilliCPURequest and DefaultMemoryRequest: what a container that states nothing counts as. */
export const NON_ZERO_CPU_MILLI = 100;
export const NON_ZERO_MEMORY_BYTES = 200 * 1024 * 1024;

const DEFAULT_CPU = mustParseQuantity(`${NON_ZERO_CPU_MILLI}m`);
const DEFAULT_MEMORY = mustParseQuantity(String(NON_ZERO_MEMORY_BYTES));
const DEFAULTS: ReadonlyMap<string, Quantity> = new Map([
  ["cpu", DEFAULT_CPU],
  ["memory", DEFAULT_MEMORY],
]);

/** All sums of one pod. Amounts are whole: milli-CPU for cpu, units (bytes, pieces) otherwise. */
export interface ScheduledRequests {
  /** Effective request by resource name, in order of first mention; what Fit's filter compares. */
  readonly amounts: readonly (readonly [name: string, amount: number])[];
  /** cpu and memory with the defaults, as the scorer counts an incoming pod. */
  readonly nonZeroCpuMilli: number;
  readonly nonZeroMemoryBytes: number;
  /** cpu and memory with the defaults, as a bound pod adds them to its node. */
  readonly boundNonZeroCpuMilli: number;
  readonly boundNonZeroMemoryBytes: number;
}

/** Sums a pod's requests; quantities must have passed validation. */
export function scheduledRequests(spec: PodSpec): ScheduledRequests {
  const nonZero = effectiveRequests(spec, DEFAULTS);
  const bound = boundNonZero(spec);
  return {
    amounts: [...podRequests(spec)].filter(([name]) => isCounted(name)),
    nonZeroCpuMilli: quantityAmount("cpu", nonZero.get("cpu")),
    nonZeroMemoryBytes: quantityAmount("memory", nonZero.get("memory")),
    boundNonZeroCpuMilli: bound.cpuMilli,
    boundNonZeroMemoryBytes: bound.memoryBytes,
  };
}

const PLAIN_RESOURCES = ["cpu", "memory", "ephemeral-storage"];

/**
 * Whether the scheduler counts a resource: cpu, memory, ephemeral storage and what
 * schedutil.IsScalarResourceName accepts (pkg/scheduler/util/utils.go). Any other name is ignored.
 */
function isCounted(name: string): boolean {
  if (PLAIN_RESOURCES.includes(name) || name.includes("kubernetes.io/")) return true;
  if (name.startsWith("hugepages-") || name.startsWith("attachable-volumes-")) return true;
  return name.includes("/") && !name.startsWith("requests.");
}

/** The texts that the sums depend on, as one string: equal texts, equal sums. */
export function requestsText(spec: PodSpec): string {
  let text = "";
  for (const container of spec.containers) text += containerText(container);
  for (const container of spec.initContainers ?? []) {
    text += (isSidecar(container) ? "|s" : "|i") + containerText(container);
  }
  for (const [name, quantity] of Object.entries(spec.overhead ?? {})) {
    text += `|o${name}=${quantity};`;
  }
  return text;
}

function containerText(container: Container): string {
  const requests = container.resources?.requests;
  if (requests === undefined) return "|c";
  let text = "|c";
  for (const [name, quantity] of Object.entries(requests)) text += `${name}=${quantity};`;
  return text;
}

/**
 * calculateResource's own sum: containers are rounded one by one, sidecars are not added to the
 * containers, and defaults apply after sidecars have been accumulated.
 */
function boundNonZero(spec: PodSpec): { cpuMilli: number; memoryBytes: number } {
  let cpuMilli = 0;
  let memoryBytes = 0;
  for (const container of spec.containers) {
    const requests = requestsOf(container);
    cpuMilli += quantityAmount("cpu", requests.get("cpu") ?? DEFAULT_CPU);
    memoryBytes += quantityAmount("memory", requests.get("memory") ?? DEFAULT_MEMORY);
  }
  const sidecars = new Map<string, Quantity>();
  for (const container of spec.initContainers ?? []) {
    const own = requestsOf(container);
    const needed = isSidecar(container)
      ? addQuantities(sidecars, own)
      : addQuantities(own, sidecars);
    cpuMilli = Math.max(cpuMilli, quantityAmount("cpu", needed.get("cpu") ?? DEFAULT_CPU));
    memoryBytes = Math.max(
      memoryBytes,
      quantityAmount("memory", needed.get("memory") ?? DEFAULT_MEMORY),
    );
  }
  const overhead = asQuantities(spec.overhead);
  return {
    cpuMilli: cpuMilli + quantityAmount("cpu", overhead.get("cpu")),
    memoryBytes: memoryBytes + quantityAmount("memory", overhead.get("memory")),
  };
}
