/**
 * Time zones, as far as CronJobs need them: how far a zone's clocks are from UTC at a moment.
 *
 * By rules and a table of our own, not by Intl: what Intl knows depends on the time zone data that
 * the Node release or the system brings, and a run must not.
 */
import { ZONE_TABLE, type ZoneRule } from "./time-zone-table.ts";

export interface TimeZone {
  readonly name: string;
  /** Seconds that the zone's clocks are ahead of UTC at this moment (seconds since 1970). */
  offsetSeconds(unixSeconds: number): number;
}

/** A zone whose clocks are never changed. */
class FixedZone implements TimeZone {
  readonly name: string;
  readonly #offset: number;

  constructor(name: string, offsetSeconds: number) {
    this.name = name;
    this.#offset = offsetSeconds;
  }

  offsetSeconds(): number {
    return this.#offset;
  }
}

/** When clocks change: the n-th Sunday (5: the last) of a month, at an hour of some clock. */
interface Change {
  readonly month: number;
  readonly sunday: number;
  readonly hour: number;
  /** By which clock the hour counts; `wall` is the one in use just before the change. */
  readonly clock: "utc" | "standard" | "wall";
}

/** One hour is added between the two changes; on the southern half they span the new year. */
const SUMMERS: Readonly<Record<Exclude<ZoneRule, "fixed">, { start: Change; end: Change }>> = {
  europe: {
    start: { month: 3, sunday: 5, hour: 1, clock: "utc" },
    end: { month: 10, sunday: 5, hour: 1, clock: "utc" },
  },
  america: {
    start: { month: 3, sunday: 2, hour: 2, clock: "wall" },
    end: { month: 11, sunday: 1, hour: 2, clock: "wall" },
  },
  australia: {
    start: { month: 10, sunday: 1, hour: 2, clock: "standard" },
    end: { month: 4, sunday: 1, hour: 2, clock: "standard" },
  },
  newZealand: {
    start: { month: 9, sunday: 5, hour: 2, clock: "standard" },
    end: { month: 4, sunday: 1, hour: 2, clock: "standard" },
  },
};

const SUMMER_SECONDS = 3600;

class SummerZone implements TimeZone {
  readonly name: string;
  readonly #standard: number;
  readonly #rule: { start: Change; end: Change };

  constructor(name: string, standardSeconds: number, rule: Exclude<ZoneRule, "fixed">) {
    this.name = name;
    this.#standard = standardSeconds;
    this.#rule = SUMMERS[rule];
  }

  offsetSeconds(unixSeconds: number): number {
    const standard = this.#standard;
    const year = new Date((unixSeconds + standard) * 1000).getUTCFullYear();
    const start = changeAt(year, this.#rule.start, standard, 0);
    const end = changeAt(year, this.#rule.end, standard, SUMMER_SECONDS);
    const isSummer =
      start < end
        ? unixSeconds >= start && unixSeconds < end
        : unixSeconds >= start || unixSeconds < end;
    return isSummer ? standard + SUMMER_SECONDS : standard;
  }
}

/** The moment of a change; `summer` is what the wall clock is ahead of standard time before it. */
function changeAt(year: number, change: Change, standard: number, summer: number): number {
  const { month, sunday, hour, clock } = change;
  const first = Date.UTC(year, month - 1, 1);
  const firstSunday = 1 + ((7 - new Date(first).getUTCDay()) % 7);
  const dayCount = new Date(Date.UTC(year, month, 0)).getUTCDate();
  let day = firstSunday + 7 * (sunday - 1);
  while (day > dayCount) day -= 7;
  const shown = Date.UTC(year, month - 1, day, hour) / 1000;
  if (clock === "utc") return shown;
  return shown - standard - (clock === "wall" ? summer : 0);
}

export const UTC: TimeZone = new FixedZone("UTC", 0);

const UTC_NAMES = ["", "UTC", "Etc/UTC", "UCT", "Etc/UCT", "Universal", "Zulu"];
const GMT_NAMES = ["GMT", "Etc/GMT", "Etc/Greenwich", "Greenwich", "GMT0", "GMT+0", "GMT-0"];

/** The zone of a name of the IANA database; undefined: there is none, or it is not modelled. */
export function findTimeZone(name: string): TimeZone | undefined {
  if (UTC_NAMES.includes(name) || GMT_NAMES.includes(name)) return UTC;
  const hours = /^Etc\/GMT([+-])(\d|1\d)$/.exec(name);
  if (hours !== null) return fromGmt(name, hours[1] === "-" ? 1 : -1, Number(hours[2]));
  for (const rule of Object.keys(ZONE_TABLE) as ZoneRule[]) {
    for (const [minutes, names] of Object.entries(ZONE_TABLE[rule])) {
      if (!isListed(name, names)) continue;
      const standard = Number(minutes) * 60;
      return rule === "fixed"
        ? new FixedZone(name, standard)
        : new SummerZone(name, standard, rule);
    }
  }
  return undefined;
}

/** `Etc/GMT-3` is three hours ahead of UTC: the sign is POSIX's. */
function fromGmt(name: string, sign: number, hours: number): TimeZone | undefined {
  return hours > (sign > 0 ? 14 : 12) ? undefined : new FixedZone(name, sign * hours * 3600);
}

/** Whether a text such as `Africa: Abidjan Accra; Atlantic: Reykjavik` names the zone. */
function isListed(name: string, text: string): boolean {
  const slash = name.indexOf("/");
  const area = `${name.slice(0, slash)}: `;
  return text.split("; ").some(
    (part) =>
      part.startsWith(area) &&
      part
        .slice(area.length)
        .split(" ")
        .includes(name.slice(slash + 1)),
  );
}
