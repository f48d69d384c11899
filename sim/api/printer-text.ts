/**
 * Texts in the columns of `kubectl get`.
 * Source: apimachinery/pkg/util/duration/duration.go and pkg/printers/internalversion of v1.30.
 */
import type { Micros } from "../kernel/index.ts";
import type { PrinterColumn } from "./kind.ts";
import { timestampUs } from "./metadata.ts";
import type { ApiObject } from "./objects.ts";

/** The AGE column, which every kind has. */
export const AGE: PrinterColumn<ApiObject> = {
  name: "AGE",
  value: ({ metadata }, nowUs) => since(metadata.creationTimestamp, nowUs),
};

/** Time since a timestamp in kubectl's short form; `<unknown>` where there is none. */
export function since(text: string | undefined, nowUs: Micros): string {
  if (text === undefined || text === "") return "<unknown>";
  return humanDuration(nowUs - timestampUs(text));
}

/** A span in kubectl's short form: `90s`, `5m30s`, `3h`, `2d4h`. */
export function humanDuration(spanUs: Micros): string {
  const seconds = Math.trunc(spanUs / 1_000_000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return pair(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return pair(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 192) return pair(days, "d", hours % 24, "h");
  if (days < 730) return `${days}d`;
  if (days < 2920) return pair(Math.trunc(days / 365), "y", days % 365, "d");
  return `${Math.trunc(days / 365)}y`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
