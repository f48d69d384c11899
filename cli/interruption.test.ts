import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** The real process, with real signals and a real standard input. */
const tsx = new URL("../node_modules/tsx/dist/loader.mjs", import.meta.url).href;
const main = new URL("./main.ts", import.meta.url).pathname;
const NODE = `apiVersion: v1
kind: Node
metadata: { name: n1 }
status: { allocatable: { cpu: "4", memory: 8Gi, pods: "110" } }
`;
const POD = `apiVersion: v1
kind: Pod
metadata: { name: a, annotations: { stowage.dev/duration: 5s } }
spec: { containers: [{ name: main, image: busybox }] }
`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-signal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function stowage(...argv: string[]) {
  const child = spawn(process.execPath, ["--import", tsx, main, ...argv], { cwd: folder });
  let text = "";
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  const ended = new Promise<{ code: number | null; err: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, err: text }));
  });
  return { child, ended };
}

const files = (): string[] =>
  existsSync(join(folder, "out")) ? readdirSync(join(folder, "out")) : [];

async function isWriting(child: ChildProcess): Promise<void> {
  while (!files().includes("pods.csv.partial")) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode} too early`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a process that is told to stop", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)(
    "by %s removes what is unfinished and ends with %d",
    async (signal, code) => {
      const { child, ended } = stowage("run", "--trace", "openb", "--seeds", "1000", "--quiet");
      await isWriting(child);
      child.kill(signal);
      expect(await ended).toEqual({
        code,
        err: `stowage: stopped by ${signal}; unfinished files were removed.\n`,
      });
      expect(files()).toEqual([]);
    },
    60_000,
  );

  test("while it waits for the standard input, ends too", async () => {
    const { child, ended } = stowage("run", "--nodes", "-", "--manifests", "gone.yaml");
    const more = "# more than a pipe holds\n".repeat(100_000);
    await new Promise((resolve) => child.stdin.write(more, resolve));
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
  }, 60_000);
});

describe("the standard input", () => {
  test.each([
    ["manifests", ["--nodes", "file.yaml", "--manifests", "-"], NODE, POD],
    ["nodes", ["--nodes", "-", "--manifests", "file.yaml"], POD, NODE],
  ])(
    "is read as %s",
    async (_what, argv, file, input) => {
      writeFileSync(join(folder, "file.yaml"), file);
      const { child, ended } = stowage("run", ...argv, "--quiet");
      child.stdin.end(input);
      expect(await ended).toEqual({ code: 0, err: "" });
      const summary = readFileSync(join(folder, "out", "runs.csv"), "utf8");
      expect(summary.split("\n")[1]).toMatch(/^default,manifests,1,1,1,0,1,/);
    },
    60_000,
  );
});
