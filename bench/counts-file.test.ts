import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { resolveCounts } from "./counts-file.ts";

const AZURE = `HashOwner,HashApp,HashFunction,Trigger,1,2,10
o,a,first,http,5,0,7
o,a,second,timer,1,2,3
`;

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "counts-"));
  await writeFile(join(base, "azure.csv"), AZURE);
  await writeFile(
    join(base, "plain.csv"),
    "minute,count\n0,4\n1,0\n2,9\n".replace(/^minute/, "at"),
  );
  await writeFile(join(base, "bad.csv"), "count\n4\n-1\n");
  await writeFile(join(base, "other.csv"), "requests\n4\n");
  await writeFile(join(base, "none.csv"), "count\n0\n");
});

const resolved = (text: string): Promise<string> =>
  resolveCounts(text, base, "traffic[0].arrivals");

describe("resolveCounts", () => {
  test.each([
    ["counts(file=azure.csv)", "counts([6, 2, 10])"],
    ["counts(file=azure.csv, row=first)", "counts([5, 0, 7])"],
    ["counts(file=azure.csv, row=timer, unit=10s)", "counts([1, 2, 3], unit=10s)"],
    ["counts(file=plain.csv)", "counts([4, 0, 9])"],
    ["counts([1, 2])", "counts([1, 2])"],
    ["poisson(rate=1/s)", "poisson(rate=1/s)"],
  ])("%s is %s", async (text, expected) => {
    expect(await resolved(text)).toBe(expected);
  });

  test.each([
    ["counts(file=gone.csv)", "gone.csv"],
    ["counts(file=azure.csv, row=third)", "got row=third, and no row has such a cell."],
    ["counts(file=bad.csv)", 'bad.csv:3: count: got "-1", want a whole number of requests'],
    ["counts(file=other.csv)", 'got neither a column "count" nor columns named by minutes'],
    ["counts(file=none.csv)", "none.csv: got no count above 0, want one at least."],
    ["counts(file=azure.csv, rows=2)", "did you mean row= for rows=?"],
    ["counts(file=azure.csv, unit=0s)", "want unit= as a time above 0."],
  ])("refuses %s", async (text, message) => {
    await expect(resolved(text)).rejects.toThrow(message);
    await expect(resolved(text)).rejects.toMatchObject({ name: "InputError" });
  });
});
