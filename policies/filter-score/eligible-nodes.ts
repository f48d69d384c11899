/**
 * EligibleNodes: for each of some spread constraints, which nodes count. By kind of node where that
 * is enough; the answer is kept as long as the cluster's list of kinds is the same.
 */
import type { NodeKind, NodeSpecInfo } from "../../sim/scheduler/index.ts";
import type { NodeInclusion } from "./node-inclusion.ts";
import type { SpreadConstraint } from "./spread-constraints.ts";
import { labelOf } from "./topology-domains.ts";

export class EligibleNodes {
  readonly constraints: readonly SpreadConstraint[];
  /** What counts differs between nodes of one kind: ask `includes` for each node. */
  readonly isPersonal: boolean;
  readonly hasHostname: boolean;
  /** Only nodes with the labels of all constraints count. */
  readonly requiresAllKeys: boolean;
  readonly #inclusion: NodeInclusion;
  #kinds: readonly NodeKind[] | undefined;
  #byKind: readonly (readonly boolean[])[] = [];
  readonly #lacksKeys: boolean[] = [];

  constructor(
    constraints: readonly SpreadConstraint[],
    requiresAllKeys: boolean,
    inclusion: NodeInclusion,
  ) {
    this.constraints = constraints;
    this.requiresAllKeys = requiresAllKeys;
    this.#inclusion = inclusion;
    this.hasHostname = constraints.some(({ isHostname }) => isHostname);
    this.isPersonal =
      inclusion.isPersonal && constraints.some(({ honorsAffinity }) => honorsAffinity);
  }

  /** By constraint, by number of the kind: do its nodes count? Only while not `isPersonal`. */
  byKind(kinds: readonly NodeKind[]): readonly (readonly boolean[])[] {
    if (this.#kinds !== kinds) this.#readKinds(kinds);
    return this.#byKind;
  }

  /** By number of the kind: its nodes lack a label that they need. */
  lacksKeys(kinds: readonly NodeKind[]): readonly boolean[] {
    if (this.#kinds !== kinds) this.#readKinds(kinds);
    return this.#lacksKeys;
  }

  #readKinds(kinds: readonly NodeKind[]): void {
    this.#kinds = kinds;
    this.#byKind = this.constraints.map((constraint) => {
      const flags: boolean[] = [];
      for (const { number, node } of kinds) flags[number] = this.includes(constraint, node);
      return flags;
    });
    for (const { number, node } of kinds) {
      this.#lacksKeys[number] = this.requiresAllKeys && !this.hasAllKeys(node);
    }
  }

  /** Does the node count for one of the constraints? */
  includes(constraint: SpreadConstraint, node: NodeSpecInfo): boolean {
    if (this.requiresAllKeys && !this.hasAllKeys(node)) return false;
    return this.#inclusion.includes(node, constraint);
  }

  /** nodeLabelsMatchSpreadConstraints. */
  hasAllKeys(node: NodeSpecInfo): boolean {
    for (const { topologyKey } of this.constraints) {
      if (labelOf(node, topologyKey) === undefined) return false;
    }
    return true;
  }
}
