/** Domains: the nodes that have the same value of a label. */
import type { NodeState } from "./node-state.ts";
import type { Labels } from "./scenario.ts";
import { labelValue } from "./selectors.ts";

export const HOSTNAME = "kubernetes.io/hostname";
export const ZONE = "topology.kubernetes.io/zone";
export const REGION = "topology.kubernetes.io/region";

/** Numbers by domain. */
export type DomainCounts = Map<string, number>;

/** Neither a label's key nor its value has a "=" in it. */
export const domain = (key: string, value: string): string => `${key}=${value}`;

export const labelsOf = ({ node }: NodeState): Labels => node.metadata.labels;

/** The node's domain; undefined without the label. */
export function domainOf(state: NodeState, key: string): string | undefined {
  const value = labelValue(labelsOf(state), key);
  return value === undefined ? undefined : domain(key, value);
}

/** All domains of the node, over all labels. */
export const domainsOf = (state: NodeState): readonly string[] =>
  Object.entries(labelsOf(state)).map(([key, value]) => domain(key, value));

/** A domain is in the map only while its number is not zero. */
export function addTo(counts: DomainCounts, name: string | undefined, number: number): void {
  if (name === undefined) return;
  const sum = (counts.get(name) ?? 0) + number;
  if (sum === 0) counts.delete(name);
  else counts.set(name, sum);
}
