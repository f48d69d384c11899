/**
 * The text form of arrival processes: `name(key=value, key=[a, b], [1, 2])`. This file knows the
 * grammar and the messages; the families know their parameters.
 */
import { InputError, type Micros, nearestName, parseDuration } from "../../kernel/index.ts";

interface Argument {
  /** "": none is written. */
  readonly key: string;
  readonly value: string;
}

const RATE = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\/(us|ms|s|m|h|d)$/i;

/** Reads the parameters of one process. All messages say where, what was found, what was wanted. */
export class ProcessForm {
  readonly name: string;
  readonly #text: string;
  readonly #where: string;
  readonly #given: readonly Argument[];

  /** Throws InputError when the text has not the shape of a process. */
  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
    const [, name, body] = /^\s*([a-zA-Z]\w*)\s*\(([\s\S]*)\)\s*$/.exec(text) ?? [];
    if (name === undefined || body === undefined) this.fail("the form name(key=value, ...)");
    this.name = name.toLowerCase();
    this.#given = splitArguments(body).map(argumentOf);
  }

  fail(wanted: string): never {
    // A series may have a thousand numbers: the beginning tells which it is.
    const shown = this.#text.length > 120 ? `${this.#text.slice(0, 117)}...` : this.#text;
    throw new InputError(`${this.#where}: got "${shown}", want ${wanted}.`);
  }

  has(key: string): boolean {
    return this.#given.some((argument) => argument.key === key);
  }

  /** Refuses unknown keys, keys given twice, and the lack of what must be there. `form` shows how it is written. */
  expect(must: readonly string[], may: readonly string[], form: string): void {
    const keys = this.#given.map(({ key }) => key);
    const known = [...must, ...may];
    const unknown = keys.find((key) => !known.includes(key));
    const isWhole = must.every((key) => keys.includes(key)) && new Set(keys).size === keys.length;
    if (unknown === undefined && isWhole) return;
    const near = unknown === undefined ? undefined : nearestName(unknown, known);
    const hint =
      near === undefined || near === "" ? "" : ` (did you mean ${near}= for ${unknown}=?)`;
    this.fail(`${form}${hint}`);
  }

  /** The value of a key that is given; "" is the key of what stands alone. */
  text(key: string): string {
    return this.#given.find((argument) => argument.key === key)?.value ?? "";
  }

  /** The items of a list in brackets: at least one. */
  list(key: string): string[] {
    const [, body] = /^\[([^[\]]*)\]$/.exec(this.text(key)) ?? [];
    const items = body === undefined || body.trim() === "" ? [] : body.split(",");
    if (items.length === 0) this.fail(`${named(key)}a list such as [a, b]`);
    return items.map((item) => item.trim());
  }

  /** A rate above 0, in arrivals per microsecond. */
  rate(key: string): number {
    const rate = this.rateOf(this.text(key), key);
    return rate > 0 ? rate : this.fail(`${named(key)}a rate above 0`);
  }

  /** Of a text such as `100/s`: 0 or more. */
  rateOf(text: string, key: string): number {
    const [, number = "", unit = ""] = RATE.exec(text) ?? [];
    const unitUs = parseDuration(`1${unit}`);
    const rate = Number(number) / (unitUs ?? Number.NaN);
    if (number === "" || !Number.isFinite(rate))
      this.fail(`${named(key)}a rate with its unit, such as 100/s (us, ms, s, m, h, d)`);
    return rate >= 0 ? rate : this.fail(`${named(key)}a rate of 0 or more`);
  }

  /** A span of time, 0 or more. */
  span(key: string): Micros {
    return this.spanOf(this.text(key), key);
  }

  /** A span of time above 0. */
  positiveSpan(key: string): Micros {
    return this.positiveSpanOf(this.text(key), key);
  }

  positiveSpanOf(text: string, key: string): Micros {
    const us = this.spanOf(text, key);
    return us > 0 ? us : this.fail(`${named(key)}a time above 0`);
  }

  spanOf(text: string, key: string): Micros {
    const us = parseDuration(text);
    return us ?? this.fail(`${named(key)}a time of 0 or more with its unit (us, ms, s, m, h, d)`);
  }

  /** A plain number from `min` to `max`. */
  number(key: string, min: number, max: number): number {
    const text = this.text(key);
    const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max
      ? value
      : this.fail(`${named(key)}a number from ${min} to ${max}`);
  }
}

const named = (key: string): string => (key === "" ? "" : `${key}= as `);

/** At the commas that stand outside of brackets. */
function splitArguments(body: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < body.length; i++) {
    const letter = body[i];
    if (letter === "[" || letter === "(") depth++;
    else if (letter === "]" || letter === ")") depth--;
    else if (letter === "," && depth === 0) {
      parts.push(body.slice(from, i));
      from = i + 1;
    }
  }
  const last = body.slice(from);
  return parts.length === 0 && last.trim() === "" ? [] : [...parts, last];
}

function argumentOf(text: string): Argument {
  const [, key, value] = /^\s*([a-zA-Z]\w*)\s*=([\s\S]*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) return { key: "", value: text.trim() };
  return { key, value: value.trim() };
}
