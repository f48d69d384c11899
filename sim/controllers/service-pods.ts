/**
 * Which pods a Service selects, and which changes of them it has to be told of.
 * Source: podEndpointsChanged in staging/src/k8s.io/endpointslice/util/controller_utils.go of v1.30.
 */
import type { Pod, Service } from "../api/index.ts";
import { isPodReady, isPodTerminal } from "./pod-state.ts";

export function selects({ spec }: Service, { metadata }: Pod): boolean {
  const { selector } = spec;
  if (selector === undefined) return false;
  const { labels = {} } = metadata;
  return Object.keys(selector).every((key) => labels[key] === selector[key]);
}

export function isSelectorEqual({ spec: a }: Service, { spec: b }: Service): boolean {
  return JSON.stringify(a.selector) === JSON.stringify(b.selector);
}

/** What of a pod shows in its endpoint, or in whether it has one (podEndpointsChanged). */
export function isRelevant(old: Pod, pod: Pod): boolean {
  return (
    old.status.podIP !== pod.status.podIP ||
    isPodTerminal(old) !== isPodTerminal(pod) ||
    isPodReady(old) !== isPodReady(pod) ||
    old.spec.nodeName !== pod.spec.nodeName ||
    old.metadata.labels !== pod.metadata.labels ||
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp
  );
}

/** What the next sync should see, though it is no reason for one: since when the pod is not ready. */
export function isNoted(old: Pod, pod: Pod): boolean {
  return old.status.conditions !== pod.status.conditions || isRelevant(old, pod);
}
