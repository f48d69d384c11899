/**
 * Which endpoints of a Service a connection may be sent to (pkg/proxy/topology.go of v1.30,
 * CategorizeEndpoints). All lists keep the order of what they are made from.
 */
import type { HintedEndpoint } from "./slice-endpoints.ts";

/**
 * Those of the traffic policy Cluster, for a node in this zone (or ""): the ready ones, of these the
 * ones hinted for the zone where hints can be used; when none is ready, those that serve while they
 * terminate.
 */
export function clusterEndpoints(
  all: readonly HintedEndpoint[],
  zone: string,
): readonly HintedEndpoint[] {
  const ready = all.filter(isReady);
  if (ready.length === 0) return all.filter(isServingTerminating);
  if (!canUseTopology(ready, zone)) return ready;
  return ready.filter(({ hints }) => hints.includes(zone));
}

/** Those of the traffic policy Local on this node: the ready ones, else those that serve while they terminate. */
export function localEndpoints(
  all: readonly HintedEndpoint[],
  nodeName: string,
): readonly HintedEndpoint[] {
  const local = all.filter((endpoint) => endpoint.nodeName === nodeName);
  const ready = local.filter(isReady);
  return ready.length > 0 ? ready : local.filter(isServingTerminating);
}

/** Those that clients of the API see: the ready ones. */
export function readyEndpoints(all: readonly HintedEndpoint[]): readonly HintedEndpoint[] {
  return all.filter(isReady);
}

/** Hints count when the node has a zone, all ready endpoints have hints, and one is for this zone. */
export function canUseTopology(ready: readonly HintedEndpoint[], zone: string): boolean {
  if (zone === "") return false;
  let hasOneForZone = false;
  for (const { hints } of ready) {
    if (hints.length === 0) return false;
    if (hints.includes(zone)) hasOneForZone = true;
  }
  return hasOneForZone;
}

function isReady(endpoint: HintedEndpoint): boolean {
  return endpoint.isReady;
}

function isServingTerminating({ isServing, isTerminating }: HintedEndpoint): boolean {
  return isServing && isTerminating;
}
