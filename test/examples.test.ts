import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * Does what the READMEs of examples/ tell the reader to do: every `sh` block runs as written, by a
 * real shell, in a copy of the example's folder, with `stowage` on the path. A `text` block right
 * after it is what the commands print, byte for byte.
 *
 * After a change that alters results: UPDATE_EXAMPLES=1 npx vitest run test/examples.test.ts
 * writes the new output into the READMEs; read the difference before you keep it.
 */
const root = fileURLToPath(new URL("..", import.meta.url));
const examples = join(root, "examples");
const isUpdating = process.env["UPDATE_EXAMPLES"] === "1";

/** The shell commands of a README, and what it says they print. */
interface Block {
  readonly commands: string;
  readonly printed: string | undefined;
}

/** What must be true of an example's files, after the folder that it writes to. */
interface Facts {
  readonly out: string;
  /** Values of the column `policy` of runs.csv, in order, each once. */
  readonly policies: readonly string[];
  /** Pods created in each run, where all runs have as many. */
  readonly created?: number;
  /** All of them were scheduled. */
  readonly allScheduled: boolean;
}

const expected: Readonly<Record<string, readonly Facts[]>> = {
  "apply-manifests": [{ out: "out", policies: ["default"], created: 10, allScheduled: true }],
  balancing: [
    { out: "one/lc", policies: ["default"], created: 8, allScheduled: true },
    { out: "many/lc", policies: ["default"], created: 8, allScheduled: true },
  ],
  "canary-release": [{ out: "out", policies: ["default"], created: 7, allScheduled: true }],
  "compare-policies": [
    { out: "out", policies: ["default", "most-allocated", "random"], allScheduled: false },
  ],
  "kube-scheduler-configuration": [
    { out: "out", policies: ["default", "scheduler"], allScheduled: false },
  ],
  "flash-crowd": [
    { out: "fixed", policies: ["default"], created: 4, allScheduled: true },
    { out: "scaled", policies: ["default"], allScheduled: true },
  ],
  "node-loss": [
    { out: "out", policies: ["default"], created: 8, allScheduled: true },
    { out: "retries", policies: ["default"], created: 8, allScheduled: true },
  ],
  "zone-aware-routing": [
    { out: "plain", policies: ["default"], created: 9, allScheduled: true },
    { out: "aware", policies: ["default"], created: 9, allScheduled: true },
    { out: "one-zone", policies: ["default"], created: 9, allScheduled: true },
  ],
  "node-failure": [{ out: "out", policies: ["default"], created: 4, allScheduled: true }],
  "own-policy": [
    {
      out: "out",
      policies: ["default", "least-pods", "steady-memory"],
      created: 165,
      allScheduled: true,
    },
  ],
  library: [], // programs
  "paper-study": [], // its runs have a folder each
  "preemption-and-spreading": [
    { out: "out", policies: ["default", "patient"], allScheduled: true },
  ],
  "replay-trace": [
    { out: "out", policies: ["default", "most-allocated"], created: 8152, allScheduled: true },
  ],
  "service-traffic": [
    { out: "random", policies: ["default"], created: 5, allScheduled: true },
    { out: "round-robin", policies: ["default"], created: 5, allScheduled: true },
    { out: "kept-alive", policies: ["default"], created: 5, allScheduled: true },
  ],
  "apiserver-overload": [
    { out: "off", policies: ["default"], created: 50, allScheduled: true },
    { out: "on", policies: ["default"], created: 50, allScheduled: true },
  ],
  "etcd-leader-loss": [{ out: "out", policies: ["default"], created: 400, allScheduled: true }],
  "hpa-ramp": [
    { out: "out", policies: ["default"], allScheduled: true },
    { out: "eager", policies: ["default"], allScheduled: true },
  ],
  "missed-cron-job": [{ out: "out", policies: ["default"], allScheduled: true }],
  "resource-quota": [{ out: "out", policies: ["default"], created: 9, allScheduled: true }],
  "rolling-update-errors": [
    { out: "bare", policies: ["default"], created: 16, allScheduled: true },
    { out: "probe", policies: ["default"], created: 16, allScheduled: true },
    { out: "probe-and-sleep", policies: ["default"], created: 16, allScheduled: true },
  ],
  "rollout-and-rollback": [{ out: "out", policies: ["default"], allScheduled: true }],
  "thousand-pods": [
    { out: "pods", policies: ["default"], created: 1000, allScheduled: true },
    { out: "deployment", policies: ["default"], created: 1000, allScheduled: true },
    { out: "no-limits", policies: ["default"], created: 1000, allScheduled: true },
  ],
  "synthetic-workload": [
    { out: "slow", policies: ["default"], created: 234, allScheduled: true },
    { out: "fast", policies: ["default"], created: 234, allScheduled: true },
  ],
};

