/** The objects of a manifest file, read as they are asked for. */
import { type DecodedManifest, type IgnoredParts, ManifestDecoder } from "../../sim/api/index.ts";
import type { TextFile } from "../text-file.ts";

/**
 * In the order of the file, each with its line. InputError with line and column at a fault; what has
 * no effect is noted in `ignored`.
 */
export async function* readManifests(
  file: TextFile,
  ignored: IgnoredParts,
): AsyncIterable<DecodedManifest> {
  const decoder = new ManifestDecoder(file.name, ignored);
  for await (const chunk of file.chunks()) yield* decoder.push(chunk);
  yield* decoder.end();
}
