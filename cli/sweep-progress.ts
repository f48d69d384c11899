/** How far a sweep is: a live line on a terminal, a line now and then otherwise. */
import type { SingleBar } from "cli-progress";
import type { SweepProgress } from "../bench/sweep/index.ts";
import type { Terminal } from "./terminal.ts";

export interface SweepView {
  update(progress: SweepProgress): void;
  /** A run failed. */
  failed(label: string, message: string): void;
  notice(text: string): void;
  stop(): void;
}

/** Milliseconds between two lines in a log. */
const LINE_EVERY_MS = 5_000;

/** `isQuiet`: failures and notices only. */
export async function sweepView(terminal: Terminal, isQuiet: boolean): Promise<SweepView> {
  if (isQuiet) return plainView(terminal, () => {});
  if (terminal.isInteractive) return barView(terminal);
  const pace = new Pace();
  let saidMs = performance.now();
  let said = -1;
  return plainView(terminal, (progress) => {
    pace.note(progress);
    const over = progress.done + progress.failed;
    const isDue = performance.now() - saidMs >= LINE_EVERY_MS || over === progress.runs;
    if (!isDue || over === said) return;
    saidMs = performance.now();
    said = over;
    terminal.err(`${countsText(progress)}${pace.leftText(progress)}\n`);
  });
}

function plainView(terminal: Terminal, update: SweepView["update"]): SweepView {
  return {
    update,
    failed: (label, message) => terminal.err(`failed: ${label}: ${message}\n`),
    notice: (text) => terminal.err(`${text}\n`),
    stop: () => {},
  };
}

async function barView(terminal: Terminal): Promise<SweepView> {
  const { SingleBar } = (await import("cli-progress")).default;
  const bar: SingleBar = new SingleBar({
    format: "{bar} {percentage}%  {counts}{left}",
    barsize: 24,
    barCompleteChar: "#",
    barIncompleteChar: ".",
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
    fps: 5,
  });
  const pace = new Pace();
  let isShown = false;
  const hide = (): void => {
    if (isShown) bar.stop();
    isShown = false;
  };
  const print = (text: string): void => {
    hide();
    terminal.err(`${text}\n`);
  };
  return {
    update: (progress) => {
      pace.note(progress);
      const permille = Math.floor(shareDone(progress) * 1000);
      const texts = { counts: countsText(progress), left: pace.leftText(progress) };
      if (!isShown) bar.start(1000, permille, texts);
      isShown = true;
      bar.update(permille, texts);
    },
    failed: (label, message) => print(`failed: ${label}: ${message}`),
    notice: print,
    stop: hide,
  };
}

/** `12/80 done, 2 running, 66 left, 0 failed` */
export function countsText({ runs, done, failed, running }: SweepProgress): string {
  const left = runs - done - failed - running.size;
  return `${done}/${runs} done, ${running.size} running, ${left} left, ${failed} failed`;
}

/** Share of the whole that is done, those under way counted by their parts. */
function shareDone({ runs, done, failed, running }: SweepProgress): number {
  let parts = done + failed;
  for (const fraction of running.values()) parts += fraction;
  return runs === 0 ? 1 : Math.min(1, parts / runs);
}

/** Guesses the time that is left from what this process has done so far. Wall clock: shown only. */
class Pace {
  readonly #startMs = performance.now();
  #startShare: number | undefined;

  note(progress: SweepProgress): void {
    this.#startShare ??= shareDone(progress);
  }

  leftText(progress: SweepProgress): string {
    const share = shareDone(progress);
    const gained = share - (this.#startShare ?? 0);
    if (gained <= 0 || share >= 1) return "";
    const tookMs = performance.now() - this.#startMs;
    return `, about ${durationText((tookMs / gained) * (1 - share))} left`;
  }
}

/** `45 s`, `12 min`, `3.4 h`: as exact as a guess deserves. */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 99) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 99 * 60) return `${Math.round(seconds / 60)} min`;
  const hours = seconds / 3600;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${Math.round(hours / 24)} days`;
}
