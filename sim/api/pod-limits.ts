/**
 * Totals over the containers of a pod: what it may use at most, beside pod-requests.ts.
 * Source: kubernetes/pkg/api/v1/resource/helpers.go (PodLimits) and podRequests, podLimits of
 * plugin/pkg/admission/limitranger/admission.go, v1.30.
 */
import type { Container, PodSpec } from "./objects.ts";
import { asQuantities, effectiveRequests, type Quantities } from "./pod-requests.ts";

/** Requests or limits of the containers together, without the pod's overhead. */
export function containerTotals(spec: PodSpec, field: "requests" | "limits"): Quantities {
  const counted = ({ name, restartPolicy, resources }: Container): Container => {
    const container: Container = { name, resources: { requests: resources?.[field] ?? {} } };
    if (restartPolicy !== undefined) container.restartPolicy = restartPolicy;
    return container;
  };
  return effectiveRequests({
    containers: spec.containers.map(counted),
    initContainers: (spec.initContainers ?? []).map(counted),
  });
}

/** Limits of the pod; overhead is added to those resources that are limited. */
export function effectiveLimits(spec: PodSpec): Quantities {
  const limits = containerTotals(spec, "limits");
  for (const [name, overhead] of asQuantities(spec.overhead)) {
    const limit = limits.get(name);
    if (limit !== undefined) limits.set(name, limit.add(overhead));
  }
  return limits;
}
