/** Programs that system tests need, and stowage as a process of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";

/** Path of the first of these programs that is installed; undefined: none is. */
export function programPath(...names: string[]): string | undefined {
  for (const name of names) {
    const { stdout, status } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

/**
 * Whether to skip what needs a program that is not here. Where STOWAGE_SYSTEM_TESTS is `all`
 * a lacking program is a failure.
 */
export function isLacking(program: string | undefined, name: string): boolean {
  if (program !== undefined) return false;
  if (process.env["STOWAGE_SYSTEM_TESTS"] === "all") throw new Error(`${name} is not installed`);
  console.warn(`skipped: ${name} is not installed`);
  return true;
}

/** A TCP port that nobody uses. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

/** As users have it: compiled (`npm run build`). */
const main = new URL("../../dist/cli/main.js", import.meta.url).pathname;

export interface StowageProcess {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly err: () => string;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

/** The real process, in a group of its own. */
export function stowage(folder: string, ...argv: string[]): StowageProcess {
  const child = spawn(process.execPath, [main, ...argv], { cwd: folder });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, out, err }));
  });
  return { child, err: () => err, ended };
}

/** Waits until the condition holds; fails after 30 s. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 20) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain until ${what}`);
}
