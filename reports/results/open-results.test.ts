import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { csvRows } from "./csv-rows.ts";
import { openResults } from "./open-results.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stowage-results-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

const fault = (what: string): Error => new Error(`fault: ${what}`);

describe("rows of a CSV file", () => {
  test("are what was written, with quotes, commas and line ends in cells", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "é", '"', ",", "\n", " ", "1") });
    const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, async (written) => {
        // A line without any text would be no row to csv-parse.
        const lines = written.map(([a, b, c]) => [`${a}.`, b, c]);
        write("x.csv", stringify([["a", "b", "c"], ...lines]));
        const read = await all(csvRows(join(directory, "x.csv"), fault));
        expect(read.map((row) => [row["a"], row["b"], row["c"]])).toEqual(lines);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("are read from the middle of a file", async () => {
    write("x.csv", "a,b\n1,2\n3,4\n5,6\n");
    const part = { columns: ["a", "b"], range: { start: 8, end: 12 } };
    expect(await all(csvRows(join(directory, "x.csv"), fault, part))).toEqual([{ a: "3", b: "4" }]);
  });

  test("are streamed when the file is large, and a quote comes late", async () => {
    const plain = Array.from({ length: 1_200_000 }, (_, i) => `${i},some-more-text`).join("\n");
    write("x.csv", `a,b\n${plain}\n"1,0","say ""yes"""\n`);
    let count = 0;
    let last: unknown;
    for await (const row of csvRows(join(directory, "x.csv"), fault)) {
      if (count < 1_200_000 && row["a"] !== String(count)) throw new Error(`row ${count}`);
      count++;
      last = row;
    }
    expect(count).toBe(1_200_001);
    expect(last).toEqual({ a: "1,0", b: 'say "yes"' });
  });

  test.each([
    ["a,b\n1,2\n3\n", "a row has 1 cells, want 2"],
    ['a,b\n1,"2\n', "Quote Not Closed"],
  ])("that are damaged are a fault: %j", async (text, message) => {
    write("x.csv", text);
    await expect(all(csvRows(join(directory, "x.csv"), fault))).rejects.toThrow(message);
  });
});

const run = (policy: string, seed: string) => ({
  ...{ policy, workload: "w", seed },
  ...{ digest_decisions: "d", digest_commits: "c" },
});

function writeOutput(): void {
  const manifest = {
    stowage: "0.1.0",
    configuration: { name: "mine" },
    resources: ["cpu"],
    runs: [run("a", "1"), run('odd, "one"', "1"), run("a", "2")],
  };
  write("run.json", JSON.stringify(manifest));
  write(
    "runs.csv",
    'policy,workload,seed,makespan_s,cpu_share_mean,digest_decisions,digest_commits\na,w,1,5.5,,d,c\n"odd, ""one""",w,1,6,0.5,d,c\na,w,2,7,0.5,d,c\n',
  );
  write(
    "pods.csv",
    'policy,workload,seed,pod\na,w,1,p1\na,w,1,"p\n2"\n"odd, ""one""",w,1,p3\na,w,2,p4\na,w,1,p5\n',
  );
}

describe("the folder of a comparison", () => {
  test("gives each run its own rows of a file that all share", async () => {
    writeOutput();
    const results = openResults("out", directory);
    const pods = await Promise.all(results.runs.map((each) => all(results.rows("pods", each))));
    expect(pods.map((rows) => rows.map((row) => row["pod"]))).toEqual([
      ["p1", "p\n2", "p5"],
      ["p3"],
      ["p4"],
    ]);
    expect(results.has("pods")).toBe(true);
    expect(results.has("faults")).toBe(false);
  });

  test("gives figures by name; those that a run has not are absent", () => {
    writeOutput();
    const { name, runs, resources } = openResults("out", directory);
    expect([name, resources]).toEqual(["mine", ["cpu"]]);
    expect(runs.map(({ metrics }) => metrics)).toEqual([
      { makespan_s: 5.5 },
      { makespan_s: 6, cpu_share_mean: 0.5 },
      { makespan_s: 7, cpu_share_mean: 0.5 },
    ]);
  });

  test.each([
    ["no results", () => {}, "out: has neither study.json nor run.json"],
    ["a broken manifest", () => write("run.json", "{"), "out: run.json cannot be read"],
    ["another version", () => write("run.json", "{}"), "run.json is not of this version"],
    [
      "no figures",
      () => {
        writeOutput();
        rmSync(join(directory, "runs.csv"));
      },
      "out: has no runs.csv",
    ],
    [
      "a figure that is no number",
      () => {
        writeOutput();
        write("runs.csv", "policy,workload,seed,makespan_s\na,w,1,soon\n");
      },
      'runs.csv has "soon" for makespan_s, want a number',
    ],
    [
      "study.json that is a folder",
      () => mkdirSync(join(directory, "study.json")),
      "study.json: cannot be read",
    ],
  ])("with %s is the user's to mend", (_, spoil, message) => {
    spoil();
    expect(() => openResults("out", directory)).toThrow(message);
  });

  test("with a damaged file names it when it is read", async () => {
    writeOutput();
    write("pods.csv", "policy,workload,seed,pod\na,w,1\n");
    const results = openResults("out", directory);
    const [first] = results.runs;
    if (first === undefined) throw new Error("no run");
    await expect(all(results.rows("pods", first))).rejects.toThrow(
      "out: pods.csv cannot be read: a row has 3 cells, want 4",
    );
  });
});
