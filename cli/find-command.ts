/** Which command the words of a command line name. */
import { nearestName } from "../sim/kernel/index.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./usage-error.ts";

/** What the words name. */
export type Found =
  /** A command; `rest` is what is left for it: the words without its name. */
  | { readonly kind: "command"; readonly command: Command; readonly rest: readonly string[] }
  /** The first word of commands of two words, and no second one. */
  | { readonly kind: "family"; readonly word: string; readonly members: readonly Command[] }
  | { readonly kind: "none" };

/**
 * Finds the command with the most words that are there. Flags may stand before it. Throws UsageError
 * when the first word is no flag and no command's.
 */
export function findCommand(argv: readonly string[], commands: readonly Command[]): Found {
  const firstWords = new Set(commands.map((command) => wordsOf(command)[0]));
  const start = argv[0]?.startsWith("-") ? argv.findIndex((word) => firstWords.has(word)) : 0;
  const word = argv[start];
  if (word === undefined) return { kind: "none" };
  if (!firstWords.has(word)) throw unknownCommand(word, [...commands.map(({ name }) => name)]);
  const words = argv.slice(start);
  const named = commands.filter((each) => wordsOf(each).every((part, i) => part === words[i]));
  const [command] = named.sort((a, b) => wordsOf(b).length - wordsOf(a).length);
  if (command !== undefined) {
    const rest = [...argv.slice(0, start), ...words.slice(wordsOf(command).length)];
    return { kind: "command", command, rest };
  }
  const members = commands.filter((each) => wordsOf(each)[0] === word);
  const next = words[1];
  if (next === undefined || next.startsWith("-")) return { kind: "family", word, members };
  throw unknownCommand(
    `${word} ${next}`,
    members.map(({ name }) => name),
  );
}

/** The words of a command's name: one or two. */
export const wordsOf = (command: Command): readonly string[] => command.name.split(" ");

function unknownCommand(typed: string, known: readonly string[]): UsageError {
  const near = nearestName(typed, known);
  const hint = near === undefined ? `, known: ${known.join(", ")}` : `, did you mean ${near}?`;
  return new UsageError(`unknown command ${typed}${hint}`);
}
