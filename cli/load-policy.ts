/**
 * Loads a user's policy file: `--policy ./mine.ts`, `.js` or `.mjs`.
 *
 * A policy file is code with the user's own rights: only paths given on the command line or in the
 * user's experiment file are loaded, and the resolved path is said. TypeScript is translated by
 * tsx, which is loaded only then.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { register } from "node:module";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { PolicyCode } from "../bench/index.ts";
import { InputError, type Profile } from "../index.ts";
import { profileFromPlugin } from "../policies/index.ts";

const EXTENSIONS = [".ts", ".mts", ".js", ".mjs"];
const CONFIGURATIONS = [".yaml", ".yml", ".json"];

/**
 * Loads the policy file at the absolute `path`: code, or a KubeSchedulerConfiguration in YAML.
 * Throws InputError when there is no such file, it cannot be compiled or run, or what it exports as
 * default is no plugin and no profile.
 */
export async function loadPolicy(path: string): Promise<PolicyCode> {
  const bytes = readPolicyFile(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (CONFIGURATIONS.includes(extname(path))) {
    const { readSchedulerConfiguration } = await import("./scheduler-configuration.ts");
    return { ...readSchedulerConfiguration(bytes.toString("utf8"), path), sha256 };
  }
  return { profiles: await profilesOfCode(path), sha256 };
}

async function profilesOfCode(path: string): Promise<readonly Profile[]> {
  await prepareLoader(extname(path));
  const module = await importPolicy(path);
  return [profileFromPlugin(defaultExport(module, path), path)];
}

function readPolicyFile(path: string): Buffer {
  const endings = [...EXTENSIONS, ...CONFIGURATIONS];
  if (!endings.includes(extname(path))) {
    throw new InputError(
      `policy ${path}: got a file with another ending than ${endings.join(", ")}. ` +
        "Rename it, or give the name of a built-in policy.",
    );
  }
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new InputError(
      `policy ${path}: no such file. ` +
        "Check the path; it is relative to the current folder, or to the experiment file.",
    );
  }
  if (!found.isFile()) {
    throw new InputError(
      `policy ${path}: is not a file. Give the path of a .ts, .js or .yaml file.`,
    );
  }
  return readFileSync(path);
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
      data: new URL(`../index${ownExtension}`, import.meta.url).href,
    });
  }
}

async function importPolicy(absolute: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(absolute).href)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`policy ${absolute}: ${error.message}`);
    const message = error instanceof Error ? error.message : String(error);
    const place = error instanceof Error ? placeOf(error, absolute) : "";
    throw new InputError(
      `policy ${absolute}${place}: cannot be loaded: ${oneLine(message, absolute)}. ` +
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

function defaultExport(module: Record<string, unknown>, absolute: string): unknown {
  const value = module["default"];
  if (value !== undefined) return value;
  throw new InputError(
    `policy ${absolute}: has no default export. ` +
      'Write: import { definePlugin } from "stowage"; export default definePlugin({ ... });',
  );
}
