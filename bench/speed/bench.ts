/** What a speed bench is. Each room adds a file here and a line in `main.ts`. */

export interface BenchSettings {
  /** A smoke run of seconds; its figures are rough. */
  readonly isQuick: boolean;
  /** Whether a row is wanted: rows that are not need not be measured. */
  wants(label: string): boolean;
}

/** One printed row: a text per column. */
export type BenchRow = readonly string[];

export interface Bench {
  /** Printed above its table; `main.js NAME` runs those whose name contains NAME. */
  readonly name: string;
  readonly columns: readonly string[];
  run(settings: BenchSettings): Promise<readonly BenchRow[]>;
}
