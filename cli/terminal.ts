/**
 * Where the command line writes. Results go to `out`, everything about the way there (progress,
 * notices, errors) to `err`, so that a pipe gets results only.
 */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** True when `err` is a terminal: progress may redraw its line. */
  readonly isInteractive: boolean;
  /** Columns of the terminal, for wrapping help. */
  readonly columns: number;
}

/**
 * The real one. A reader that went away (`stowage ... | head`) ends the process quietly; a terminal
 * that hung up (EIO) gets nothing more, and SIGHUP ends the process.
 */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EIO") return;
      if (error.code !== "EPIPE") throw error;
      process.exit(process.exitCode ?? 0);
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isInteractive: process.stderr.isTTY === true,
    columns: Math.min(100, process.stdout.columns ?? 80),
  };
}
