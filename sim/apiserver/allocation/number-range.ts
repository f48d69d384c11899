/**
 * NumberRange: numbers to be given out, addresses or ports, from a dynamic band that is preferred
 * and a static band below it that is left to those who ask for a certain number.
 *
 * Source: pkg/registry/core/service/allocator/bitmap.go (randomScanStrategyWithOffset) and KEP-3070.
 */
import { InputError } from "../../kernel/index.ts";

export interface NumberRange {
  readonly first: number;
  readonly last: number;
  /** First number of the dynamic band; `first` when there is no static one. */
  readonly dynamic: number;
  /** As messages show it. */
  readonly text: string;
}

/**
 * The addresses of an IPv4 range but its first and its last one. The static band has a sixteenth of
 * them, 16 to 256 (calculateRangeOffset of pkg/registry/core/service/ipallocator).
 * Throws InputError when the text is no range of 4 addresses or more.
 */
export function addressRange(text: string, where: string): NumberRange {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text);
  const base = addressNumber(match?.[1] ?? "");
  const bits = Number(match?.[2] ?? "99");
  if (base < 0 || bits > 30 || bits < 8)
    throw new InputError(
      `${where}: got "${text}", want an IPv4 range from /8 to /30, such as 10.96.0.0/12.`,
    );
  let size = 1;
  for (let i = bits; i < 32; i++) size *= 2;
  const first = base - (base % size) + 1;
  return { first, last: first + size - 3, dynamic: first + band(size, 16, 256), text };
}

/**
 * Ports, both ends included. The static band has a thirty-second of them, 16 to 128
 * (pkg/registry/core/service/portallocator). Throws InputError when the text is no range of ports.
 */
export function portRange(text: string, where: string): NumberRange {
  const match = /^(\d+)-(\d+)$/.exec(text);
  const [first, last] = [Number(match?.[1] ?? "0"), Number(match?.[2] ?? "0")];
  if (first < 1 || last > 65_535 || first > last)
    throw new InputError(`${where}: got "${text}", want a range of ports, such as 30000-32767.`);
  return { first, last, dynamic: first + band(last - first + 1, 32, 128), text };
}

const BAND_MIN = 16;

function band(size: number, step: number, max: number): number {
  if (size < BAND_MIN) return 0;
  return Math.min(Math.max(BAND_MIN, Math.floor(size / step)), max);
}

/** The next free number from a place that `uniform` in [0, 1) chooses; -1: all are taken. */
export function nextFree(
  { first, last, dynamic }: NumberRange,
  isTaken: (number: number) => boolean,
  uniform: number,
): number {
  const found = freeFrom(dynamic, last, isTaken, uniform);
  return found >= 0 ? found : freeFrom(first, dynamic - 1, isTaken, uniform);
}

function freeFrom(
  first: number,
  last: number,
  isTaken: (number: number) => boolean,
  uniform: number,
): number {
  const size = last - first + 1;
  const start = Math.floor(uniform * size);
  for (let i = 0; i < size; i++) {
    const number = first + ((start + i) % size);
    if (!isTaken(number)) return number;
  }
  return -1;
}

/** An IPv4 address as a number; -1: it is none. */
export function addressNumber(text: string): number {
  const parts = text.split(".");
  if (parts.length !== 4) return -1;
  let number = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return -1;
    number = number * 256 + Number(part);
  }
  return number;
}

export function addressText(number: number): string {
  const parts: number[] = [];
  for (let rest = number, i = 0; i < 4; i++) {
    parts.unshift(rest % 256);
    rest = Math.floor(rest / 256);
  }
  return parts.join(".");
}
