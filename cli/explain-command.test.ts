import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";
import type { Terminal } from "./terminal.ts";

const NODE = `
apiVersion: v1
kind: Node
metadata: { name: n1 }
status: { allocatable: { cpu: "4", memory: 8Gi, pods: "10" } }
`;
const pod = (name: string, cpu: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: default }
spec:
  containers: [{ name: main, image: busybox, resources: { requests: { cpu: "${cpu}" } } }]
`;

let folder = "";
let out = "";
let err = "";
const terminal = {
  isInteractive: false,
  out: (text: string) => {
    out += text;
  },
  err: (text: string) => {
    err += text;
  },
} as unknown as Terminal;

/** Runs the command in the folder; paths are absolute, since flags are read from here. */
async function stowage(...argv: string[]): Promise<number> {
  out = "";
  err = "";
  return await runCli(argv, { terminal, signal: new AbortController().signal, debug: false });
}

const inFolder = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "stowage-explain-command-"));
  writeFileSync(inFolder("nodes.yaml"), NODE);
  writeFileSync(inFolder("pods.yaml"), [pod("web", "3"), pod("large", "2")].join("---"));
  const inputs = ["--nodes", inFolder("nodes.yaml"), "--manifests", inFolder("pods.yaml")];
  const policies = ["--policy", "default", "--policy", "most-allocated"];
  const words = [...inputs, ...policies, "--horizon", "1m", "--out", inFolder("out"), "--quiet"];
  expect(await stowage("compare", ...words)).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  out = "";
});

describe("stowage explain", () => {
  test("tells the story of a pod, and as data", async () => {
    const which = [inFolder("out"), "--policy", "default", "--pod", "large"];
    expect(await stowage("explain", ...which)).toBe(0);
    expect(out.split("\n")[0]).toMatch(
      /^Pod default\/large was never bound to a node: \d+ attempts?\. It lacks least on n1: 1 cpu more\.$/,
    );
    expect(await stowage("explain", ...which, "--format", "json")).toBe(0);
    const story = JSON.parse(out) as { attempts: { remedies: object }[] };
    expect(story.attempts[0]?.remedies).toMatchObject({
      nearest: { node: "n1", needs: ["1 cpu more"] },
    });
  });

  test("tells of a node at a time", async () => {
    const which = [inFolder("out"), "--policy", "default", "--at", "30s", "--node", "n1"];
    expect(await stowage("explain", ...which)).toBe(0);
    expect(out).toMatch(/^Node n1 at 30\.000 s: ready, 1 pods\.\n/);
    expect(out).toMatch(/cpu +3 +1 +4 +75 %/);
  });

  test.each([
    [["--pod", "web"], 1, /holds 2 runs, want one. Choose with: --policy default --seed 1/],
    [["--policy", "default"], 2, /wants one of --pod NAMESPACE\/NAME and --at TIME/],
    [["--policy", "default", "--at", "soon"], 2, /--at: got "soon", want a time such as 90s/],
    [["--policy", "default", "--pod", "wob"], 1, /no Pod default\/wob in this run. Did you mean/],
    [
      ["--policy", "default", "--at", "2h"],
      1,
      /--at: got 7200 s, want a time before the run ended/,
    ],
    [["--policy", "default", "--at", "9s", "--node", "n2"], 1, /Did you mean n1\?/],
    [["--pod", "web", "--nodes", "all", "--top", "3"], 2, /--top and --nodes all: got both/],
  ])("%j is refused in one line", async (words, code, message) => {
    expect(await stowage("explain", inFolder("out"), ...words)).toBe(code);
    expect(err).toMatch(message);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(out).toBe("");
  });
});

describe("stowage diff", () => {
  test("compares two runs of one folder", async () => {
    const words = [inFolder("out"), inFolder("out")];
    const sides = ["--policy-a", "default", "--policy-b", "most-allocated"];
    expect(await stowage("diff", ...words, ...sides)).toBe(0);
    expect(out).toMatch(/^The two runs made the same \d+ decisions\./);
    expect(out).toContain('policies[0]: "default" in A, "most-allocated" in B');
    expect(await stowage("diff", ...words, ...sides, "--format", "json")).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ a: { policy: "default" }, reasons: [] });
  });

  test("wants two runs, and to know which", async () => {
    expect(await stowage("diff", inFolder("out"))).toBe(2);
    expect(err).toMatch(/diff wants a second run/);
    expect(await stowage("diff", inFolder("out"), inFolder("out"))).toBe(1);
    expect(err).toMatch(/holds 2 runs, want one/);
  });
});
