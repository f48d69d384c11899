import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The package as users get it: packed, and installed in an empty project. */
const root = fileURLToPath(new URL("../..", import.meta.url));
let project = "";

const run = (command: string, ...words: readonly string[]): string =>
  execFileSync(command, words, { cwd: project, encoding: "utf8", env: environment() });

/** Without what npm and vitest tell their children. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|command|execpath|node)|VITEST|NODE_OPTIONS)/.test(name),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "stowage-package-"));
  const packed = mkdtempSync(join(tmpdir(), "stowage-tarball-"));
  execFileSync("npm", ["pack", "--pack-destination", packed, "--silent"], { cwd: root });
  const manifest = readFileSync(join(root, "package.json"), "utf8");
  const { version, dependencies } = JSON.parse(manifest) as {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  expect(Object.keys(dependencies)).not.toContain("vitest");
  writeFileSync(join(project, "package.json"), '{ "name": "mine", "type": "module" }\n');
  const tarball = join(packed, `stowage-${version}.tgz`);
  run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--silent", tarball);
  rmSync(packed, { recursive: true });
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("the installed package", () => {
  test.each(["first-run", "own-metric", "stepping"])("runs examples/library/%s.mjs", (name) => {
    cpSync(join(root, `examples/library/${name}.mjs`), join(project, `${name}.mjs`));
    const readme = readFileSync(join(root, "examples/library/README.md"), "utf8");
    expect(readme).toContain(
      `node ${name}.mjs\n\`\`\`\n\n\`\`\`text\n${run("node", `${name}.mjs`)}`,
    );
  });

  test("has types that a strict project compiles with, libraries checked, too", () => {
    const options = {
      compilerOptions: {
        ...{ strict: true, noEmit: true, target: "es2022", lib: ["es2023", "dom"], types: [] },
        ...{ module: "nodenext", skipLibCheck: false },
      },
      files: ["typed.ts"],
    };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(options));
    const typed = [
      'import { createCluster, definePlugin, type Recorder, simulate } from "stowage";',
      'const plugin = definePlugin({ name: "P", locality: "node", score: (_pod, node) => node.pods.length });',
      'const own: Recorder = { name: "o", metrics: { o: {} }, attach: () => () => ({ o: 1 }) };',
      "const run = await simulate({ experiment: {}, policy: plugin, recorders: [own] });",
      "export const makespan: number | undefined = run.metrics.makespan_s;",
      "const cluster = await createCluster({ nodes: { count: 3, cpu: 4 } });",
      'export const ready: number | undefined = cluster.get("Deployment", "web")?.status.readyReplicas;',
      "// @ts-expect-error: an option that there is not",
      "await simulate({ experiment: {}, polcy: plugin });",
    ];
    writeFileSync(join(project, "typed.ts"), `${typed.join("\n")}\n`);
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync("node", [compiler], { cwd: project, encoding: "utf8" });
    expect(stdout).toBe("");
  });

  test("has a command that runs an experiment with a policy file", () => {
    mkdirSync(join(project, "cli"));
    writeFileSync(
      join(project, "mine.ts"),
      'import { definePlugin, type NodeInfo } from "stowage";\n' +
        'export default definePlugin({ name: "Mine", locality: "node", ' +
        "score: (_pod, node: NodeInfo) => node.pods.length });\n",
    );
    const experiment = {
      name: "small",
      policies: ["default", "./mine.ts"],
      workload: {
        synthetic: {
          nodes: [{ name: "node", count: 2, cpu: 4 }],
          pods: [{ name: "pod", count: 4, cpu: 1, arrivals: "1s" }],
        },
      },
    };
    writeFileSync(join(project, "e.json"), JSON.stringify(experiment));
    const said = run("npx", "--no-install", "stowage", "compare", "e.json", "--out", "cli/out");
    expect(said).toContain("mine");
    const rows = readFileSync(join(project, "cli/out/runs.csv"), "utf8").trim().split("\n");
    expect(rows).toHaveLength(3);
  });
});
