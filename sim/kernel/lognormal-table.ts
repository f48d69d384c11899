/**
 * LognormalTable: what `round(exp(mu + sigma * normalQuantile(draw)))` gives, mostly without
 * computing it. Draws are cut into cells; within one the duration is interpolated, and the result is
 * taken where the interpolation's error cannot change the rounded microsecond. Elsewhere (one draw
 * in a hundred or two, mostly in the tails) the formula is computed: no result depends on the table.
 *
 * Hot: a pod's life takes more than a hundred of these.
 */
import { SAMPLE_MAX_US } from "./distribution.ts";
import { HALF_STEP } from "./distribution-families.ts";
import type { Micros } from "./micros.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { unit } from "./random.ts";

/** A cell is told by the first ten bits of a draw. */
const CELL_BITS = 10;
const CELLS = 1 << CELL_BITS;
/** At both ends the duration bends too much within a cell: there nothing is interpolated. */
const OUTER_CELLS = 4;
/** For what bends otherwise than a parabola. */
const ERROR_MARGIN = 4;
/** Beyond the rounding of all the steps of the interpolation, relative to the duration. */
const ROUNDING = 1e-12;

/** The duration of a draw in whole microseconds, by the formula. */
export function lognormalUs(mu: number, sigma: number, high: number, low: number): Micros {
  const draw = unit(high, low) || HALF_STEP;
  const us = Math.round(Math.exp(mu + sigma * normalQuantile(draw)));
  return us < 1 ? 1 : us > SAMPLE_MAX_US ? SAMPLE_MAX_US : us;
}

export class LognormalTable {
  readonly #mu: number;
  readonly #sigma: number;
  /** Durations at the cells' bounds, in microseconds that are not rounded. */
  readonly #bounds = new Float64Array(CELLS + 1);
  /** By how much the interpolation may be wrong in each cell; 1 where it is of no use. */
  readonly #errors = new Float64Array(CELLS).fill(1);

  constructor(mu: number, sigma: number) {
    this.#mu = mu;
    this.#sigma = sigma;
    const exact = (draw: number): number => Math.exp(mu + sigma * normalQuantile(draw));
    for (let i = OUTER_CELLS; i <= CELLS - OUTER_CELLS; i++) this.#bounds[i] = exact(i / CELLS);
    for (let i = OUTER_CELLS; i < CELLS - OUTER_CELLS; i++) {
      const [from, to] = [this.#bounds[i] as number, this.#bounds[i + 1] as number];
      if (to > SAMPLE_MAX_US) break;
      const bend = Math.abs(exact((i + 0.5) / CELLS) - (from + to) / 2);
      this.#errors[i] = ERROR_MARGIN * bend + ROUNDING * to;
    }
  }

  /** The duration of a draw, given as its two words (see Draws). */
  us(high: number, low: number): Micros {
    const cell = high >>> (32 - CELL_BITS);
    const from = this.#bounds[cell] as number;
    const share = unit(high, low) * CELLS - cell;
    const raised = from + share * ((this.#bounds[cell + 1] as number) - from) + 0.5;
    const us = Math.floor(raised);
    const rest = raised - us;
    const error = this.#errors[cell] as number;
    if (rest > error && rest < 1 - error && us >= 1) return us;
    return lognormalUs(this.#mu, this.#sigma, high, low);
  }
}

/** The tables last made: a memo, no state of a run. */
const tables = new Map<string, LognormalTable>();
const TABLES_KEPT = 64;

/** The table of a distribution, shared by all who have the same. */
export function lognormalTable(mu: number, sigma: number): LognormalTable {
  const name = `${mu}/${sigma}`;
  let table = tables.get(name);
  if (table === undefined) {
    if (tables.size >= TABLES_KEPT) tables.clear();
    table = new LognormalTable(mu, sigma);
    tables.set(name, table);
  }
  return table;
}
