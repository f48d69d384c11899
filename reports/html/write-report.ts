/** Writes a report: the page, and every figure as SVG, PNG and CSV beside it. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { InputError, nearestName } from "../../sim/kernel/index.ts";
import {
  collectFigures,
  type DrawnFigure,
  type Figure,
  figurePainter,
  figureSections,
  pngPainter,
  policiesOf,
  type ScenarioRuns,
  scenariosOf,
} from "../figures/index.ts";
import { prepareOutputDirectory, removeFile, writeWhole } from "../output-directory.ts";
import type { Results } from "../results/index.ts";
import { FIGURE_FOLDER } from "./figure-block.ts";
import { reportPage } from "./page.ts";
import { type ReportFormat, reportFormats } from "./report-format.ts";

/** The page's file. */
export const REPORT_FILE = "index.html";

export interface ReportProgress {
  readonly step: "reading" | "drawing";
  readonly done: number;
  /** Runs to read, figures to draw. */
  readonly of: number;
}

export interface ReportOptions {
  /** Absolute; made if missing. */
  readonly directory: string;
  /** What makes the report again: `stowage report out`. */
  readonly command: string;
  /** All, if absent. */
  readonly formats?: readonly ReportFormat[] | undefined;
  /** Only these figures, by name, and no page; absent or empty: all. */
  readonly figures?: readonly string[] | undefined;
  /** Scenarios to draw, as the report names them; absent or empty: the first ones. */
  readonly scenarios?: readonly string[] | undefined;
  readonly onProgress?: ((progress: ReportProgress) => void) | undefined;
  /** Awaited between figures, so that the process can answer. */
  readonly breathe?: (() => Promise<unknown>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WrittenReport {
  /** Absolute, the page first. */
  readonly paths: readonly string[];
}

/**
 * The same results give the same bytes, on any machine. Throws InputError for a folder that cannot
 * be written, for results without runs, and for names of figures or scenarios that are not there.
 */
export async function writeReport(
  results: Results,
  options: ReportOptions,
): Promise<WrittenReport> {
  const { directory, signal, onProgress, command, formats = reportFormats } = options;
  if (results.runs.length === 0)
    throw new InputError(
      `${results.name}: no run has results yet, so there is nothing to report. Run the sweep first.`,
    );
  const scenarios = scenariosOf(results);
  const drawnScenarios = chosenScenarios(scenarios, results, options);
  const folder = join(directory, FIGURE_FOLDER);
  prepareOutputDirectory(directory);
  prepareOutputDirectory(folder);
  const all = await collectFigures(results, drawnScenarios, {
    signal,
    onProgress: (done, of) => onProgress?.({ step: "reading", done, of }),
  });
  const isWhole = (options.figures ?? []).length === 0;
  const wanted = isWhole ? all : chosenFigures(all, options.figures ?? []);
  const written = await drawFigures(wanted, { ...options, formats, folder });
  const { figures } = written;
  if (!isWhole) return { paths: written.paths };
  removeOthers(folder, written.paths);
  if (!formats.includes("html")) return { paths: written.paths };
  const page = join(directory, REPORT_FILE);
  writeWhole(page, reportPage({ results, scenarios, drawnScenarios, figures, command, formats }));
  return { paths: [page, ...written.paths] };
}

/** Policies times scenarios that a page has room for below 5 MB: the curves are what is large. */
const CURVES_MOST = 18;
const SCENARIOS_MOST = 6;

function chosenScenarios(
  all: readonly ScenarioRuns[],
  results: Results,
  { scenarios: names = [] }: ReportOptions,
): readonly ScenarioRuns[] {
  if (names.length === 0) {
    const room = Math.floor(CURVES_MOST / policiesOf(results.runs).length);
    return all.slice(0, Math.max(1, Math.min(SCENARIOS_MOST, room)));
  }
  return names.map((name) => {
    const labels = all.map(({ label }) => label);
    const found = all[labels.indexOf(name)];
    if (found === undefined) throw unknownName("scenario", name, labels);
    return found;
  });
}

function chosenFigures(all: readonly Figure[], names: readonly string[]): Figure[] {
  return names.map((name) => {
    const found = all.find((figure) => figure.name === name);
    if (found !== undefined) return found;
    throw unknownName(
      "figure",
      name,
      all.map((figure) => figure.name),
    );
  });
}

/** Names in a message. */
const NAMED_MOST = 12;

function unknownName(what: string, name: string, known: readonly string[]): InputError {
  const near = nearestName(name, known);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  const list = known.slice(0, NAMED_MOST).map((each) => `"${each}"`);
  const rest = known.length > NAMED_MOST ? `, and ${known.length - NAMED_MOST} more` : "";
  return new InputError(
    `no ${what} is called "${name}".${hint} There are ${list.join(", ")}${rest}.`,
  );
}

interface Drawing extends ReportOptions {
  readonly formats: readonly ReportFormat[];
  readonly folder: string;
}

async function drawFigures(
  figures: readonly Figure[],
  { formats, folder, signal, breathe, onProgress }: Drawing,
): Promise<{ readonly figures: DrawnFigure[]; readonly paths: string[] }> {
  const paint = await figurePainter();
  const paintPng = formats.includes("png") ? await pngPainter() : undefined;
  const drawn: DrawnFigure[] = [];
  const paths: string[] = [];
  const write = (name: string, content: string | Uint8Array): void => {
    const path = join(folder, name);
    writeWhole(path, content);
    paths.push(path);
  };
  // A PNG is painted by another thread while the next figure is drawn.
  let png: Promise<Uint8Array | undefined> = Promise.resolve(undefined);
  let pngName = "";
  const writePng = async (): Promise<void> => {
    const bytes = await png;
    if (bytes !== undefined) write(pngName, bytes);
  };
  for (const figure of figures) {
    signal?.throwIfAborted();
    const picture = await paint(figure);
    drawn.push(picture);
    await writePng();
    if (formats.includes("svg")) write(`${figure.name}.svg`, picture.svg);
    if (formats.includes("csv")) write(`${figure.name}.csv`, figureCsv(figure));
    if (paintPng !== undefined) png = paintPng(picture.svg);
    pngName = `${figure.name}.png`;
    onProgress?.({ step: "drawing", done: drawn.length, of: figures.length });
    await breathe?.();
  }
  await writePng();
  return { figures: drawn, paths };
}

const figureCsv = ({ columns, rows }: Figure): string =>
  stringify([columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))]);

/** Figures of an earlier report; other files in the folder are not touched. */
function removeOthers(folder: string, written: readonly string[]): void {
  if (!existsSync(folder)) return;
  const kept = new Set(written);
  const ours = new RegExp(`^(?:${figureSections.join("|")}|distribution)-.*\\.(?:svg|png|csv)$`);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (ours.test(name) && !kept.has(path)) removeFile(path);
  }
}
