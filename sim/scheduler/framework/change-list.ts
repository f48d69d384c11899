/**
 * ChangeList: slots linked by their most recent change, each with its change number, so that a
 * reader who remembers the number it has seen meets each changed slot once, however often it
 * changed. Hot: marked at every change of a node. A cache: rebuilt after a restore, no state.
 */
const NONE = -1;
/** Change numbers are kept in 32 bits. */
const NUMBER_MAX = 2_147_483_647;

export class ChangeList {
  /** Number of the latest change; 0: none yet. */
  latest = 0;
  /** The slot changed last, or -1. */
  head = NONE;
  /** Per slot: the number of its last change (0: none), and the slot changed just before it (-1: none). */
  numbers = new Int32Array(64);
  older = new Int32Array(64).fill(NONE);
  #newer = new Int32Array(64).fill(NONE);

  /** Notes a change of a slot. O(1). */
  mark(slot: number): void {
    if (slot >= this.numbers.length) this.#grow(2 * slot);
    if (this.latest === NUMBER_MAX) throw new Error(`more than ${NUMBER_MAX} changes of nodes`);
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
    const older = this.older[slot]!;
    const newer = this.#newer[slot]!;
    if (newer !== NONE) this.older[newer] = older;
    if (older !== NONE) this.#newer[older] = newer;
  }

  #grow(length: number): void {
    this.numbers = grown(this.numbers, length, 0);
    this.older = grown(this.older, length, NONE);
    this.#newer = grown(this.#newer, length, NONE);
  }
}

function grown(array: Int32Array, length: number, filler: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length).fill(filler);
  larger.set(array);
  return larger;
}
