/** CsvWriter: rows into a CSV file, in batches, whole or not at all. */
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { outputError, PARTIAL_SUFFIX, publish } from "./output-directory.ts";
import type { Row, RowSink } from "./row.ts";

/** Rows turned into text at one time: csv-stringify is ten times slower row by row. */
const BATCH_ROWS = 1_000;

/**
 * Writes to `NAME.csv.partial`, which becomes `NAME.csv` on `publish`. RFC 4180 quoting, LF line
 * ends, booleans as true and false. A row that has not as many cells as there are columns is a
 * bug and throws; a file that cannot be written is an InputError.
 */
export class CsvWriter {
  readonly path: string;
  readonly #columns: readonly string[];
  #file: number | undefined;
  #batch: Row[] = [];

  constructor(directory: string, name: string, columns: readonly string[]) {
    this.path = join(directory, `${name}.csv`);
    this.#columns = columns;
    try {
      this.#file = openSync(this.path + PARTIAL_SUFFIX, "w");
    } catch (error) {
      throw outputError(this.path, error);
    }
    this.write(columns);
  }

  write(row: Row): void {
    if (row.length !== this.#columns.length)
      throw new Error(`${this.path}: ${row.length} cells for ${this.#columns.length} columns`);
    this.#batch.push(row);
    if (this.#batch.length >= BATCH_ROWS) this.#flush();
  }

  /** A sink whose rows get these cells in front: the columns of a file that several runs share. */
  sink(lead: Row = []): RowSink {
    return (row) => this.write([...lead, ...row]);
  }

  /** Writes the rest. The file is complete then, but has not got its name yet. */
  complete(): void {
    this.#flush();
    this.#closeFile();
  }

  /** Gives a complete file its name. */
  publish(): void {
    publish(this.path);
  }

  /** Leaves no trace of the file; an older file of the same name stays. Harmless after `publish`. */
  abort(): void {
    this.#batch = [];
    this.#closeFile();
    rmSync(this.path + PARTIAL_SUFFIX, { force: true });
  }

  #closeFile(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #flush(): void {
    if (this.#file === undefined) throw new Error(`${this.path} is closed`);
    const bytes = new TextEncoder().encode(stringify(this.#batch, { cast: { boolean: String } }));
    this.#batch = [];
    try {
      for (let sent = 0; sent < bytes.length; ) sent += writeSync(this.#file, bytes, sent);
    } catch (error) {
      throw outputError(this.path, error);
    }
  }
}
