/** LabelMap: lists of items by a label, key and value. Items are only added. */
export class LabelMap<T> {
  readonly #byKey = new Map<string, Map<string, T[]>>();

  add(key: string, value: string, item: T): void {
    let byValue = this.#byKey.get(key);
    if (byValue === undefined) {
      byValue = new Map();
      this.#byKey.set(key, byValue);
    }
    const items = byValue.get(value);
    if (items === undefined) byValue.set(value, [item]);
    else items.push(item);
  }

  /** In the order in which they were added. */
  get(key: string, value: string): readonly T[] | undefined {
    return this.#byKey.get(key)?.get(value);
  }
}
