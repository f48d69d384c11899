/** Reads CSV files row by row, with the line that each row stands on. */
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { InputError, nearestName } from "../sim/kernel/index.ts";
import type { TextFile } from "./text-file.ts";

/** One row. `cell` gives "" for an empty cell and for a column that the file does not have. */
export class CsvRow {
  readonly file: string;
  /** Line of the file, from 1; the last one of a row that spans several. */
  readonly line: number;
  readonly cells: readonly string[];
  readonly columns: ReadonlyMap<string, number>;

  constructor(
    file: string,
    line: number,
    cells: readonly string[],
    columns: ReadonlyMap<string, number>,
  ) {
    this.file = file;
    this.line = line;
    this.cells = cells;
    this.columns = columns;
  }

  get place(): string {
    return `${this.file}:${this.line}`;
  }

  cell(column: string): string {
    return this.cells[this.columns.get(column) ?? -1] ?? "";
  }

  /** A fault when the row has more or fewer cells than the header. */
  get lengthFault(): string | undefined {
    if (this.cells.length === this.columns.size) return undefined;
    return `${this.place}: got ${this.cells.length} fields, want ${this.columns.size} as in the header`;
  }
}

/**
 * The rows below the header line, as they are asked for; empty lines are skipped. InputError when
 * the header lacks one of `required` or names a column twice, and on a quote that is never closed.
 */
export async function* readCsv(file: TextFile, required: readonly string[]): AsyncIterable<CsvRow> {
  const parser = parse({ info: true, relax_column_count: true, skip_empty_lines: true, bom: true });
  const records = pipeline(Readable.from(file.chunks()), parser, () => {});
  let columns: ReadonlyMap<string, number> | undefined;
  try {
    for await (const { record, info } of records as AsyncIterable<CsvRecord>) {
      if (columns === undefined) columns = readHeader(file.name, info.lines, record, required);
      else yield new CsvRow(file.name, info.lines, record, columns);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = String((error as { lines?: number }).lines ?? "?");
    throw new InputError(`${file.name}:${line}: ${error.message}. Fix the quotes in the file.`);
  }
  if (columns === undefined)
    throw new InputError(
      `${file.name}: is empty, want a header line. Check that it is the right file.`,
    );
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function readHeader(
  file: string,
  line: number,
  names: readonly string[],
  required: readonly string[],
): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    if (columns.has(name))
      throw new InputError(`${file}:${line}: column "${name}" occurs twice. Rename or remove one.`);
    columns.set(name, i);
  }
  for (const name of required) {
    if (columns.has(name)) continue;
    const near = nearestName(
      name,
      names.filter((known) => !required.includes(known)),
    );
    const meant =
      near === undefined ? `The header has: ${names.join(", ")}.` : `Is "${near}" it? Rename it.`;
    throw new InputError(`${file}:${line}: the header has no column "${name}". ${meant}`);
  }
  return columns;
}
