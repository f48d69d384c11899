/**
 * copyGraph: the deep copy on which forks stand. One memo table maps every old object to its copy,
 * so sharing and cycles survive: an event handle kept in a component's state is, in the copy, the
 * copied queue's event.
 *
 * Copied: plain objects, arrays, Map, Set, typed arrays and ArrayBuffers, and instances of data
 * classes (public fields, no functions in them; the class stays). Refused with the path: functions,
 * symbols, promises, weak collections, instances of classes with #private members, methods too (a
 * copy would lack them), and the other built-ins (Date, RegExp, Error). Objects for which `isShared` is true
 * are not entered: both copies refer to the same one.
 */
import { SimEvent } from "./sim-event.ts";

/** What is being copied, and where it stands: for the path in messages. */
interface Place {
  readonly original: object;
  readonly copy: object;
  readonly parent: Place | undefined;
  readonly step: string;
}

/** Copies everything that can be reached from `root`. O(objects), no recursion. */
export function copyGraph<T extends object>(root: T, isShared: (object: object) => boolean): T {
  return new GraphCopy(isShared).copy(root) as T;
}

class GraphCopy {
  readonly #isShared: (object: object) => boolean;
  readonly #memo = new Map<object, object>();
  readonly #places: Place[] = [];
  /** Prototypes of data classes that were checked. */
  readonly #checked = new Set<object | null>([Object.prototype, null]);

  constructor(isShared: (object: object) => boolean) {
    this.#isShared = isShared;
  }

  copy(root: object): unknown {
    const copied = this.#value(root, undefined, "");
    for (let place = this.#places.pop(); place !== undefined; place = this.#places.pop())
      this.#fill(place);
    return copied;
  }

  /** The copy of a value: shells of new objects are made at once and filled later. */
  #value(value: unknown, parent: Place | undefined, step: string): unknown {
    if (typeof value === "function" || typeof value === "symbol")
      throw refusal(`a ${typeof value}`, parent, step);
    if (typeof value !== "object" || value === null) return value;
    const known = this.#memo.get(value);
    if (known !== undefined) return known;
    if (this.#isShared(value)) return value;
    const copy = this.#shell(value, parent, step);
    this.#memo.set(value, copy);
    if (!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer))
      this.#places.push({ original: value, copy, parent, step });
    return copy;
  }

  #shell(value: object, parent: Place | undefined, step: string): object {
    if (Array.isArray(value)) return [];
    // Made as the kernel makes them, so that its loops meet events of one shape.
    if (value instanceof SimEvent) return new SimEvent(0, 0, 0, undefined, undefined, false);
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Map.prototype) return new Map();
    if (prototype === Set.prototype) return new Set();
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (ArrayBuffer.isView(value)) {
      if (value instanceof DataView) throw refusal("a DataView", parent, step);
      return (value as Int32Array).slice();
    }
    if (!this.#checked.has(prototype)) {
      const fault = faultOf(value);
      if (fault !== undefined) throw refusal(fault, parent, step);
      this.#checked.add(prototype);
    }
    return Object.create(prototype) as object;
  }

  #fill(place: Place): void {
    const { original, copy } = place;
    if (Array.isArray(original)) {
      const target = copy as unknown[];
      for (let i = 0; i < original.length; i++)
        target.push(this.#value(original[i], place, `[${i}]`));
    } else if (original instanceof Map) {
      for (const [key, value] of original) {
        const step = typeof key === "object" ? "(key)" : `(${String(key)})`;
        (copy as Map<unknown, unknown>).set(
          this.#value(key, place, step),
          this.#value(value, place, step),
        );
      }
    } else if (original instanceof Set) {
      for (const item of original) (copy as Set<unknown>).add(this.#value(item, place, "(item)"));
    } else {
      const source = original as Record<string, unknown>;
      const target = copy as Record<string, unknown>;
      for (const name of Object.keys(source)) target[name] = this.#value(source[name], place, name);
    }
  }
}

/** Why instances of this value's class cannot be copied field by field; undefined if they can. */
function faultOf(value: object): string | undefined {
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (tag !== "Object") return `a ${tag}`;
  let prototype = Object.getPrototypeOf(value) as object | null;
  while (prototype !== null && prototype !== Object.prototype) {
    const made = prototype.constructor;
    if (prototype instanceof Map || prototype instanceof Set || Array.isArray(prototype))
      return `a subclass of a collection (${made.name})`;
    if (/\bthis\.#|^\s*(?:static\s+)?#[\w$]/m.test(Function.prototype.toString.call(made)))
      return `a ${made.name}, whose class has #private members`;
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return undefined;
}

function refusal(what: string, parent: Place | undefined, step: string): Error {
  const steps = [step];
  for (let place = parent; place !== undefined; place = place.parent) steps.push(place.step);
  const path = steps
    .reverse()
    .filter((part) => part !== "")
    .map((part) => (/^[[(]/.test(part) ? part : `.${part}`))
    .join("")
    .replace(/^\./, "");
  return new Error(`cannot copy ${what} at ${path}: the state of a run holds plain data only`);
}
