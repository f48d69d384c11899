import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { timelineJson, timelineText } from "../../reports/index.ts";
import { resolveExperiment } from "../resolve-experiment.ts";
import { runExperiment } from "../run-experiment.ts";
import { type TimelineQuery, timelineOf } from "./timeline-of.ts";

/** Every hop takes a round time of its own, so that a sum shows what it is made of. */
const LATENCY = `
    apiNetwork: constant(1ms)
    apiAuthentication: constant(100us)
    apiAuthorization: constant(200us)
    apiHandling: constant(300us)
    apiMutatingAdmission: constant(400us)
    apiValidatingAdmission: constant(1ms)
    apiRead: constant(400us)
    etcdFsync: constant(3ms)
    etcdPeerNetwork: constant(1ms)
    etcdEntry: constant(0us)
    watchDelivery: constant(7ms)
    schedulingBase: constant(500us)
    schedulingPerNodeFilteredNs: 0
    schedulingPerNodeScoredNs: 0
    controllerSync: constant(2ms)
    podSandbox: constant(100ms)
    containerStart: constant(50ms)
    imagePullOverhead: constant(200ms)`;

const NODE = `
apiVersion: v1
kind: Node
metadata: { name: n1 }
status: { allocatable: { cpu: "8", memory: 16Gi, pods: "110" } }
`;

const pod = (name: string, cpu: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: default, labels: { app: solo }, annotations: { stowage.dev/image-bytes: "50000000" } }
spec:
  containers:
    - name: app
      image: registry/app
      resources: { requests: { cpu: "${cpu}" } }
      readinessProbe: { httpGet: { path: /, port: 80 }, initialDelaySeconds: 2, periodSeconds: 5 }
---`;

const SERVICE = `
apiVersion: v1
kind: Service
metadata: { name: solo, namespace: default }
spec: { selector: { app: solo }, ports: [{ port: 80 }] }
---`;

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web }, annotations: { stowage.dev/image-bytes: "0" } }
    spec: { containers: [{ name: app, image: a, resources: { requests: { cpu: 100m } } }] }
---`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-timeline-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hooks = {
  version: "1.2.3",
  loadPolicy: () => Promise.reject(new Error("no policy file is named")),
  loadBalancer: () => Promise.reject(new Error("no balancer file is named")),
  breathe: () => Promise.resolve(),
  notice: () => {},
  get signal() {
    return new AbortController().signal;
  },
};

/** Runs an experiment with these objects; its results are in `out`. */
async function run(objects: string, seeds = 1): Promise<void> {
  writeFileSync(join(folder, "nodes.yaml"), NODE);
  writeFileSync(join(folder, "objects.yaml"), objects);
  writeFileSync(
    join(folder, "e.yaml"),
    `workload:
  manifests: { nodes: [nodes.yaml], manifests: [objects.yaml] }
cluster:
  latency:${LATENCY}
horizon: 60s
seeds: ${seeds}
outputs: { directory: out }
`,
  );
  const experiment = await resolveExperiment({
    file: "e.yaml",
    flags: {},
    workingDirectory: folder,
  });
  await runExperiment(experiment, {
    ...hooks,
    onRunStart: () => {},
    onProgress: () => {},
    onRunDone: () => {},
  });
}

const ask = (kind: string, name: string, more: Partial<TimelineQuery> = {}) =>
  timelineOf(
    {
      run: "out",
      object: { kind, namespace: "default", name },
      afterUs: 0,
      untilEnd: false,
      workingDirectory: folder,
      ...more,
    },
    hooks,
  );

/** What the hops of one write are, from its client to its commit. */
const WRITE = [
  ["network", 1_000],
  ["request", 2_000],
  ["etcd", 5_001], // an fsync beside a round trip to a follower and its fsync; a batch takes 1 us
] as const;

