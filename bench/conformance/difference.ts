/** A difference between what was recorded and what the scheduler under test did. */
import type { ExpectedStatus } from "./scenario.ts";

export interface Difference {
  /** Field of the expected step. */
  readonly field: string;
  /** "" where no single plugin, or no single node, is concerned. */
  readonly plugin: string;
  readonly node: string;
  readonly expected: string;
  readonly got: string;
}

/** Which plugin and node a comparison is about. */
export interface Place {
  readonly plugin?: string | undefined;
  readonly node?: string;
}

export function difference(
  field: string,
  expected: unknown,
  got: unknown,
  { plugin = "", node = "" }: Place = {},
): Difference {
  return { field, plugin, node, expected: textOf(expected), got: textOf(got) };
}

/** One comparison of plain values; `expected` undefined: none. */
export function* compare(
  field: string,
  expected: unknown,
  got: unknown,
  place: Place = {},
): Generator<Difference> {
  if (expected !== undefined && textOf(expected) !== textOf(got)) {
    yield difference(field, expected, got, place);
  }
}

/** A status, or undefined where there is none: `missing` says what that means. */
export function* compareStatus(
  field: string,
  expected: ExpectedStatus | undefined,
  got: ExpectedStatus | undefined,
  { missing, node = "" }: { readonly missing: string; readonly node?: string },
): Generator<Difference> {
  const wanted = expected === undefined ? missing : statusText(expected);
  const found = got === undefined ? missing : statusText(got);
  if (wanted !== found) {
    const plugin = expected?.plugin || got?.plugin;
    yield difference(field, new Plain(wanted), new Plain(found), { plugin, node });
  }
}

/** Words of ours, shown without quotes. */
export class Plain {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function statusText({ plugin, code, reasons }: ExpectedStatus): string {
  const sorted = JSON.stringify([...reasons].sort());
  return plugin ? `${plugin} ${code} ${sorted}` : `${code} ${sorted}`;
}

function textOf(value: unknown): string {
  if (value instanceof Plain) return value.text;
  return JSON.stringify(value) ?? "nothing";
}
