import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * What a user reads when the input is wrong: one message with place and remedy, the right exit
 * code, and nothing left that looks like a result. All cases run in one child process, one after
 * the other, through the same code as the installed command.
 */
const nodes = `apiVersion: v1
kind: Node
metadata: { name: n1 }
status: { allocatable: { cpu: "4", memory: 8Gi, pods: "110" } }
---
apiVersion: v1
kind: Node
metadata: { name: n2 }
status: { allocatable: { cpu: "4", memory: 8Gi, pods: "110" } }
`;

const pod = (name: string, cpu: string): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, annotations: { stowage.dev/duration: 5s } }
spec:
  containers:
    - name: main
      image: busybox
      resources: { requests: { cpu: ${cpu} } }
`;

const policy = (score: string): string => `import { definePlugin } from "stowage";
export default definePlugin({ name: "Mine", score: (_pod, node) => { ${score} } });
`;

const files: Readonly<Record<string, string>> = {
  "nodes.yaml": nodes,
  "pods.yaml": `${pod("a", "1")}---\n${pod("b", "1")}`,
  "huge.yaml": pod("huge", '"64"'),
  "malformed.yaml": "apiVersion: v1\nkind: Pod\nmetadata: { name: a\nspec: {}\n",
  "unknown-kind.yaml": "apiVersion: v1\nkind: Podd\nmetadata: { name: a }\n",
  "unknown-field.yaml": pod("a", "1").replace("image:", "imagee: x\n      image:"),
  "negative.yaml": pod("a", '"-1"'),
  "no-quantity.yaml": pod("a", '"5x"'),
  "replicas.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: -1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: web }] }
`,
  "throws.js": policy('throw new Error("no idea");'),
  "nan.js": policy("return Number.NaN;"),
  "big.js": policy("return 101;"),
  "good.js": policy("return 1;"),
  "bad-field.yaml": "seeds: 1\nhorizonn: 5s\nworkload: { openb: {} }\n",
  "bad-value.yaml": "horizon: soon\nworkload: { openb: {} }\n",
  "bad-policy.yaml":
    "policies: [defaut]\nworkload: { synthetic: { pods: [{ name: p, cpu: -1 }] } }\n",
  "missing.csv":
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n" +
    "p0,,1024,0,0,,LS,Running,0,10,1\n",
  "impossible.csv":
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n" +
    "p0,-5,1024,0,0,,LS,Running,0,10,1\n",
  "no-column.csv": "name,memory_mib\np0,5\n",
  "a-file": "",
};

const apply = (manifest: string): string[] => [
  "run",
  "--nodes=nodes.yaml",
  `--manifests=${manifest}`,
];
const openb = (list: string): string[] => ["run", `--trace=openb:${list}`];

/** The case in words, the command line, the exit code, and parts of the one message. */
const cases: readonly (readonly [string, readonly string[], number, readonly string[]])[] = [
  ["bad flag", ["run", "--horizn=5s"], 2, ["--horizn", "--horizon", "--help"]],
  ["unknown command", ["simulate"], 2, ["simulate"]],
  ["two policies for run", ["run", "--policy=a", "--policy=b"], 2, ["compare"]],
  ["unknown policy", [...apply("pods.yaml"), "--policy=defaut"], 1, ['"defaut"', "default"]],
  ["unknown trace", ["run", "--trace=opnb"], 1, ['"opnb"', '"openb"']],
  ["unknown latency", ["run", "--latency=etcdFsnc=1ms"], 1, ["etcdFsnc", '"etcdFsync"']],
  ["bad horizon", ["run", "--horizon=soon"], 1, ["--horizon", '"soon"']],
  ["no such policy file", [...apply("pods.yaml"), "--policy=./gone.js"], 1, ["gone.js", "no such"]],
  ["no such manifest", apply("gone.yaml"), 1, ["gone.yaml"]],
  ["no node", ["run", "--manifests", "pods.yaml"], 1, ["no Node", "--nodes nodes.yaml"]],
  ["malformed YAML", apply("malformed.yaml"), 1, ["malformed.yaml:"]],
  ["unknown kind", apply("unknown-kind.yaml"), 1, ["unknown-kind.yaml:", "Podd", "Pod"]],
  ["unknown field", apply("unknown-field.yaml"), 1, ["unknown-field.yaml:", "imagee"]],
  ["negative quantity", apply("negative.yaml"), 1, ["negative.yaml:", "requests[cpu]", "-1"]],
  ["no quantity", apply("no-quantity.yaml"), 1, ["no-quantity.yaml:", "requests[cpu]", "5x"]],
  ["negative replicas", apply("replicas.yaml"), 1, ["replicas.yaml:", "spec.replicas", "-1"]],
  ["a trace row that lacks a value", openb("missing.csv"), 1, ["missing.csv:2", "cpu_milli"]],
  ["an impossible trace row", openb("impossible.csv"), 1, ["impossible.csv:2", '"-5"']],
  ["a trace without a column", openb("no-column.csv"), 1, ["no-column.csv", "cpu_milli"]],
  ["a policy that throws", [...apply("pods.yaml"), "--policy=./throws.js"], 1, ["Mine", "no idea"]],
  ["a policy that returns NaN", [...apply("pods.yaml"), "--policy=./nan.js"], 1, ["Mine", "NaN"]],
  ["a score of 101", [...apply("pods.yaml"), "--policy=./big.js"], 1, ["Mine", "101", "0..100"]],
  ["a file as output folder", [...apply("pods.yaml"), "--out=a-file"], 1, ["a-file", "--out"]],
  [
    "an unknown field of an experiment",
    ["run", "bad-field.yaml"],
    1,
    ["bad-field.yaml:2:", "horizon"],
  ],
  ["a bad value of an experiment", ["run", "bad-value.yaml"], 1, ["bad-value.yaml:1:", "soon"]],
  [
    "an unknown policy and a negative request of an experiment",
    ["run", "bad-policy.yaml"],
    1,
    ["bad-policy.yaml:1:12:", '"defaut"', "Did you mean default?", "bad-policy.yaml:2:", "got -1"],
  ],
  [
    "manifests as a trace's node list",
    ["run", "--trace=openb", "--nodes=nodes.yaml"],
    1,
    ["nodes.yaml:", "node list", "CSV", "cpu_milli"],
  ],
  [
    "no such experiment",
    ["run", "gone-experiment.yaml"],
    1,
    ["gone-experiment.yaml", "no such file"],
  ],
];

