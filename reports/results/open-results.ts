/** Results of whatever kind a folder holds. */
import { InputError } from "../../sim/kernel/index.ts";
import { isOutputFolder, openOutputFolder } from "./output-folder.ts";
import type { Results } from "./results.ts";
import { openStudyFolder } from "./study-folder.ts";
import { isStudyFolder } from "./study-record.ts";

/**
 * Opens the folder of a sweep, a run or a comparison. `named`: as the user named it. Throws
 * InputError for a folder that holds none of these, or damaged ones.
 */
export function openResults(named: string, directory: string): Results {
  if (isStudyFolder(directory)) return openStudyFolder(named, directory);
  if (isOutputFolder(directory)) return openOutputFolder(named, directory);
  throw new InputError(
    `${named}: has neither study.json nor run.json, want the output folder of stowage sweep, ` +
      "run or compare (their --out).",
  );
}
