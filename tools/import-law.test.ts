import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";

/** The floor plan, tried on a small tree in which each arrow is lawful, or breaks one rule. */
const root = fileURLToPath(new URL("..", import.meta.url));

const lawful: readonly (readonly [string, string])[] = [
  ["cli/main.ts", "bench/index.ts"],
  ["cli/run.ts", "library/surroundings/index.ts"],
  ["library/simulate.ts", "bench/sweep/index.ts"],
  ["index.ts", "library/index.ts"],
  ["bench/index.ts", "reports/index.ts"],
  ["bench/run.ts", "policies/balance/index.ts"],
  ["reports/csv.ts", "workloads/index.ts"],
  ["policies/score/a.ts", "sim/scheduler/index.ts"],
  ["sim/cluster.ts", "sim/kubelet/index.ts"],
  ["sim/scheduler/index.ts", "sim/scheduler/queue/heap.ts"],
  ["sim/scheduler/loop.ts", "sim/client/index.ts"],
  ["sim/scheduler/loop.ts", "sim/options/index.ts"],
  ["sim/client/reflector.ts", "sim/kernel/index.ts"],
  ["sim/kernel/index.ts", "sim/kernel/clock.ts"],
  ["sim/network/network.ts", "sim/network/traffic/index.ts"],
  ["sim/network/traffic/source.ts", "sim/network/ingress/index.ts"],
  ["sim/network/dns/server.ts", "sim/network/topology/index.ts"],
  ["reports/report.ts", "reports/requests/index.ts"],
  ["sim/etcd/store.test.ts", "sim/apiserver/server.ts"],
];

/** From, to, and the rule that says no. Each `from` is used once. */
const unlawful: readonly (readonly [string, string, string])[] = [
  ["sim/kernel/up.ts", "sim/api/index.ts", "kernel-imports-downward"],
  ["sim/options-reader/up.ts", "sim/etcd/inner.ts", "sim-etcd-through-its-index"],
  ["sim/etcd/up.ts", "sim/apiserver/index.ts", "etcd-imports-downward"],
  ["sim/client/up.ts", "sim/kubelet/index.ts", "client-imports-downward"],
  ["sim/scheduler/up.ts", "policies/index.ts", "components-imports-downward"],
  ["sim/scheduler/side.ts", "sim/kubelet/index.ts", "scheduler-knows-no-neighbour"],
  ["sim/kubelet/side.ts", "sim/controllers/index.ts", "kubelet-knows-no-neighbour"],
  ["sim/kubelet/up.ts", "sim/cluster.ts", "components-imports-downward"],
  ["policies/up.ts", "workloads/index.ts", "policies-imports-downward"],
  ["workloads/up.ts", "reports/index.ts", "workloads-imports-downward"],
  ["reports/up.ts", "bench/index.ts", "reports-imports-downward"],
  ["bench/up.ts", "cli/main.ts", "bench-imports-downward"],
  ["bench/higher.ts", "library/index.ts", "bench-imports-downward"],
  ["library/up.ts", "cli/main.ts", "library-imports-downward"],
  ["library/face.ts", "index.ts", "library-knows-no-neighbour"],
  ["cli/past.ts", "library/simulate.ts", "library-through-its-index"],
  ["sim/client/past.ts", "sim/api/quantity.ts", "sim-api-through-its-index"],
  ["sim/network/proxy/up.ts", "sim/network/call/index.ts", "proxy-imports-downward"],
  ["sim/network/calls/up.ts", "sim/network/services/index.ts", "calls-imports-downward"],
  ["sim/network/backend/up.ts", "sim/network/network.ts", "backend-imports-downward"],
  ["sim/network/dns/side.ts", "sim/network/ingress/index.ts", "dns-knows-no-neighbour"],
  ["sim/network/calls/past.ts", "sim/network/call/edge.ts", "sim-network-call-through-its-index"],
  ["bench/past.ts", "sim/network/traffic/index.ts", "sim-network-through-its-index"],
  ["reports/past.ts", "reports/requests/sketch.ts", "reports-requests-through-its-index"],
  ["sim/api/tested.ts", "sim/api/quantity.test.ts", "sources-import-no-test"],
  ["sim/api/dead.ts", "sim/api/gone.ts", "resolvable"],
  ["sim/api/about.ts", "sim/api/round.ts", "no-cycle"],
];

/** `from` and the rule it breaks. */
let broken: readonly string[] = [];

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "stowage-law-"));
  try {
    for (const name of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"]) {
      cpSync(join(root, name), join(folder, name));
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeTree(folder);
    broken = cruise(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function writeTree(folder: string): void {
  const imports = new Map<string, string[]>([["sim/api/alone.ts", []]]);
  const arrows = [
    ...lawful,
    ...unlawful.map(([from, to]) => [from, to] as const),
    ["sim/api/round.ts", "sim/api/about.ts"] as const,
  ];
  for (const [from, to] of arrows) {
    imports.set(from, [...(imports.get(from) ?? []), to]);
    if (to !== "sim/api/gone.ts") imports.set(to, imports.get(to) ?? []);
  }
  for (const [path, targets] of imports) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const lines = targets.map((to) => `import "./${relative(dirname(path), to)}";\n`);
    writeFileSync(join(folder, path), `${lines.join("")}export {};\n`);
  }
}

function cruise(folder: string): string[] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs"),
      "--config=.dependency-cruiser.cjs",
      "--output-type=json",
      ...["index.ts", "cli", "library", "bench", "reports", "workloads", "policies", "sim"],
    ],
    { cwd: folder, encoding: "utf8" },
  );
  if (stdout === "") throw new Error(stderr);
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  return summary.violations.map(({ from, rule }) => `${from} ${rule.name}`);
}

describe("the import law", () => {
  test.each(lawful)("%s may import %s", (from) => {
    expect(broken.filter((finding) => finding.startsWith(`${from} `))).toEqual([]);
  });

  test.each(unlawful)("%s may not import %s (%s)", (from, _to, rule) => {
    expect(broken).toContain(`${from} ${rule}`);
  });

  test("a module that nobody imports and that imports nothing is an orphan", () => {
    expect(broken).toContain("sim/api/alone.ts no-orphan");
  });
});
