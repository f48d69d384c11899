/**
 * NodeOrder: the order in which the scheduler walks the nodes. Zones take turns, in order of their
 * first node; inside a zone nodes stand in order of arrival.
 *
 * Source: kubernetes/pkg/scheduler/internal/cache/node_tree.go and
 * staging/src/k8s.io/component-helpers/node/topology/helpers.go (GetZoneKey), v1.30.
 */
const BETA_ZONE = "failure-domain.beta.kubernetes.io/zone";
const BETA_REGION = "failure-domain.beta.kubernetes.io/region";
const ZONE = "topology.kubernetes.io/zone";
const REGION = "topology.kubernetes.io/region";

/** Plain data: zones in order of appearance, each with its nodes' slots in order of arrival. */
export interface NodeOrderState {
  readonly zones: { readonly key: string; readonly slots: number[] }[];
}

export function createNodeOrder(): NodeOrderState {
  return { zones: [] };
}

/** Region and zone as one key; "" when the node has neither. The beta labels win where present. */
export function zoneKeyOf(labels: Readonly<Record<string, string>>): string {
  const zone = labels[BETA_ZONE] ?? labels[ZONE] ?? "";
  const region = labels[BETA_REGION] ?? labels[REGION] ?? "";
  return zone === "" && region === "" ? "" : `${region}:\u0000:${zone}`;
}

export function insertInOrder(order: NodeOrderState, key: string, slot: number): void {
  const zone = order.zones.find((candidate) => candidate.key === key);
  if (zone === undefined) order.zones.push({ key, slots: [slot] });
  else zone.slots.push(slot);
}

/** Takes a node out; a zone without nodes loses its place. O(nodes of the zone). */
export function removeFromOrder(order: NodeOrderState, key: string, slot: number): void {
  const zoneIndex = order.zones.findIndex((candidate) => candidate.key === key);
  const slots = order.zones[zoneIndex]?.slots;
  const index = slots?.indexOf(slot) ?? -1;
  if (slots === undefined || index < 0) throw new Error(`slot ${slot} is not in zone "${key}"`);
  slots.splice(index, 1);
  if (slots.length === 0) order.zones.splice(zoneIndex, 1);
}

/** All slots, zones taking turns. */
export function listInOrder(order: NodeOrderState): number[] {
  const list: number[] = [];
  for (let turn = 0, isMore = true; isMore; turn++) {
    isMore = false;
    for (const { slots } of order.zones) {
      const slot = slots[turn];
      if (slot === undefined) continue;
      list.push(slot);
      isMore = true;
    }
  }
  return list;
}
