import { describe, expect, test } from "vitest";
import { parseCommandLine } from "./parse-command-line.ts";
import { UsageError } from "./usage-error.ts";

const facts = {
  version: "1.2.3",
  columns: 80,
  policies: async () => [{ name: "first-fit", description: "the first feasible node" }],
  balancers: async () => [{ name: "maglev", description: "by a table" }],
};
const parse = (...argv: string[]) => parseCommandLine(argv, facts);

async function flagsOf(...argv: string[]) {
  const commandLine = await parse("run", ...argv);
  if (commandLine.kind !== "run") throw new Error(`is ${commandLine.kind}`);
  return commandLine;
}

async function textOf(...argv: string[]): Promise<string> {
  const commandLine = await parse(...argv);
  return commandLine.kind === "text" ? commandLine.text : "";
}

describe("parseCommandLine", () => {
  test("a list takes one value per flag, so a file after it stays the experiment", async () => {
    const { experiment, flags } = await flagsOf("--policy", "a", "b.yaml", "--policy", "c");
    expect(experiment).toBe("b.yaml");
    expect(flags.policy).toEqual(["a", "c"]);
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
    const commandLine = await parse("conformance", "a.jsonl", "--scenario", "x", "b.jsonl.gz");
    if (commandLine.kind !== "conformance") throw new Error(`is ${commandLine.kind}`);
    expect(commandLine.files).toEqual(["a.jsonl", "b.jsonl.gz"]);
    expect(commandLine.flags.scenario).toEqual(["x"]);
    expect(commandLine.flags.evaluation).toBeUndefined();
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
      "first-fit",
      "maglev: by",
      "Examples:",
    ]) {
      expect(text).toContain(word);
    }
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});
