/** How far a set of runs is: a bar on a terminal, a line per finished run otherwise. */
import type { SingleBar } from "cli-progress";
import type { RunProgress } from "../bench/index.ts";
import type { Terminal } from "./terminal.ts";

export interface Progress {
  update(progress: RunProgress): void;
  /** A run is done; `detail` says what came out, in one line. */
  runDone(progress: RunProgress, detail: string): void;
  /** Something the user should know that is no error. */
  notice(text: string): void;
  stop(): void;
}

/** Says only notices: `--quiet`. */
export function quietProgress(terminal: Terminal): Progress {
  return {
    update: () => {},
    runDone: () => {},
    notice: (text) => terminal.err(`${text}\n`),
    stop: () => {},
  };
}

/** A line per finished run: for logs and pipes. */
export function lineProgress(terminal: Terminal): Progress {
  return {
    ...quietProgress(terminal),
    runDone: ({ run, runs, label }, detail) =>
      terminal.err(`run ${run}/${runs}  ${label}  ${detail}\n`),
  };
}

/** One bar over all runs, redrawn at most ten times a second. */
export async function barProgress(terminal: Terminal): Promise<Progress> {
  const { SingleBar } = (await import("cli-progress")).default;
  const bar: SingleBar = new SingleBar({
    format: "{bar} {percentage}%  run {run}/{runs}  {label}",
    barsize: 30,
    barCompleteChar: "#",
    barIncompleteChar: ".",
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false,
    fps: 10,
  });
  let isShown = false;
  const hide = (): void => {
    if (isShown) bar.stop();
    isShown = false;
  };
  const update = (progress: RunProgress): void => {
    const permille = Math.floor(((progress.run - 1 + progress.fraction) / progress.runs) * 1000);
    if (!isShown) bar.start(1000, permille, progress);
    isShown = true;
    bar.update(permille, progress);
  };
  const print = (text: string): void => {
    hide();
    terminal.err(`${text}\n`);
  };
  return {
    update,
    runDone: ({ run, runs, label }, detail) => print(`run ${run}/${runs}  ${label}  ${detail}`),
    notice: print,
    stop: hide,
  };
}
