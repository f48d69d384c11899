/**
 * The fast way from a quantity's text to the plain number that the simulator computes with.
 *
 * Hot: asked for every container of every pod. A cluster has few distinct texts ("500m", "2Gi"),
 * so parsed amounts are remembered by text. The memo holds nothing but what the text says, so it
 * is no state of a run; it is emptied when it is full.
 */
import { parseQuantity, type Quantity } from "./quantity.ts";

/** A parsed text: its amounts as numbers, or the error. */
interface Amount {
  readonly error: string;
  readonly quantity: Quantity | undefined;
  readonly sign: number;
  readonly units: number;
  readonly milli: number;
}

const MEMO_ENTRIES_MAX = 8192;
const memo = new Map<string, Amount>();

function amountOf(text: string): Amount {
  const known = memo.get(text);
  if (known !== undefined) return known;
  const parsed = parseQuantity(text);
  const amount: Amount =
    typeof parsed === "string"
      ? { error: parsed, quantity: undefined, sign: 0, units: 0, milli: 0 }
      : {
          error: "",
          quantity: parsed,
          sign: parsed.sign(),
          units: Number(parsed.value()),
          milli: Number(parsed.milliValue()),
        };
  if (memo.size >= MEMO_ENTRIES_MAX) memo.clear();
  memo.set(text, amount);
  return amount;
}

function valid(text: string): Amount {
  const amount = amountOf(text);
  if (amount.error !== "") throw new Error(`quantity "${text}" was not validated: ${amount.error}`);
  return amount;
}

/** CPU in whole milli-CPU, rounded up: `0.5` is 500. For validated texts; a bad one throws. */
export function cpuMilli(quantity: string): number {
  return valid(quantity).milli;
}

/**
 * Bytes, or pieces of any other countable resource, in whole units, rounded up: `1Ki` is 1024,
 * `0.5` is 1. Exact up to 2^53. For validated texts; a bad one throws.
 */
export function wholeUnits(quantity: string): number {
  return valid(quantity).units;
}

/** Bytes of a memory or storage quantity; see wholeUnits. */
export const bytes = wholeUnits;

/** Why the text is no quantity, in Kubernetes' own words; "" when it is one. */
export function quantityError(text: string): string {
  return amountOf(text).error;
}

/** -1, 0 or 1 as the quantity is below, at or above zero; 0 for a text that is none. */
export function quantitySign(text: string): number {
  return amountOf(text).sign;
}

/** Compares two valid quantities: -1, 0 or 1. */
export function compareQuantities(a: string, b: string): number {
  if (a === b) return 0;
  const x = amountOf(a).quantity;
  const y = amountOf(b).quantity;
  if (x === undefined || y === undefined) throw new Error(`cannot compare "${a}" with "${b}"`);
  return x.compare(y);
}

/** Whether the quantity is a whole number of units, as extended resources must be. */
export function isWholeQuantity(text: string): boolean {
  const quantity = amountOf(text).quantity;
  return quantity !== undefined && quantity.milliValue() % 1000n === 0n;
}
