/**
 * `counts([12, 40, 33], unit=1m)`: exactly so many arrivals in each minute (or other unit) from the
 * source's start, spread over it independently and evenly, as those of a Poisson process are when
 * their number is known. It ends with the last unit.
 */
import type { ArrivalProcess, ArrivalState } from "./arrival-process.ts";
import type { ProcessForm } from "./process-form.ts";

export function counts(form: ProcessForm): ArrivalProcess {
  if (form.has("file"))
    form.fail("the numbers themselves: only an experiment file may name a file of them");
  form.expect([""], ["unit"], "counts([12, 40, 33], unit=1m)");
  const series = form.list("").map((text) => countOf(text, form));
  const unitUs = form.has("unit") ? form.positiveSpan("unit") : 60_000_000;
  if (!series.some((count) => count > 0)) form.fail("counts of which at least one is above 0");
  return {
    isFinite: true,
    isStandstill: false,
    nextUs: (state, { gaps }, hash, number) => {
      if (state.left === 0 && !beginUnit(state, series, unitUs)) return -1;
      // The first of `left` even draws in what is left of the unit: 1 - u is its survival.
      const survival = 1 - gaps.uniform(hash, number);
      const root = Math.exp(Math.log(survival) / state.left);
      state.lastUs += (state.phaseEndUs - state.lastUs) * (1 - root);
      state.left--;
      return Math.floor(state.lastUs);
    },
  };
}

/** Goes on to the next unit that has arrivals; false: there is none. */
function beginUnit(state: ArrivalState, series: readonly number[], unitUs: number): boolean {
  while (state.phases < series.length) {
    // Without a unit begun the phase ends at the source's start.
    state.lastUs = state.phaseEndUs;
    state.phaseEndUs += unitUs;
    state.left = series[state.phases++] ?? 0;
    if (state.left > 0) return true;
  }
  return false;
}

function countOf(text: string, form: ProcessForm): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(count) ? count : form.fail(`whole numbers of 0 or more, not ${text}`);
}
