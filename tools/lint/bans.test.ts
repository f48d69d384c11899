import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * The linter's bans, tried on files that break them, in a copy of the configuration: a rule that
 * does not fire looks just like clean code.
 */
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The case in words, code, and what the message must say. */
const simulatorBans: readonly (readonly [string, string, string])[] = [
  ["Math.random", "export const a = Math.random();", "createStream or Draws"],
  ["Date.now", "export const a = Date.now();", "kernel.nowUs"],
  ["new Date()", "export const a = new Date();", "kernel.nowUs"],
  ["performance", "export const a = performance.now();", "kernel.nowUs"],
  ["setTimeout", "setTimeout(() => {}, 1);", "schedule a kernel event"],
  ["**", "export const a = (b: number): number => 2 ** b;", "Math.exp(Math.log(x) * y)"],
  ["**=", "export let a = 2;\na **= 3;", "Math.exp(Math.log(x) * y)"],
  ["Math.pow", "export const a = Math.pow(2, 3);", "Math.exp(Math.log(x) * y)"],
  ["localeCompare", 'export const a = "a".localeCompare("b");', "compare with < and >"],
  ["toLocaleString", "export const a = (1).toLocaleString();", "fixed rules"],
  ["process", "export const a = process.argv;", "runs without Node"],
  ["Buffer", 'export const a = Buffer.from("");', "Uint8Array"],
  ["console", 'console.log("a");', "tracepoint"],
  ["node: imports", 'export { readFileSync } from "node:fs";', "without Node"],
  ["async functions", "export async function a() {}", "synchronous"],
  ["async arrows", "export const a = async () => 1;", "synchronous"],
  ["async methods", "export class A {\n  async a() {}\n}", "synchronous"],
  ["promises", "export const a = Promise.resolve(1);", "synchronous"],
  ["for in", "for (const key in { a: 1 }) throw new Error(key);", "for-in"],
  ["non-null assertions", "export const a = [1][0]!;", "non-null"],
];

const accepted = [
  ["a date from virtual time", "sim/api/from-virtual.ts", "export const a = new Date(5);"],
  ["the clock in bench/speed", "bench/speed/clock.ts", "export const a = performance.now();"],
  ["files in workloads", "workloads/files.ts", 'export { readFileSync } from "node:fs";'],
  ["non-null assertions in the kernel", "sim/kernel/non-null.ts", "export const a = [1][0]!;"],
  ["files in tests", "sim/api/files.test.ts", 'export { readFileSync } from "node:fs";'],
] as const;

const refused = [
  ["a clock in workloads", "workloads/clock.ts", "export const a = Date.now();"],
  ["a clock in bench", "bench/clock.ts", "export const a = Date.now();"],
  ["a stop-watch in bench", "bench/stop-watch.ts", "export const a = performance.now();"],
  ["a timer in bench", "bench/timer.ts", "export const a = () => setImmediate(() => {});"],
  ["free randomness in reports", "reports/random.ts", "export const a = Math.random();"],
  ["a clock in a test of sim", "sim/api/clock.test.ts", "export const a = Date.now();"],
  ["a file of 401 lines", "reports/long.ts", "export const a = 1;\n".repeat(401)],
  ["a name in camel case", "reports/camelCase.ts", "export const a = 1;"],
] as const;

const inRooms = (index: number): string[] => [
  `sim/client/case-${index}.ts`,
  `policies/score/case-${index}.ts`,
];

let folder = "";
/** What the linter says, by file. */
const findings = new Map<string, string>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-lint-"));
  for (const name of ["biome.json", "tools/lint", "tsconfig.json", "package.json", ".gitignore"]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const files = [
    ...simulatorBans.flatMap(([, code], index) => inRooms(index).map((path) => [path, code])),
    ...[...accepted, ...refused].map(([, path, code]) => [path, code]),
  ];
  for (const [path = "", code = ""] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${code}\n`);
  }
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/@biomejs/biome/bin/biome"),
      "lint",
      "--colors=off",
      "--max-diagnostics=none",
      ...["sim", "policies", "workloads", "reports", "bench"],
    ],
    { cwd: folder, encoding: "utf8" },
  );
  collect(stdout + stderr);
});

/** Each finding starts with a line `path:line:column rule ━━━`. */
function collect(output: string): void {
  let path = "";
  for (const line of output.split("\n")) {
    path = /^([a-z]+\/\S+?\.ts)(:\d+:\d+)? .*━$/.exec(line)?.[1] ?? path;
    findings.set(path, `${findings.get(path) ?? ""}${line}\n`);
  }
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the linter below cli", () => {
  test.each(simulatorBans.map(([name, , remedy], index) => ({ name, remedy, index })))(
    "refuses $name in sim and policies, and says what to use",
    ({ remedy, index }) => {
      for (const path of inRooms(index)) expect(findings.get(path)).toContain(remedy);
    },
  );

  test.each(accepted)("accepts %s", (_case, path) => {
    expect(findings.get(path)).toBeUndefined();
  });

  test.each(refused)("refuses %s", (_case, path) => {
    expect(findings.get(path)).toBeDefined();
  });
});
