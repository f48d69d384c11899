/** Poisson processes whose rate is a function of virtual time: constant, a sine, a flash crowd. */
import type { Micros } from "../../kernel/index.ts";
import type { ArrivalProcess } from "./arrival-process.ts";
import type { ProcessForm } from "./process-form.ts";
import { sineOfTurns } from "./sine-of-turns.ts";

/** `poisson(rate=100/s)` */
export function poisson(form: ProcessForm): ArrivalProcess {
  form.expect(["rate"], [], "poisson(rate=100/s)");
  const rate = form.rate("rate");
  return byInversion((lastUs, mass) => lastUs + mass / rate);
}

/** How far the search for an arrival goes: a thousandth of the clock's step. */
const CLOSE_ENOUGH_US = 0.001;
const TWO_PI = 2 * Math.PI;

/**
 * `diurnal(mean=100/s, amplitude=0.6, period=24h, peak=14h)`: the rate is
 * mean x (1 + amplitude x cos(2 pi (t - peak) / period)). Virtual time 0 is midnight.
 */
export function diurnal(form: ProcessForm): ArrivalProcess {
  form.expect(
    ["mean", "amplitude"],
    ["period", "peak"],
    "diurnal(mean=100/s, amplitude=0.6, period=24h, peak=14h)",
  );
  const mean = form.rate("mean");
  const amplitude = form.number("amplitude", 0, 1);
  const period = form.has("period") ? form.positiveSpan("period") : 86_400_000_000;
  const peak = form.has("peak") ? form.span("peak") : 0;
  const turnsAt = (timeUs: number): number => (timeUs - peak) / period;
  // The integral of the rate over mean is t + swing x sin(turns).
  const swing = (amplitude * period) / TWO_PI;
  return byInversion((lastUs, mass) => {
    const wanted = mass / mean;
    const sineBefore = sineOfTurns(turnsAt(lastUs));
    // The integral strays from the straight line by at most twice the swing.
    let low = Math.max(wanted / (1 + amplitude), wanted - 2 * swing);
    let high = wanted + 2 * swing;
    if (amplitude < 1) high = Math.min(high, wanted / (1 - amplitude));
    let gap = wanted;
    // Newton's steps, with halving where one leaves the bracket.
    while (high - low > CLOSE_ENOUGH_US) {
      const turns = turnsAt(lastUs + gap);
      const error = gap + swing * (sineOfTurns(turns) - sineBefore) - wanted;
      if (error > 0) high = gap;
      else low = gap;
      const slope = 1 + amplitude * sineOfTurns(turns + 0.25);
      const step = error / slope;
      if (Math.abs(step) < CLOSE_ENOUGH_US) return lastUs + Math.max(gap - step, 0);
      const next = gap - step;
      gap = next > low && next < high ? next : (low + high) / 2;
    }
    return lastUs + (low + high) / 2;
  });
}

/**
 * `flash(base=50/s, peak=1000/s, at=60s, ramp=10s, hold=60s, decay=30s)`: the rate is `base` until
 * `at`, rises to `peak` along a straight line within `ramp`, stays there for `hold`, and falls back
 * within `decay`.
 */
export function flash(form: ProcessForm): ArrivalProcess {
  form.expect(
    ["base", "peak", "at", "hold"],
    ["ramp", "decay"],
    "flash(base=50/s, peak=1000/s, at=60s, ramp=10s, hold=60s, decay=30s)",
  );
  const base = form.rate("base");
  const peak = form.rate("peak");
  const rampUs = form.span("at");
  const holdUs = rampUs + (form.has("ramp") ? form.span("ramp") : 0);
  const decayUs = holdUs + form.span("hold");
  const endUs = decayUs + (form.has("decay") ? form.span("decay") : 0);
  const pieces: readonly Piece[] = [
    { endUs: rampUs, endRate: base, slope: 0 },
    { endUs: holdUs, endRate: peak, slope: slopeOf(base, peak, holdUs - rampUs) },
    { endUs: decayUs, endRate: peak, slope: 0 },
    { endUs, endRate: base, slope: slopeOf(peak, base, endUs - decayUs) },
    { endUs: Number.POSITIVE_INFINITY, endRate: base, slope: 0 },
  ];
  return byInversion((lastUs, mass) => alongPieces(pieces, lastUs, mass));
}

/** A stretch of time in which the rate changes evenly. */
interface Piece {
  readonly endUs: Micros;
  readonly endRate: number;
  /** Change of the rate per us. */
  readonly slope: number;
}

const slopeOf = (from: number, to: number, spanUs: Micros): number =>
  spanUs === 0 ? 0 : (to - from) / spanUs;

function alongPieces(pieces: readonly Piece[], fromUs: number, mass: number): number {
  let timeUs = fromUs;
  let left = mass;
  for (const { endUs, endRate, slope } of pieces) {
    if (timeUs >= endUs) continue;
    if (slope === 0) {
      const whole = endRate * (endUs - timeUs);
      if (whole >= left) return timeUs + left / endRate;
      left -= whole;
    } else {
      const span = endUs - timeUs;
      const rate = endRate - slope * span;
      const whole = ((rate + endRate) / 2) * span;
      // The root of rate x + slope x^2 / 2 = left, in the form that does not cancel.
      if (whole >= left) {
        const root = Math.sqrt(Math.max(0, rate * rate + 2 * slope * left));
        return Math.min(endUs, timeUs + (2 * left) / (rate + root));
      }
      left -= whole;
    }
    timeUs = endUs;
  }
  throw new Error(`no arrival after ${fromUs} us`);
}

/** `after(lastUs, mass)`: the time up to which the integral of the rate from `lastUs` is `mass`. */
function byInversion(after: (lastUs: number, mass: number) => number): ArrivalProcess {
  return {
    isFinite: false,
    isStandstill: false,
    nextUs: (state, { gaps }, hash, number) => {
      const mass = -Math.log(1 - gaps.uniform(hash, number));
      state.lastUs = after(state.lastUs, mass);
      return Math.floor(state.lastUs);
    },
  };
}
