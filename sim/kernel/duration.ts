/** Spans of virtual time as people write them: `90s`, `1h30m`, `250ms`. */
import type { Micros } from "./micros.ts";

const unitUs: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

const form = /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h|d))+$/;
const part = /(\d+(?:\.\d+)?)(us|ms|s|m|h|d)/g;

/**
 * Parses one or more number-and-unit pairs, as Go's time.ParseDuration does (plus `d`, minus signs
 * and nanoseconds). Whole microseconds, rounded to the nearest; `undefined` when the text has
 * another form or the span is too long to be exact (2^53 us, 285 years). A bare number is refused:
 * a duration says its unit.
 */
export function parseDuration(text: string): Micros | undefined {
  if (text === "0") return 0;
  if (!form.test(text)) return undefined;
  let us = 0;
  for (const [, number, unit] of text.matchAll(part))
    us += Number(number) * (unitUs[unit ?? ""] ?? 0);
  const rounded = Math.round(us);
  return Number.isSafeInteger(rounded) ? rounded : undefined;
}

/** Writes whole microseconds in the largest unit that keeps them whole: `90s`, `1500ms`, `2h`. */
export function formatDuration(us: Micros): string {
  if (us === 0) return "0s";
  for (const unit of ["h", "m", "s", "ms"]) {
    const size = unitUs[unit] ?? 1;
    if (us % size === 0) return `${us / size}${unit}`;
  }
  return `${us}us`;
}

/**
 * Writes microseconds, 0 or more, as Go's time.Duration.String does, which is how Kubernetes prints
 * them in its messages: `1h0m0s`, `1m30.5s`, `250ms`, `1.5µs`.
 */
export function goDuration(us: Micros): string {
  if (us === 0) return "0s";
  if (us < 1_000) return `${us}µs`;
  if (us < 1_000_000) return `${us / 1_000}ms`;
  const minutes = Math.floor(us / 60_000_000);
  const hours = Math.floor(minutes / 60);
  const seconds = `${(us - minutes * 60_000_000) / 1_000_000}s`;
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
