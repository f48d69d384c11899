import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InputError } from "../sim/kernel/index.ts";
import { CsvWriter } from "./csv-writer.ts";
import { prepareOutputDirectory, publish, writePartial } from "./output-directory.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stowage-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const text = (name: string) => readFileSync(join(directory, name), "utf8");

describe("CsvWriter", () => {
  test("quotes what needs it, writes booleans as words, and ends lines with LF", () => {
    const writer = new CsvWriter(directory, "pods", ["name", "is_exact", "note"]);
    writer.write(["a", true, 'says "hi", twice']);
    writer.write(["", false, "two\nlines"]);
    writer.complete();
    writer.publish();
    expect(text("pods.csv")).toBe(
      'name,is_exact,note\na,true,"says ""hi"", twice"\n,false,"two\nlines"\n',
    );
  });

  test("what was written is read back, also over many batches", () => {
    const cell = fc.oneof(fc.string(), fc.integer().map(String));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 20 }), (few) => {
        const rows = Array.from({ length: 2_100 }, (_, i) => few[i % 20] ?? ["x", String(i)]);
        const writer = new CsvWriter(directory, "pods", ["a", "b"]);
        for (const row of rows) writer.write(row);
        writer.complete();
        writer.publish();
        expect(parse(text("pods.csv"))).toEqual([["a", "b"], ...rows]);
      }),
      { seed: 1, numRuns: 10 },
    );
  });

  test("a file without rows has its columns", () => {
    const writer = new CsvWriter(directory, "pods", ["a", "b"]);
    writer.complete();
    writer.publish();
    expect(text("pods.csv")).toBe("a,b\n");
  });

  test("has its name only when it is whole", () => {
    writeFileSync(join(directory, "pods.csv"), "of an earlier run\n");
    const writer = new CsvWriter(directory, "pods", ["a"]);
    for (let i = 0; i < 5_000; i++) writer.write([i]);
    expect(text("pods.csv")).toBe("of an earlier run\n");
    writer.complete();
    expect(text("pods.csv")).toBe("of an earlier run\n");
    writer.publish();
    expect(text("pods.csv").split("\n")).toHaveLength(5_002);
    expect(readdirSync(directory)).toEqual(["pods.csv"]);
  });

  test("abort removes what was begun and leaves what was there", () => {
    writeFileSync(join(directory, "pods.csv"), "of an earlier run\n");
    const writer = new CsvWriter(directory, "pods", ["a"]);
    writer.write([1]);
    writer.abort();
    writer.abort();
    expect(readdirSync(directory)).toEqual(["pods.csv"]);
    expect(text("pods.csv")).toBe("of an earlier run\n");
  });

  test("a sink puts the run's labels in front", () => {
    const writer = new CsvWriter(directory, "pods", ["policy", "a"]);
    writer.sink(["default"])([1]);
    writer.complete();
    writer.publish();
    expect(text("pods.csv")).toBe("policy,a\ndefault,1\n");
  });

  test("refuses a row that does not fit its columns", () => {
    const writer = new CsvWriter(directory, "pods", ["a", "b"]);
    expect(() => writer.write([1])).toThrow("1 cells for 2 columns");
    writer.abort();
  });

  test("a folder that is not there is the user's mistake", () => {
    const open = () => new CsvWriter(join(directory, "none"), "pods", ["a"]);
    expect(open).toThrow(InputError);
    expect(open).toThrow(/pods\.csv: cannot write the results: .*--out/);
  });
});

describe("prepareOutputDirectory", () => {
  test("makes the folder and its parents", () => {
    prepareOutputDirectory(join(directory, "a", "b"));
    expect(readdirSync(join(directory, "a", "b"))).toEqual([]);
  });

  test("removes partial files of an interrupted run and nothing else", () => {
    for (const name of ["pods.csv.partial", "run.json.partial", "film.mp4.partial", "pods.csv"])
      writeFileSync(join(directory, name), "");
    prepareOutputDirectory(directory);
    expect(readdirSync(directory).sort()).toEqual(["film.mp4.partial", "pods.csv"]);
  });

  test.each([
    ["a file in the folder's place", "results", /results: .*it is a file, want a folder.*--out/],
    ["a file among its parents", "results/deeper", /a part of the path is a file/],
  ])("%s is the user's mistake", (_, name, message) => {
    writeFileSync(join(directory, "results"), "");
    const prepare = () => prepareOutputDirectory(join(directory, name));
    expect(prepare).toThrow(InputError);
    expect(prepare).toThrow(message);
  });
});

describe("writePartial", () => {
  test("leaves a file that looks whole only when it is published", () => {
    const path = join(directory, "run.json");
    writePartial(path, "{}\n");
    expect(readdirSync(directory)).toEqual(["run.json.partial"]);
    publish(path);
    expect(readdirSync(directory)).toEqual(["run.json"]);
  });

  test("says why it cannot", () => {
    expect(() => writePartial(join(directory, "none", "run.json"), "")).toThrow(InputError);
    expect(existsSync(join(directory, "none"))).toBe(false);
  });
});
