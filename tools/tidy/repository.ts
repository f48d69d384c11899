/** The repository as the house rules see it: every text file that belongs to it, with its text. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface RepositoryFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export type Repository = readonly RepositoryFile[];

const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "out", "coverage", ".git"]);
const TEXT = /\.(ts|mjs|cjs|md|ya?ml|json|grit)$|(^|\/)(run|LICENSE)$/;
const FOREIGN = /^package-lock\.json$|^workloads\/data\/|^test\/reference\/|\/expected\//;

/** True for recorded reality and data of others: not ours to tidy, so not read. */
export const isForeign = (path: string): boolean => FOREIGN.test(path);

/** Reads the tree below `root`, in a fixed order. */
export function readRepository(root: string): Repository {
  const files: RepositoryFile[] = [];
  const visit = (folder: string): void => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED_FOLDERS.has(entry.name)) visit(path);
      } else if (TEXT.test(path) && !isForeign(path)) {
        files.push({ path, text: readFileSync(join(root, path), "utf8") });
      }
    }
  };
  visit("");
  return files;
}
