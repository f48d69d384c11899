/** What the user typed, as a value: nothing is run here, and nothing is read. */
import type { Argv, Options } from "yargs";
import type { Command, OptionTable, Parsed, PositionalTable } from "./command.ts";
import { findCommand, wordsOf } from "./find-command.ts";
import { commandList, overview, positionalUsage } from "./overview.ts";
import { UsageError } from "./usage-error.ts";
import { usageFault } from "./usage-fault.ts";

type Words = Parsed<PositionalTable, OptionTable>;

/** What is to be done. */
export type CommandLine =
  /** `--help` or `--version`: print the text, done. */
  | { readonly kind: "text"; readonly text: string }
  | ({ readonly kind: "command"; readonly command: Command } & Words);

/** What there is, and what help and version texts tell. */
export interface CommandLineFacts {
  readonly commands: readonly Command[];
  readonly version: string;
  /** Width to wrap at. */
  readonly columns: number;
}

/** Parses; throws UsageError with one line when the command line cannot be understood. */
export async function parseCommandLine(
  argv: readonly string[],
  facts: CommandLineFacts,
): Promise<CommandLine> {
  const found = findCommand(argv, facts.commands);
  if (found.kind === "command") return parseCommand(found.command, found.rest, facts);
  if (isHelpWanted(argv)) {
    const listed = found.kind === "family" ? found.members : facts.commands;
    return { kind: "text", text: overview(listed, facts.columns) };
  }
  if (argv.includes("--version")) return { kind: "text", text: `${facts.version}\n` };
  if (found.kind === "none") throw new UsageError("no command given");
  const seconds = found.members.map((member) => wordsOf(member)[1]).join(", ");
  throw new UsageError(`${found.word} wants a second word: ${seconds}`);
}

const isHelpWanted = (argv: readonly string[]): boolean =>
  argv.includes("--help") || argv.includes("-h");

async function parseCommand(
  command: Command,
  rest: readonly string[],
  facts: CommandLineFacts,
): Promise<CommandLine> {
  const { default: yargs } = await import("yargs");
  const isHelp = isHelpWanted(rest);
  const epilogue = isHelp ? await epilogueOf(command, facts) : "";
  let values: Readonly<Record<string, unknown>> = {};
  let printed = "";
  const [last, ...scriptWords] = [...wordsOf(command)].reverse();
  const parser = yargs()
    .scriptName(["stowage", ...scriptWords].join(" "))
    .locale("en")
    .wrap(facts.columns)
    .version(facts.version)
    .parserConfiguration({
      "dot-notation": false,
      "camel-case-expansion": false,
      "parse-positional-numbers": false,
      "boolean-negation": true,
    })
    .command(
      [last, ...positionalUsage(command)].join(" "),
      command.summary,
      (y: Argv) => describe(y, command, isHelp).epilogue(epilogue),
      (parsed) => {
        values = parsed;
      },
    )
    .strict()
    .help()
    .alias({ help: "h" })
    .exitProcess(false)
    .fail(false);
  const argv = [last ?? "", ...joinDashes(rest, command.options)];
  try {
    await parser.parseAsync(argv, {}, (_error, _parsed, output) => {
      printed = output;
    });
  } catch (error) {
    if (isBug(error)) throw error;
    const commandNames = facts.commands.map(({ name }) => name);
    const message = error instanceof Error ? error.message : String(error);
    throw usageFault(message, command, { argv: rest, commandNames });
  }
  if (printed !== "") return { kind: "text", text: `${printed}\n` };
  checkValues(values, command.options);
  return { kind: "command", command, ...wordsFrom(values, command) };
}

function describe(y: Argv, { positionals, options, examples }: Command, isHelp: boolean): Argv {
  let described = y;
  for (const [name, { takes, describe }] of Object.entries(positionals)) {
    described = described.positional(name, {
      type: "string",
      describe,
      ...(takes === "several" || takes === "any" ? { array: true } : {}),
      ...(takes === "several" || takes === "one" ? { demandOption: true } : {}),
    });
  }
  described = described.options(isHelp ? options : hidden(options));
  for (const example of examples) described = described.example(example, "");
  return described;
}

/**
 * The flags as help does not list them. yargs renders the help of a command whenever it runs one,
 * and measures every word of it: a noticeable part of a small run.
 */
const hidden = (options: OptionTable): Record<string, Options> =>
  Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, { ...option, hidden: true }]),
  );

/** The command's own epilogue, after the commands whose names go on where its name ends. */
async function epilogueOf(command: Command, facts: CommandLineFacts): Promise<string> {
  const longer = facts.commands.filter(({ name }) => name.startsWith(`${command.name} `));
  const more =
    longer.length === 0 ? "" : `Commands:\n${commandList(longer, longer, facts.columns)}\n`;
  return `${more}${(await command.epilogue?.()) ?? ""}`;
}

/** `--manifests -` as `--manifests=-`: to yargs a lone dash after a flag that takes a list is none. */
function joinDashes(argv: readonly string[], options: OptionTable): string[] {
  const words: string[] = [];
  for (const word of argv) {
    const flag = words.at(-1) ?? "";
    const takesList = flag.startsWith("--") && options[flag.slice(2)]?.array === true;
    if (word === "-" && takesList) words.splice(-1, 1, `${flag}=-`);
    else words.push(word);
  }
  return words;
}

/** yargs reports usage faults as plain Errors; what the engine throws is a bug of ours. */
const isBug = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

/** yargs lets NaN pass, and makes a list of a flag that is given twice. */
function checkValues(values: Readonly<Record<string, unknown>>, options: OptionTable): void {
  for (const [name, option] of Object.entries(options)) {
    const value = values[name];
    if (value === undefined) continue;
    if (Array.isArray(value) && option.array !== true) {
      throw new UsageError(`--${name} is given ${value.length} times; give it once`);
    }
    if (option.type === "number" && !Number.isFinite(value)) {
      throw new UsageError(`--${name} wants a number`);
    }
    if (value === "") throw new UsageError(`--${name} wants a value`);
  }
}

/** yargs' one object as positionals and flags. */
function wordsFrom(values: Readonly<Record<string, unknown>>, command: Command): Words {
  const positionals = Object.entries(command.positionals).map(([name, { takes }]) => {
    const isList = takes === "several" || takes === "any";
    return [name, values[name] ?? (isList ? [] : undefined)];
  });
  const flags = Object.keys(command.options).map((name) => [name, values[name]]);
  return { positionals: Object.fromEntries(positionals), flags: Object.fromEntries(flags) };
}