let scratch = "";

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "stowage-examples-"));
  cpSync(examples, join(scratch, "examples"), { recursive: true });
  const bin = join(scratch, "bin");
  mkdirSync(bin);
  const tsx = join(root, "node_modules/tsx/dist/loader.mjs");
  const node = `exec "${process.execPath}" --import "${tsx}"`;
  writeFileSync(join(bin, "stowage"), `#!/bin/sh\n${node} "${join(root, "cli/main.ts")}" "$@"\n`);
  writeFileSync(join(bin, "node"), `#!/bin/sh\n${node} "$@"\n`);
  for (const name of ["stowage", "node"]) chmodSync(join(bin, name), 0o755);
  const installed = join(scratch, "node_modules/stowage");
  mkdirSync(installed, { recursive: true });
  const manifest = { name: "stowage", type: "module", exports: "./index.js" };
  writeFileSync(join(installed, "package.json"), JSON.stringify(manifest));
  const face = pathToFileURL(join(root, "index.ts"));
  writeFileSync(join(installed, "index.js"), `export * from "${face}";\n`);
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("examples", () => {
  test("every folder of examples/ is run here and listed in its README", () => {
    const folders = readdirSync(examples, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(folders.sort()).toEqual(Object.keys(expected).sort());
    const index = readFileSync(join(examples, "README.md"), "utf8");
    expect(folders.filter((name) => !index.includes(`](${name}/README.md)`))).toEqual([]);
  });

  test.concurrent.each(Object.entries(expected))(
    "examples/%s does what its README says",
    async (name, allFacts) => {
      const folder = join(scratch, "examples", name);
      const blocks = readBlocks(name);
      expect(blocks.some(({ commands }) => /(^|\s)(stowage|node) /.test(commands))).toBe(true);
      const printed: string[] = [];
      for (const { commands } of blocks) printed.push(await runShell(commands, folder));
      if (isUpdating) return updateReadme(name, printed);
      for (const [index, block] of blocks.entries()) {
        if (block.printed !== undefined) expect(printed[index]).toBe(block.printed);
      }
      for (const facts of allFacts) checkFacts(join(folder, facts.out), facts);
    },
    300_000, // all run at once
  );
});

const BLOCK = /^```sh\n([\s\S]*?)^```\n(\n```text\n([\s\S]*?)^```\n)?/gm;

function readBlocks(name: string): Block[] {
  const readme = readFileSync(join(examples, name, "README.md"), "utf8");
  return [...readme.matchAll(BLOCK)].map(([, commands = "", , printed]) => ({ commands, printed }));
}

function updateReadme(name: string, printed: readonly string[]): void {
  const path = join(examples, name, "README.md");
  let index = 0;
  const text = readFileSync(path, "utf8").replace(BLOCK, (block, commands: string, output) => {
    const now = printed[index++] ?? "";
    return output === undefined
      ? block
      : `\`\`\`sh\n${commands}\`\`\`\n\n\`\`\`text\n${now}\`\`\`\n`;
  });
  writeFileSync(path, text);
}

/** What the commands print on stdout, without blank lines around it. Rejects when one fails. */
function runShell(commands: string, folder: string): Promise<string> {
  const path = `${join(scratch, "bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  const env = { ...process.env, PATH: path, NO_COLOR: "1", LC_ALL: "C" };
  const shell = spawn("sh", ["-e", "-c", commands], { cwd: folder, env });
  let out = "";
  let err = "";
  shell.stdout.on("data", (chunk) => {
    out += chunk;
  });
  shell.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve, reject) => {
    shell.on("error", reject);
    shell.on("close", (code) => {
      if (code === 0) resolve(`${out.replace(/^\n+/, "").trimEnd()}\n`);
      else reject(new Error(`exit code ${code} of\n${commands}\n${err}`));
    });
  });
}

function checkFacts(folder: string, { policies, created, allScheduled }: Facts): void {
  for (const file of ["pods", "utilization", "latency", "api-requests", "comparison"]) {
    const path = join(folder, `${file}.csv`);
    expect(existsSync(path), path).toBe(true);
    expect(readRows(path).length, path).toBeGreaterThan(0);
  }
  expect(JSON.parse(readFileSync(join(folder, "run.json"), "utf8"))).toHaveProperty("runs");
  const runs = readRows(join(folder, "runs.csv"));
  expect([...new Set(runs.map((run) => run["policy"]))]).toEqual(policies);
  for (const run of runs) {
    if (created !== undefined) expect(Number(run["pods_created"])).toBe(created);
    expect(Number(run["pods_scheduled"])).toBeGreaterThan(0);
    expect(run["pods_scheduled"] === run["pods_created"]).toBe(allScheduled);
  }
}

/** Rows of a CSV file whose first columns hold no quotes and no commas, by column name. */
function readRows(path: string): Record<string, string>[] {
  const [header = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]));
  });
}
