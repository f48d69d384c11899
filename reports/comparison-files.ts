/** comparison.md and comparison.tex: the comparison's tables for a text. */
import { join } from "node:path";
import type { Comparison } from "./comparison.ts";
import { comparisonLatex, comparisonMarkdown } from "./comparison-documents.ts";
import { publish, removeFile, writePartial } from "./output-directory.ts";

const FILES = { "comparison.md": comparisonMarkdown, "comparison.tex": comparisonLatex } as const;

/** Writes both under their partial names; `publish` gives them their own. */
export function writeComparisonFiles(
  directory: string,
  comparisons: readonly Comparison[],
): { readonly paths: readonly string[]; publish(): void } {
  const paths = Object.entries(FILES).map(([name, text]) => {
    const path = join(directory, name);
    writePartial(path, text(comparisons));
    return path;
  });
  return { paths, publish: () => paths.forEach(publish) };
}

/** Where no comparison is asked for, an earlier one is not left lying about, nor half of one. */
export function removeComparisonFiles(directory: string, suffix = ""): void {
  for (const name of Object.keys(FILES)) removeFile(join(directory, name) + suffix);
}
