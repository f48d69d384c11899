/**
 * The configuration form of distributions: `name(key=value, ...)`, `empirical(value:weight, ...)`,
 * `uniform(low, high)`, or a bare value, which is a constant. This file knows the grammar and the
 * messages; `distribution-families.ts` knows the families.
 */
import { parseDuration } from "./duration.ts";
import { InputError } from "./input-error.ts";
import { nearestName } from "./nearest-name.ts";

export interface Form {
  readonly name: string;
  /** In the order written; the key is empty for `uniform(1s, 2s)` and such. */
  readonly given: readonly { readonly key: string; readonly value: string }[];
}

/** Splits a form into its name and arguments. Undefined when it has not the shape of one. */
export function parseForm(text: string): Form | undefined {
  const trimmed = text.trim();
  if (/^[+-]?[\d.][\w.+-]*$/.test(trimmed))
    return { name: "constant", given: [{ key: "", value: trimmed }] };
  const match = /^([a-zA-Z]\w*)\s*\(([^()]*)\)$/.exec(trimmed);
  if (match === null) return undefined;
  const body = (match[2] ?? "").trim();
  const given = body === "" ? [] : body.split(",").map(parseArgument);
  return { name: (match[1] ?? "").toLowerCase(), given };
}

function parseArgument(text: string): { key: string; value: string } {
  const equals = text.indexOf("=");
  if (equals < 0) return { key: "", value: text.trim() };
  return { key: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim() };
}

/** The form written in one way: `lognormal(p50=2s, p99=8s)`. */
export function printForm({ name, given }: Form): string {
  const shown = given.map(({ key, value }) => (key === "" ? value : `${key}=${value}`));
  return `${name}(${shown.join(", ")})`;
}

/**
 * Reads the arguments of one form, with messages that say where, what was found, what was wanted.
 * A quantity is a time (`2ms`, in microseconds) or a plain number, as the setting has it.
 */
export class FormReader {
  readonly form: Form;
  readonly isTime: boolean;
  readonly #text: string;
  readonly #where: string;

  constructor(form: Form, text: string, where: string, isTime: boolean) {
    this.form = form;
    this.isTime = isTime;
    this.#text = text;
    this.#where = where;
  }

  fail(wanted: string): never {
    throw new InputError(`${this.#where}: got "${this.#text}", want ${wanted}.`);
  }

  /** Refuses any other keys than one of these sets; returns the set that was given. */
  expectKeys(...sets: readonly (readonly string[])[]): readonly string[] {
    const { name, given } = this.form;
    const keys = given.map(({ key }) => key);
    const match = sets.find(
      (set) => set.length === keys.length && set.every((key) => keys.includes(key)),
    );
    if (match !== undefined) return match;
    const forms = sets.map((set) => `${name}(${set.map((key) => `${key}=`).join(", ")})`);
    const unknown = keys.find((key) => key !== "" && !sets.flat().includes(key));
    const nearest = unknown === undefined ? undefined : nearestName(unknown, sets.flat());
    const hint = nearest === undefined ? "" : ` (did you mean ${nearest}= for ${unknown}=?)`;
    return this.fail(`${forms.join(" or ")}${hint}`);
  }

  /** The value of a key that `expectKeys` has seen. */
  text(key: string): string {
    return this.form.given.find((argument) => argument.key === key)?.value ?? "";
  }

  /** A quantity, 0 or more. */
  quantity(key: string): number {
    return this.quantityOf(this.text(key), key);
  }

  /** A quantity above 0. */
  positiveQuantity(key: string): number {
    const value = this.quantity(key);
    return value > 0 ? value : this.fail(`${key}= above 0`);
  }

  quantityOf(text: string, name = ""): number {
    if (!this.isTime) return this.numberOf(text, name);
    const us = parseDuration(text);
    return us ?? this.fail(`${named(name)}a time of 0 or more with its unit (us, ms, s, m, h, d)`);
  }

  /** A plain number: finite, any sign. */
  number(key: string): number {
    return this.numberOf(this.text(key), key);
  }

  /** A plain number above 0. */
  positive(key: string): number {
    const value = this.number(key);
    return value > 0 ? value : this.fail(`${key}= above 0`);
  }

  numberOf(text: string, name: string): number {
    const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
    const value = Number(text);
    return isNumber && Number.isFinite(value) ? value : this.fail(`${named(name)}a number`);
  }
}

function named(name: string): string {
  return name === "" ? "" : `${name}= as `;
}
