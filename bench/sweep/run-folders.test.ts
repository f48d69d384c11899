import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RunFolders } from "./run-folders.ts";

let results = "";
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), "stowage-folders-"));
});
afterEach(() => rmSync(results, { recursive: true, force: true }));

/** A finished run `key` with one file. */
function finished(key: string, text = "a,b\n1,2\n"): RunFolders {
  const folders = new RunFolders(results);
  folders.prepare();
  const folder = folders.begin(key);
  mkdirSync(folder);
  writeFileSync(join(folder, "runs.csv"), text);
  folders.finish(key, folder);
  return folders;
}

describe("folders of runs", () => {
  test("a folder is there when it is finished, and not before", () => {
    const folders = new RunFolders(results);
    folders.prepare();
    const folder = folders.begin("ab12");
    mkdirSync(folder);
    writeFileSync(join(folder, "runs.csv"), "a\n");
    expect(folders.state("ab12")).toBe("absent");
    expect(folders.keys()).toEqual([]);
    folders.finish("ab12", folder);
    expect(folders.state("ab12")).toBe("whole");
    expect(folders.keys()).toEqual(["ab12"]);
  });

  test("the first of two that finish the same run stays", () => {
    const folders = finished("ab12", "first\n");
    finished("ab12", "second\n");
    expect(folders.state("ab12")).toBe("whole");
    expect(readdirSync(folders.directory)).toEqual(["ab12"]);
  });

  test.each([
    ["a file is missing", (path: string) => rmSync(path), "runs.csv is missing"],
    [
      "a file was cut short",
      (path: string) => writeFileSync(path, "a,b\n"),
      "runs.csv has 4 bytes, want 8",
    ],
    [
      "a file was changed",
      (path: string) => writeFileSync(path, "a,b\n1,3\n"),
      "runs.csv was changed",
    ],
    [
      "the record is gone",
      (path: string) => rmSync(join(path, "../done.json")),
      "done.json is missing or cannot be read",
    ],
  ])("damage is seen: %s", (_what, damage, fault) => {
    const folders = finished("ab12");
    damage(join(folders.path("ab12"), "runs.csv"));
    expect(folders.state("ab12")).toEqual({ fault });
    expect(folders.setAside("ab12")).toBe("ab12.damaged-1");
    expect(folders.state("ab12")).toBe("absent");
    expect(existsSync(join(folders.directory, "ab12.damaged-1"))).toBe(true);
  });

  test("what a dead process left is removed, what a living one does stays", () => {
    const folders = new RunFolders(results);
    folders.prepare();
    const host = hostname().replaceAll(".", "-");
    const dead = `.ab12.${host}.99999999.0`;
    const elsewhere = ".ab12.another-host.99999999.0";
    const parent = `.ab12.${host}.${process.ppid}.0`;
    for (const name of [dead, elsewhere, parent]) mkdirSync(join(folders.directory, name));
    folders.prepare();
    expect(readdirSync(folders.directory).sort()).toEqual([elsewhere, parent].sort());
  });
});
