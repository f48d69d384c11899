/** Spans and moments of virtual time, as callers of the library give them. */
import { formatDuration, InputError, parseDuration } from "../sim/kernel/index.ts";

/** `"90s"`, `"1h30m"`, `"250ms"`; or a whole number of microseconds. */
export type Duration = string | number;

/** Microseconds. InputError, with `where` in front, for what is no duration of 0 or more. */
export function microseconds(time: Duration, where: string): number {
  const us = typeof time === "number" ? time : parseDuration(time);
  if (us !== undefined && Number.isSafeInteger(us) && us >= 0) return us;
  throw new InputError(
    `${where}: got ${JSON.stringify(time)}, want a duration such as "90s" or "1h30m", ` +
      "or a whole number of microseconds.",
  );
}

/** As experiment files write it. */
export const durationText = (time: Duration, where: string): string =>
  formatDuration(microseconds(time, where));