describe("the timeline of a pod", () => {
  test("names every hop from kubectl apply to the status that says Ready", async () => {
    await run(pod("solo", "1"));
    const { timeline } = await ask("Pod", "solo");
    const probe = timeline.hops.find(({ step }) => step === "probe");
    const probedUs = (probe?.endUs ?? 0) - (probe?.startUs ?? 0);
    expect(probedUs).toBeGreaterThan(0);
    expect(probedUs).toBeLessThanOrEqual(7_000_000); // the initial delay and a period
    const hops = timeline.hops.map(({ step, startUs, endUs }) => [step, endUs - startUs]);
    expect(hops).toEqual([
      ["network", 1_000], // GET: is it there?
      ["request", 1_000],
      ["network", 1_000],
      ...WRITE, // POST
      ["watch", 7_000],
      ["queue", 1],
      ["schedule", 500],
      ...WRITE, // binding
      ["watch", 7_000],
      ["sandbox", 100_000],
      ["image-pull", 600_000], // 200 ms for the registry, 50 MB at 125 MB/s
      ["containers", 50_000],
      ["probe", probedUs],
      ...WRITE, // status
    ]);
    expect(timeline.beginning).toMatch(/^kubectl apply Pod default\/solo, objects.yaml:\d+$/);
    expect(timeline.isReady).toBe(true);
  });

  test("goes on to the endpoints of its Service, outside the total", async () => {
    await run(`${SERVICE}${pod("solo", "1")}`);
    const { timeline } = await ask("Pod", "solo");
    const hops = timeline.afterwards.map(({ step, startUs, endUs }) => [step, endUs - startUs]);
    expect(hops).toEqual([["watch", 7_000], ["sync", 2_000], ...WRITE]);
    expect(timeline.afterwards[0]?.startUs).toBe(timeline.endUs);
  });

  test("that never became ready tells how far it came, and why", async () => {
    await run(pod("huge", "64"));
    const { timeline } = await ask("Pod", "huge");
    expect(timeline.isReady).toBe(false);
    expect(timeline.reason).toContain("not scheduled after 1 attempt: 0/1 nodes are available");
    expect(timeline.hops.at(-1)).toMatchObject({ step: "unschedulable", endUs: 60_000_000 });
    expect(timelineText(timeline, { commits: 0, isWhole: true })).toContain("Insufficient cpu.");
  });
});

describe("the timeline of a Deployment", () => {
  test("follows the pod that was last through its ReplicaSet and back", async () => {
    await run(DEPLOYMENT);
    const { timeline } = await ask("Deployment", "web");
    const kinds = timeline.hops.map(({ object }) => object.split(" ")[0] ?? "");
    const turns = kinds.filter((kind, index) => kind !== kinds[index - 1]);
    expect(turns).toEqual([
      "Deployment",
      "ReplicaSet",
      "Pod",
      "ReplicaSet", // its status
      "Deployment",
    ]);
    const writes = timeline.hops.filter(({ step }) => step === "etcd").map(({ text }) => text);
    expect(writes).toEqual([
      "create: commit",
      "create: commit",
      "create: commit",
      "create binding: commit",
      "patch status: commit",
      "update status: commit",
      "update status: commit",
    ]);
    const { pods } = timeline;
    expect(pods).toMatchObject({ count: 3, ready: 3 });
    const critical = timeline.hops.find(({ object }) => object.startsWith("Pod"))?.object;
    expect(critical).toBe(`Pod default/${pods?.last?.name}`);
  });
});

