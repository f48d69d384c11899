import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputText } from "./text-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "text-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(data: string | Uint8Array): Promise<{ text: string; file: InputText }> {
  await writeFile(join(folder, "f"), data);
  const file = await InputText.open("f", folder);
  let text = "";
  for await (const chunk of file.chunks()) text += chunk;
  return { text, file };
}

describe("InputText", () => {
  test.each([
    ["nothing", ""],
    ["one byte", "x"],
    ["a byte order mark, which it drops", "\uFEFFhello"],
    ["letters that lie across chunks", "grüße €".repeat(100_000)],
  ])("reads %s, plain and gzipped", async (_case, text) => {
    const wanted = text.replace("\uFEFF", "");
    expect((await read(text)).text).toBe(wanted);
    expect((await read(gzipSync(text))).text).toBe(wanted);
  });

  test("gives the checksum of the bytes as stored", async () => {
    const bytes = gzipSync("hello");
    const { file } = await read(bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(file.inputFile).toEqual({ path: "f", sha256 });
  });

  test("can be read again", async () => {
    const { file } = await read("again");
    for await (const chunk of file.chunks()) expect("again").toContain(chunk);
  });

  test.each([
    ["text in another encoding", Uint8Array.of(0x61, 0xe9, 0x62), "f: is not UTF-8 text"],
    ["damaged gzip data", gzipSync("x".repeat(1000)).fill(7, 12), "f: is damaged gzip data"],
    ["gzip data cut short", gzipSync("hello world").subarray(0, 15), "f: is damaged gzip data"],
  ])("refuses %s", async (_case, data, message) => {
    await expect(read(data)).rejects.toThrow(message);
    await expect(read(data)).rejects.toMatchObject({ name: "InputError" });
  });

  test("holds what comes through a pipe, which cannot be read twice", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const writing = writeFile(pipe, gzipSync("from a pipe"));
    const file = await InputText.open("pipe", folder);
    await writing;
    for (const _time of ["once", "again"]) {
      let text = "";
      for await (const chunk of file.chunks()) text += chunk;
      expect(text).toBe("from a pipe");
    }
  });

  test.each([
    ["a missing file", "gone", "gone: no such file"],
    ["a folder", ".", ".: is a folder, want a file"],
  ])("refuses %s", async (_case, path, message) => {
    await expect(InputText.open(path, folder)).rejects.toThrow(message);
  });
});
