/** Lines of a conformance file, plain or gzip-compressed, decoded one at a time. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { InputError } from "../../sim/kernel/index.ts";

export interface FileLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

const NEWLINE = 0x0a;

/** The lines that are not blank. InputError when the file cannot be read or unpacked. */
export function* readLines(path: string): Generator<FileLine> {
  const bytes = unpacked(path, readBytes(path));
  let number = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const text = bytes.toString("utf8", start, end);
    number++;
    start = end + 1;
    if (text.trim() !== "") yield { number, text };
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      throw new InputError(
        `${path}: no such file, want scenarios (.jsonl, .jsonl.gz). Check the path.`,
      );
    }
    if (code === "EISDIR") {
      throw new InputError(`${path}: is a folder, want a file of scenarios. Name the files in it.`);
    }
    throw error;
  }
}

/** Known by its first two bytes (RFC 1952), or by its ending. */
function unpacked(path: string, bytes: Buffer): Buffer {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip && !path.endsWith(".gz")) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new InputError(
      `${path}: cannot be unpacked (${found}), want a whole gzip file. Compress or download it again.`,
    );
  }
}
