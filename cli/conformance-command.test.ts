import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

let folder = "";

async function conformance(...argv: string[]) {
  const outcome = { code: -1, out: "", err: "" };
  const terminal = {
    out: (text: string) => {
      outcome.out += text;
    },
    err: (text: string) => {
      outcome.err += text;
    },
    isInteractive: false,
    columns: 80,
  };
  const { signal } = new AbortController();
  const words = ["conformance", ...argv];
  outcome.code = await runCli(words, { terminal, signal, debug: false });
  return outcome;
}

const at = (name: string): string => join(folder, name);
const node = (name: string): object => ({
  metadata: { name },
  status: { allocatable: { cpu: "1", memory: "1Gi", pods: "9" } },
});
const scenario = (name: string, chosen: string, more: object = {}): string =>
  `${JSON.stringify({
    scenario: {
      name,
      nodes: [node("a"), node("b")],
      pendingPods: [{ metadata: { name: "p" }, spec: { containers: [{ name: "c" }] } }],
      ...more,
    },
    expected: { steps: [{ pod: "default/p", chosen }] },
  })}\n`;

const files: Readonly<Record<string, string | Buffer>> = {
  "good.jsonl": scenario("one", "a") + scenario("two", "a"),
  "good.jsonl.gz": gzipSync(scenario("three", "a")),
  "wrong.jsonl": `${scenario("one", "a")}\n${scenario("two", "b")}`,
  "empty.jsonl": "\n",
  "broken.jsonl.gz": gzipSync(scenario("one", "a")).subarray(0, 30),
  "malformed.jsonl": `${scenario("one", "a")}{"scenario": {"name": "two", nodes: []}}\n`,
  "no-nodes.jsonl": scenario("one", "a", { nodes: undefined }),
  "quantity.jsonl": scenario("one", "a", {
    nodes: [{ ...node("a"), status: { allocatable: { cpu: "1x" } } }],
  }),
  "config.jsonl": scenario("one", "a", {
    schedulerConfig: { profiles: [{ plugins: { score: { enabled: [{ name: "NodeFit" }] } } }] },
  }),
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-conformance-"));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(at(name), bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("stowage conformance", () => {
  test.each([
    ["in the usual mode", []],
    ["in full", ["--evaluation", "full"]],
    ["in both modes", ["--evaluation", "verify"]],
  ])("counts the scenarios of all files, %s, and ends with 0", async (_mode, flags) => {
    const outcome = await conformance(at("good.jsonl"), at("good.jsonl.gz"), ...flags);
    expect(outcome).toEqual({ code: 0, out: "3 passed, 0 failed\n", err: "" });
  });

  test("tells the first difference of a pod by file, line and scenario, and ends with 1", async () => {
    expect(await conformance(at("wrong.jsonl"), at("good.jsonl"))).toEqual({
      code: 1,
      out:
        `${at("wrong.jsonl")}:3: two: pod default/p: chosen, node b: expected "b", got "a"\n` +
        "3 passed, 1 failed\n",
      err: "",
    });
  });

  test("--scenario leaves out the others", async () => {
    const one = await conformance(at("wrong.jsonl"), "--scenario", "one");
    expect(one).toEqual({ code: 0, out: "1 passed, 0 failed\n", err: "" });
    const both = await conformance(at("wrong.jsonl"), "--scenario=one", "--scenario=two");
    expect(both.out).toContain("1 passed, 1 failed");
  });

  test.each<[string, readonly string[], number, readonly string[]]>([
    ["no file", [], 2, ["one file of scenarios or more"]],
    ["an unknown flag", ["good.jsonl", "--scenarios=x"], 2, ["--scenarios", "--scenario"]],
    ["a flag of run", ["good.jsonl", "--seed=1"], 2, ["unknown flag --seed"]],
    ["an unknown mode", ["good.jsonl", "--evaluation=fast"], 2, ['"fast"', '"incremental"']],
    ["a scenario that is nowhere", ["good.jsonl", "--scenario=on"], 1, ['"on"', '"one"']],
    ["no such file", ["gone.jsonl"], 1, ["gone.jsonl: no such file"]],
    ["an empty file", ["empty.jsonl"], 1, ["empty.jsonl: is empty"]],
    ["broken gzip", ["broken.jsonl.gz"], 1, ["broken.jsonl.gz: cannot be unpacked"]],
    ["bad JSON", ["malformed.jsonl"], 1, ["malformed.jsonl:2:30: "]],
    ["no nodes", ["no-nodes.jsonl"], 1, ["no-nodes.jsonl:1: scenario.nodes: got nothing"]],
    ["a bad quantity", ["quantity.jsonl"], 1, ["quantity.jsonl:1: one: ", "1x"]],
    [
      "a bad configuration",
      ["config.jsonl"],
      1,
      ["config.jsonl:1: scenario.schedulerConfig: profiles[0]", '"NodeFit"'],
    ],
  ])("refuses %s with one message", async (_what, argv, code, parts) => {
    const outcome = await conformance(
      ...argv.map((word) => (word.startsWith("-") ? word : at(word))),
    );
    for (const part of parts) expect(outcome.err).toContain(part);
    expect(outcome.code).toBe(code);
    expect(outcome.out).not.toContain("passed");
    expect(outcome.err.trimEnd().split("\n")).toHaveLength(1);
    expect(outcome.err).toMatch(/^stowage: /);
  });
});
