/** Flags that are virtual times. */
import { type Micros, parseDuration } from "../sim/kernel/index.ts";
import { UsageError } from "./usage-error.ts";

/** Microseconds; undefined where the flag is not given. Throws UsageError. */
export function timeFlag(flag: string, text: string | undefined): Micros | undefined {
  if (text === undefined) return undefined;
  const us = parseDuration(text);
  if (us !== undefined) return us;
  throw new UsageError(`${flag}: got "${text}", want a time such as 90s or 1h30m`);
}
