/** A published figure, and what a simulated one beside it means. */

/** How a published figure is used: the configuration has to give it, or one constant was fitted to it, or neither. */
export type Use = "definition" | "fitted" | "predicted";

export type Unit = "s" | "ms" | "us" | "/s" | "bytes" | "share" | "times";

export interface Figure {
  readonly value: number;
  readonly unit: Unit;
  /** What the value is: a measured one, or a limit that was kept. */
  readonly bound: "about" | "at most" | "at least";
  readonly use: Use;
  /** Where it is published. */
  readonly source: string;
}

/** One line of a table. */
export interface FidelityRow {
  readonly what: string;
  /** In the figure's unit. */
  readonly simulated: number;
  readonly published: Figure;
}

export interface FidelityTable {
  readonly title: string;
  /** What was run, and what has to be known to read the rows. */
  readonly note: string;
  readonly rows: readonly FidelityRow[];
}

/** A definition has to come out this nearly. */
const EXACT = 1.02;
/** Factors within which a simulated value agrees with a measured one, or is near it. Our choice. */
const AGREES = 1.25;
const NEAR = 2;

/** Simulated / published. */
export function ratio({ simulated, published }: FidelityRow): number {
  return simulated / published.value;
}

/** What the row says, in a word or two. */
export function verdict(row: FidelityRow): string {
  const { bound, use } = row.published;
  const times = ratio(row);
  if (bound === "at most") return times <= 1 ? "kept" : "exceeded";
  if (bound === "at least") return times >= 1 ? "reached" : "missed";
  const off = Math.max(times, 1 / times);
  if (use === "definition") return off <= EXACT ? "equal" : "differs";
  if (off <= AGREES) return "agrees";
  if (off <= NEAR) return "near";
  return times > 1 ? "too high" : "too low";
}
