/**
 * Loads code that a user wrote: `.ts`, `.js` or `.mjs`, a policy or a balancer.
 *
 * It has the user's own rights: only paths given on the command line or in the user's experiment
 * file are loaded, and the resolved path is said. TypeScript is translated by tsx, which is loaded
 * only then.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { register } from "node:module";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { InputError } from "../../sim/kernel/index.ts";

/** What is loaded, in the words of messages. */
export interface CodeKind {
  /** `policy`: messages begin with it. */
  readonly noun: string;
  /** The function of stowage that declares one. */
  readonly define: string;
  /** Endings of the files that it may be written in. */
  readonly endings: readonly string[];
}

/** Endings of files of code. */
export const CODE_ENDINGS: readonly string[] = [".ts", ".mts", ".js", ".mjs"];

/** The bytes of a user's file. Throws InputError when there is none or it has another ending. */
export function readUserFile(path: string, { noun, endings }: CodeKind): Buffer {
  if (!endings.includes(extname(path))) {
    throw new InputError(
      `${noun} ${path}: got a file with another ending than ${endings.join(", ")}. ` +
        `Rename it, or give the name of a built-in ${noun}.`,
    );
  }
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new InputError(
      `${noun} ${path}: no such file. ` +
        "Check the path; it is relative to the current folder, or to the experiment file.",
    );
  }
  if (!found.isFile()) {
    const some = endings.includes(".yaml") ? ".ts, .js or .yaml" : ".ts or .js";
    throw new InputError(`${noun} ${path}: is not a file. Give the path of a ${some} file.`);
  }
  return readFileSync(path);
}

/** What the file exports as default. Throws InputError when it cannot be compiled or run. */
export async function defaultExportOf(path: string, kind: CodeKind): Promise<unknown> {
  await prepareLoader(extname(path));
  return defaultExport(await importCode(path, kind), path, kind);
}

const prepared = { library: false, typescript: false };

/** The hooks are installed once per process; tsx's last, so that it sees the file first. */
async function prepareLoader(extension: string): Promise<void> {
  const ownExtension = extname(fileURLToPath(import.meta.url));
  const isTypeScript = extension === ".ts" || extension === ".mts";
  if (isTypeScript && !prepared.typescript && ownExtension !== ".ts") {
    prepared.typescript = true;
    const tsx = await import("tsx/esm/api");
    tsx.register();
  }
  if (!prepared.library) {
    prepared.library = true;
    register(`./policy-resolve-hook${ownExtension}`, {
      parentURL: import.meta.url,
      data: new URL(`../../index${ownExtension}`, import.meta.url).href,
    });
  }
}

async function importCode(absolute: string, { noun }: CodeKind): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(absolute).href)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${noun} ${absolute}: ${error.message}`);
    const message = error instanceof Error ? error.message : String(error);
    const place = error instanceof Error ? placeOf(error, absolute) : "";
    throw new InputError(
      `${noun} ${absolute}${place}: cannot be loaded: ${oneLine(message, absolute)}. ` +
        "Mend the file; it must load without errors by itself.",
    );
  }
}

/** `:line` or `:line:column` of the fault in the file, or "". */
function placeOf(error: Error, absolute: string): string {
  const stack = error.stack ?? "";
  const at = stack.indexOf(`${absolute}:`);
  if (at >= 0) return /^:\d+(:\d+)?/.exec(stack.slice(at + absolute.length))?.[0] ?? "";
  if (!(error instanceof SyntaxError)) return "";
  // The engine tells the line of a syntax error only where it is not caught: in another process.
  const check = spawnSync(process.execPath, ["--input-type=module", "--check"], {
    input: readFileSync(absolute),
    encoding: "utf8",
  });
  return /^\[stdin\](:\d+)$/m.exec(check.stderr)?.[1] ?? "";
}

/** esbuild's message is a list with a headline; its first fault says enough. */
function oneLine(message: string, absolute: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  const fault = lines.find((line) => line.includes("ERROR:")) ?? lines[0] ?? "";
  return fault
    .replace(/^.*ERROR:\s*/, "")
    .replaceAll(absolute, "the file")
    .replace(/\.$/, "");
}

function defaultExport(
  module: Record<string, unknown>,
  absolute: string,
  { noun, define }: CodeKind,
): unknown {
  const value = module["default"];
  if (value !== undefined) return value;
  throw new InputError(
    `${noun} ${absolute}: has no default export. ` +
      `Write: import { ${define} } from "stowage"; export default ${define}({ ... });`,
  );
}
