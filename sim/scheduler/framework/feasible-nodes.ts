/**
 * What preScore is told of the feasible nodes: how many there are, and of which kinds.
 */
import { InputError } from "../../kernel/index.ts";
import type { FeasibleNodes, NodeKind } from "./node-info.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";

/** The first `count` slots, grouped by kind of node when a plugin asks for it. */
export function feasibleNodes(
  cache: SchedulerCache,
  slots: readonly number[],
  count: number,
): FeasibleNodes {
  return new FirstSlots(cache, slots, count);
}

/** A class: an object literal with a getter is a dictionary to V8, and slow for all who read it. */
class FirstSlots implements FeasibleNodes {
  readonly count: number;
  readonly #cache: SchedulerCache;
  readonly #slots: readonly number[];
  #kinds: readonly NodeKind[] | undefined;

  constructor(cache: SchedulerCache, slots: readonly number[], count: number) {
    this.#cache = cache;
    this.#slots = slots;
    this.count = count;
  }

  get kinds(): readonly NodeKind[] {
    this.#kinds ??= kindsAmong(this.#cache, this.#slots, this.count);
    return this.#kinds;
  }
}

function kindsAmong(
  cache: SchedulerCache,
  slots: readonly number[],
  count: number,
): readonly NodeKind[] {
  const byKind = new Map<number, { number: number; node: NodeKind["node"]; nodeCount: number }>();
  for (let i = 0; i < count; i++) {
    const node = cache.nodeAt(slots[i]!);
    const known = byKind.get(node.kind);
    if (known === undefined) byKind.set(node.kind, { number: node.kind, node, nodeCount: 1 });
    else known.nodeCount++;
  }
  return [...byKind.values()].sort((a, b) => a.number - b.number);
}

/**
 * What a plugin with a locality of `spec` or `node` gets: its preScore is asked once for all pods
 * that are alike, so it cannot depend on the nodes of one cycle.
 */
export const CLAIMED_FEASIBLE: FeasibleNodes = {
  get count(): number {
    return refuse("count");
  },
  get kinds(): readonly NodeKind[] {
    return refuse("kinds");
  },
};

function refuse(what: string): never {
  throw new InputError(
    `a policy with the locality "spec" or "node" reads feasible.${what} in preScore. ` +
      'Give it the locality "cluster".',
  );
}
