/**
 * How much sooner a sweep is done with two workers than with one: a study of openb on part of its
 * nodes, by `stowage sweep` as a process of its own, wall clock.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench, BenchRow } from "../bench.ts";

const main = fileURLToPath(new URL("../../../cli/main.js", import.meta.url));

/** Some 40 s of one core: long enough for the start of threads not to count. */
const study = (seeds: number): string => `
name: workers
workload: { openb: { load: 0.6 } }
policies: [default, most-allocated]
seeds: ${seeds}
`;

export const sweepWorkers: Bench = {
  name: "sweep workers",
  columns: ["workers", "runs", "seconds", "of one worker", "goal"],
  async run({ isQuick }) {
    const folder = mkdtempSync(join(tmpdir(), "stowage-sweep-bench-"));
    try {
      const seeds = isQuick ? 4 : 16;
      writeFileSync(join(folder, "study.yaml"), study(seeds));
      const oneS = sweepSeconds(folder, 1);
      const twoS = sweepSeconds(folder, 2);
      const row = (workers: number, seconds: number, goal: string): BenchRow => [
        String(workers),
        String(2 * seeds),
        seconds.toFixed(1),
        (seconds / oneS).toFixed(2),
        goal,
      ];
      return [row(1, oneS, ""), row(2, twoS, "< 0.6")];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function sweepSeconds(folder: string, workers: number): number {
  const out = `out-${workers}`;
  const flags = ["--out", out, "--workers", String(workers), "--quiet"];
  const startMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [main, "sweep", "study.yaml", ...flags], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the sweep ended with ${status}: ${stderr}`);
  return (performance.now() - startMs) / 1000;
}
