/**
 * Quantity: a resource amount exactly as Kubernetes parses, compares, adds, subtracts and prints it.
 *
 * Source: staging/src/k8s.io/apimachinery/pkg/api/resource (quantity.go, amount.go, scale_int.go,
 * suffix.go) of v1.30. As there, an amount of up to 18 digits is kept as an integer with a decimal
 * scale, anything else as an arbitrary decimal rounded up to nano; which of the two it is shows
 * only in what `value()` and `milliValue()` make of numbers beyond 64 bits, and is reproduced.
 */

/** How a quantity was written, and so how it is printed. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

const FORMAT_WRONG =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_WRONG = "unable to parse quantity's suffix";

/** Decimal digits that always fit an int64: maxInt64Factors of math.go. */
const INT64_DIGITS = 18;
const NANO = -9;
const MAX_INT64 = (1n << 63n) - 1n;

/** Sign, digits, fraction, suffix, exponent: parseQuantityString of quantity.go as one expression. */
const PARTS = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

const DECIMAL_EXPONENT_OF: ReadonlyMap<string, number> = new Map([
  ["", 0],
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
]);
const DECIMAL_SUFFIX_OF: ReadonlyMap<number, string> = new Map(
  [...DECIMAL_EXPONENT_OF].map(([suffix, exponent]) => [exponent, suffix]),
);
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

export class Quantity {
  readonly format: QuantityFormat;
  /** The amount is `mantissa` times ten to the `scale`. */
  readonly mantissa: bigint;
  readonly scale: number;
  /** The amount is kept as an arbitrary decimal (inf.Dec), not as an int64 with a scale. */
  readonly isDecimal: boolean;
  /** The text it was parsed from, where Kubernetes reuses that as the printed form; else "". */
  readonly #text: string;

  constructor(
    mantissa: bigint,
    scale: number,
    format: QuantityFormat,
    isDecimal: boolean,
    text: string,
  ) {
    this.mantissa = mantissa;
    this.scale = scale;
    this.format = format;
    this.isDecimal = isDecimal;
    this.#text = text;
  }

  /** -1, 0 or 1. */
  sign(): -1 | 0 | 1 {
    return this.mantissa === 0n ? 0 : this.mantissa < 0n ? -1 : 1;
  }

  /** Whole units, rounded away from zero; wraps or drops to 0 beyond 64 bits as Kubernetes does. */
  value(): bigint {
    return this.#scaled(0);
  }

  /** Thousandths, rounded away from zero; beyond 64 bits as Kubernetes does. */
  milliValue(): bigint {
    return this.#scaled(-3);
  }

  /** -1, 0 or 1 as this is less than, equal to or greater than `other`; exact. */
  compare(other: Quantity): -1 | 0 | 1 {
    const scale = Math.min(this.scale, other.scale);
    const a = this.mantissa * pow10(this.scale - scale);
    const b = other.mantissa * pow10(other.scale - scale);
    return a === b ? 0 : a < b ? -1 : 1;
  }

  /** The sum; it has this format, or the other's where this is zero. */
  add(other: Quantity): Quantity {
    return this.#combine(other, 1n);
  }

  /** The difference; format as for `add`. */
  subtract(other: Quantity): Quantity {
    return this.#combine(other, -1n);
  }

