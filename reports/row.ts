/** Rows of a CSV file as plain cells. The pure recorders hand them to a sink; they know no file. */
import type { Micros } from "../sim/kernel/index.ts";

export type Cell = string | number | boolean;
export type Row = readonly Cell[];

/** Takes finished rows, in the order in which they belong in the file. It may keep them. */
export type RowSink = (row: Row) => void;

/** "Has not happened" in every time field of a record. */
export const NEVER = -1;

/**
 * Whole microseconds as seconds with six decimals, by integer arithmetic: exact, never in
 * scientific notation. NEVER is an empty cell.
 */
export function secondsCell(us: Micros): string {
  if (us < 0) return "";
  const fraction = us % 1_000_000;
  return `${(us - fraction) / 1_000_000}.${String(fraction).padStart(6, "0")}`;
}

/** Rounds to so many decimals (0..6); values too large to have decimals stay as they are. */
export function roundTo(value: number, decimals: number): number {
  const scale = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000][decimals] ?? 1;
  const scaled = value * scale;
  return Math.abs(scaled) < Number.MAX_SAFE_INTEGER ? Math.round(scaled) / scale : value;
}
