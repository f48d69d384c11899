/** Exit codes of the command line, documented in docs/cli.md. */
export const ExitCode = {
  ok: 0,
  /** The user's input is wrong: one message says where, what was found, what was wanted. */
  input: 1,
  /** `conformance`: scenarios came out otherwise than recorded. */
  failed: 1,
  /** The command line is wrong: unknown flag, command or value. */
  usage: 2,
  /** A bug of ours: EX_SOFTWARE of sysexits.h. */
  bug: 70,
  /** Stopped by SIGHUP, SIGINT or SIGTERM: 128 and the signal's number, as shells count. */
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
