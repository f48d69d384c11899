import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const tsx = new URL("../node_modules/tsx/dist/loader.mjs", import.meta.url).href;
const main = new URL("./main.ts", import.meta.url).pathname;

function stowage(...argv: string[]) {
  return spawnSync(process.execPath, ["--import", tsx, main, ...argv], { encoding: "utf8" });
}

describe("the stowage process", () => {
  test("prints help on stdout and ends with 0", () => {
    const { status, stdout, stderr } = stowage("--help");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("stowage compare");
  });

  test("prints its version, the one of package.json", () => {
    const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(text) as { version: string };
    expect(stowage("--version").stdout).toBe(`${version}\n`);
  });

  test("answers a bad flag with one line on stderr and ends with 2", () => {
    const { status, stdout, stderr } = stowage("run", "--polcy", "x");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(
      "stowage: unknown flag --polcy, did you mean --policy? See stowage --help.\n",
    );
  });

  test("starts with the line that makes it a command", () => {
    expect(readFileSync(main, "utf8").split("\n")[0]).toBe("#!/usr/bin/env node");
  });
});
