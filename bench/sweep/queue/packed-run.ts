/** A finished run's files as one text, to be sent through a queue. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

/** The folder's files, gzipped, in base64. The bytes of the same folder are the same. */
export function packFolder(folder: string): string {
  const files = readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(join(folder, name)).toString("base64")]);
  return gzipSync(JSON.stringify(files)).toString("base64");
}

/** Makes the folder with the files. Names with folders in them are no names of a run's files. */
export function unpackFolder(packed: string, folder: string): void {
  const text = gunzipSync(Buffer.from(packed, "base64")).toString("utf8");
  const files = JSON.parse(text) as readonly (readonly [string, string])[];
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) {
    if (name !== basename(name)) throw new Error(`packed run: got the file name "${name}"`);
    writeFileSync(join(folder, name), Buffer.from(content, "base64"));
  }
}
