/**
 * ResourceTable: resource names as small numbers, so that requests and capacities are arrays.
 *
 * Numbers are given in order of first sight and never taken back. Part of the run's state: plain
 * data, copied by a fork.
 */

/** Numbers that every table starts with. */
export const CPU = 0;
export const MEMORY = 1;
export const EPHEMERAL_STORAGE = 2;

/** Lists kept before all are forgotten. */
const AMOUNTS_MAX = 10_000;

export class ResourceTable {
  readonly names: string[] = ["cpu", "memory", "ephemeral-storage"];
  readonly indexes = new Map<string, number>([
    ["cpu", CPU],
    ["memory", MEMORY],
    ["ephemeral-storage", EPHEMERAL_STORAGE],
  ]);

  /** Lists of amounts that were met, by their text. */
  readonly amounts = new Map<string, readonly number[]>();

  /** The number of a resource; a new name gets the next one. */
  intern(name: string): number {
    const known = this.indexes.get(name);
    if (known !== undefined) return known;
    const index = this.names.push(name) - 1;
    this.indexes.set(name, index);
    return index;
  }

  /** The same list for the same amounts: machines of one type share theirs. */
  sharedAmounts(amounts: readonly number[]): readonly number[] {
    const key = amounts.join();
    const known = this.amounts.get(key);
    if (known !== undefined) return known;
    if (this.amounts.size >= AMOUNTS_MAX) this.amounts.clear();
    this.amounts.set(key, amounts);
    return amounts;
  }

  /** The number of a resource, or -1 when nobody has named it yet. */
  indexOf(name: string): number {
    return this.indexes.get(name) ?? -1;
  }

  /** The name of a number that `intern` gave. */
  nameOf(index: number): string {
    const name = this.names[index];
    if (name === undefined) throw new Error(`no resource has the number ${index}`);
    return name;
  }
}
