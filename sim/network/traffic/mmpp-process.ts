/**
 * `mmpp(rates=[10/s, 200/s], stays=[30s, 5s])`: a Markov-modulated Poisson process (W. Fischer,
 * K. Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", 1993). It stays in
 * each state for an exponential time with that mean, beginning in the first, and goes on to the
 * next in turn; with `order=random` to any of the others, all alike.
 */
import type { ArrivalDraws, ArrivalProcess, ArrivalState } from "./arrival-process.ts";
import type { ProcessForm } from "./process-form.ts";

export function mmpp(form: ProcessForm): ArrivalProcess {
  form.expect(
    ["rates", "stays"],
    ["order"],
    "mmpp(rates=[10/s, 200/s], stays=[30s, 5s], order=cyclic)",
  );
  const rates = form.list("rates").map((text) => form.rateOf(text, "rates"));
  const stays = form.list("stays").map((text) => form.positiveSpanOf(text, "stays"));
  if (rates.length !== stays.length) form.fail("as many stays as rates");
  if (rates.length < 2) form.fail("at least two rates; one alone is poisson(rate=...)");
  if (!rates.some((rate) => rate > 0)) form.fail("rates= with at least one above 0");
  const order = form.has("order") ? form.text("order") : "cyclic";
  if (order !== "cyclic" && order !== "random") form.fail("order= as cyclic or random");
  const isRandom = order === "random";
  return {
    isFinite: false,
    isStandstill: false,
    nextUs: (state, draws, hash, number) => {
      let mass = -Math.log(1 - draws.gaps.uniform(hash, number));
      for (;;) {
        if (state.phases === 0 || state.lastUs >= state.phaseEndUs)
          beginPhase(state, draws, hash, stays, isRandom);
        const rate = rates[state.phase] ?? 0;
        const whole = rate * (state.phaseEndUs - state.lastUs);
        if (whole > mass) break;
        mass -= whole;
        state.lastUs = state.phaseEndUs;
      }
      state.lastUs += mass / (rates[state.phase] ?? 0);
      return Math.floor(state.lastUs);
    },
  };
}

function beginPhase(
  state: ArrivalState,
  { phases }: ArrivalDraws,
  hash: number,
  stays: readonly number[],
  isRandom: boolean,
): void {
  const draw = phases.source(hash, state.phases);
  const uniform = draw.next();
  if (state.phases > 0) {
    const others = stays.length - 1;
    const step = isRandom ? 1 + Math.floor(draw.next() * others) : 1;
    state.phase = (state.phase + step) % stays.length;
  }
  state.phases++;
  state.phaseEndUs = state.lastUs - Math.log(1 - uniform) * (stays[state.phase] ?? 0);
}
