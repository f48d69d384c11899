import { describe, expect, test } from "vitest";
import { type Command, defineCommand } from "./command.ts";
import { commands } from "./commands.ts";
import { ExitCode } from "./exit-code.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import { UsageError } from "./usage-error.ts";

const facts = { version: "1.2.3", columns: 80, commands };
const parse = (...argv: string[]) => parseCommandLine(argv, facts);

async function parsed(...argv: string[]) {
  const commandLine = await parse(...argv);
  if (commandLine.kind !== "command") throw new Error(`is ${commandLine.kind}`);
  return commandLine;
}
const flagsOf = (...argv: string[]) => parsed("run", ...argv);

async function textOf(...argv: string[]): Promise<string> {
  const commandLine = await parse(...argv);
  return commandLine.kind === "text" ? commandLine.text : "";
}

describe("parseCommandLine", () => {
  test("a list takes one value per flag, so a file after it stays the experiment", async () => {
    const { positionals, flags } = await flagsOf("--policy", "a", "b.yaml", "--policy", "c");
    expect(positionals["experiment"]).toBe("b.yaml");
    expect(flags["policy"]).toEqual(["a", "c"]);
  });

  test.each([
    ["a seed is text", ["--seed", "007"], { seed: "007" }],
    ["a seed may be negative or empty of digits", ["--seed=-x"], { seed: "-x" }],
    ["numbers are numbers", ["--load", "1.5", "--seeds", "3"], { load: 1.5, seeds: 3 }],
    ["a switch is on when named", ["--events"], { events: true }],
    ["and off with --no-", ["--no-events"], { events: false }],
    [
      "commas and equals signs stay whole",
      ["--latency", "a=normal(mean=1ms, sd=2ms)"],
      {
        latency: ["a=normal(mean=1ms, sd=2ms)"],
      },
    ],
  ])("%s", async (_case, argv, expected) => {
    expect((await flagsOf(...argv)).flags).toMatchObject(expected);
  });

  test("flags that are not given are absent: the experiment file decides", async () => {
    const { flags } = await flagsOf();
    for (const name of ["trace", "policy", "seed", "seeds", "load", "events", "out"] as const) {
      expect(flags[name]).toBeUndefined();
    }
  });

  test.each([
    ["no command", [], "no command given"],
    ["unknown command", ["comparre"], "unknown command comparre, did you mean compare?"],
    ["unknown flag", ["run", "--polcy", "x"], "unknown flag --polcy, did you mean --policy?"],
    ["unknown flag with =", ["run", "--sead=1"], "unknown flag --sead, did you mean --seed?"],
    ["a flag like no other", ["run", "--frobnicate"], "unknown flag --frobnicate"],
    ["camel case", ["run", "--timeScale", "2"], "did you mean --time-scale?"],
    ["two experiments", ["run", "a.yaml", "b.yaml"], "unknown argument b.yaml"],
    ["no number", ["run", "--seeds", "three"], "--seeds wants a number"],
    ["an infinite number", ["run", "--load", "1e999"], "--load wants a number"],
    ["no value", ["run", "--out"], "--out wants a value"],
    ["an empty value", ["run", "--out", ""], "--out wants a value"],
    ["no list value", ["run", "--policy"], "--policy wants a value"],
    ["twice", ["run", "--seed", "1", "--seed", "2"], "--seed is given 2 times; give it once"],
    ["no choice", ["run", "--evaluation", "fast"], '--evaluation: got "fast", want one of "full"'],
    ["conformance without files", ["conformance"], "conformance wants one file"],
    ["a flag of run", ["conformance", "a", "--seed", "1"], "unknown flag --seed"],
    ["a flag like its own", ["conformance", "a", "--senario=b"], "did you mean --scenario?"],
    ["timeline without a run", ["timeline"], "timeline wants the output folder of a run"],
    ["a setting without words", ["run", "--set"], "--set wants a value"],
    ["a flag alone", ["--quiet"], "no command given"],
    ["a dotted flag", ["run", "--seed.x", "1"], "unknown flag --seed.x"],
  ])("%s is a usage error of one line", async (_case, argv, message) => {
    const error = await parse(...argv).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(message);
    expect((error as UsageError).message).not.toContain("\n");
  });

  test("conformance takes files, and its own flags", async () => {
    const words = ["conformance", "a.jsonl", "--scenario", "x", "b.jsonl.gz"];
    const { command, positionals, flags } = await parsed(...words);
    expect(command.name).toBe("conformance");
    expect(positionals["files"]).toEqual(["a.jsonl", "b.jsonl.gz"]);
    expect(flags["scenario"]).toEqual(["x"]);
    expect(flags["evaluation"]).toBeUndefined();
  });

  test("a lone dash is a value of a list too", async () => {
    const { flags } = await flagsOf("--manifests", "-", "--manifests", "a.yaml");
    expect(flags["manifests"]).toEqual(["-", "a.yaml"]);
  });

  test("flags may stand before the command", async () => {
    const { command, flags } = await parsed("--seed", "7", "compare", "--events");
    expect(command.name).toBe("compare");
    expect(flags).toMatchObject({ seed: "7", events: true });
  });

  test("settings are handed on as they are typed", async () => {
    const { flags } = await flagsOf("--set", "scheduler.a=1", "--set", "traffic[0].b={c: -1}");
    expect(flags["set"]).toEqual(["scheduler.a=1", "traffic[0].b={c: -1}"]);
  });

  test("--version prints the version", async () => {
    expect(await textOf("--version")).toBe("1.2.3\n");
  });

  test("--help names the commands and shows examples", async () => {
    const text = await textOf("--help");
    for (const word of [
      "stowage run",
      "stowage compare",
      "stowage conformance",
      "Run experiments:",
      "Check:",
      "Examples:",
      "Exit codes",
    ]) {
      expect(text).toContain(word);
    }
  });

  test("a command's help groups its flags, tells defaults and lists the policies", async () => {
    const text = await textOf("compare", "--help");
    for (const word of [
      "Workload:",
      "Output:",
      "[default: 60s]",
      "most-allocated: ",
      "maglev: ",
      "Examples:",
    ]) {
      expect(text).toContain(word);
    }
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("commands of two words", () => {
  const base: Pick<Command, "group" | "options" | "examples" | "run"> = {
    group: "Look at results:",
    options: { limit: { type: "number" } },
    examples: [],
    run: async () => ExitCode.ok,
  };
  const folder = { takes: "one", describe: "A folder", wanted: "a folder" } as const;
  const query = defineCommand({
    ...base,
    name: "results query",
    summary: "Ask",
    positionals: { folder, sql: { takes: "one", describe: "A query", wanted: "a folder and SQL" } },
  });
  const list = defineCommand({
    ...base,
    name: "results list",
    summary: "List",
    positionals: { folders: { ...folder, takes: "any" } },
  });
  const show = defineCommand({
    ...base,
    name: "results",
    summary: "Show",
    positionals: { folder },
  });
  const parseAmong = (among: readonly Command[], ...argv: string[]) =>
    parseCommandLine(argv, { ...facts, commands: among });

  test.each([
    [
      "the longest name wins",
      [show, query, list],
      ["results", "query", "out", "select 1", "--limit", "3"],
      "results query",
      { folder: "out", sql: "select 1" },
    ],
    [
      "other words are the short one's",
      [show, query, list],
      ["results", "out"],
      "results",
      { folder: "out" },
    ],
    ["a list may be empty", [query, list], ["results", "list"], "results list", { folders: [] }],
  ])("%s", async (_case, among, argv, name, positionals) => {
    const commandLine = await parseAmong(among, ...argv);
    expect(commandLine).toMatchObject({ kind: "command", command: { name }, positionals });
  });

  test.each([
    ["no second word", ["results"], "results wants a second word: query, list"],
    [
      "a wrong one",
      ["results", "qury"],
      "unknown command results qury, did you mean results query",
    ],
    ["a missing word", ["results", "query", "out"], "results query wants a folder and SQL"],
    ["a wrong flag", ["results", "list", "--limt"], "unknown flag --limt, did you mean --limit?"],
  ])("%s is a usage error", async (_case, argv, message) => {
    await expect(parseAmong([query, list], ...argv)).rejects.toThrow(message);
  });

  test("have help of their own, and are named in that of their first word", async () => {
    const help = async (among: readonly Command[], ...argv: string[]) => {
      const commandLine = await parseAmong(among, ...argv, "--help");
      return commandLine.kind === "text" ? commandLine.text : "";
    };
    expect(await help([query], "results", "query")).toContain(
      "stowage results query <folder> <sql>",
    );
    expect(await help([query, list], "results")).toContain("stowage results list [folders..]");
    expect(await help([show, query], "results")).toContain("stowage results query <folder> <sql>");
  });
});
