/** `report`: the results of a folder as a page and figures. */
import { join, relative, resolve } from "node:path";
import type { SingleBar } from "cli-progress";
import { quotedWord } from "../library/surroundings/index.ts";
import {
  openResults,
  type ReportFormat,
  type ReportProgress,
  writeReport,
} from "../reports/index.ts";
import type { CommandSurroundings } from "./command.ts";
import type { ReportFlags } from "./commands/report.ts";
import type { Terminal } from "./terminal.ts";

/** Files that are listed by name; more are counted. */
const LISTED_MOST = 6;

/** Throws InputError or the signal's reason. */
export async function reportCommand(
  folder: string,
  flags: ReportFlags,
  { terminal, signal, workingDirectory }: CommandSurroundings,
): Promise<void> {
  const directory = resolve(workingDirectory, folder);
  const results = openResults(folder, directory);
  const out = resolve(workingDirectory, flags.out ?? join(directory, "report"));
  const bar = await progressBar(terminal, flags.quiet === true);
  try {
    const { paths } = await writeReport(results, {
      directory: out,
      command: reportWords(folder, flags),
      formats: flags.format as readonly ReportFormat[] | undefined,
      figures: flags.figure,
      scenarios: flags.scenario,
      onProgress: bar.update,
      breathe: () => new Promise(setImmediate),
      signal,
    });
    bar.stop();
    terminal.out(listed(paths.map((path) => shortPath(path, workingDirectory))));
  } finally {
    bar.stop();
  }
}

/** What makes the report again; figures and kinds of files are for the reader to choose. */
function reportWords(folder: string, { scenario = [] }: ReportFlags): string {
  const chosen = scenario.flatMap((name) => ["--scenario", name]);
  return ["stowage", "report", folder, ...chosen].map(quotedWord).join(" ");
}

function listed(paths: readonly string[]): string {
  const shown = paths.length <= LISTED_MOST ? paths : paths.slice(0, 1);
  const rest = paths.length - shown.length;
  const more = rest === 0 ? "" : `  and ${rest} files of figures beside it, in figures/\n`;
  return `Files:\n${shown.map((path) => `  ${path}\n`).join("")}${more}`;
}

interface Bar {
  update(progress: ReportProgress): void;
  stop(): void;
}

/** On a terminal only: elsewhere the work is too short to be told of. */
async function progressBar(terminal: Terminal, isQuiet: boolean): Promise<Bar> {
  if (isQuiet || !terminal.isInteractive) return { update: () => {}, stop: () => {} };
  const { SingleBar } = (await import("cli-progress")).default;
  const bar: SingleBar = new SingleBar({
    format: "{bar} {percentage}%  {step} {value}/{total}",
    barsize: 24,
    barCompleteChar: "#",
    barIncompleteChar: ".",
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
    fps: 10,
  });
  let shown: ReportProgress["step"] | undefined;
  return {
    update: ({ step, done, of }) => {
      if (shown !== step) bar.start(of, done, { step });
      shown = step;
      bar.update(done, { step });
    },
    stop: () => {
      if (shown !== undefined) bar.stop();
      shown = undefined;
    },
  };
}

/** Relative where that is shorter to read. */
function shortPath(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith("..") ? path : short;
}
