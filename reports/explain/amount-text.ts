/** Amounts of resources and times as people write them. */
import type { Micros } from "../../sim/kernel/index.ts";

/** Binary units, largest first. */
const UNITS = [
  ["Ti", 1_099_511_627_776],
  ["Gi", 1_073_741_824],
  ["Mi", 1_048_576],
  ["Ki", 1024],
] as const;

/** `500m`, `7`, `1.5Gi`, `3`: a number of cpu milli, bytes or units as a quantity, 2 decimals kept. */
export function quantityText(resource: string, amount: number): string {
  if (resource === "cpu") return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  if (!isBytes(resource)) return String(amount);
  const unit = UNITS.find(([, size]) => Math.abs(amount) >= size);
  if (unit === undefined) return String(amount);
  return `${trimmed(amount / unit[1])}${unit[0]}`;
}

const isBytes = (resource: string): boolean =>
  resource === "memory" || resource === "ephemeral-storage" || resource.startsWith("hugepages-");

/** Two decimals at most. */
function trimmed(value: number): string {
  const text = value.toFixed(2);
  return text.replace(/\.?0+$/, "");
}

/** `500m cpu`, `7 cpu`, `1.5Gi memory`, `1 pods` */
export const amountText = (resource: string, amount: number): string =>
  `${quantityText(resource, amount)} ${resource}`;

/** `12.003 s` */
export const secondsText = (us: Micros): string => `${(us / 1_000_000).toFixed(3)} s`;

/** `1 node`, `3 nodes` */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `n1, n2, ...` */
export const listed = (names: readonly string[], count: number = names.length): string =>
  names.join(", ") + (count > names.length ? ", ..." : "");
