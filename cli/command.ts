/** A command of the command line, as the table in commands.ts holds it. */
import type { InferredOptionTypes, Options } from "yargs";
import type { ExitCode } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";

/** Headings of `stowage --help`, in their order. */
export const COMMAND_GROUPS = ["Run experiments:", "Look at results:", "Check:"] as const;

/** yargs' description of each flag, by name. Lists take one value per flag: `nargs: 1`. */
export type OptionTable = Readonly<Record<string, Options>>;

/** Words after the command's name, in their order. No name is a flag's too. */
export type PositionalTable = Readonly<Record<string, Positional>>;

export interface Positional {
  /** `one`: must be given; `optional`: may be; `several`: one or more; `any`: none or more. */
  readonly takes: "one" | "optional" | "several" | "any";
  readonly describe: string;
  /** Ends the message when it is missing: `timeline wants ` + "the output folder of a run". */
  readonly wanted: string;
}

type PositionalValue<P extends Positional> = P["takes"] extends "one"
  ? string
  : P["takes"] extends "optional"
    ? string | undefined
    : readonly string[];

/** What the user typed. A flag that is not given is undefined or absent. */
export interface Parsed<P extends PositionalTable, O extends OptionTable> {
  readonly positionals: { readonly [Name in keyof P]: PositionalValue<P[Name]> };
  readonly flags: InferredOptionTypes<O>;
}

/** What a command runs in. */
export interface CommandSurroundings {
  readonly terminal: Terminal;
  /** Of stowage. */
  readonly version: string;
  /** Aborted, with an Interruption, by the signals that stop the process. */
  readonly signal: AbortSignal;
  /** Show stacks of bugs. */
  readonly debug: boolean;
  /** Absolute; relative paths of the user start here. */
  readonly workingDirectory: string;
}

/**
 * One command. Loading its file must cost nothing: `run` and `epilogue` import what they need when
 * they are called.
 */
export interface Command<
  P extends PositionalTable = PositionalTable,
  O extends OptionTable = OptionTable,
> {
  /** One word, or two: `results query`. */
  readonly name: string;
  readonly group: (typeof COMMAND_GROUPS)[number];
  /** One line for help, without a full stop. */
  readonly summary: string;
  readonly positionals: P;
  readonly options: O;
  /** Whole command lines. */
  readonly examples: readonly string[];
  /** What the help ends with; asked for only when help is printed. */
  readonly epilogue?: () => Promise<string>;
  /** Throws InputError, UsageError or the signal's reason. */
  run(parsed: Parsed<P, O>, surroundings: CommandSurroundings): Promise<ExitCode>;
}

/** The command, with the types of its `run` inferred from its positionals and options. */
export const defineCommand = <const P extends PositionalTable, const O extends OptionTable>(
  command: Command<P, O>,
): Command => command as unknown as Command;
