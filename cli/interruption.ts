/** Signals that tell the process to stop. */
import { ExitCode } from "./exit-code.ts";

/** Those that are handled, with the exit codes they lead to. */
export const interruptions = {
  SIGHUP: ExitCode.hangup,
  SIGINT: ExitCode.interrupted,
  SIGTERM: ExitCode.terminated,
} as const;

export type InterruptionSignal = keyof typeof interruptions;

/** Why a run was aborted: the reason of the AbortSignal. */
export class Interruption extends Error {
  readonly signal: InterruptionSignal;

  constructor(signal: InterruptionSignal) {
    super(`stopped by ${signal}`);
    this.name = "Interruption";
    this.signal = signal;
  }
}
