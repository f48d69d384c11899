/** Reads and checks an experiment file; every fault is said with its line and column. */
import { readFile } from "node:fs/promises";
import { loadAll, YAMLException } from "js-yaml";
import type { z } from "zod";
import { InputError, nearestName } from "../sim/kernel/index.ts";
import type { ExperimentInput } from "./experiment-schema.ts";

type Path = readonly (string | number)[];

/** Faults that one message lists. */
const LISTED_MAX = 20;

/** `path` as the user wrote it, for messages; it is read from `absolutePath`. */
export async function readExperimentFile(
  path: string,
  absolutePath: string,
): Promise<ExperimentInput> {
  let text: string;
  try {
    text = await readFile(absolutePath, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const found = code === "ENOENT" ? "no such file" : `cannot be read (${code})`;
    throw new InputError(`${path}: ${found}, want an experiment file. Check the path.`);
  }
  return parseExperiment(path, text);
}

/** Parses the text of an experiment file. InputError with up to 20 faults, in the file's order. */
export async function parseExperiment(file: string, text: string): Promise<ExperimentInput> {
  const value = await parseYaml(file, text);
  const { experimentSchema } = await import("./experiment-schema.ts");
  const { KNOWN_SEPARATOR } = await import("./schema-parts.ts");
  const result = experimentSchema.safeParse(value ?? {});
  if (result.success) return result.data;
  const { positionFinder } = await import("./yaml-positions.ts");
  const positionOf = positionFinder(text);
  const faults = result.error.issues
    .flatMap((issue) => sentences(issue, value, KNOWN_SEPARATOR))
    .map((fault) => ({ ...fault, ...positionOf(fault.path, fault.isKey) }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, sentence }) => `${file}:${line}:${column}: ${sentence}`);
  const rest = faults.length - LISTED_MAX;
  const more = rest > 0 ? [`... and ${rest} more (the first ${LISTED_MAX} are listed)`] : [];
  throw new InputError([...faults.slice(0, LISTED_MAX), ...more].join("\n"));
}

async function parseYaml(file: string, text: string): Promise<unknown> {
  try {
    const documents = loadAll(text);
    if (documents.length <= 1) return documents[0];
    throw new InputError(
      `${file}: got ${documents.length} YAML documents, want one. Give each a file of its own.`,
    );
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { syntaxFaults } = await import("./yaml-positions.ts");
    const faults = syntaxFaults(text).map((fault) => `${file}:${fault}`);
    if (faults.length === 0) faults.push(`${file}: ${error.reason}`);
    throw new InputError(`${faults.join("\n")}. Fix the YAML.`);
  }
}

/** What the schema says against settings that are in no file as they stand: up to 20 sentences. */
export async function settingFaults(value: unknown): Promise<string[]> {
  const { experimentSchema } = await import("./experiment-schema.ts");
  const { KNOWN_SEPARATOR } = await import("./schema-parts.ts");
  const { error } = experimentSchema.safeParse(value);
  if (error === undefined) return [];
  return error.issues
    .flatMap((issue) => sentences(issue, value, KNOWN_SEPARATOR))
    .map(({ sentence }) => sentence)
    .slice(0, LISTED_MAX);
}

interface Fault {
  readonly path: Path;
  /** The fault is about the key at the end of the path, not about its value. */
  readonly isKey: boolean;
  readonly sentence: string;
}

function sentences(issue: z.core.$ZodIssue, root: unknown, separator: string): Fault[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) =>
      unknownField([...path, key], key, issue.message.split(separator)),
    );
  if (issue.code === "invalid_union") {
    const within = chosenForm(issue.errors);
    if (within !== undefined)
      return within.flatMap((each) =>
        sentences({ ...each, path: [...issue.path, ...each.path] }, root, separator),
      );
  }
  const where = fieldPath(path);
  const at = where === "" ? "" : `${where}: `;
  if (issue.code === "custom" && issue.params?.["whole"] === true)
    return [{ path, isKey: false, sentence: `${at}${issue.message}` }];
  const found = valueAt(root, path);
  const near =
    issue.code === "invalid_value" && typeof found === "string"
      ? nearestName(found, issue.values.map(String))
      : undefined;
  const meant = near === undefined || near === "" ? "" : ` Did you mean "${near}"?`;
  const sentence = `${at}got ${shown(found)}, want ${issue.message}.${meant}`;
  return [{ path, isKey: false, sentence }];
}

/** Of several forms that a value may have, the one that was meant: only what is within it is wrong. */
function chosenForm(
  forms: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  return forms.find((issues) =>
    issues.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys"),
  );
}

function unknownField(path: Path, key: string, known: readonly string[]): Fault {
  const near = nearestName(key, known);
  const meant = near === undefined ? `Known: ${known.join(", ")}.` : `Did you mean "${near}"?`;
  return { path, isKey: true, sentence: `unknown field "${fieldPath(path)}". ${meant}` };
}

/** `workload.synthetic.pods[0].cpu` */
function fieldPath(path: Path): string {
  let text = "";
  for (const part of path)
    text += typeof part === "number" ? `[${part}]` : text === "" ? part : `.${part}`;
  return text;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) value = (value as Readonly<Record<string, unknown>> | null)?.[part];
  return value;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "object" ? "a mapping" : JSON.stringify(value);
}
