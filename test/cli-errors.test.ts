import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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

const balancer = (choice: string): string => `import { defineBalancer } from "stowage";
export default defineBalancer({ name: "mine", choose: () => ${choice} });
`;

/** An experiment with requests to the Service default/web; `load` and `rest` are what is wrong. */
const requests = (load: string, rest = ""): string => `horizon: 20s
workload: { manifests: { nodes: [nodes.yaml], manifests: [web.yaml] } }
traffic:
  - { from: random-node, ${load} }
${rest}`;
const LOAD = "service: default/web, arrivals: 100ms, serviceTime: 1ms";

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
  "web.yaml": `${pod("web", "1").replace("{ name: web,", "{ name: web, labels: { app: web },")}---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
`,
  "no-container-port.yaml": `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: htpp }] }
---
${pod("web", "1").replace("{ name: web,", "{ name: web, labels: { app: web },")}`,
  "weight.yaml": pod("a", "1").replace(
    "annotations: {",
    'annotations: { stowage.dev/weight: "-1",',
  ),
  "negative-rate.yaml": requests(
    "service: default/web, arrivals: poisson(rate=-5/s), serviceTime: 1ms",
  ),
  "both-loops.yaml": requests(`${LOAD}, clients: 3, thinkTime: 1s`),
  "no-clients.yaml": requests(`${LOAD}, thinkTime: 1s`),
  "standstill.yaml": requests("service: default/web, arrivals: 0s, serviceTime: 1ms"),
  "no-port.yaml": requests(LOAD.replace("default/web", '"default/web:grpc"')),
  "no-service.yaml": requests(LOAD.replace("default/web", "default/wep")).replace(
    "web.yaml",
    "no-container-port.yaml",
  ),
  "no-balancer.yaml": requests(`${LOAD}, balancer: magle`),
  "no-mode.yaml": requests(LOAD, "cluster: { network: { proxyMode: ipvz, balancer: round } }\n"),
  "endless.yaml": requests(
    LOAD,
    "services: { default/web: { serviceTime: 1ms, calls: [{ to: default/web, times: 2 }] } }\n",
  ),
  "requests.yaml": requests(LOAD),
  "own-balancer.yaml": requests(`${LOAD}, balancer: ./first.js`),
  "first.js": balancer("0"),
  "beyond.js": balancer("7"),
  "thrown.js": balancer("({}).list.length"),
  "no-function.js": balancer("0").replace("() => 0", "0"),
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
  ["a weight below 0", apply("weight.yaml"), 1, ["weight.yaml:1:", "stowage.dev/weight", '"-1"']],
  ["a negative rate", ["run", "negative-rate.yaml"], 1, ["negative-rate.yaml:4:", "rate=-5/s"]],
  [
    "two kinds of loop",
    ["run", "both-loops.yaml"],
    1,
    ["both-loops.yaml:4:", "arrivals and clients"],
  ],
  ["thinking nobody", ["run", "no-clients.yaml"], 1, ["no-clients.yaml:4:", "thinkTime without"]],
  ["time that stands still", ["run", "standstill.yaml"], 1, ["standstill.yaml:4:", "never pass"]],
  [
    "a port that the Service has not",
    ["run", "no-port.yaml"],
    1,
    ["traffic[0].service", "default/web:grpc", "web.yaml:", "It has http (80)"],
  ],
  [
    "an unknown balancer",
    ["run", "no-balancer.yaml"],
    1,
    ["no-balancer.yaml:4:", "traffic[0].balancer", "Did you mean maglev?"],
  ],
  [
    "an unknown mode and balancer of the proxies",
    ["run", "no-mode.yaml"],
    1,
    ["no-mode.yaml:5:", '"ipvz"', 'mean "ipvs"?', '"round"', "./mine.ts"],
  ],
  [
    "an unknown balancer by flag",
    ["run", "requests.yaml", "--balancer=round-robbin"],
    1,
    ["--balancer", "round-robbin", "Did you mean round-robin?"],
  ],
  ["calls without end", ["run", "endless.yaml"], 1, ["endless.yaml:5:", "never end", "cacheHits"]],
  [
    "a balancer that chooses nobody",
    ["run", "requests.yaml", "--balancer=./beyond.js"],
    1,
    ['balancer "mine"', "beyond.js", "default/web", "gave 7"],
  ],
  [
    "a balancer that throws",
    ["run", "requests.yaml", "--balancer=./thrown.js"],
    1,
    ['balancer "mine"', "thrown.js", "default/web", "TypeError"],
  ],
  [
    "a balancer that is none",
    ["run", "requests.yaml", "--balancer=./no-function.js"],
    1,
    ['balancer "mine"', "no-function.js", "choose", "a function"],
  ],
  [
    "no such balancer file",
    ["run", "requests.yaml", "--balancer=./gone.js"],
    1,
    ["balancer", "gone.js", "no such file"],
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
const NO_SERVICE = cases.length + 2;
const OWN_BALANCER = cases.length + 3;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-errors-"));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "driver.mjs"), driver);
  const lines = [
    ...cases.map(([, argv]) => argv),
    apply("huge.yaml"),
    [...apply("pods.yaml"), "--policy=./good.js"],
    ["run", "no-service.yaml"],
    ["run", "own-balancer.yaml"],
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

  test("requests that reach nobody are a result: said at once why, and below the table", () => {
    const { code, err, out } = outcomes[NO_SERVICE] ?? { code: -1, err: "", out: "" };
    expect(code).toBe(0);
    expect(err).toContain(
      'no manifest has the Service default/wep: its requests find no endpoints. Did you mean "default/web"?\n',
    );
    expect(err).toContain('"htpp" is the name of no container port');
    expect(out).toMatch(
      /\n(\d+) of \1 requests to default\/wep failed: no-endpoints \1\.\nSee services\.csv\.\n/,
    );
  });

  test("a balancer by path, in an experiment file, is an input of the run", () => {
    expect(outcomes[OWN_BALANCER]?.code).toBe(0);
    const record = JSON.parse(readFileSync(join(outputOf(OWN_BALANCER), "run.json"), "utf8"));
    expect(record.inputs).toContainEqual({
      path: "first.js",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      balancer: "mine",
    });
    expect(record.configuration.traffic[0].client.balancer).toBe("./first.js");
  });

  test("and good input gives files, a table and 0", () => {
    expect(outcomes[GOOD]?.code).toBe(0);
    expect(outcomes[GOOD]?.out).toContain("good");
    expect(readdirSync(outputOf(GOOD)).sort()).toEqual([
      "api-requests.csv",
      "comparison.csv",
      "comparison.md",
      "comparison.tex",
      "distributions.csv",
      "endpoints.csv",
      "faults.csv",
      "latency.csv",
      "names.csv",
      "namespaces.csv",
      "nodes.csv",
      "operations.csv",
      "pods.csv",
      "proxies.csv",
      "request-traces.csv",
      "requests.csv",
      "run.json",
      "runs.csv",
      "scheduler-metrics.csv",
      "services.csv",
      "utilization.csv",
      "workloads.csv",
    ]);
  });
});
