/** Text that is read in chunks: a file, gzipped or not, or the standard input. The room's Node edge. */
import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { InputError } from "../sim/kernel/index.ts";
import type { InputFile } from "./workload.ts";

/** Text that can be read from its beginning any number of times. */
export interface TextFile {
  /** For messages: as the user wrote it. */
  readonly name: string;
  chunks(): AsyncIterable<string>;
}

const CHUNK_BYTES = 256 * 1024;

/**
 * A file on disk, or `-` for the standard input. What cannot be read twice (the standard input, a
 * pipe) is read once and held. Gzip is known by its first two bytes, whatever the file is called.
 * Text is UTF-8.
 */
export class InputText implements TextFile {
  readonly name: string;
  /** Its name and checksum, for the record of a run. */
  readonly inputFile: InputFile;
  readonly #bytes: ByteSource;
  readonly #isGzip: boolean;

  private constructor(name: string, bytes: ByteSource, summary: ByteSummary) {
    this.name = name;
    this.inputFile = { path: name, sha256: summary.sha256 };
    this.#bytes = bytes;
    this.#isGzip = summary.first[0] === 0x1f && summary.first[1] === 0x8b;
  }

  /**
   * Reads the bytes through once, so that a file that is missing or cannot be read is said before
   * anything runs. `name` is what messages call it. InputError says what is wrong.
   */
  static async open(path: string, baseDirectory: string, name = path): Promise<InputText> {
    const called = path === "-" ? "(standard input)" : name;
    try {
      const bytes = await byteSource(path, resolve(baseDirectory, path));
      return new InputText(called, bytes, await summarize(bytes()));
    } catch (error) {
      throw explained(called, error);
    }
  }

  /** The text, from its beginning. InputError when it is not text, or damaged gzip data. */
  async *chunks(): AsyncIterable<string> {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    try {
      for await (const bytes of this.#unpacked()) yield decoder.decode(bytes, { stream: true });
      yield decoder.decode();
    } catch (error) {
      throw explained(this.name, error);
    }
  }

  #unpacked(): AsyncIterable<Uint8Array> {
    const bytes = this.#bytes();
    if (!this.#isGzip) return bytes;
    return pipeline(Readable.from(bytes), createGunzip({ chunkSize: CHUNK_BYTES }), () => {});
  }
}

/** Gives the bytes from their beginning, each time it is called. */
type ByteSource = () => AsyncIterable<Uint8Array>;

async function byteSource(path: string, absolutePath: string): Promise<ByteSource> {
  if (path !== "-" && !isPipe(await stat(absolutePath))) return () => fileBytes(absolutePath);
  const held: Uint8Array[] = [];
  for await (const bytes of path === "-" ? process.stdin : createReadStream(absolutePath))
    held.push(bytes);
  return () => Readable.from(held);
}

const isPipe = (found: Stats): boolean => !found.isFile() && !found.isDirectory();

interface ByteSummary {
  readonly sha256: string;
  /** The first two bytes, or what there is. */
  readonly first: Uint8Array;
}

async function summarize(source: AsyncIterable<Uint8Array>): Promise<ByteSummary> {
  const hash = createHash("sha256");
  const first: number[] = [];
  for await (const bytes of source) {
    hash.update(bytes);
    if (first.length < 2) first.push(...bytes.subarray(0, 2));
  }
  return { sha256: hash.digest("hex"), first: Uint8Array.from(first) };
}

async function* fileBytes(path: string): AsyncIterable<Uint8Array> {
  const file = await open(path);
  try {
    for (let position = 0; ; ) {
      const buffer = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** The error in the user's words, if it is one of the user's. */
function explained(name: string, error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return error;
  const found =
    readFaults[code] ?? (code.startsWith("Z_") ? readFaults["Z_DATA_ERROR"] : undefined);
  return found === undefined ? error : new InputError(`${name}: ${found}`);
}

const readFaults: Readonly<Record<string, string>> = {
  ENOENT:
    "no such file. Check the path; it is relative to the experiment file, or else to the working directory.",
  EISDIR: "is a folder, want a file. Name the files in it.",
  EACCES: "cannot be read: permission denied. Change its permissions or name another file.",
  ERR_ENCODING_INVALID_ENCODED_DATA:
    "is not UTF-8 text. Convert it, or check that it is the file you meant.",
  Z_DATA_ERROR: "is damaged gzip data. Fetch or compress the file again.",
};
