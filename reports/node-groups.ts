/**
 * NodeGroups: nodes taken together by name, each group with the integrals of its gauges over equal
 * intervals of the run. Bounded in both directions, whatever comes.
 */
import type { Micros } from "../sim/kernel/index.ts";

/** How large the table may get. */
export interface NodeGridOptions {
  /** Groups, at least 1. */
  readonly rows: number;
  /** Intervals, an even number, at least 2. They begin with 1 s. */
  readonly intervals: number;
}

const FIRST_INTERVAL_US = 1_000_000;

/** Neighbours by name. */
export interface NodeGroup {
  first: string;
  last: string;
  /** Gauges now. */
  readonly values: Float64Array;
  /** Integrals are complete up to here. */
  sinceUs: Micros;
  /** Integral of gauge g over interval i at [i * gauges + g]. */
  readonly integrals: Float64Array;
}

export class NodeGroups {
  readonly #gauges: number;
  readonly #grid: NodeGridOptions;
  #intervalUs: Micros = FIRST_INTERVAL_US;
  /** By name; their ranges of names do not overlap. */
  readonly #groups: NodeGroup[] = [];

  constructor(gauges: number, grid: NodeGridOptions) {
    this.#gauges = gauges;
    this.#grid = grid;
  }

  /** Groups of equal size, but the last, for the nodes that are there at the start. */
  start(names: readonly string[]): void {
    const sorted = [...names].sort();
    const size = Math.ceil(sorted.length / this.#grid.rows);
    for (let from = 0; from < sorted.length; from += size) {
      const members = sorted.slice(from, from + size);
      this.#groups.push(this.#newGroup(members[0] ?? "", members.at(-1) ?? "", 0));
    }
  }

  /**
   * The group of a node. One that nobody has seen gets a group of its own while there is room, and
   * joins the neighbours before it afterwards.
   */
  of(name: string, nowUs: Micros): NodeGroup {
    const before = this.#groups.findLastIndex(({ first }) => first <= name);
    const group = this.#groups[before];
    if (group !== undefined && name <= group.last) return group;
    if (this.#groups.length < this.#grid.rows) {
      const own = this.#newGroup(name, name, nowUs);
      this.#groups.splice(before + 1, 0, own);
      return own;
    }
    const joined = group ?? (this.#groups[0] as NodeGroup);
    if (name < joined.first) joined.first = name;
    else joined.last = name;
    return joined;
  }

  /** Adds what has stood since the group's last change to the intervals that it lies in. */
  advance(group: NodeGroup, nowUs: Micros): void {
    while (nowUs > this.#intervalUs * this.#grid.intervals) this.#doubleIntervals();
    const gauges = this.#gauges;
    const { values, integrals } = group;
    while (group.sinceUs < nowUs) {
      const interval = Math.floor(group.sinceUs / this.#intervalUs);
      const toUs = Math.min(nowUs, (interval + 1) * this.#intervalUs);
      const span = toUs - group.sinceUs;
      for (let g = 0, i = interval * gauges; g < gauges; g++, i++)
        integrals[i] = (integrals[i] ?? 0) + (values[g] ?? 0) * span;
      group.sinceUs = toUs;
    }
  }

  /** Group by group, interval by interval up to the end of the run. */
  each(
    endUs: Micros,
    visit: (group: NodeGroup, span: readonly [Micros, Micros], integrals: Float64Array) => void,
  ): void {
    const gauges = this.#gauges;
    for (const group of this.#groups) this.advance(group, endUs);
    for (const group of this.#groups)
      for (let i = 0; i * this.#intervalUs < endUs; i++) {
        const startUs = i * this.#intervalUs;
        const span = [startUs, Math.min(startUs + this.#intervalUs, endUs)] as const;
        visit(group, span, group.integrals.subarray(i * gauges, (i + 1) * gauges));
      }
  }

  #newGroup(first: string, last: string, sinceUs: Micros): NodeGroup {
    return {
      first,
      last,
      values: new Float64Array(this.#gauges),
      sinceUs,
      integrals: new Float64Array(this.#gauges * this.#grid.intervals),
    };
  }

  /** Pairs of intervals become one: integrals add up. */
  #doubleIntervals(): void {
    this.#intervalUs *= 2;
    const gauges = this.#gauges;
    const half = (this.#grid.intervals / 2) * gauges;
    for (const { integrals } of this.#groups) {
      for (let to = 0; to < half; to++) {
        const from = Math.floor(to / gauges) * 2 * gauges + (to % gauges);
        integrals[to] = (integrals[from] ?? 0) + (integrals[from + gauges] ?? 0);
      }
      integrals.fill(0, half);
    }
  }
}
