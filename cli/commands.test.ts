import { describe, expect, test } from "vitest";
import { COMMAND_GROUPS } from "./command.ts";
import { commands } from "./commands.ts";
import { parseCommandLine } from "./parse-command-line.ts";

const facts = { version: "1.2.3", columns: 80, commands };

/** As a shell would, but for quotes within a word. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");

describe("the table of commands", () => {
  test("has each name once, and only groups that help lists", () => {
    const names = commands.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { group } of commands) expect(COMMAND_GROUPS).toContain(group);
  });

  test.each(commands.map((command) => [command.name, command] as const))(
    "%s has examples that mean it",
    async (name, { examples }) => {
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        const [script, ...argv] = wordsOf(example);
        expect(script).toBe("stowage");
        const commandLine = await parseCommandLine(argv, facts);
        expect(commandLine).toMatchObject({ kind: "command", command: { name } });
      }
    },
  );

  test.each(commands.map((command) => [command.name, command] as const))(
    "%s has words of different names, and one place for the words that repeat",
    (_name, { positionals, options }) => {
      for (const name of Object.keys(positionals)) expect(options).not.toHaveProperty([name]);
      const takes = Object.values(positionals).map((positional) => positional.takes);
      for (const each of takes.slice(0, -1)) expect(each).toBe("one");
    },
  );

  test.each(commands.map((command) => [command.name, command] as const))(
    "%s has help that fits 80 columns and groups every flag",
    async (name, { options }) => {
      const commandLine = await parseCommandLine([...name.split(" "), "--help"], facts);
      const text = commandLine.kind === "text" ? commandLine.text : "";
      for (const flag of Object.keys(options)) expect(text).toContain(`--${flag}`);
      for (const option of Object.values(options)) expect(text).toContain(`\n${option.group}\n`);
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    },
  );
});
