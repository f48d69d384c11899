/**
 * SparseCounts: counts by whole-number keys, of which few are not 0. Parallel arrays; a change is
 * O(1). Small ones, which are the most, are searched and need no Map.
 */

/** Our assumption: up to here looking through the keys costs about what a Map costs. */
const SEARCHED_MAX = 8;
const NONE = -1;

export class SparseCounts {
  /** Keys whose count is not 0, in no order that means anything. */
  readonly keys: number[] = [];
  readonly counts: number[] = [];
  /** Place of each key; undefined while they are few. */
  #places: Map<number, number> | undefined;

  at(key: number): number {
    const place = this.#placeOf(key);
    return place === NONE ? 0 : (this.counts[place] ?? 0);
  }

  /** `amount` may be negative. */
  add(key: number, amount: number): void {
    const place = this.#placeOf(key);
    if (place === NONE) {
      this.#append(key, amount);
      return;
    }
    const count = (this.counts[place] ?? 0) + amount;
    this.counts[place] = count;
    if (count === 0) this.#drop(place, key);
  }

  #placeOf(key: number): number {
    return this.#places === undefined ? this.keys.indexOf(key) : (this.#places.get(key) ?? NONE);
  }

  #append(key: number, amount: number): void {
    const place = this.keys.push(key) - 1;
    this.counts.push(amount);
    if (this.#places !== undefined) this.#places.set(key, place);
    else if (place >= SEARCHED_MAX) {
      this.#places = new Map();
      for (let i = 0; i <= place; i++) this.#places.set(this.keys[i] ?? NONE, i);
    }
  }

  /** The last one takes the place of the dropped one. */
  #drop(place: number, key: number): void {
    const lastKey = this.keys.pop() ?? key;
    const lastCount = this.counts.pop() ?? 0;
    this.#places?.delete(key);
    if (lastKey === key) return;
    this.keys[place] = lastKey;
    this.counts[place] = lastCount;
    this.#places?.set(lastKey, place);
  }
}
