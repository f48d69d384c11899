/**
 * Cron schedules: the five-field lines and the @-words that CronJobs use, and the moments they mean.
 *
 * Source: ParseStandard, getField, getRange (parser.go) and Next (spec.go, constantdelay.go) of
 * github.com/robfig/cron v3, which Kubernetes uses; its error texts are kept.
 */
import type { Micros } from "../kernel/index.ts";
import { EPOCH_MS } from "./metadata.ts";
import { findTimeZone, type TimeZone, UTC } from "./time-zone.ts";

/** When something happens again and again. */
export interface CronSchedule {
  /** The first moment after `timeUs`, on a whole second; undefined when there is none in 5 years. */
  next(timeUs: Micros): Micros | undefined;
}

/** A schedule, or why the text is none, in the words of the library. */
export type ParsedSchedule =
  | { readonly ok: true; readonly schedule: CronSchedule }
  | { readonly ok: false; readonly error: string };

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names: readonly string[];
}

/** Minute, hour, day of the month, month, day of the week: a week ends with day 6, not 7. */
const BOUNDS: readonly Bounds[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

const WORDS: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

/** Why a text is no schedule; thrown within this file only. */
class CronFault extends Error {}

/** Reads a schedule. A `TZ=` before it names its zone; else `zone` (default UTC) holds. */
export function parseCronSchedule(text: string, zone: TimeZone = UTC): ParsedSchedule {
  try {
    return { ok: true, schedule: parse(text, zone) };
  } catch (fault) {
    if (!(fault instanceof CronFault)) throw fault;
    return { ok: false, error: fault.message };
  }
}

function parse(text: string, given: TimeZone): CronSchedule {
  if (text === "") throw new CronFault("empty spec string");
  let zone = given;
  let line = text;
  if (/^(CRON_)?TZ=/.test(text)) {
    const space = text.indexOf(" ");
    const name = text.slice(text.indexOf("=") + 1, space < 0 ? undefined : space);
    const found = findTimeZone(name);
    if (found === undefined)
      throw new CronFault(`provided bad location ${name}: unknown time zone ${name}`);
    zone = found;
    line = space < 0 ? "" : text.slice(space).trim();
  }
  if (line.startsWith("@every ")) return new ConstantDelay(everySeconds(line));
  if (line.startsWith("@")) {
    const known = WORDS.get(line);
    if (known === undefined) throw new CronFault(`unrecognized descriptor: ${line}`);
    line = known;
  }
  const fields = line.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== BOUNDS.length) {
    throw new CronFault(
      `expected exactly ${BOUNDS.length} fields, found ${fields.length}: [${fields.join(" ")}]`,
    );
  }
  const sets = fields.map((field, i) => parseField(field, BOUNDS[i] as Bounds));
  return new FieldSchedule(sets, zone);
}

/** The values that a field allows. */
class FieldSet {
  readonly values = new Set<number>();
  /** It says `*`: all values, and no wish of its own (see `isDay`). */
  isStar = false;
}

/** A list of ranges. */
function parseField(text: string, bounds: Bounds): FieldSet {
  const set = new FieldSet();
  for (const range of text.split(",").filter((each) => each !== "")) addRange(range, bounds, set);
  return set;
}

/** `*`, `?`, `n`, `n-m`, each with an optional `/step`; `n/step` goes on to the maximum. */
function addRange(text: string, bounds: Bounds, set: FieldSet): void {
  const [range = "", stepText, ...moreSteps] = text.split("/");
  const [low = "", high, ...moreEnds] = range.split("-");
  let start = bounds.min;
  let end = bounds.max;
  let isStar = low === "*" || low === "?";
  const isSingle = high === undefined;
  if (!isStar) {
    start = boundValue(low, bounds);
    if (moreEnds.length > 0) throw new CronFault(`too many hyphens: ${text}`);
    end = high === undefined ? start : boundValue(high, bounds);
  }
  let step = 1;
  if (stepText !== undefined) {
    if (moreSteps.length > 0) throw new CronFault(`too many slashes: ${text}`);
    step = wholeNumber(stepText);
    if (isSingle) end = bounds.max;
    if (step > 1) isStar = false;
  }
  checkRange(text, { start, end, step }, bounds);
  for (let value = start; value <= end; value += step) set.values.add(value);
  set.isStar ||= isStar;
}

function checkRange(
  text: string,
  { start, end, step }: { start: number; end: number; step: number },
  { min, max }: Bounds,
): void {
  if (start < min)
    throw new CronFault(`beginning of range (${start}) below minimum (${min}): ${text}`);
  if (end > max) throw new CronFault(`end of range (${end}) above maximum (${max}): ${text}`);
  if (start > end)
    throw new CronFault(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new CronFault(`step of range should be a positive number: ${text}`);
}

function boundValue(text: string, { min, names }: Bounds): number {
  const place = names.indexOf(text.toLowerCase());
  return place < 0 ? wholeNumber(text) : min + place;
}

function wholeNumber(text: string): number {
  if (/^[+-]?\d+$/.test(text)) {
    const value = Number(text);
    if (value < 0) throw new CronFault(`negative number (${value}) not allowed: ${text}`);
    return value;
  }
  const quoted = JSON.stringify(text);
  throw new CronFault(
    `failed to parse int from ${text}: strconv.Atoi: parsing ${quoted}: invalid syntax`,
  );
}

const SECONDS_OF: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
};

