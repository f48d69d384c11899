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
  let kinds: readonly NodeKind[] | undefined;
  return {
    count,
    get kinds(): readonly NodeKind[] {
      kinds ??= kindsAmong(cache, slots, count);
      return kinds;
    },
  };
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
