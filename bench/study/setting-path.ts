/**
 * Paths of settings in an experiment file: `cluster.scheduler.percentageOfNodesToScore`,
 * `traffic[0].arrivals`. What does not begin with a field of the file is a setting of the cluster:
 * `scheduler.percentageOfNodesToScore`.
 */
import { parseDocument } from "yaml";
import { InputError } from "../../sim/kernel/index.ts";

/** Fields of an experiment file that a path may begin with. */
const ROOTS = [
  "name",
  "cluster",
  "workload",
  "policies",
  "seeds",
  "horizon",
  "outputs",
  "traffic",
  "services",
  "faults",
  "analysis",
] as const;

export type SettingPath = readonly (string | number)[];

/** Parses a path; `where` begins the message of an InputError. */
export function parseSettingPath(text: string, where: string): SettingPath {
  const parts: (string | number)[] = [];
  // A name may be quoted, since names of Services have slashes and dots: services["a/b.c"].errors
  const part = /\.?(?:([^.[\]"=\s]+)|\[(\d+)\]|\["([^"]+)"\])/y;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (found === null)
      throw new InputError(
        `${where}: got the path "${text}", want names with dots and numbers in brackets, ` +
          "such as scheduler.percentageOfNodesToScore or traffic[0].arrivals.",
      );
    const [, name, index, quoted] = found;
    parts.push(index === undefined ? (name ?? quoted ?? "") : Number(index));
  }
  if (parts.length === 0)
    throw new InputError(`${where}: got no path, want one. Write PATH=VALUE.`);
  return (ROOTS as readonly (string | number)[]).includes(parts[0] ?? "")
    ? parts
    : ["cluster", ...parts];
}

/** The value with `setting` at the path; mappings on the way are made, lists must be there. */
export function withSetting(root: unknown, path: SettingPath, setting: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return setting;
  if (typeof first === "number") {
    if (!Array.isArray(root) || first >= root.length) return { [first]: setting }; // refused later
    return root.map((item, i) => (i === first ? withSetting(item, rest, setting) : item));
  }
  const mapping = typeof root === "object" && root !== null && !Array.isArray(root) ? root : {};
  const own = new Map<string, unknown>(Object.entries(mapping));
  own.set(first, withSetting(own.get(first), rest, setting));
  return Object.fromEntries(own);
}

/** One `--set PATH=VALUE`; the value is YAML: `3`, `true`, `10ms`, `[a, b]`. */
export interface Setting {
  /** As the user wrote it, for messages. */
  readonly text: string;
  readonly path: SettingPath;
  readonly value: unknown;
}

/** InputError when there is no `=` or the value is no YAML. */
export function parseSetting(text: string): Setting {
  const equals = text.search(/=(?![^[]*\])/);
  if (equals <= 0)
    throw new InputError(
      `--set: got "${text}", want PATH=VALUE, such as scheduler.percentageOfNodesToScore=100.`,
    );
  const path = parseSettingPath(text.slice(0, equals), "--set");
  const document = parseDocument(text.slice(equals + 1));
  const [fault] = document.errors;
  if (fault !== undefined)
    throw new InputError(
      `--set ${text}: the value is no YAML: ${fault.message.split("\n")[0]}. Put it in quotes.`,
    );
  return { text, path, value: document.toJS() };
}
