/**
 * ChangeList: slots linked by their most recent change, each with its change number, so that a
 * reader who remembers the number it has seen meets each changed slot once, however often it
 * changed. Hot: marked at every change of a node. A cache: rebuilt after a restore, no state.
 */
const NONE = -1;

export class ChangeList {
  /** Number of the latest change; 0: none yet. */
  latest = 0;
  /** The slot changed last, or -1. */
  head = NONE;
  /** Per slot: the number of its last change, and the slot changed just before it (-1: none). */
  readonly numbers: number[] = [];
  readonly older: number[] = [];
  readonly #newer: number[] = [];

  /** Notes a change of a slot. O(1). */
  mark(slot: number): void {
    while (this.numbers.length <= slot) {
      this.numbers.push(0);
      this.older.push(NONE);
      this.#newer.push(NONE);
    }
    const number = ++this.latest;
    if (this.head !== slot) {
      if (this.numbers[slot] !== 0) this.#unlink(slot);
      this.older[slot] = this.head;
      this.#newer[slot] = NONE;
      if (this.head !== NONE) this.#newer[this.head] = slot;
      this.head = slot;
    }
    this.numbers[slot] = number;
  }

  #unlink(slot: number): void {
    const older = this.older[slot] ?? NONE;
    const newer = this.#newer[slot] ?? NONE;
    if (newer !== NONE) this.older[newer] = older;
    if (older !== NONE) this.#newer[older] = newer;
  }
}
