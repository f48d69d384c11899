/**
 * NarrowedList: things that ask about pods (queries, affinity terms), found by a pod that they may
 * match: one look-up per label of the pod instead of a question to each of them.
 */
import type { Narrowing } from "../node-counts.ts";
import { LabelMap } from "./label-map.ts";

/** Places in the list, ascending. */
interface Places {
  readonly withoutLabel: number[];
  readonly byLabel: LabelMap<number>;
}

export class NarrowedList<T> {
  /** In the order in which they were added. */
  readonly items: T[] = [];
  #anywhere = createPlaces();
  readonly #byNamespace = new Map<string, Places>();

  add(item: T, { namespace, label }: Narrowing = {}): void {
    const place = this.items.push(item) - 1;
    const places = namespace === undefined ? this.#anywhere : this.#placesIn(namespace);
    if (label === undefined) places.withoutLabel.push(place);
    else places.byLabel.add(label[0], label[1], place);
  }

  /** All that may match a pod, from place `since` of `items` on. */
  mayMatch(namespace: string, labels: Readonly<Record<string, string>>, since = 0): readonly T[] {
    const found: T[] = [];
    if (since >= this.items.length) return found;
    const own = this.#byNamespace.get(namespace);
    this.#collect(this.#anywhere.withoutLabel, since, found);
    this.#collect(own?.withoutLabel, since, found);
    for (const key of Object.keys(labels)) {
      const value = labels[key] as string;
      this.#collect(this.#anywhere.byLabel.get(key, value), since, found);
      this.#collect(own?.byLabel.get(key, value), since, found);
    }
    return found;
  }

  clear(): void {
    this.items.length = 0;
    this.#anywhere = createPlaces();
    this.#byNamespace.clear();
  }

  #placesIn(namespace: string): Places {
    let places = this.#byNamespace.get(namespace);
    if (places === undefined) {
      places = createPlaces();
      this.#byNamespace.set(namespace, places);
    }
    return places;
  }

  /** New ones stand at the end. */
  #collect(places: readonly number[] | undefined, since: number, found: T[]): void {
    if (places === undefined) return;
    for (let i = places.length - 1; i >= 0; i--) {
      const place = places[i] as number;
      if (place < since) return;
      found.push(this.items[place] as T);
    }
  }
}

function createPlaces(): Places {
  return { withoutLabel: [], byLabel: new LabelMap() };
}