describe("any timeline", () => {
  test("has hops that follow each other without a gap, and shares that add up to 1", async () => {
    await run(`${DEPLOYMENT}${pod("solo", "1")}`);
    for (const [kind, name] of [
      ["Deployment", "web"],
      ["Pod", "solo"],
    ] as const) {
      const { timeline, verified } = await ask(kind, name);
      let cursorUs = timeline.startUs;
      for (const hop of timeline.hops) {
        expect(hop.startUs).toBe(cursorUs);
        cursorUs = hop.endUs;
      }
      expect(cursorUs).toBe(timeline.endUs);
      const { hops } = JSON.parse(timelineJson(timeline, verified)) as {
        hops: { share: number }[];
      };
      const sum = hops.reduce((total, { share }) => total + Math.round(share * 10_000), 0);
      expect(sum).toBe(10_000);
    }
  });

  test("says the same in text and in JSON, within 100 columns", async () => {
    await run(`${SERVICE}${pod("solo", "1")}`);
    const { timeline, verified } = await ask("Pod", "solo");
    const text = timelineText(timeline, verified);
    const json = JSON.parse(timelineJson(timeline, verified)) as {
      hops: { duration_us: number; share: number; component: string; text: string }[];
    };
    const rows = text.split("\n").flatMap((line) => {
      const row = /^ *\d+\.\d{3} +(\d+\.\d{3}) +(\d+\.\d{2}) % +(\S+)/.exec(line);
      return row === null ? [] : [row.slice(1, 4)];
    });
    expect(rows).toEqual(
      json.hops.map(({ duration_us, share, component }) => [
        (duration_us / 1000).toFixed(3),
        (share * 100).toFixed(2),
        component,
      ]),
    );
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    const words = text.replace(/\s+/g, " ");
    expect(words).toContain("attempt 1: 1 of 1 nodes fit, takes n1");
  });
});

describe("a run is repeated from run.json", () => {
  const edit = (change: (text: string) => string): void => {
    const path = join(folder, "out", "run.json");
    writeFileSync(path, change(readFileSync(path, "utf8")));
  };

  test("in part, as far as its digests go, or whole", async () => {
    await run(`${DEPLOYMENT}${pod("solo", "1")}`);
    const part = await ask("Deployment", "web");
    expect(part.verified).toEqual({ commits: 32, isWhole: false });
    const whole = await ask("Deployment", "web", { untilEnd: true });
    expect(whole.verified.isWhole).toBe(true);
    expect(whole.timeline).toEqual(part.timeline);
  });

  test("and one with other digests is refused", async () => {
    await run(DEPLOYMENT);
    edit((text) => text.replace(/"16": "[0-9a-f]+"/, '"16": "0123456789abcdef"'));
    await expect(ask("Deployment", "web")).rejects.toThrow(
      /the repeated run is not the recorded one: they differ between writes 1 and 16/,
    );
  });

  test("of another seed when asked, and only when it is said which", async () => {
    await run(DEPLOYMENT, 2);
    await expect(ask("Deployment", "web")).rejects.toThrow(
      /holds 2 runs, want one. Choose with: --policy default --seed 1; --policy default --seed 2/,
    );
    const { timeline } = await ask("Deployment", "web", { seed: "2" });
    expect(timeline.run.seed).toBe("2");
  });

  test("and inputs that have changed are named", async () => {
    await run(DEPLOYMENT);
    appendFileSync(join(folder, "objects.yaml"), "# later\n");
    await expect(ask("Deployment", "web")).rejects.toThrow(
      /input objects.yaml in .* is not the one of the run: got SHA-256/,
    );
  });

  test.each([
    ["a folder without run.json", { run: "." }, /has no run.json/],
    ["a folder that is not there", { run: "nowhere" }, /no such folder or file/],
    ["another JSON file", { run: "other.json" }, /is no run.json of stowage/],
  ])("not from %s", async (_case, query, message) => {
    await run(DEPLOYMENT);
    writeFileSync(join(folder, "other.json"), "{}");
    await expect(ask("Pod", "x", query)).rejects.toThrow(message);
  });

  test("not from one that lacks a setting of this version", async () => {
    await run(DEPLOYMENT);
    edit((text) => text.replace('"watchDelivery"', '"watchDelay"').replace("1.2.3", "0.0.9"));
    await expect(ask("Deployment", "web")).rejects.toThrow(
      /has no configuration.cluster.latency.watchDelivery: it is of stowage 0.0.9, this is 1.2.3/,
    );
  });

  test("and an unknown name gets the nearest one", async () => {
    await run(pod("solo", "1"));
    await expect(ask("Pod", "sol1")).rejects.toThrow(/Did you mean default\/solo\?/);
    await expect(ask("Job", "solo")).rejects.toThrow(/The run has no Job/);
  });
});
