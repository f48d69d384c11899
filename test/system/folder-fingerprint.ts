/** A folder as the hashes of its files. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** SHA-256 of each file, by its path in the folder, in order. */
export function fingerprint(directory: string, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory)
      .sort()
      .flatMap((name) => {
        const path = join(directory, name);
        if (statSync(path).isDirectory())
          return Object.entries(fingerprint(path, `${prefix}${name}/`));
        return [[prefix + name, createHash("sha256").update(readFileSync(path)).digest("hex")]];
      }),
  );
}
