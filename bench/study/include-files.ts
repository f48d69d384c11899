/** An experiment file with the files that it includes laid below it. */
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { InputError } from "../../sim/kernel/index.ts";
import { isBalancerFile } from "../balancers.ts";
import { readExperimentFile, settingFaults } from "../experiment-file.ts";
import type { ExperimentInput } from "../experiment-schema.ts";
import { overlay } from "../overlay.ts";
import { isPolicyFile } from "../setting-checks.ts";

/** Deeper than anybody nests files; what is deeper includes itself in a circle of names. */
const DEEPEST = 20;

/**
 * Reads the file and what it includes, to any depth: later ones in a list win over earlier ones, the
 * file itself over all. Relative paths of an included file start from its own folder. InputError for
 * a file that is missing, wrong, or includes itself.
 */
export async function readWithIncludes(
  file: string,
  absolutePath: string,
  above: readonly string[] = [],
): Promise<ExperimentInput> {
  if (above.includes(absolutePath) || above.length > DEEPEST)
    throw new InputError(`${file}: include: the file includes itself. Take the circle out.`);
  const read = await readExperimentFile(file, absolutePath);
  return withIncludes(read, dirname(absolutePath), [...above, absolutePath]);
}

/**
 * Settings that are in no file, checked, with the files that they include laid below them. `folder`:
 * absolute, where their relative paths start. InputError as for a file.
 */
export async function settingsWithIncludes(
  settings: unknown,
  folder: string,
): Promise<ExperimentInput> {
  const faults = await settingFaults(settings);
  if (faults.length > 0) throw new InputError(faults.join("\n"));
  return withIncludes(settings as ExperimentInput, folder, []);
}

async function withIncludes(
  { include, ...own }: ExperimentInput,
  folder: string,
  above: readonly string[],
): Promise<ExperimentInput> {
  let below: unknown = {};
  for (const path of typeof include === "string" ? [include] : (include ?? [])) {
    const named = isAbsolute(path) ? path : relative(process.cwd(), resolve(folder, path));
    const input = await readWithIncludes(named, resolve(folder, path), above);
    below = overlay(below, rebased(input, relative(folder, dirname(resolve(folder, path)))));
  }
  return overlay(below, own) as ExperimentInput;
}

/** Fields that hold paths of files, or lists of them, wherever they stand. */
const PATH_FIELDS = ["nodes", "manifests", "pods", "apply", "create"];

/** The settings with their relative paths from a folder above: `prefix` leads to theirs. */
function rebased(input: ExperimentInput, prefix: string): ExperimentInput {
  if (prefix === "") return input;
  const moved = (path: string): string =>
    isAbsolute(path) || path === "-" ? path : `${prefix}/${path}`.replaceAll("\\", "/");
  const visit = (value: unknown, key: string): unknown => {
    if (typeof value === "string") {
      if (PATH_FIELDS.includes(key)) return moved(value);
      if (key === "policies") return isPolicyFile(value) ? moved(value) : value;
      if (key === "balancer") return isBalancerFile(value) ? moved(value) : value;
      if (key === "directory") return moved(value);
      if (key === "arrivals")
        return value.replace(/(\bfile\s*=\s*)([^,)\s]+)/, (_all, lead, path) => lead + moved(path));
      return value;
    }
    if (Array.isArray(value)) return value.map((item) => visit(item, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, x]) => [name, visit(x, name)]));
  };
  return visit(input, "") as ExperimentInput;
}
