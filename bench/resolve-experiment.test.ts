import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportFiles } from "../reports/index.ts";
import { defaultClusterOptions } from "../sim/options/index.ts";
import { defaultOpenbSpec } from "../workloads/index.ts";
import { runsOf } from "./experiment.ts";
import type { ExperimentFlags } from "./experiment-flags.ts";
import { resolveExperiment } from "./resolve-experiment.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "experiment-"));
});
afterAll(() => rm(folder, { recursive: true }));

const fromFlags = (flags: ExperimentFlags) =>
  resolveExperiment({ flags, workingDirectory: "/cwd" });

async function fromFile(yaml: string, flags: ExperimentFlags = {}) {
  await writeFile(join(folder, "e.yaml"), yaml);
  return resolveExperiment({ file: join(folder, "e.yaml"), flags, workingDirectory: "/cwd" });
}

describe("resolveExperiment", () => {
  test("fills in every default", async () => {
    const { seed: _seed, ...cluster } = defaultClusterOptions;
    expect(await fromFlags({ trace: "openb" })).toEqual({
      name: "openb",
      cluster,
      workload: defaultOpenbSpec,
      workloadBase: "/cwd",
      policies: [{ label: "default", path: undefined }],
      seeds: ["1"],
      horizonUs: "auto",
      outputs: {
        directory: "/cwd/out",
        files: reportFiles,
        utilizationIntervalUs: 60_000_000,
        nodeGrid: { rows: 200, intervals: 200 },
        traces: { share: 1, limit: 200 },
      },
      analysis: { warmupUs: 0, of: "scheduling_wait" },
      traffic: [],
      services: {},
      faults: [],
    });
  });

  test("gives each flag its place", async () => {
    const experiment = await fromFlags({
      trace: "openb:list.csv",
      nodes: ["nodes.csv"],
      policy: ["default", "./mine.ts"],
      seeds: 2,
      load: 1.1,
      rate: 5,
      horizon: "2h",
      out: "results",
      evaluation: "verify",
      events: true,
      latency: ["etcdFsync=5ms", "schedulingPerNodeScoredNs=100"],
      utilizationInterval: "10s",
    });
    expect(experiment.workload).toEqual({
      ...defaultOpenbSpec,
      pods: "list.csv",
      nodes: "nodes.csv",
      load: 1.1,
      rate: 5,
    });
    expect(experiment.policies).toEqual([
      { label: "default", path: undefined },
      { label: "mine", path: "/cwd/mine.ts" },
    ]);
    expect(experiment.cluster.scheduler.evaluation).toBe("verify");
    expect(experiment.cluster.events).toBe(true);
    expect(experiment.cluster.latency.etcdFsync).toBe("5ms");
    expect(experiment.cluster.latency.schedulingPerNodeScoredNs).toBe(100);
    expect(experiment.cluster.latency.apiRead).toBe(defaultClusterOptions.latency.apiRead);
    expect(experiment).toMatchObject({ seeds: ["1", "2"], horizonUs: 7_200_000_000 });
    expect(experiment.outputs.directory).toBe("/cwd/results");
    expect(experiment.outputs.utilizationIntervalUs).toBe(10_000_000);
  });

  test("takes paths in the file from its folder, and those of flags from the working directory", async () => {
    const yaml =
      "workload: {manifests: {manifests: [a.yaml]}}\npolicies: [./p.ts]\noutputs: {directory: o}";
    const alone = await fromFile(yaml);
    expect(alone.workloadBase).toBe(folder);
    expect(alone.policies).toEqual([{ label: "p", path: join(folder, "p.ts") }]);
    expect(alone.outputs.directory).toBe(join(folder, "o"));
    const flagged = await fromFile(yaml, { manifests: ["b.yaml"], policy: ["./q.ts"], out: "o" });
    expect(flagged.workloadBase).toBe("/cwd");
    expect(flagged.workload).toMatchObject({ manifests: ["b.yaml"] });
    expect(flagged.policies).toEqual([{ label: "q", path: "/cwd/q.ts" }]);
    expect(flagged.outputs.directory).toBe("/cwd/o");
  });

  test("gives groups of nodes beside manifests the same defaults as synthetic ones", async () => {
    const groups = "[{name: n, count: 3, cpu: 4, taints: [{key: a, effect: NoSchedule}]}]";
    const { workload } = await fromFile(
      `workload: {manifests: {manifests: [a.yaml], nodeGroups: ${groups}}}`,
    );
    expect(workload).toMatchObject({
      nodeGroups: [{ name: "n", count: 3, cpu: "4", memory: "32Gi", pods: 110 }],
    });
  });

  test("lets flags win over the file, setting by setting", async () => {
    const yaml = `
name: gpu
cluster: {latency: {etcdFsync: 9ms, apiRead: 8ms}, clients: {leader-election: {qps: 1, burst: 2}}}
workload: {openb: {load: 1.1, images: [x]}}
seeds: 5
horizon: 1h`;
    const experiment = await fromFile(yaml, { latency: ["etcdFsync=5ms"], seed: "x", rate: 2 });
    expect(experiment.cluster.latency).toMatchObject({ etcdFsync: "5ms", apiRead: "8ms" });
    expect(experiment.cluster.clients["leader-election"]).toEqual({ qps: 1, burst: 2 });
    expect(experiment.cluster.clients["kubelet"]).toEqual({ qps: 50, burst: 100 });
    expect(experiment.workload).toMatchObject({ load: 1.1, images: ["x"], rate: 2 });
    expect(experiment).toMatchObject({ name: "gpu", seeds: ["x"], horizonUs: 3_600_000_000 });
    const scaled = await fromFile(yaml, { timeScale: 100 });
    expect(scaled.workload).toMatchObject({ timeScale: 100, images: ["x"] });
  });

  test.each([
    ["none", { warmupUs: 0, of: "scheduling_wait" }],
    ["10m", { warmupUs: 600_000_000, of: "scheduling_wait" }],
    ["mser-5, of: pod_slowdown", { warmupUs: "mser-5", of: "pod_slowdown" }],
  ])("takes a warm-up of %s", async (warmup, analysis) => {
    const yaml = `workload: {openb: {}}\nanalysis: {warmup: ${warmup}}`;
    expect((await fromFile(yaml)).analysis).toEqual(analysis);
  });

  test("fills in synthetic groups, numbers as quantities too", async () => {
    const { workload } = await fromFile(`
workload:
  synthetic:
    nodes: [{name: n, cpu: 4}]
    pods: [{name: a, start: 5s, duration: 1s}]
    deployments: [{name: web, replicas: 3, port: 80}]`);
    expect(workload).toMatchObject({
      nodes: [{ name: "n", count: 1, cpu: "4", memory: "32Gi", pods: 110 }],
      pods: [{ name: "a", startUs: 5_000_000, duration: "1s", arrivals: "exponential(mean=1s)" }],
      jobs: [],
      deployments: [{ name: "web", replicas: 3, port: 80, namespace: "default" }],
    });
  });

  test("fills in traffic", async () => {
    const { traffic } = await fromFile(`
workload: {synthetic: {}}
traffic: [{service: default/web, arrivals: 10ms, serviceTime: 2ms, requests: 100}]`);
    expect(traffic).toEqual([
      {
        name: "",
        service: "default/web",
        port: "",
        ingress: undefined,
        from: "random-node",
        arrivals: "10ms",
        clients: 0,
        thinkTime: "",
        serviceTime: "2ms",
        addresses: 1,
        keys: 0,
        keySkew: 1,
        client: {
          timeoutUs: 0,
          attemptTimeoutUs: 0,
          connectTimeoutUs: 1_000_000,
          attempts: 1,
          backoffUs: 25_000,
          backoffMaxUs: 250_000,
          retryBudget: 0,
          connections: 0,
          isExclusive: false,
          balancer: "node",
        },
        startUs: 0,
        requests: 100,
        untilUs: undefined,
      },
    ]);
  });

  test("fills in services, and traffic that leaves its work to them", async () => {
    const { traffic, services } = await fromFile(`
workload: {synthetic: {}}
traffic:
  - service: shop/web:http
    clients: 20
    thinkTime: exponential(mean=1s)
    timeout: 2s
    retries: 2
    backoff: 10ms
    connections: 4
    exclusive: true
    until: 10m
  - ingress: {host: shop.example, path: /cart, cookies: {canary: always}, class: nginx}
    arrivals: poisson(rate=5/s)
    balancer: round-robin
    until: 5m
services:
  shop/web:
    serviceTime: 5ms
    queueLimit: 100
    calls:
      - {to: shop/db, times: 3, cacheHits: 0.5}
      - [{to: shop/ads:80, optional: true, timeout: 50ms}, {to: shop/db, probability: 0.1}]
  shop/db: {serviceTime: 1ms, concurrency: 8, cpu: 0.25, errors: 0.01}
  shop/ads: {serviceTime: 1ms}`);
    expect(traffic[0]).toMatchObject({
      service: "shop/web",
      port: "http",
      clients: 20,
      arrivals: "",
      serviceTime: "",
      untilUs: 600_000_000,
      client: {
        timeoutUs: 2_000_000,
        attempts: 3,
        backoffUs: 10_000,
        backoffMaxUs: 100_000,
        connections: 4,
        isExclusive: true,
      },
    });
    expect(traffic[1]).toMatchObject({
      service: "",
      from: "outside",
      client: { balancer: "round-robin" },
      ingress: { host: "shop.example", path: "/cart", headers: {}, cookies: { canary: "always" } },
    });
    const { calls, ...web } = services["shop/web"] ?? {};
    const plain = { concurrency: 0, queueLimit: -1, cpu: 1, errors: 0 };
    expect(web).toEqual({ ...plain, serviceTime: "5ms", queueLimit: 100 });
    expect(calls).toMatchObject([
      [{ to: "shop/db", probability: 1, times: 3, cacheHits: 0.5, isOptional: false }],
      [
        { to: "shop/ads:80", isOptional: true, client: { timeoutUs: 50_000, attempts: 1 } },
        { to: "shop/db", probability: 0.1, times: 1 },
      ],
    ]);
    expect(services["shop/db"]).toMatchObject({ concurrency: 8, cpu: 0.25, errors: 0.01 });
  });

  test.each<[string, ExperimentFlags, string]>([
    ["no workload", {}, "workload: got none, want one. Give --trace openb"],
    ["two workloads", { trace: "openb", manifests: ["a"] }, "--trace and --manifests: got both"],
    ["nodes alone", { nodes: ["a"] }, "got no manifests, want at least one file"],
    ["an unknown trace", { trace: "openbb" }, 'Did you mean "openb"?'],
    ["both seed flags", { trace: "openb", seed: "1", seeds: 3 }, "--seed and --seeds: got both"],
    ["half a seed", { trace: "openb", seeds: 1.5 }, "--seeds: got 1.5, want how many seeds"],
    ["no rate", { trace: "openb", rate: 0 }, "--rate: got 0, want a number above 0."],
    ["a rate that is no number", { trace: "openb", rate: Number.NaN }, "--rate: got NaN"],
    [
      "a rate for manifests",
      { manifests: ["a"], rate: 1 },
      "--rate: got it with manifests, want it with --trace openb",
    ],
    [
      "a time scale and a load",
      { trace: "openb", timeScale: 2, load: 1 },
      "got a time scale with a load or a rate",
    ],
    [
      "a horizon without unit",
      { trace: "openb", horizon: "90" },
      '--horizon: got "90", want auto, or a duration',
    ],
    [
      "an unknown latency",
      { trace: "openb", latency: ["etcdFsnc=1s"] },
      'Did you mean "etcdFsync"?',
    ],
    [
      "a latency that is no distribution",
      { trace: "openb", latency: ["etcdFsync=soon"] },
      '--latency etcdFsync: got "soon"',
    ],
    [
      "a latency without value",
      { trace: "openb", latency: ["schedulingPerNodeScoredNs"] },
      'got "", want a number',
    ],
    [
      "an unknown evaluation",
      { trace: "openb", evaluation: "fast" },
      '--evaluation: got "fast", want one of full',
    ],
    ["a policy twice", { trace: "openb", policy: ["a", "a"] }, 'policies: got "a" twice'],
    [
      "an interval of nothing",
      { trace: "openb", utilizationInterval: "0s" },
      "utilization interval: got 0s",
    ],
    [
      "the standard input twice",
      { nodes: ["-"], manifests: ["-"] },
      "got the standard input twice",
    ],
  ])("refuses %s", async (_case, flags, message) => {
    await expect(fromFlags(flags)).rejects.toThrow(message);
    await expect(fromFlags(flags)).rejects.toMatchObject({ name: "InputError" });
  });

  test.each([
    [
      "two workloads",
      "workload: {openb: {}, synthetic: {}}",
      "got openb and synthetic, want one of them",
    ],
    ["a seed twice", 'workload: {openb: {}}\nseeds: [1, "1"]', "seeds: got 1 twice"],
    [
      "requests without end",
      "workload: {openb: {}}\ntraffic: [{service: a/b, arrivals: 1s, serviceTime: 1s}]",
      "traffic[0]: got neither requests nor a horizon",
    ],
    [
      "a warm-up as long as its runs",
      "workload: {openb: {}}\nhorizon: 60s\nanalysis: {warmup: 1m}",
      "analysis.warmup: got 60s, want less than the horizon, 60s: nothing would be left",
    ],
    [
      "two groups of one name",
      "workload: {synthetic: {pods: [{name: a}], jobs: [{name: a}]}}",
      'got two groups named "a"',
    ],
    [
      "two groups of nodes of one name beside manifests",
      "workload: {manifests: {manifests: [a.yaml], nodeGroups: [{name: a}, {name: a}]}}",
      'workload manifests: got two groups named "a"',
    ],
  ])("refuses a file with %s, naming the file", async (_case, yaml, message) => {
    await expect(fromFile(yaml)).rejects.toThrow(message);
    await expect(fromFile(yaml)).rejects.toThrow("e.yaml: ");
  });

  test("two files of one name are told apart by their paths", async () => {
    const { policies } = await fromFlags({ trace: "openb", policy: ["a/p.ts", "b/p.ts"] });
    expect(policies.map((policy) => policy.label)).toEqual(["a/p.ts", "b/p.ts"]);
  });
});

describe("runsOf", () => {
  test("runs each policy with each seed", async () => {
    const runs = runsOf(await fromFlags({ trace: "openb", policy: ["a", "b"], seeds: 2 }));
    expect(runs.map((run) => `${run.policy.label} ${run.options.seed}`)).toEqual([
      "a 1",
      "a 2",
      "b 1",
      "b 2",
    ]);
  });
});
