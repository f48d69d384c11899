/**
 * Files of counts: `counts(file=azure.csv, row=NAME, unit=1m)`, a CSV file with a header line.
 *
 * Columns whose names are whole numbers are the minutes, in order of their numbers, as in the Azure
 * Functions trace of 2019 (HashOwner, HashApp, HashFunction, Trigger, 1 .. 1440); its rows are added
 * up, or with `row` those that have a cell with just this text. Otherwise the column `count` is the
 * series, one row per minute.
 */
import { InputError } from "../sim/kernel/index.ts";
import { ProcessForm } from "../sim/network/index.ts";
import { type CsvRow, InputText, readCsv } from "../workloads/index.ts";
import { namesCountsFile } from "./setting-checks.ts";

/** The arrivals with the file's counts in place of its name; others as they are. Rejects with InputError. */
export async function resolveCounts(text: string, base: string, where: string): Promise<string> {
  if (!namesCountsFile(text)) return text;
  const form = new ProcessForm(text, where);
  form.expect(["file"], ["row", "unit"], "counts(file=counts.csv, row=NAME, unit=1m)");
  if (form.has("unit")) form.positiveSpan("unit");
  const file = await InputText.open(form.text("file"), base);
  const row = form.has("row") ? form.text("row") : undefined;
  const series = await seriesOf(readCsv(file, []), row, `${where}: ${file.name}`);
  if (!series.some((count) => count > 0))
    throw new InputError(`${where}: ${file.name}: got no count above 0, want one at least.`);
  const unit = form.has("unit") ? `, unit=${form.text("unit")}` : "";
  return `counts([${series.join(", ")}]${unit})`;
}

async function seriesOf(
  rows: AsyncIterable<CsvRow>,
  wanted: string | undefined,
  where: string,
): Promise<number[]> {
  const series: number[] = [];
  const seen: string[] = [];
  let isFound = false;
  for await (const row of rows) {
    if (row.lengthFault !== undefined) throw new InputError(`${row.lengthFault}. Fix the row.`);
    if (wanted !== undefined && !row.cells.includes(wanted)) {
      if (seen.length < 3) seen.push(row.cells[0] ?? "");
      continue;
    }
    isFound = true;
    const minutes = minutesOf(row);
    if (minutes.length === 0) series.push(countOf(row, "count", where));
    for (const [i, column] of minutes.entries())
      series[i] = (series[i] ?? 0) + countOf(row, column, where);
  }
  if (isFound) return series;
  throw new InputError(
    wanted === undefined
      ? `${where}: has no row below its header, want counts.`
      : `${where}: got row=${wanted}, and no row has such a cell. Its rows begin with: ${seen.join(", ")}.`,
  );
}

const minutesByHeader = new WeakMap<ReadonlyMap<string, number>, readonly string[]>();

/** The columns that are minutes, in order of their numbers. */
function minutesOf({ columns }: CsvRow): readonly string[] {
  let minutes = minutesByHeader.get(columns);
  if (minutes === undefined) {
    minutes = [...columns.keys()]
      .filter((name) => /^\d+$/.test(name))
      .sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
    minutesByHeader.set(columns, minutes);
  }
  return minutes;
}

function countOf(row: CsvRow, column: string, where: string): number {
  if (!row.columns.has(column))
    throw new InputError(
      `${where}: got neither a column "${column}" nor columns named by minutes (1, 2, ...), want ` +
        "one of these. Rename the column.",
    );
  const text = row.cell(column).trim();
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InputError(
    `${row.place}: ${column}: got "${text}", want a whole number of requests, 0 or more.`,
  );
}
