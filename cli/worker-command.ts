/** `stowage worker`: runs the runs of sweeps with --queue. */
import { resolve } from "node:path";
import { threadExecutor, workQueue } from "../bench/sweep/index.ts";
import { sweepThreadFile, userCodeHooks } from "../library/surroundings/index.ts";
import type { CommandSurroundings } from "./command.ts";
import type { WorkerFlags } from "./commands/worker.ts";
import { ExitCode } from "./exit-code.ts";
import { wholeFlag } from "./sweep-command.ts";
import { DEFAULT_MEMORY_MB, defaultWorkers } from "./sweep-options.ts";

/** Ends well when it is told to stop: its runs go back to the queue. */
export async function workerCommand(
  flags: WorkerFlags,
  { terminal, version, signal, workingDirectory }: CommandSurroundings,
): Promise<ExitCode> {
  const url = flags.queue ?? "redis://localhost:6379";
  const say = (text: string): void => {
    if (flags.quiet !== true) terminal.err(`${text}\n`);
  };
  const executor = threadExecutor({
    workerFile: sweepThreadFile(),
    threads: wholeFlag("--workers", flags.workers, defaultWorkers()),
    memoryMb: wholeFlag("--memory", flags.memory, DEFAULT_MEMORY_MB),
  });
  try {
    say(`waiting for runs at ${url.replace(/\/\/[^@/]*@/, "//")}`);
    await workQueue(
      {
        url,
        executor,
        inputs: flags.inputs === undefined ? undefined : resolve(workingDirectory, flags.inputs),
        untilEmpty: flags["until-empty"] === true,
        onRunDone: (label, message) =>
          say(message === undefined ? `done: ${label}` : `failed: ${label}: ${message}`),
        notice: say,
      },
      { version, ...userCodeHooks(), notice: () => {}, signal },
    );
  } finally {
    await executor.close();
  }
  return ExitCode.ok;
}
