/** Where the traces that come with this package are. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Absolute path of `workloads/data/`, from the sources as well as from the built package. */
export function dataDirectory(): string {
  const besideSources = new URL("./data/", import.meta.url);
  const besideBuild = new URL("../../workloads/data/", import.meta.url);
  return fileURLToPath(existsSync(besideSources) ? besideSources : besideBuild);
}
