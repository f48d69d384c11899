import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCronSchedule } from "./cron-schedule.ts";
import { timestamp, timestampUs } from "./metadata.ts";
import { findTimeZone } from "./time-zone.ts";

function scheduleOf(text: string, zone = "UTC") {
  const parsed = parseCronSchedule(text, findTimeZone(zone));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.schedule;
}

function nextAfter(text: string, after: string, zone?: string): string | undefined {
  const timeUs = scheduleOf(text, zone).next(timestampUs(after));
  return timeUs === undefined ? undefined : timestamp(timeUs);
}

describe("a schedule is next met", () => {
  // The cases of robfig/cron's spec_test.go, moved to 2024 where they name no leap year.
  test.each<[string, string, string | undefined]>([
    ["0/15 * * * *", "2024-07-09T14:45:00Z", "2024-07-09T15:00:00Z"],
    ["0/15 * * * *", "2024-07-09T14:59:59Z", "2024-07-09T15:00:00Z"],
    ["*/15 * * * *", "2024-07-09T15:40:00Z", "2024-07-09T15:45:00Z"],
    ["20-35/15 * * * *", "2024-07-09T15:45:00Z", "2024-07-09T16:20:00Z"],
    ["20-35/15 * * * *", "2024-07-09T23:46:00Z", "2024-07-10T00:20:00Z"],
    ["0 */2 * * *", "2024-12-31T23:59:45Z", "2025-01-01T00:00:00Z"],
    ["0 0 29 Feb *", "2025-07-09T23:35:00Z", "2028-02-29T00:00:00Z"],
    ["0 0 * Feb Mon", "2024-07-09T23:35:00Z", "2025-02-03T00:00:00Z"],
    ["0 0 * Feb Mon/2", "2023-07-09T23:35:00Z", "2024-02-02T00:00:00Z"],
    ["0 0 30 Feb ?", "2024-07-09T23:35:00Z", undefined],
    ["0 0 31 Apr ?", "2024-07-09T23:35:00Z", undefined],
    ["0 0 13 * Fri", "2024-07-01T00:00:00Z", "2024-07-05T00:00:00Z"],
    ["0 0 */13 * Fri", "2024-07-01T00:00:00Z", "2024-07-05T00:00:00Z"],
    ["0 0 13 * *", "2024-07-01T00:00:00Z", "2024-07-13T00:00:00Z"],
    ["30 6-16/4 * * 1-5", "2024-07-05T14:30:00Z", "2024-07-08T06:30:00Z"],
    ["0,30 8,9 1 jan,JUL *", "2024-01-01T09:30:00Z", "2024-07-01T08:00:00Z"],
    ["@hourly", "2024-07-09T14:00:00Z", "2024-07-09T15:00:00Z"],
    ["@daily", "2024-07-09T14:00:00Z", "2024-07-10T00:00:00Z"],
    ["@midnight", "2024-07-09T14:00:00Z", "2024-07-10T00:00:00Z"],
    ["@weekly", "2024-07-09T14:00:00Z", "2024-07-14T00:00:00Z"],
    ["@monthly", "2024-07-09T14:00:00Z", "2024-08-01T00:00:00Z"],
    ["@yearly", "2024-07-09T14:00:00Z", "2025-01-01T00:00:00Z"],
    ["@every 1h30m", "2024-07-09T14:00:07Z", "2024-07-09T15:30:07Z"],
    ["@every 10ms", "2024-07-09T14:00:07Z", "2024-07-09T14:00:08Z"],
    ["TZ=Asia/Tokyo 0 9 * * *", "2024-07-09T14:00:00Z", "2024-07-10T00:00:00Z"],
  ])("%s after %s: %s", (text, after, wanted) => {
    expect(nextAfter(text, after)).toBe(wanted);
  });

  test.each<[string, string, string, string, string]>([
    ["in winter", "America/New_York", "0 9 * * *", "2024-01-15T00:00:00Z", "2024-01-15T14:00:00Z"],
    ["in summer", "America/New_York", "0 9 * * *", "2024-07-15T00:00:00Z", "2024-07-15T13:00:00Z"],
    [
      "not in the hour left out",
      "America/New_York",
      "30 2 * * *",
      "2024-03-10T05:00:00Z",
      "2024-03-11T06:30:00Z",
    ],
    [
      "in the hour that comes twice",
      "America/New_York",
      "30 1 * * *",
      "2024-11-03T04:00:00Z",
      "2024-11-03T05:30:00Z",
    ],
    ["and again", "America/New_York", "30 1 * * *", "2024-11-03T05:30:00Z", "2024-11-03T06:30:00Z"],
    [
      "on the southern half",
      "Australia/Sydney",
      "0 12 * * *",
      "2024-01-01T02:00:00Z",
      "2024-01-02T01:00:00Z",
    ],
    [
      "at half an hour",
      "Asia/Kolkata",
      "0 0 * * *",
      "2024-01-01T00:00:00Z",
      "2024-01-01T18:30:00Z",
    ],
  ])("%s of %s", (_when, zone, text, after, wanted) => {
    expect(nextAfter(text, after, zone)).toBe(wanted);
  });
});

describe("a text is no schedule", () => {
  test.each<[string, string]>([
    ["", "empty spec string"],
    ["off", "expected exactly 5 fields, found 1: [off]"],
    ["* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]"],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["* * * * 7", "end of range (7) above maximum (6): 7"],
    ["5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["1/2/3 * * * *", "too many slashes: 1/2/3"],
    ["x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ["@never", "unrecognized descriptor: @never"],
    ["@every soon", 'failed to parse duration @every soon: time: invalid duration "soon"'],
    ["TZ=Moon/Base * * * * *", "provided bad location Moon/Base: unknown time zone Moon/Base"],
  ])("%s: %s", (text, error) => {
    expect(parseCronSchedule(text)).toEqual({ ok: false, error });
  });
});

test("the next time is the first minute that fits, found one by one", () => {
  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant("*"),
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 2, max: 7 }).map((step) => `*/${step}`),
    );
  fc.assert(
    fc.property(
      fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)),
      fc.integer({ min: 0, max: 366 * 24 * 60 }),
      (fields, startMinute) => {
        const startUs = startMinute * 60_000_000;
        const nextUs = scheduleOf(fields.join(" ")).next(startUs);
        let timeUs = startUs;
        for (let i = 0; i < 60 * 24 * 3 && timeUs < (nextUs ?? 0); i++) {
          timeUs += 60_000_000;
          expect(fits(fields, new Date(timestamp(timeUs)))).toBe(timeUs === nextUs);
        }
      },
    ),
    { seed: 11, numRuns: 60 },
  );
});

/** By the words of the manual page, with no shared code. */
function fits(fields: readonly string[], date: Date): boolean {
  const shown = [
    date.getUTCMinutes(),
    date.getUTCHours(),
    date.getUTCDate(),
    date.getUTCMonth() + 1,
    date.getUTCDay(),
  ];
  const first = [0, 0, 1, 1, 0];
  const [minute, hour, day, month, weekday] = fields.map((field, i) => {
    const value = shown[i] ?? 0;
    if (field === "*") return true;
    if (field.startsWith("*/")) return (value - (first[i] ?? 0)) % Number(field.slice(2)) === 0;
    return value === Number(field);
  });
  const isFree = fields[2] === "*" || fields[4] === "*";
  const isDay = isFree ? day && weekday : day || weekday;
  return minute === true && hour === true && month === true && isDay === true;
}
