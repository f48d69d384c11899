/** Checks of single settings, shared by the experiment file's schema and the command line's flags. */
import { profileByName, profileNames } from "../policies/index.ts";
import { mustParseQuantity } from "../sim/api/index.ts";
import { InputError, parseDuration, parseTimeDistribution } from "../sim/kernel/index.ts";
import { parseArrivalProcess } from "../sim/network/index.ts";

/** What a duration should look like, for messages. */
export const DURATION_WANTED = "a duration with its unit, such as 90s, 1h30m or 250ms";

export const isDuration = (text: string): boolean => parseDuration(text) !== undefined;

/** A policy with a slash or a file's ending is a path; others are names of built-in ones. */
export const isPolicyFile = (text: string): boolean =>
  /[/\\]/.test(text) || /\.(ts|mts|js|mjs|ya?ml|json)$/.test(text);

/** What is wrong with the name of a built-in policy; `undefined`: nothing, or it is a path. */
export function policyFault(text: string): string | undefined {
  if (isPolicyFile(text) || profileNames().includes(text)) return undefined;
  return faultOf(() => profileByName(text));
}

/** Whether the text is a quantity of 0 or more, as Kubernetes writes it. */
export function isAmount(text: string): boolean {
  try {
    return mustParseQuantity(text).sign() >= 0;
  } catch {
    return false;
  }
}

/** What is wrong with a distribution of times, in its parser's words; `undefined`: nothing. */
export function distributionFault(text: string): string | undefined {
  return faultWithout("distribution: ", (where) => parseTimeDistribution(text, where));
}

/**
 * What is wrong with an arrival process, in its parser's words; `undefined`: nothing, or it names a
 * file of counts, which is read later.
 */
export function arrivalsFault(text: string): string | undefined {
  if (namesCountsFile(text)) return undefined;
  return faultWithout("arrivals: ", (where) => parseArrivalProcess(text, where));
}

/** Whether arrivals are `counts(file=...)`. */
export const namesCountsFile = (text: string): boolean => /^\s*counts\s*\(.*\bfile\s*=/i.test(text);

function faultWithout(prefix: string, check: (where: string) => unknown): string | undefined {
  const fault = faultOf(() => check(prefix.slice(0, -2)));
  return fault?.startsWith(prefix) ? fault.slice(prefix.length) : fault;
}

/** The user's mistake that `check` finds, in its own words. */
export function faultOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}
