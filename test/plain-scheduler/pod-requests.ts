/** What a pod requests of its node. */
import { amountOf, parseQuantity } from "./quantities.ts";
import type { core, Pod } from "./scenario.ts";

/** Quantity in 10^-9 of each resource. */
export type ResourceList = Map<string, bigint>;

/** What a container without a request counts as in scores: pkg/scheduler/util/pod_resources.go */
export const NON_ZERO_DEFAULTS: ResourceList = new Map([
  ["cpu", parseQuantity("100m")],
  ["memory", parseQuantity("200Mi")],
]);

type Written = Readonly<Record<string, string | number>> | undefined;

const listOf = (written: Written): ResourceList =>
  new Map(Object.entries(written ?? {}).map(([name, text]) => [name, parseQuantity(text)]));

function add(sum: ResourceList, more: ResourceList): void {
  for (const [name, quantity] of more) sum.set(name, (sum.get(name) ?? 0n) + quantity);
}

function raiseTo(list: ResourceList, other: ResourceList): void {
  for (const [name, quantity] of other) {
    const own = list.get(name);
    if (own === undefined || quantity > own) list.set(name, quantity);
  }
}

/** The container's requests; `defaults` for resources that it does not name. */
const requestsOf = (container: core.Container, defaults: ResourceList): ResourceList =>
  new Map([...defaults, ...listOf(container.resources?.requests)]);

/**
 * PodRequests, in pkg/api/v1/resource/helpers.go: containers together, or what starting takes if
 * that is more, and the overhead. Restartable init containers (sidecars) stay, so they count with
 * the containers and with every init container after them.
 */
export function podRequests({ spec }: Pod, defaults: ResourceList = new Map()): ResourceList {
  const total: ResourceList = new Map();
  for (const container of spec.containers) add(total, requestsOf(container, defaults));
  const sidecars: ResourceList = new Map();
  const starting: ResourceList = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = requestsOf(container, defaults);
    if (container.restartPolicy === "Always") {
      add(total, own);
      add(sidecars, own);
      raiseTo(starting, sidecars);
    } else {
      add(own, sidecars);
      raiseTo(starting, own);
    }
  }
  raiseTo(total, starting);
  add(total, listOf(spec.overhead));
  return total;
}

/** As scores see a pod that is on its node. */
export interface NonZeroRequest {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/**
 * calculateResource, in pkg/scheduler/framework/types.go. Sidecars count only while pods start here:
 * the sum over containers leaves them out.
 */
export function nonZeroRequest({ spec }: Pod): NonZeroRequest {
  const running = spec.containers.map((container) => listOf(container.resources?.requests));
  const starting: ResourceList[] = [];
  const sidecars: ResourceList = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = listOf(container.resources?.requests);
    if (container.restartPolicy === "Always") {
      add(sidecars, own);
      starting.push(new Map(sidecars));
    } else {
      add(own, sidecars);
      starting.push(own);
    }
  }
  const overhead = listOf(spec.overhead);
  const amount = (resource: "cpu" | "memory"): number =>
    Math.max(
      running.reduce((sum, list) => sum + nonZeroAmount(list, resource), 0),
      ...starting.map((list) => nonZeroAmount(list, resource)),
    ) + amountOf(resource, overhead.get(resource) ?? 0n);
  return { cpuMilli: amount("cpu"), memoryBytes: amount("memory") };
}

const nonZeroAmount = (list: ResourceList, resource: string): number =>
  amountOf(resource, list.get(resource) ?? NON_ZERO_DEFAULTS.get(resource) ?? 0n);
