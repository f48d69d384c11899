/** What yargs says about a command line, in our words. */
import { nearestName } from "../sim/kernel/index.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./usage-error.ts";

/** yargs' message in one line, with the name that was probably meant. */
export function usageFault(
  message: string,
  command: Command,
  { argv, commandNames }: { argv: readonly string[]; commandNames: readonly string[] },
): UsageError {
  const text = message.replace(/\s*\n\s*/g, " ").trim();
  const few = /^Not enough non-option arguments: got (\d+)/.exec(text);
  if (few !== null) {
    const missing = Object.values(command.positionals)[Number(few[1])];
    return new UsageError(`${command.name} wants ${missing?.wanted ?? "more words"}`);
  }
  const lacking = /^Not enough arguments following: (.*)$/.exec(text);
  if (lacking !== null) return new UsageError(`--${lacking[1]} wants a value`);
  const choice = /^Invalid values: Argument: (.*), Given: (".*"), Choices: (.*)$/.exec(text);
  if (choice !== null) {
    return new UsageError(`--${choice[1]}: got ${choice[2]}, want one of ${choice[3]}`);
  }
  const unknown = /^Unknown (?:arguments?|commands?): (.*)$/.exec(text);
  if (unknown === null) {
    return new UsageError(text.replace(/^[A-Z](?=[a-z])/, (c) => c.toLowerCase()));
  }
  const parts = (unknown[1] ?? "").split(", ").map((name) => {
    const isFlag = argv.some(
      (word) => word.startsWith("-") && word.replace(/^-+/, "").split("=")[0] === name,
    );
    return isFlag ? unknownFlag(name, command) : unknownArgument(name, commandNames);
  });
  return new UsageError([...new Set(parts)].join("; "));
}

function unknownFlag(name: string, command: Command): string {
  const near = nearestName(name, [...Object.keys(command.options), "help", "version"]);
  const dash = name.length === 1 ? "-" : "--";
  return `unknown flag ${dash}${name}${near === undefined ? "" : `, did you mean ${dash}${near}?`}`;
}

function unknownArgument(name: string, commandNames: readonly string[]): string {
  const near = nearestName(name, commandNames);
  return `unknown argument ${name}${near === undefined ? "" : `, did you mean ${near}?`}`;
}
