/** SortedObjects: objects in order of namespace, then name, without sorting anew at every change. */
import type { ApiObject } from "../../api/index.ts";
import type { ObjectName } from "./node-counts.ts";

export class SortedObjects {
  #all: ApiObject[];
  /** The list was handed out: the next change makes a new one. */
  #isShared = false;
  readonly #byNamespace = new Map<string, readonly ApiObject[]>();

  constructor(objects: readonly ApiObject[]) {
    this.#all = [...objects].sort((a, b) => compareByName(a.metadata, b.metadata));
  }

  /** Stays as it is: a change makes a new list. */
  get all(): readonly ApiObject[] {
    this.#isShared = true;
    return this.#all;
  }

  inNamespace(namespace: string): readonly ApiObject[] {
    let found = this.#byNamespace.get(namespace);
    if (found === undefined) {
      found = this.#allOf(namespace);
      this.#byNamespace.set(namespace, found);
    }
    return found;
  }

  /** Adds an object or replaces the one of its name. */
  set(object: ApiObject): void {
    const { at, isFound } = this.#placeOf(object.metadata);
    this.#prepare(object).splice(at, isFound ? 1 : 0, object);
  }

  delete(object: ApiObject): void {
    const { at, isFound } = this.#placeOf(object.metadata);
    if (isFound) this.#prepare(object).splice(at, 1);
  }

  #allOf(namespace: string): readonly ApiObject[] {
    const from = this.#placeOf({ namespace, name: "" }).at;
    let to = from;
    while (this.#all[to]?.metadata.namespace === namespace) to++;
    return this.#all.slice(from, to);
  }

  #prepare({ metadata }: ApiObject): ApiObject[] {
    this.#byNamespace.delete(metadata.namespace);
    if (this.#isShared) this.#all = [...this.#all];
    this.#isShared = false;
    return this.#all;
  }

  #placeOf(wanted: ObjectName): { readonly at: number; readonly isFound: boolean } {
    let low = 0;
    let high = this.#all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareByName((this.#all[middle] as ApiObject).metadata, wanted) < 0) low = middle + 1;
      else high = middle;
    }
    const there = this.#all[low];
    return { at: low, isFound: there !== undefined && compareByName(there.metadata, wanted) === 0 };
  }
}

/** Total over the objects of one kind: no two share namespace and name. */
function compareByName(a: ObjectName, b: ObjectName): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return 0;
}
