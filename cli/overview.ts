/** The text of `stowage --help`: all commands by what they are for. */
import { COMMAND_GROUPS, type Command } from "./command.ts";

const INTRODUCTION = `Stowage simulates a Kubernetes cluster, event by event, to compare scheduling
policies. Same seed, same bytes.

Usage: stowage <command> [options]
`;

const REST = `
Options:
      --version  Show version number
  -h, --help     Show help

Examples:
  stowage compare --trace openb --policy default --policy ./mine.ts --seeds 3
  stowage run --nodes nodes.yaml --manifests pods.yaml --out out

stowage <command> --help tells more.
Exit codes: 0 done, 1 bad input or failed scenarios, 2 bad usage.
`;

/** Help without a command, at most `columns` wide; groups without commands are left out. */
export function overview(commands: readonly Command[], columns: number): string {
  const groups = COMMAND_GROUPS.map((group) => {
    const members = commands.filter((command) => command.group === group);
    return members.length === 0 ? "" : `\n${group}\n${commandList(members, commands, columns)}`;
  });
  return `${INTRODUCTION}${groups.join("")}${REST}`;
}

/** A line or more per command: how it is called, and what it does. As wide as all of `aligned`. */
export function commandList(
  listed: readonly Command[],
  aligned: readonly Command[],
  columns: number,
): string {
  const width = Math.max(...aligned.map((command) => usageOf(command).length));
  const indent = " ".repeat(width + 4);
  return listed
    .map((command) => {
      const summary = wrapped(command.summary, columns - indent.length).join(`\n${indent}`);
      return `  ${usageOf(command).padEnd(width)}  ${summary}\n`;
    })
    .join("");
}

const usageOf = (command: Command): string =>
  ["stowage", command.name, ...positionalUsage(command)].join(" ");

/** `<run>`, `[experiment]`, `<files..>`: what must be there, may be there, may repeat. */
export function positionalUsage({ positionals }: Command): readonly string[] {
  return Object.entries(positionals).map(([name, { takes }]) => {
    const inner = takes === "several" || takes === "any" ? `${name}..` : name;
    return takes === "one" || takes === "several" ? `<${inner}>` : `[${inner}]`;
  });
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines.splice(-1, 1, `${last} ${word}`);
  }
  return lines;
}
