/**
 * LoadTree: the least of many numbers, and the first of those that are equal: a tournament over the
 * positions of a list. Plain data, so that a balancer may keep it in its memory.
 */

export interface LoadTree {
  /** Positions that count. */
  count: number;
  /** Leaves: a power of two, `count` or more. */
  width: number;
  /** Node i has the winner (a position) of nodes 2i and 2i + 1; leaves stand for themselves. */
  winners: Int32Array;
  loads: Float64Array;
}

export function createLoadTree(): LoadTree {
  return { count: 0, width: 1, winners: new Int32Array(2), loads: new Float64Array(1) };
}

/** Fills the tree anew. `Infinity` is never taken. O(count). */
export function fillLoadTree(tree: LoadTree, count: number, loadAt: (at: number) => number): void {
  let width = 1;
  while (width < count) width *= 2;
  if (width !== tree.width) {
    tree.width = width;
    tree.winners = new Int32Array(2 * width);
    tree.loads = new Float64Array(width);
  }
  tree.count = count;
  const { loads, winners } = tree;
  for (let at = 0; at < width; at++) {
    loads[at] = at < count ? loadAt(at) : Number.POSITIVE_INFINITY;
    winners[width + at] = at;
  }
  for (let node = width - 1; node >= 1; node--) play(tree, node);
}

/** The load at one position is another one. O(log count). */
export function setLoad(tree: LoadTree, at: number, load: number): void {
  tree.loads[at] = load;
  for (let node = (tree.width + at) >> 1; node >= 1; node >>= 1) play(tree, node);
}

/** The first position with the least load; -1: all are infinite. O(1). */
export function leastLoaded({ loads, width, winners }: LoadTree): number {
  const at = width === 1 ? 0 : (winners[1] ?? 0);
  return Number.isFinite(loads[at]) ? at : -1;
}

function play({ loads, winners }: LoadTree, node: number): void {
  const left = winners[2 * node] ?? 0;
  const right = winners[2 * node + 1] ?? 0;
  winners[node] = (loads[right] ?? 0) < (loads[left] ?? 0) ? right : left;
}
