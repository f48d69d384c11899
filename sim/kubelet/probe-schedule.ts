/**
 * When a probe changes its mind, in closed form: no event for a probe that tells no news
 * (pkg/kubelet/prober/worker.go of v1.30).
 *
 * A probe asks at the times of its grid. Its result changes at the n-th equal answer in a row, n
 * being its failure or success threshold.
 */
import type { core } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

const SECOND_US = 1_000_000;

/** From `fromUs` on the program answers the probe, or does not, until the next entry. */
export interface Answering {
  readonly fromUs: Micros;
  readonly isGood: boolean;
  /** Not answered since the program hangs: the probe waits for its timeout. */
  readonly isHung?: boolean;
}

export interface ProbeSchedule {
  readonly probe: core.Probe;
  /** The grid is this time and whole periods after it: when the kubelet saw the pod. */
  readonly gridUs: Micros;
  /** The container's start: the probe waits for initialDelaySeconds from then. */
  readonly startedUs: Micros;
  /** No probe before this time. */
  readonly fromUs: Micros;
  /** One probe at `fromUs` beside the grid: readiness is asked when a status is made. */
  readonly isImmediate: boolean;
}

/** The probe's result becomes `isGood` at `atUs`. */
export interface ProbeFlip {
  readonly atUs: Micros;
  readonly isGood: boolean;
}

/**
 * The changes of a probe's result, which is `isGood` at first. `answers` is in order of time, and
 * its last entry holds for ever.
 */
export function probeFlips(
  schedule: ProbeSchedule,
  answers: readonly Answering[],
  isGood: boolean,
): ProbeFlip[] {
  const { failureThreshold = 3, successThreshold = 1, timeoutSeconds = 1 } = schedule.probe;
  const times = new ProbeTimes(schedule);
  const flips: ProbeFlip[] = [];
  let result = isGood;
  let runStart = 0;
  let last: boolean | undefined;
  for (const [i, answering] of answers.entries()) {
    const begin = times.before(answering.fromUs);
    const end = times.before(answers[i + 1]?.fromUs ?? Number.POSITIVE_INFINITY);
    if (begin === end) continue; // no probe fell into it
    if (answering.isGood !== last) runStart = begin;
    last = answering.isGood;
    const decisive = runStart + (last ? successThreshold : failureThreshold) - 1;
    if (last === result || decisive >= end) continue;
    result = last;
    const waitUs = answering.isHung === true ? timeoutSeconds * SECOND_US : 0;
    flips.push({ atUs: times.at(Math.max(decisive, begin)) + waitUs, isGood: result });
  }
  return flips;
}

/** The times at which a probe asks, by number from 0. */
class ProbeTimes {
  readonly #periodUs: Micros;
  /** The time beside the grid; undefined: none. */
  readonly #extraUs: Micros | undefined;
  /** The first time of the grid. */
  readonly #firstUs: Micros;

  constructor({ probe, gridUs, startedUs, fromUs, isImmediate }: ProbeSchedule) {
    const { periodSeconds = 10, initialDelaySeconds = 0 } = probe;
    this.#periodUs = periodSeconds * SECOND_US;
    const earliestUs = Math.max(fromUs, startedUs + initialDelaySeconds * SECOND_US);
    this.#extraUs = isImmediate && earliestUs === fromUs ? fromUs : undefined;
    const periods = Math.max(0, Math.ceil((earliestUs - gridUs) / this.#periodUs));
    this.#firstUs = gridUs + periods * this.#periodUs;
    if (this.#firstUs === this.#extraUs) this.#firstUs += this.#periodUs;
  }

  /** How many of the times are before `timeUs`. */
  before(timeUs: Micros): number {
    const extra = this.#extraUs !== undefined && this.#extraUs < timeUs ? 1 : 0;
    return extra + Math.max(0, Math.ceil((timeUs - this.#firstUs) / this.#periodUs));
  }

  at(number: number): Micros {
    if (this.#extraUs !== undefined && number === 0) return this.#extraUs;
    const onGrid = this.#extraUs === undefined ? number : number - 1;
    return this.#firstUs + onGrid * this.#periodUs;
  }
}
