/** Loads a user's policy file: `--policy ./mine.ts`, `.js`, `.mjs`, or a scheduler configuration. */
import { createHash } from "node:crypto";
import { extname } from "node:path";
import type { PolicyCode } from "../../bench/index.ts";
import { profileFromPlugin } from "../../policies/index.ts";
import { CODE_ENDINGS, type CodeKind, defaultExportOf, readUserFile } from "./user-code.ts";

const CONFIGURATIONS = [".yaml", ".yml", ".json"];
const POLICY: CodeKind = {
  noun: "policy",
  define: "definePlugin",
  endings: [...CODE_ENDINGS, ...CONFIGURATIONS],
};

/**
 * Loads the policy file at the absolute `path`: code, or a KubeSchedulerConfiguration in YAML.
 * Throws InputError when there is no such file, it cannot be compiled or run, or what it exports as
 * default is no plugin and no profile.
 */
export async function loadPolicy(path: string): Promise<PolicyCode> {
  const bytes = readUserFile(path, POLICY);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (CONFIGURATIONS.includes(extname(path))) {
    const { readSchedulerConfiguration } = await import("./scheduler-configuration.ts");
    return { ...readSchedulerConfiguration(bytes.toString("utf8"), path), sha256 };
  }
  return { profiles: [profileFromPlugin(await defaultExportOf(path, POLICY), path)], sha256 };
}
