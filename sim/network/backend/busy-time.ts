/**
 * BusyTime: the cores that a pod keeps busy, as an integral over time that can be asked for a window
 * in the recent past. Plain data.
 *
 * The integral is known exactly at whole seconds (our assumption: windows of metrics pipelines begin
 * and end there) and now; between them it is a straight line.
 *
 * Hot: `set` is called at each begin and end of a request.
 */
import type { Micros } from "../../kernel/index.ts";

const CELL_US = 1_000_000;
/** Points that are too old are dropped when there are that many of them. */
const DROPPED_MIN = 64;

export class BusyTime {
  /** Cores, since `sinceUs`. */
  cores = 0;
  sinceUs: Micros;
  /** Core-microseconds until `sinceUs`. */
  sum = 0;
  /** The next whole second after `sinceUs`. */
  cellEndUs: Micros;
  /** Points of the integral, in order of time. */
  readonly timesUs: Micros[];
  readonly sums: number[];

  constructor(nowUs: Micros) {
    this.sinceUs = nowUs;
    this.cellEndUs = cellEnd(nowUs);
    this.timesUs = [nowUs];
    this.sums = [0];
  }

  /** From now on that many cores are busy. `historyUs`: how far back anybody will ask. */
  set(cores: number, nowUs: Micros, historyUs: Micros): void {
    if (nowUs >= this.cellEndUs) this.cross(nowUs, historyUs);
    this.sum += this.cores * (nowUs - this.sinceUs);
    this.sinceUs = nowUs;
    this.cores = cores;
  }

  /** Notes the integral at the first and the last whole second since the last change. */
  cross(nowUs: Micros, historyUs: Micros): void {
    const firstUs = this.cellEndUs;
    const nextUs = cellEnd(nowUs);
    this.note(firstUs);
    if (nextUs - CELL_US > firstUs) this.note(nextUs - CELL_US);
    this.cellEndUs = nextUs;
    const { timesUs, sums } = this;
    const before = lastAt(timesUs, nowUs - historyUs);
    if (before < DROPPED_MIN) return;
    timesUs.splice(0, before);
    sums.splice(0, before);
  }

  note(timeUs: Micros): void {
    this.timesUs.push(timeUs);
    this.sums.push(this.sum + this.cores * (timeUs - this.sinceUs));
  }

  /** Core-microseconds until that time, which lies not before the history nor after now. */
  until(timeUs: Micros): number {
    const { timesUs, sums } = this;
    if (timeUs >= this.sinceUs) return this.sum + this.cores * (timeUs - this.sinceUs);
    const i = lastAt(timesUs, timeUs);
    const fromUs = timesUs[i];
    const from = sums[i];
    if (fromUs === undefined || from === undefined) return sums[0] ?? 0;
    const toUs = timesUs[i + 1] ?? this.sinceUs;
    const to = sums[i + 1] ?? this.sum;
    return from + ((to - from) * (timeUs - fromUs)) / (toUs - fromUs);
  }

  /** Cores that were busy on average between two times. */
  average(fromUs: Micros, toUs: Micros): number {
    return toUs > fromUs ? (this.until(toUs) - this.until(fromUs)) / (toUs - fromUs) : this.cores;
  }
}

function cellEnd(timeUs: Micros): Micros {
  return (Math.floor(timeUs / CELL_US) + 1) * CELL_US;
}

/** Index of the last of the times (ascending) that is at or before `timeUs`; -1: none. */
function lastAt(timesUs: readonly Micros[], timeUs: Micros): number {
  let low = 0;
  let high = timesUs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesUs[middle] as number) <= timeUs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