const driver = `
const { runCli } = await import(process.argv[2]);
const outcomes = [];
for (const argv of JSON.parse(process.argv[3])) {
  const outcome = { code: -1, out: "", err: "" };
  const terminal = {
    out: (text) => { outcome.out += text; },
    err: (text) => { outcome.err += text; },
    isInteractive: false,
    columns: 80,
  };
  const { signal } = new AbortController();
  outcome.code = await runCli(argv, { terminal, signal, debug: false });
  outcomes.push(outcome);
}
console.log(JSON.stringify(outcomes));
`;

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let folder = "";
let outcomes: readonly Outcome[] = [];
const outputOf = (index: number): string => join(folder, `out-${index}`);
const PENDING = cases.length;
const GOOD = cases.length + 1;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-errors-"));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "driver.mjs"), driver);
  const lines = [
    ...cases.map(([, argv]) => argv),
    apply("huge.yaml"),
    [...apply("pods.yaml"), "--policy=./good.js"],
  ].map((argv, index) => [
    ...argv,
    ...(argv.join().includes("--out") ? [] : ["--out", outputOf(index)]),
  ]);
  const child = spawnSync(
    process.execPath,
    [
      "--import",
      new URL("../node_modules/tsx/dist/loader.mjs", import.meta.url).href,
      join(folder, "driver.mjs"),
      new URL("../cli/run-cli.ts", import.meta.url).pathname,
      JSON.stringify(lines),
    ],
    { cwd: folder, encoding: "utf8" },
  );
  if (child.status !== 0) throw new Error(child.stderr);
  outcomes = JSON.parse(child.stdout) as typeof outcomes;
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("bad input", () => {
  test.each(cases.map(([name, , code, parts], index) => ({ name, code, parts, index })))(
    "$name: one message, exit $code, no files",
    ({ code, parts, index }) => {
      const { err, out, code: actual } = outcomes[index] ?? { err: "", out: "", code: -1 };
      for (const part of parts) expect(err).toContain(part);
      expect({ code: actual, out }).toEqual({ code, out: "" });
      const messages = err.split("\n").filter((line) => line.startsWith("stowage: "));
      expect(messages).toHaveLength(1);
      expect(err).not.toMatch(/^\s+at /m);
      if (existsSync(outputOf(index))) expect(readdirSync(outputOf(index))).toEqual([]);
    },
  );

  test("pods that can never fit are a result, not an error: the run says so and ends", () => {
    expect(outcomes[PENDING]?.code).toBe(0);
    expect(outcomes[PENDING]?.out).toContain(
      "\n1 pod was never scheduled: huge.yaml:1: default/huge: asks cpu 64, " +
        "the largest node has 4: add a larger node or lower the request.\n" +
        "See `reason` in pods.csv.\n",
    );
    expect(readdirSync(outputOf(PENDING))).toContain("pods.csv");
  });

  test("and good input gives files, a table and 0", () => {
    expect(outcomes[GOOD]?.code).toBe(0);
    expect(outcomes[GOOD]?.out).toContain("good");
    expect(readdirSync(outputOf(GOOD)).sort()).toEqual([
      "api-requests.csv",
      "comparison.csv",
      "faults.csv",
      "latency.csv",
      "operations.csv",
      "pods.csv",
      "run.json",
      "scheduler-metrics.csv",
      "summary.csv",
      "utilization.csv",
      "workloads.csv",
    ]);
  });
});
