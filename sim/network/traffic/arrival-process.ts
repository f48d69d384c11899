/**
 * ArrivalProcess: when requests come.
 *
 *   exponential(mean=10ms), constant(5ms), any distribution     gaps between requests, one after the other
 *   poisson(rate=100/s)                                         the same as exponential gaps
 *   mmpp(rates=[10/s, 200/s], stays=[30s, 5s], order=cyclic)    a Poisson process whose rate changes by chance
 *   diurnal(mean=100/s, amplitude=0.6, period=24h, peak=14h)    its rate is a sine of the time
 *   flash(base=50/s, peak=1000/s, at=60s, ramp=10s, hold=60s, decay=30s)
 *   counts([12, 40, 33], unit=1m)                               so many in each minute
 *
 * One draw per arrival. Those with a rate invert its integral: a standard exponential variate is
 * how much of the integral lies between two arrivals (E. Cinlar, "Introduction to Stochastic
 * Processes", 1975, chapter 4.7), which is exact and needs no thinning.
 */
import { Draws, type Micros } from "../../kernel/index.ts";

/** Where a source's process stands: plain numbers, part of the run's state. */
export class ArrivalState {
  /** When the last arrival was due, us of virtual time with its fraction; at first the source's start. */
  lastUs: number;
  /** Phases begun so far: stays of an MMPP, units of a series. */
  phases = 0;
  /** The state that an MMPP is in. */
  phase = 0;
  /** When the phase ends. */
  phaseEndUs: number;
  /** Arrivals that are left of a series' unit. */
  left = 0;

  constructor(startUs: Micros) {
    this.lastUs = startUs;
    this.phaseEndUs = startUs;
  }
}

/** The draws of one run that arrivals are made from. */
export class ArrivalDraws {
  /** One per arrival, by the source's hash and the arrival's number. */
  readonly gaps: Draws;
  /** One or two per phase, by the source's hash and the phase's number. */
  readonly phases: Draws;

  constructor(seed: string) {
    this.gaps = new Draws(seed, "traffic/arrivals");
    this.phases = new Draws(seed, "traffic/phases");
  }
}

export interface ArrivalProcess {
  /** It ends by itself. */
  readonly isFinite: boolean;
  /** All its requests come at one time, without end: no run could go on. */
  readonly isStandstill: boolean;
  /**
   * Virtual time of arrival `number` (from 0, in order) of the source with this hash, whole us;
   * -1: there is none, nor any later. Moves the state on.
   */
  nextUs(state: ArrivalState, draws: ArrivalDraws, hash: number, number: number): Micros;
}
