/**
 * From a plugin's raw score to its part of a node's total: whole numbers, normalised over the
 * feasible nodes of the cycle, checked to be 0..100.
 *
 * Source: helper.DefaultNormalizeScore and runtime/framework.go (RunScorePlugins), v1.30.
 */
import { InputError } from "../../kernel/index.ts";
import type { CallSite } from "./call-site.ts";
import { describeValue } from "./describe-value.ts";
import type { AnyPlugin, Normalize } from "./interface.ts";
import { policyTitle } from "./plugin-origin.ts";

/** MaxNodeScore. */
export const SCORE_MAX = 100;

/** Every normalisation but `{ all }`. */
export type ScalarNormalize = Exclude<Normalize, { readonly all: unknown }>;

/**
 * A raw score as a normalised one. `min` and `max` are those of the feasible nodes' raw scores.
 * Integer arithmetic as in Go: divisions truncate.
 */
export function normalizeScore(
  how: ScalarNormalize,
  raw: number,
  min: number,
  max: number,
): number {
  if (how === "none") return raw;
  if (how === "minMax") {
    return max === min ? 0 : Math.trunc((SCORE_MAX * (raw - min)) / (max - min));
  }
  if (typeof how === "function") return Math.trunc(how(raw, min, max));
  const scaled = max <= 0 ? raw : Math.trunc((SCORE_MAX * raw) / max);
  if (how === "max") return scaled;
  return max <= 0 ? SCORE_MAX : SCORE_MAX - scaled;
}

/** Whether a normalised score may be added up. False for NaN. */
export function isValidScore(score: number): boolean {
  return score >= 0 && score <= SCORE_MAX;
}

/** Whether a truncated raw score is a number that can be normalised. */
export function isValidRaw(raw: number): boolean {
  return raw - raw === 0;
}

export function badScore(
  plugin: AnyPlugin,
  podKey: string,
  nodeName: string,
  score: number,
): InputError {
  return new InputError(
    `${policyTitle(plugin)} scored pod "${podKey}" on node "${nodeName}" ${score}: ` +
      `scores must be whole numbers 0..${SCORE_MAX} after normalising. ` +
      "Correct the score or say how to normalise it.",
  );
}

/** For what a score function returned instead of a number. */
export function noNumber(given: unknown, site: CallSite): InputError {
  return site.complain(
    `returned ${describeValue(given)}, want a number. Return one on every way through the function.`,
  );
}
