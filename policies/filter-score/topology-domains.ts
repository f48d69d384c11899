/**
 * TopologyDomains: into which domain of a topology key (zone, rack, ...) each kind of node falls.
 * Nodes of a kind share every label but the hostname, so this holds for any other key.
 *
 * A cache: made anew when the cluster's list of kinds is another one.
 */
import type { NodeKind } from "../../sim/scheduler/index.ts";

/** Its domains are single nodes, as long as no two nodes share the value. */
export const HOSTNAME_KEY = "kubernetes.io/hostname";

/** The domains of one key. All lists are by number: of the kind, or of the domain. */
export interface KindDomains {
  /** The domain of a kind; kinds without the label are in that of the empty value, as in Go. */
  readonly ofKind: readonly number[];
  /** Whether nodes of the kind have the label. */
  readonly hasLabel: readonly boolean[];
  readonly count: number;
}

export class TopologyDomains {
  #kinds: readonly NodeKind[] | undefined;
  readonly #byKey = new Map<string, KindDomains>();

  /** The domains of a key other than the hostname, among the kinds of a cluster. */
  of(kinds: readonly NodeKind[], key: string): KindDomains {
    if (this.#kinds !== kinds) {
      this.#kinds = kinds;
      this.#byKey.clear();
    }
    let domains = this.#byKey.get(key);
    if (domains === undefined) {
      domains = domainsOf(kinds, key);
      this.#byKey.set(key, domains);
    }
    return domains;
  }
}

function domainsOf(kinds: readonly NodeKind[], key: string): KindDomains {
  const ofKind: number[] = [];
  const hasLabel: boolean[] = [];
  const numbers = new Map<string, number>();
  for (const { number, node } of kinds) {
    const value = labelOf(node, key);
    const domain = numbers.get(value ?? "") ?? numbers.size;
    numbers.set(value ?? "", domain);
    ofKind[number] = domain;
    hasLabel[number] = value !== undefined;
  }
  return { ofKind, hasLabel, count: numbers.size };
}

/** A node's own label; never something that every object inherits. */
export function labelOf(
  node: { readonly labels: Readonly<Record<string, string>> },
  key: string,
): string | undefined {
  const value = node.labels[key];
  return typeof value === "string" ? value : undefined;
}
