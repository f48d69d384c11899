/**
 * Profile: an amount over time, in steps and ramps.
 *
 *   `0s=100m, 60s=400m, 5m~1`   100m, from 60 s on 400m, then evenly up to 1 at 5 min, and 1 from there
 *   `250m`                      the same at all times
 *
 * `T=V` steps to V at T; `T~V` is reached from the point before in a straight line. Before its first
 * point the amount is 0. A value is a quantity, or a share of the request such as 60%.
 */
import { mustParseQuantity, quantityError } from "../api/index.ts";
import { type Micros, parseDuration } from "../kernel/index.ts";

interface Point {
  readonly timeUs: Micros;
  /** The part in units of the resource (cores, bytes, pieces). */
  readonly amount: number;
  /** The part that is a multiple of the request. */
  readonly share: number;
  /** Reached evenly from the point before. */
  readonly isRamp: boolean;
}

/** A profile never changes. */
export class Profile {
  readonly #points: readonly Point[];

  constructor(points: readonly Point[]) {
    this.#points = points;
  }

  /** Whether some value is a share of the request. */
  get isRelative(): boolean {
    return this.#points.some(({ share }) => share !== 0);
  }

  /** The amount at a time; `request` is what shares refer to. O(log n). */
  at(timeUs: Micros, request: number): number {
    return this.#value(this.#lastUntil(timeUs), timeUs, request);
  }

  /** The amount just before a time: another one than `at` where it steps. O(log n). */
  before(timeUs: Micros, request: number): number {
    let index = this.#lastUntil(timeUs);
    if (index >= 0 && this.#points[index]?.timeUs === timeUs) index--;
    return this.#value(index, timeUs, request);
  }

  /** Appends the times within (from, to) at which the profile bends, each plus `originUs`. */
  bends(fromUs: Micros, toUs: Micros, originUs: Micros, times: Micros[]): void {
    for (let i = this.#lastUntil(fromUs) + 1; i < this.#points.length; i++) {
      const timeUs = (this.#points[i] as Point).timeUs;
      if (timeUs >= toUs) return;
      times.push(timeUs + originUs);
    }
  }

  #value(index: number, timeUs: Micros, request: number): number {
    const point = this.#points[index];
    if (point === undefined) return 0;
    const value = point.amount + point.share * request;
    const next = this.#points[index + 1];
    if (next?.isRamp !== true) return value;
    const end = next.amount + next.share * request;
    return value + ((end - value) * (timeUs - point.timeUs)) / (next.timeUs - point.timeUs);
  }

  /** The last point at or before a time; -1: none. */
  #lastUntil(timeUs: Micros): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#points[middle] as Point).timeUs <= timeUs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

const POINT = /^([^=~]+)([=~])(.+)$/;

/** The profile, or what is wrong with the text. */
export function parseProfile(text: string): Profile | string {
  if (!/[=~]/.test(text)) {
    const value = parseValue(text.trim());
    return typeof value === "string"
      ? value
      : new Profile([{ timeUs: 0, ...value, isRamp: false }]);
  }
  const points: Point[] = [];
  for (const part of text.split(",")) {
    const [, when = "", sign = "", what = ""] = POINT.exec(part.trim()) ?? [];
    const timeUs = parseDuration(when.trim());
    if (timeUs === undefined) return `"${part.trim()}" does not begin with a time, such as 60s`;
    const value = parseValue(what.trim());
    if (typeof value === "string") return value;
    const last = points.at(-1);
    if (last !== undefined && last.timeUs >= timeUs) return `${when.trim()} is not later`;
    const isRamp = sign === "~" && timeUs > 0;
    if (last === undefined && isRamp)
      points.push({ timeUs: 0, amount: 0, share: 0, isRamp: false });
    points.push({ timeUs, ...value, isRamp });
  }
  return new Profile(points);
}

function parseValue(text: string): { readonly amount: number; readonly share: number } | string {
  if (/^\d+(\.\d+)?%$/.test(text)) return { amount: 0, share: Number(text.slice(0, -1)) / 100 };
  if (text === "" || quantityError(text) !== "") {
    return `"${text}" is neither a quantity, such as 250m, nor a share, such as 60%`;
  }
  const amount = Number(mustParseQuantity(text).exact());
  return amount < 0 ? `"${text}" is negative` : { amount, share: 0 };
}
