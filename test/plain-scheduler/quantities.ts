/**
 * Resource quantities, as whole numbers of 10^-9: what apimachinery's resource.Quantity rounds to
 * (pkg/api/resource/quantity.go: up, away from zero).
 */
const SUFFIXES: Readonly<Record<string, readonly [factor: bigint, divisor: bigint]>> = {
  n: [1n, 1_000_000_000n],
  u: [1n, 1_000_000n],
  m: [1n, 1_000n],
  "": [1n, 1n],
  k: [1_000n, 1n],
  M: [1_000_000n, 1n],
  G: [1_000_000_000n, 1n],
  T: [1_000_000_000_000n, 1n],
  P: [1_000_000_000_000_000n, 1n],
  E: [1_000_000_000_000_000_000n, 1n],
  Ki: [1n << 10n, 1n],
  Mi: [1n << 20n, 1n],
  Gi: [1n << 30n, 1n],
  Ti: [1n << 40n, 1n],
  Pi: [1n << 50n, 1n],
  Ei: [1n << 60n, 1n],
};
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;
const NANO = 1_000_000_000n;
const MILLI = 1_000_000n;

/** In 10^-9 of the unit. */
export function parseQuantity(text: string | number): bigint {
  const [all, sign, whole, fraction = "", exponent = "0", suffix = ""] =
    PATTERN.exec(String(text)) ?? [];
  if (all === undefined) throw new Error(`not a quantity: ${text}`);
  const [factor, divisor] = SUFFIXES[suffix] ?? [1n, 1n];
  const power = Number(exponent) - fraction.length;
  const digits = BigInt(`${whole || "0"}${fraction}`) * (sign === "-" ? -1n : 1n);
  return divideUp(
    digits * factor * NANO * powerOfTen(Math.max(power, 0)),
    divisor * powerOfTen(Math.max(-power, 0)),
  );
}

const powerOfTen = (exponent: number): bigint => BigInt(`1${"0".repeat(exponent)}`);

/** Division that rounds away from zero. */
function divideUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (dividend % divisor === 0n) return quotient;
  return dividend > 0n ? quotient + 1n : quotient - 1n;
}

/** Quantity.Value: whole units, rounded up. */
export const unitsOf = (quantity: bigint): bigint => divideUp(quantity, NANO);

/** What the scheduler counts in: milli-CPU for cpu, whole units for all else. */
export const amountOf = (resource: string, quantity: bigint): number =>
  Number(resource === "cpu" ? divideUp(quantity, MILLI) : unitsOf(quantity));

/** schedutil.IsScalarResourceName, in pkg/scheduler/util/utils.go */
export const isScalarResource = (name: string): boolean =>
  name.includes("/") || name.startsWith("hugepages-") || name.startsWith("attachable-volumes-");

/** Resource.Add, in pkg/scheduler/framework/types.go, knows no other names. */
export const isCountedResource = (name: string): boolean =>
  name === "cpu" || name === "memory" || name === "ephemeral-storage" || isScalarResource(name);