/** The whole seconds of `@every 1h30m`, at least one. */
function everySeconds(line: string): number {
  const text = line.slice("@every ".length);
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(h|ms|us|µs|ns|m|s)/g)];
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join("") === text;
  if (!isWhole) {
    const quoted = JSON.stringify(text);
    throw new CronFault(`failed to parse duration ${line}: time: invalid duration ${quoted}`);
  }
  let seconds = 0;
  for (const [, amount, unit = ""] of parts) seconds += Number(amount) * (SECONDS_OF[unit] ?? 0);
  return Math.max(1, Math.floor(seconds + 1e-9));
}

/** `@every`: counts from the last time, whatever the clock says. */
class ConstantDelay implements CronSchedule {
  readonly #seconds: number;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  next(timeUs: Micros): Micros {
    return (Math.floor(timeUs / 1_000_000) + this.#seconds) * 1_000_000;
  }
}

const EPOCH_SECONDS = EPOCH_MS / 1000;
const YEARS_MAX = 5;

class FieldSchedule implements CronSchedule {
  readonly #minutes: FieldSet;
  readonly #hours: FieldSet;
  readonly #days: FieldSet;
  readonly #months: FieldSet;
  readonly #weekdays: FieldSet;
  readonly #zone: TimeZone;

  constructor(sets: readonly FieldSet[], zone: TimeZone) {
    [this.#minutes, this.#hours, this.#days, this.#months, this.#weekdays] = sets as [
      FieldSet,
      FieldSet,
      FieldSet,
      FieldSet,
      FieldSet,
    ];
    this.#zone = zone;
  }

  /** Moves the largest field that does not fit, starts over when it wraps round, until all fit. */
  next(timeUs: Micros): Micros | undefined {
    const clock = new WallClock(EPOCH_SECONDS + Math.floor(timeUs / 1_000_000) + 1, this.#zone);
    const yearMax = clock.year + YEARS_MAX;
    for (;;) {
      if (clock.year > yearMax) return undefined;
      if (!this.#months.values.has(clock.month)) clock.toNextMonth();
      else if (!this.#isDay(clock)) clock.toNextDay();
      else if (!this.#hours.values.has(clock.hour)) clock.toNextHour();
      else if (!this.#minutes.values.has(clock.minute) || clock.second !== 0) clock.toNextMinute();
      else return (clock.seconds - EPOCH_SECONDS) * 1_000_000;
    }
  }

  /** Both days must fit when one of them is `*`; else one is enough. */
  #isDay({ day, weekday }: WallClock): boolean {
    const isDay = this.#days.values.has(day);
    const isWeekday = this.#weekdays.values.has(weekday);
    if (this.#days.isStar || this.#weekdays.isStar) return isDay && isWeekday;
    return isDay || isWeekday;
  }
}

/** A moment as the clocks of a zone show it. */
class WallClock {
  /** Since 1970, without leap seconds. */
  seconds: number;
  readonly #zone: TimeZone;
  #shown: Date;

  constructor(seconds: number, zone: TimeZone) {
    this.#zone = zone;
    this.seconds = seconds;
    this.#shown = this.#show();
  }

  get year(): number {
    return this.#shown.getUTCFullYear();
  }
  get month(): number {
    return this.#shown.getUTCMonth() + 1;
  }
  get day(): number {
    return this.#shown.getUTCDate();
  }
  get weekday(): number {
    return this.#shown.getUTCDay();
  }
  get hour(): number {
    return this.#shown.getUTCHours();
  }
  get minute(): number {
    return this.#shown.getUTCMinutes();
  }
  get second(): number {
    return this.#shown.getUTCSeconds();
  }

  toNextMonth(): void {
    this.#moveTo(Date.UTC(this.year, this.month, 1));
  }

  toNextDay(): void {
    this.#moveTo(Date.UTC(this.year, this.month - 1, this.day + 1));
  }

  /** The next hour that there is: at a change of the clocks one is left out, or comes twice. */
  toNextHour(): void {
    this.#advance(3600 - this.minute * 60 - this.second);
  }

  toNextMinute(): void {
    this.#advance(60 - this.second);
  }

  #advance(seconds: number): void {
    this.seconds += seconds;
    this.#shown = this.#show();
  }

  /** To the moment at which the zone's clocks show this (in milliseconds, as if in UTC). */
  #moveTo(shownMs: number): void {
    const shown = shownMs / 1000;
    const guess = shown - this.#zone.offsetSeconds(shown);
    this.seconds = shown - this.#zone.offsetSeconds(guess);
    this.#shown = this.#show();
  }

  #show(): Date {
    return new Date((this.seconds + this.#zone.offsetSeconds(this.seconds)) * 1000);
  }
}
