import { describe, expect, test } from "vitest";
import { run } from "./commands/run.ts";
import { experimentFlags } from "./experiment-flags.ts";
import type { ExperimentOptions } from "./experiment-options.ts";
import { parseCommandLine } from "./parse-command-line.ts";

const facts = { version: "1.2.3", columns: 80, commands: [run] };

async function flagsOf(...argv: string[]) {
  const commandLine = await parseCommandLine(["run", ...argv], facts);
  if (commandLine.kind !== "command") throw new Error(`is ${commandLine.kind}`);
  return experimentFlags(commandLine.flags as ExperimentOptions);
}

describe("the flags of an experiment", () => {
  test("are those of the command line, and nothing else: the file decides the rest", async () => {
    for (const value of Object.values(await flagsOf("--quiet"))) expect(value).toBeUndefined();
  });

  test.each([
    ["--trace=openb", { trace: "openb" }],
    ["--nodes=n.yaml", { nodes: ["n.yaml"] }],
    ["--manifests=7", { manifests: ["7"] }],
    ["--policy=7", { policy: ["7"] }],
    ["--seeds=3", { seeds: 3 }],
    ["--seed=3", { seed: "3" }],
    ["--load=1.5", { load: 1.5 }],
    ["--rate=2", { rate: 2 }],
    ["--time-scale=2", { timeScale: 2 }],
    ["--horizon=2h", { horizon: "2h" }],
    ["--out=o", { out: "o" }],
    ["--evaluation=full", { evaluation: "full" }],
    ["--balancer=random", { balancer: "random" }],
    ["--no-events", { events: false }],
    ["--latency=a=1", { latency: ["a=1"] }],
    ["--utilization-interval=5s", { utilizationInterval: "5s" }],
    ["--set=a.b=c=d", { set: ["a.b=c=d"] }],
  ])("%s is %j", async (flag, expected) => {
    const given = Object.entries(await flagsOf(flag)).filter(([, value]) => value !== undefined);
    expect(Object.fromEntries(given)).toEqual(expected);
  });
});
