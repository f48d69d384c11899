/** What a pod asks for in all, by resource name, as reports show it. */
import { cpuMilli, type Pod, podRequests, wholeUnits } from "../sim/api/index.ts";

/**
 * Amounts by resource name, in order of first mention: cpu in milli-CPU, memory and storage in
 * bytes, extended resources in their own unit. Zero amounts are left out.
 */
export type Requests = ReadonlyMap<string, number>;

/** A quantity's text as the number that is counted: cpu in milli-CPU, all else in whole units. */
export function resourceAmount(resource: string, quantity: string): number {
  return resource === "cpu" ? cpuMilli(quantity) : wholeUnits(quantity);
}

/** Requests of a pod as the scheduler counts them, without those of nothing. */
export function reportedRequests(pod: Pod): Requests {
  const requests = podRequests(pod.spec);
  for (const [resource, amount] of requests) if (amount === 0) requests.delete(resource);
  return requests;
}
