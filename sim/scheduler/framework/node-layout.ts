/**
 * NodeLayout: puts nodes of one kind side by side. Each node has a position; positions come in pages
 * of 64, and a page holds nodes of one kind only, so that what a kind has in common is looked up
 * once per page. Kinds with few nodes share mixed pages. A cache: brought up to date from the list
 * of changed nodes, and itself the list of changed positions; no result depends on positions.
 */
import { ChangeList } from "./change-list.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";

export const PAGE_NODES = 64;
const PAGE_BITS = 6;
/** A kind with so many nodes gets pages of its own: at most three quarters of them lie idle. Our choice. */
const OWN_PAGES_MIN = 16;
/** Instead of a kind: the page holds nodes of several. */
export const MIXED = -1;
/** Instead of a slot, a position or a kind. */
const NONE = -1;

/** The page of a position. */
export function pageOf(position: number): number {
  return position >> PAGE_BITS;
}

export class NodeLayout {
  /** By slot; -1: no node. Arrays are replaced when they have to grow. */
  positions = new Int32Array(0);
  /** By position; -1: free. */
  slotAt = new Int32Array(0);
  kindAt = new Int32Array(0);
  /** By page: its kind, or MIXED. */
  readonly pageKinds: number[] = [];
  /** Above all kind numbers. */
  kindLimit = 0;
  /** Which positions changed, in which order. Replaced after a restore. */
  changes = new ChangeList();
  readonly #cache: SchedulerCache;
  /** Free positions by owner: a kind, or MIXED. */
  readonly #free = new Map<number, number[]>();
  readonly #kindCounts: number[] = [];
  readonly #hasOwnPages: boolean[] = [];
  #epoch = -1;
  #seenChange = 0;

  constructor(cache: SchedulerCache) {
    this.#cache = cache;
  }

  /** Positions in use, free ones between them included. */
  get size(): number {
    return this.pageKinds.length * PAGE_NODES;
  }

  catchUp(): void {
    const { changes, state, epoch } = this.#cache;
    if (epoch !== this.#epoch) this.#forget(epoch);
    if (this.positions.length < state.nodes.length) {
      this.positions = grown(this.positions, state.nodes.length);
    }
    const { numbers, older } = changes;
    const seen = this.#seenChange;
    for (let slot = changes.head; slot >= 0 && numbers[slot]! > seen; slot = older[slot]!) {
      const kind = state.nodes[slot]?.kind ?? NONE;
      const position = this.positions[slot]!;
      if (position !== NONE && this.kindAt[position] === kind) this.changes.mark(position);
      else this.#move(slot, kind);
    }
    this.#seenChange = changes.latest;
  }

  #move(slot: number, kind: number): void {
    const position = this.positions[slot]!;
    if (position !== NONE) this.#vacate(slot, position);
    if (kind === NONE) return;
    if (kind >= this.kindLimit) this.kindLimit = kind + 1;
    const count = (this.#kindCounts[kind] ?? 0) + 1;
    this.#kindCounts[kind] = count;
    if (count === OWN_PAGES_MIN && this.#hasOwnPages[kind] !== true) this.#giveOwnPages(kind);
    this.#occupy(slot, kind);
  }

  #vacate(slot: number, position: number): void {
    const kind = this.kindAt[position]!;
    this.#kindCounts[kind]!--;
    this.positions[slot] = NONE;
    this.slotAt[position] = NONE;
    this.kindAt[position] = NONE;
    this.#freeOf(this.pageKinds[pageOf(position)]!).push(position);
    this.changes.mark(position);
  }

  #occupy(slot: number, kind: number): void {
    const owner = this.#hasOwnPages[kind] === true ? kind : MIXED;
    const free = this.#freeOf(owner);
    if (free.length === 0) this.#addPage(owner, free);
    const position = free.pop()!;
    this.positions[slot] = position;
    this.slotAt[position] = slot;
    this.kindAt[position] = kind;
    this.changes.mark(position);
  }

  /** Moves the kind's nodes out of the mixed pages. */
  #giveOwnPages(kind: number): void {
    this.#hasOwnPages[kind] = true;
    for (let page = 0; page < this.pageKinds.length; page++) {
      if (this.pageKinds[page] !== MIXED) continue;
      const end = (page + 1) * PAGE_NODES;
      for (let position = page * PAGE_NODES; position < end; position++) {
        if (this.kindAt[position] !== kind) continue;
        const slot = this.slotAt[position]!;
        this.#vacate(slot, position);
        this.#kindCounts[kind]!++;
        this.#occupy(slot, kind);
      }
    }
  }

  #addPage(owner: number, free: number[]): void {
    const start = this.size;
    this.pageKinds.push(owner);
    if (this.slotAt.length < this.size) {
      this.slotAt = grown(this.slotAt, this.size);
      this.kindAt = grown(this.kindAt, this.size);
    }
    for (let i = PAGE_NODES - 1; i >= 0; i--) free.push(start + i);
  }

  #freeOf(owner: number): number[] {
    let free = this.#free.get(owner);
    if (free === undefined) {
      free = [];
      this.#free.set(owner, free);
    }
    return free;
  }

  #forget(epoch: number): void {
    this.#epoch = epoch;
    this.#seenChange = 0;
    this.positions.fill(NONE);
    this.slotAt.fill(NONE);
    this.kindAt.fill(NONE);
    this.pageKinds.length = 0;
    this.kindLimit = 0;
    this.changes = new ChangeList();
    this.#free.clear();
    this.#kindCounts.length = 0;
    this.#hasOwnPages.length = 0;
  }
}

function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * length).fill(NONE);
  larger.set(array);
  return larger;
}
