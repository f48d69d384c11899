import { expect, test } from "vitest";
import { findTimeZone } from "./time-zone.ts";

const hours = (zone: string, text: string): number | undefined => {
  const seconds = findTimeZone(zone)?.offsetSeconds(Date.parse(text) / 1000);
  return seconds === undefined ? undefined : seconds / 3600;
};

// Each change of the clocks, one second before and at the moment itself.
test.each<[string, string, number, number]>([
  ["Europe/Berlin", "2024-03-31T01:00:00Z", 1, 2],
  ["Europe/Berlin", "2024-10-27T01:00:00Z", 2, 1],
  ["Europe/London", "2025-03-30T01:00:00Z", 0, 1],
  ["America/Chicago", "2024-03-10T08:00:00Z", -6, -5],
  ["America/Chicago", "2024-11-03T07:00:00Z", -5, -6],
  ["America/St_Johns", "2026-03-08T05:30:00Z", -3.5, -2.5],
  ["Australia/Adelaide", "2024-04-06T16:30:00Z", 10.5, 9.5],
  ["Australia/Adelaide", "2024-10-05T16:30:00Z", 9.5, 10.5],
  ["Pacific/Auckland", "2024-04-06T14:00:00Z", 13, 12],
  ["Pacific/Auckland", "2024-09-28T14:00:00Z", 12, 13],
])("the clocks of %s change at %s", (zone, text, before, after) => {
  const justBefore = new Date(Date.parse(text) - 1000).toISOString();
  expect([hours(zone, justBefore), hours(zone, text)]).toEqual([before, after]);
});

test.each<[string, number | undefined]>([
  ["", 0],
  ["UTC", 0],
  ["Etc/GMT+5", -5],
  ["Etc/GMT-14", 14],
  ["Etc/GMT+13", undefined],
  ["Asia/Tokyo", 9],
  ["Asia/Kathmandu", 5.75],
  ["America/Argentina/Buenos_Aires", -3],
  ["Moon/Base", undefined],
  ["Tokyo", undefined],
  ["Asia/", undefined],
])("%s is %s hours ahead of UTC in 2024", (zone, wanted) => {
  expect(hours(zone, "2024-07-01T00:00:00Z")).toBe(wanted);
});
