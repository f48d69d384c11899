/**
 * `npm run check`: types, format and lint, import directions, dead code, house rules, in this
 * order. One line per check with the number of files it looked at; a check that looked at no file
 * fails, since it proves nothing. Findings are printed below their line. Exit code 1 if any failed.
 *
 * `npm run check -- types lint` runs only the named ones.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

const root = fileURLToPath(new URL("..", import.meta.url));
const rooms = [
  "cli",
  "library",
  "bench",
  "reports",
  "workloads",
  "policies",
  "sim",
  "test",
  "examples",
  "tools",
];

/** Runs a tool of node_modules; `count` finds the number of files in what it printed. */
function tool(script, args, count) {
  const result = spawnSync(process.execPath, [`node_modules/${script}`, ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
    maxBuffer: 1 << 28,
  });
  const output = `${result.stdout}${result.stderr}`;
  return { ok: result.status === 0, files: count(output), findings: output };
}

const firstNumber = (pattern) => (output) => Number(pattern.exec(output)?.[1] ?? 0);

function types() {
  const isOurs = (line) => /\.ts$/.test(line) && !line.includes("node_modules");
  const result = tool(
    "typescript/bin/tsc",
    ["-p", "tsconfig.json", "--noEmit", "--listFiles"],
    (output) => output.split("\n").filter((line) => isOurs(line)).length,
  );
  const findings = result.findings
    .split("\n")
    .filter((line) => !/\.[cm]?ts$/.test(line))
    .join("\n");
  return { ...result, findings };
}

const lint = () =>
  tool(
    "@biomejs/biome/bin/biome",
    ["check", "--max-diagnostics=200", "--error-on-warnings", "."],
    firstNumber(/Checked (\d+) files?/),
  );

const imports = () =>
  tool(
    "dependency-cruiser/bin/dependency-cruise.mjs",
    [
      "--config",
      ".dependency-cruiser.cjs",
      "index.ts",
      ...rooms.filter((room) => existsSync(new URL(`../${room}`, import.meta.url))),
    ],
    firstNumber(/(\d+) modules/),
  );

const unused = () =>
  tool(
    "knip/bin/knip.js",
    [
      "--no-progress",
      "--no-config-hints",
      "--reporter",
      "symbols",
      "--reporter",
      "./tools/knip-count.mjs",
    ],
    firstNumber(/knip analysed (\d+) files/),
  );

async function tidy() {
  register();
  const { readRepository } = await import("./tidy/repository.ts");
  const { runTidyChecks } = await import("./tidy/checks.ts");
  const { files, findings } = runTidyChecks(readRepository(root));
  return { ok: findings.length === 0, files, findings: findings.join("\n") };
}

const checks = { types, lint, imports, unused, tidy };
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(
    `unknown check ${unknown.join(", ")}; there are: ${Object.keys(checks).join(", ")}`,
  );
  process.exit(2);
}

let failed = 0;
for (const [name, run] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const startMs = Date.now();
  const result = await run();
  const ok = result.ok && result.files > 0;
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1);
  console.log(
    `${ok ? "ok  " : "FAIL"} ${name.padEnd(8)} ${String(result.files).padStart(5)} files ${seconds.padStart(6)} s`,
  );
  if (ok) continue;
  failed++;
  console.log(
    result.files > 0
      ? result.findings.trimEnd()
      : `${name} looked at no files.\n${result.findings}`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;
