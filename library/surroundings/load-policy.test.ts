import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * Loading changes how modules resolve in the whole process, and only a plain Node does it as the
 * installed command does: so one child process loads all files, and tells what became of each.
 */
const root = fileURLToPath(new URL("../..", import.meta.url));

const good = `import { definePlugin } from "stowage";
export default definePlugin({ name: "Good", score: () => 1 });
`;
const typed = `import { definePlugin, type PodInfo } from "stowage";
enum Weight { One = 1 }
export default definePlugin({ name: "Typed", score: (_pod: PodInfo) => Weight.One });
`;

const files: Readonly<Record<string, string>> = {
  "good.js": good,
  "good.mjs": good,
  "typed.ts": typed,
  "commonjs/package.json": '{ "type": "commonjs" }',
  "commonjs/good.js": good,
  "commonjs/typed.ts": typed,
  "esm/package.json": '{ "type": "module" }',
  "esm/typed.ts": typed,
  "parts.ts":
    'import { name } from "./part.js";\nimport { definePlugin } from "stowage";\n' +
    "export default definePlugin({ name, score: () => 1 });\n",
  "part.ts": 'import { InputError } from "stowage";\nexport const name = InputError.name;\n',
  "scheduler.yaml":
    "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n" +
    "profiles:\n  - schedulerName: one\n  - schedulerName: two\n",
  "bad.yaml": "profiles:\n  - schedulerName: [\n",
  "number.js": "export default 5;\n",
  "none.ts": "export const a = 1;\n",
  "syntax.ts": "const a = 1;\nconst = 2;\n",
  "syntax.js": "const a = 1;\nconst = 2;\n",
  "throws.ts": "const a: any = undefined;\nexport default a.b;\n",
  "missing-import.js": 'import x from "no-such-package";\nexport default x;\n',
  "missing-name.js": 'import { nothing } from "stowage";\nexport default nothing;\n',
  "refused.js":
    'import { InputError } from "stowage";\nthrow new InputError("set the weight first");\n',
  "policy.txt": "",
};

interface Outcome {
  /** `schedulerName:plugins` of each profile. */
  readonly profiles?: readonly string[];
  readonly sha256?: string;
  readonly error?: string;
  readonly message?: string;
}

const loader = `
const { loadPolicy } = await import(process.argv[2]);
const outcomes = {};
for (const [name, path] of JSON.parse(process.argv[3])) {
  try {
    const { profiles, sha256 } = await loadPolicy(path);
    outcomes[name] = {
      sha256,
      profiles: profiles.map((p) => p.schedulerName + ":" + p.plugins.map((e) => e.plugin.name)),
    };
  } catch (error) {
    outcomes[name] = { error: error.name, message: error.message };
  }
}
console.log(JSON.stringify(outcomes));
`;

let folder = "";
let outcomes: Readonly<Record<string, Outcome>> = {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-policy-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  writeFileSync(join(folder, "loader.mjs"), loader);
  const paths = [...Object.keys(files), "absent.ts", "commonjs.js/.."].map((name) => [
    name,
    join(folder, name),
  ]);
  const child = spawnSync(
    process.execPath,
    [
      "--import",
      new URL("../../node_modules/tsx/dist/loader.mjs", import.meta.url).href,
      join(folder, "loader.mjs"),
      join(root, "library/surroundings/load-policy.ts"),
      JSON.stringify(paths),
    ],
    { encoding: "utf8" },
  );
  if (child.status !== 0) throw new Error(child.stderr);
  outcomes = JSON.parse(child.stdout) as typeof outcomes;
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("loadPolicy", () => {
  test.each([
    ["a JavaScript file in a plain folder", "good.js", "Good"],
    ["an .mjs file", "good.mjs", "Good"],
    ["a TypeScript file with types and an enum", "typed.ts", "Typed"],
    ["JavaScript below a CommonJS package.json", "commonjs/good.js", "Good"],
    ["TypeScript below a CommonJS package.json", "commonjs/typed.ts", "Typed"],
    ["TypeScript below an ESM package.json", "esm/typed.ts", "Typed"],
    ["a policy in two files, both of which import stowage", "parts.ts", "InputError"],
  ])("loads %s", (_case, name, plugin) => {
    expect(outcomes[name]?.message).toBeUndefined();
    expect(outcomes[name]?.profiles).toHaveLength(1);
    expect(outcomes[name]?.profiles?.[0]?.split(/[:,]/)).toContain(plugin);
    expect(outcomes[name]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("reads a KubeSchedulerConfiguration with a profile per schedulerName", () => {
    const names = outcomes["scheduler.yaml"]?.profiles?.map((profile) => profile.split(":")[0]);
    expect(names).toEqual(["one", "two"]);
  });

  test.each([
    ["no such file", "absent.ts", "absent.ts: no such file. Check the path"],
    ["another ending", "policy.txt", "policy.txt: got a file with another ending"],
    ["a default export that is no plugin", "number.js", "number.js"],
    ["no default export", "none.ts", "none.ts: has no default export. Write: import"],
    ["a syntax error in TypeScript", "syntax.ts", "syntax.ts:2:6: cannot be loaded: Expected"],
    ["a syntax error in JavaScript", "syntax.js", "syntax.js:2: cannot be loaded: Unexpected"],
    ["code that throws", "throws.ts", "throws.ts:2"],
    ["an import of nothing", "missing-import.js", "Cannot find package 'no-such-package'"],
    ["a name that stowage lacks", "missing-name.js", "does not provide an export named 'nothing'"],
    ["a refusal of its own", "refused.js", "refused.js: set the weight first"],
    ["malformed YAML", "bad.yaml", "bad.yaml:"],
  ])("refuses %s with its path and a remedy", (_case, name, message) => {
    expect(outcomes[name]?.error).toBe("InputError");
    expect(outcomes[name]?.message).toContain(message);
    expect(outcomes[name]?.message).not.toContain("\n");
  });
});