  /** Exact decimal text as inf.Dec prints it: `0.100`, `1610612736.000000000`. */
  exact(): string {
    if (this.scale >= 0) return String(this.mantissa * pow10(this.scale));
    const digits = String(abs(this.mantissa)).padStart(1 - this.scale, "0");
    const point = digits.length + this.scale;
    return `${this.mantissa < 0n ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
  }

  /** The form that the API prints: no fraction, the largest suffix that loses nothing. */
  toString(): string {
    return this.#text !== "" ? this.#text : this.canonical();
  }

  /** CanonicalizeBytes of quantity.go: the printed form, whatever text this came from. */
  canonical(): string {
    if (this.mantissa === 0n) return "0";
    if (this.format === "BinarySI") {
      const [units, isExact] = roundUp(this.mantissa, -this.scale);
      // Small or fractional amounts are printed in decimal, so as not to round them.
      if (isExact && abs(units) >= 1024n) return binaryForm(units);
    }
    let [amount, exponent] = stripFactors(this.mantissa, 10n);
    exponent += this.scale;
    while (exponent % 3 !== 0) {
      amount *= 10n;
      exponent--;
    }
    if (this.format === "DecimalExponent") {
      return exponent === 0 ? String(amount) : `${amount}e${exponent}`;
    }
    return `${amount}${DECIMAL_SUFFIX_OF.get(exponent) ?? ""}`; // beyond E, Kubernetes drops it too
  }

  #combine(other: Quantity, sign: 1n | -1n): Quantity {
    const format = this.mantissa === 0n ? other.format : this.format;
    const isDecimal = this.isDecimal || other.isDecimal;
    if (!isDecimal && other.mantissa === 0n) {
      return new Quantity(this.mantissa, this.scale, format, false, "");
    }
    if (!isDecimal && this.mantissa === 0n) {
      return new Quantity(sign * other.mantissa, other.scale, format, false, "");
    }
    const scale = Math.min(this.scale, other.scale);
    const total =
      this.mantissa * pow10(this.scale - scale) +
      sign * other.mantissa * pow10(other.scale - scale);
    return new Quantity(total, scale, format, isDecimal || !fitsInt64(total), "");
  }

  /** ScaledValue of quantity.go: how many units of ten to the `scale`. */
  #scaled(scale: number): bigint {
    const drop = scale - this.scale;
    if (!this.isDecimal) {
      if (drop > 0) return roundUp(this.mantissa, drop)[0];
      const up = this.mantissa * pow10(-drop);
      // positiveScaleInt64: factors 10, 100, 1000, 10^6 and 10^9 wrap, others give 0.
      const wraps = drop >= -3 || drop === -6 || drop === -9;
      return fitsInt64(up) ? up : wraps ? asInt64(up) : 0n;
    }
    // scaledValue of scale_int.go, on the low 64 bits as there.
    if (drop <= 0) return asInt64(asInt64(this.mantissa) * pow10(-drop));
    const divisor = pow10(drop);
    if (this.mantissa < MAX_INT64 && drop < 19) {
      const low = asInt64(this.mantissa);
      return low % divisor === 0n ? low / divisor : low / divisor + 1n;
    }
    const quotient = this.mantissa / divisor;
    return asInt64(this.mantissa % divisor === 0n ? quotient : asInt64(quotient) + 1n);
  }
}

/** Parses a quantity. The result is a Quantity, or a string: the error in Kubernetes' own words. */
export function parseQuantity(text: string): Quantity | string {
  if (text === "") return FORMAT_WRONG;
  const parts = PARTS.exec(text);
  if (parts === null) return FORMAT_WRONG;
  const [, sign = "", digits = "", fraction = "", suffixText = ""] = parts;
  const suffix = parseSuffix(suffixText);
  if (suffix === undefined) return SUFFIX_WRONG;

  const num = digits === "" ? "0" : digits;
  const factor = suffix.format === "BinarySI" ? 1n << BigInt(suffix.exponent) : 1n;
  const unsigned = BigInt(num + fraction);
  const signed = sign === "-" ? -unsigned : unsigned;
  const decimalExponent = suffix.format === "BinarySI" ? 0 : suffix.exponent;
  const scale = decimalExponent - fraction.length;

  if (int64Headroom(num, fraction, suffix) >= 0 && scale >= NANO) {
    const reuse = isReusable(unsigned, num + fraction, scale, suffix);
    return new Quantity(signed * factor, scale, suffix.format, false, reuse ? text : "");
  }
  return decimalQuantity(signed * factor, scale, suffix.format);
}

/** Parses a quantity that validation has accepted; a bad one is a bug of the caller and throws. */
export function mustParseQuantity(text: string): Quantity {
  const quantity = parseQuantity(text);
  if (typeof quantity === "string")
    throw new Error(`quantity "${text}" was not validated: ${quantity}`);
  return quantity;
}

interface Suffix {
  readonly format: QuantityFormat;
  readonly exponent: number;
}

function parseSuffix(suffix: string): Suffix | undefined {
  const exponent = DECIMAL_EXPONENT_OF.get(suffix);
  if (exponent !== undefined) return { format: "DecimalSI", exponent };
  const binary = BINARY_SUFFIXES.indexOf(suffix);
  if (binary > 0) return { format: "BinarySI", exponent: binary * 10 };
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) return undefined;
  const parsed = Number(suffix.slice(1));
  // Kubernetes takes any 32-bit exponent; we refuse what no resource can mean and no memory holds.
  return Math.abs(parsed) <= 400 ? { format: "DecimalExponent", exponent: parsed } : undefined;
}

function int64Headroom(num: string, fraction: string, suffix: Suffix): number {
  if (suffix.format !== "BinarySI") return INT64_DIGITS - num.length - fraction.length;
  if (fraction !== "") return -1;
  return 15 - num.length - Math.trunc((suffix.exponent * 3) / 10) - 1;
}

/** Kubernetes prints the text as it was written when it believes it to be canonical already. */
function isReusable(value: bigint, shifted: string, scale: number, suffix: Suffix): boolean {
  if (suffix.format === "BinarySI") return (value & 7n) !== 0n;
  return scale % 3 === 0 && !shifted.endsWith("000") && !shifted.startsWith("0");
}

function decimalQuantity(amount: bigint, scale: number, format: QuantityFormat): Quantity {
  let mantissa = amount;
  let nano = scale;
  if (mantissa !== 0n) {
    // inf.Dec.Round brings the scale to exactly nano, with zeros where digits are missing.
    mantissa = scale < NANO ? roundUp(mantissa, NANO - scale)[0] : mantissa * pow10(scale - NANO);
    nano = NANO;
  }
  if (format === "BinarySI") {
    if (abs(mantissa) > MAX_INT64 * pow10(-nano)) {
      return new Quantity(mantissa < 0n ? -MAX_INT64 : MAX_INT64, 0, format, true, "");
    }
    if (mantissa !== 0n && abs(mantissa) < pow10(-nano)) {
      return new Quantity(mantissa, nano, "DecimalSI", true, "");
    }
  }
  return new Quantity(mantissa, nano, format, true, "");
}

function binaryForm(units: bigint): string {
  const [amount, times] = stripFactors(units, 1024n);
  return `${amount}${BINARY_SUFFIXES[times] ?? ""}`;
}

/** Divides by ten to the `places`, away from zero; the flag says whether nothing was lost. */
function roundUp(amount: bigint, places: number): [bigint, boolean] {
  if (places <= 0) return [amount * pow10(-places), true];
  const divisor = pow10(places);
  const quotient = amount / divisor;
  if (amount % divisor === 0n) return [quotient, true];
  return [amount < 0n ? quotient - 1n : quotient + 1n, false];
}

function stripFactors(amount: bigint, factor: bigint): [bigint, number] {
  let left = amount;
  let times = 0;
  while (left !== 0n && left % factor === 0n) {
    left /= factor;
    times++;
  }
  return [left, times];
}

const POWERS_OF_TEN: bigint[] = [1n];

/** Ten to the `exponent`, which is 0 or more. */
function pow10(exponent: number): bigint {
  for (let i = POWERS_OF_TEN.length; i <= exponent; i++) {
    POWERS_OF_TEN.push((POWERS_OF_TEN[i - 1] ?? 1n) * 10n);
  }
  return POWERS_OF_TEN[exponent] ?? 1n;
}

const abs = (n: bigint): bigint => (n < 0n ? -n : n);
const asInt64 = (n: bigint): bigint => BigInt.asIntN(64, n);
const fitsInt64 = (n: bigint): boolean => asInt64(n) === n;
