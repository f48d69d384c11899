/** Figures as people read them: three significant digits, a unit that fits. */
import type { MetricUnit } from "../summary-metrics.ts";

export const MINUS = "−";
export const PLUS_MINUS = "±";

interface Scale {
  readonly factor: number;
  readonly suffix: string;
}

const timeScales: readonly (Scale & { readonly from: number })[] = [
  { from: 172_800, factor: 1 / 86_400, suffix: " d" },
  { from: 7_200, factor: 1 / 3_600, suffix: " h" },
  { from: 300, factor: 1 / 60, suffix: " min" },
  { from: 1, factor: 1, suffix: " s" },
  { from: 0.001, factor: 1_000, suffix: " ms" },
  { from: 0, factor: 1_000_000, suffix: " µs" },
];

/** The unit in which a value of this size is best read. */
export function scaleFor(size: number, unit: MetricUnit): Scale {
  if (unit === "share") return { factor: 100, suffix: " %" };
  if (unit === "per_s") return { factor: 1, suffix: " /s" };
  if (unit !== "s") return { factor: 1, suffix: "" };
  if (size === 0) return { factor: 1, suffix: " s" };
  const found = timeScales.find(({ from }) => Math.abs(size) >= from);
  return { factor: found?.factor ?? 1, suffix: found?.suffix ?? " s" };
}

/** `6.29 s`, `84.0 %`, `12,345`. */
export function quantity(value: number | undefined, unit: MetricUnit): string {
  if (value === undefined) return "–";
  const { factor, suffix } = scaleFor(value, unit);
  return digits(value * factor, unit === "count" && Number.isInteger(value)) + suffix;
}

/** `6.29 ±0.02 s`; without a spread, or with one of zero, as `quantity`. */
export function withSpread(
  mean: number | undefined,
  spread: number | undefined,
  unit: MetricUnit,
): string {
  if (mean === undefined || spread === undefined) return quantity(mean, unit);
  const { factor, suffix } = scaleFor(mean, unit);
  const decimals = Math.max(
    decimalsOf(mean * factor),
    Math.min(4, decimalsOf(spread * factor) - 1),
  );
  const shown = fixed(mean * factor, decimals);
  return `${shown} ${PLUS_MINUS}${fixed(spread * factor, decimals)}${suffix}`;
}

/** A difference, with its sign. */
export function signed(value: number, unit: MetricUnit): string {
  const { factor, suffix } = scaleFor(value, unit);
  const size = digits(Math.abs(value) * factor, false);
  const points = unit === "share" ? " points" : suffix;
  if (Number(size.replaceAll(",", "")) === 0) return `0${points}`;
  return `${value < 0 ? MINUS : "+"}${size}${points}`;
}

/** Three significant digits, thousands apart; whole numbers as they are when `isWhole`. */
export function digits(value: number, isWhole: boolean): string {
  return fixed(value, isWhole ? 0 : decimalsOf(value));
}

function decimalsOf(value: number): number {
  const size = Math.abs(value);
  if (size >= 99.95 || size === 0) return size === 0 ? 0 : size >= 999.5 ? 0 : 1;
  if (size >= 9.995) return 1;
  if (size >= 0.9995) return 2;
  return size >= 0.01 ? 3 : 4;
}

function fixed(value: number, decimals: number): string {
  const [whole = "", fraction] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}
