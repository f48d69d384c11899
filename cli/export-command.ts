/** `export`: a recorded run in the format of another tool. */
import { exportRun } from "../bench/export/index.ts";
import type { CommandSurroundings } from "./command.ts";
import type { ExportFlags } from "./commands/export.ts";
import { repeatHooks } from "./repeat-hooks.ts";
import { runChoice } from "./run-choice.ts";
import { timeFlag } from "./time-flag.ts";
import { UsageError } from "./usage-error.ts";

/** Repeats the run and writes it. Throws InputError, UsageError or the signal's reason. */
export async function exportCommand(
  run: string,
  flags: ExportFlags,
  surroundings: CommandSurroundings,
): Promise<void> {
  const { terminal, workingDirectory } = surroundings;
  const { format = "perfetto", out, requests, pods } = flags;
  refuseOtherFormats(format, flags);
  const exported = await exportRun(
    {
      ...runChoice(run, flags, workingDirectory),
      format,
      out: out === "-" ? (text) => terminal.out(text) : out,
      sinceUs: timeFlag("--since", flags.since),
      untilUs: timeFlag("--until", flags.until),
      intervalUs: timeFlag("--interval", flags.interval),
      requestShare: requests,
      perObject: pods,
    },
    repeatHooks(surroundings),
  );
  if (flags.quiet === true || exported.path === undefined) return;
  const { bytes, endUs, verifiedWrites } = exported;
  terminal.err(
    `${exported.path}: ${(bytes / 1e6).toFixed(1)} MB, ${exported.run} to ${endUs / 1e6} s; ` +
      `the first ${verifiedWrites} writes are the recorded ones\n`,
  );
}

/** A flag that would change nothing is a mistake. */
function refuseOtherFormats(format: string, { interval, pods, requests }: ExportFlags): void {
  const found = Object.entries(format === "perfetto" ? { interval, pods } : { requests }).find(
    ([, value]) => value !== undefined,
  );
  if (found === undefined) return;
  const other = format === "perfetto" ? "openmetrics" : "perfetto";
  throw new UsageError(`--${found[0]} is for --format ${other}, got --format ${format}`);
}
