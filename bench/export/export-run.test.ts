import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Exposition, parseOpenMetrics } from "../../test/parse-open-metrics.ts";
import { quietHooks as hooks } from "../../test/quiet-hooks.ts";
import { resolveExperiment } from "../resolve-experiment.ts";
import { runExperiment } from "../run-experiment.ts";
import { type ExportQuery, exportRun } from "./export-run.ts";

const NODES = [1, 2]
  .map(
    (number) => `apiVersion: v1
kind: Node
metadata: { name: n${number} }
status: { allocatable: { cpu: "4", memory: 8Gi, pods: "110" } }
`,
  )
  .join("---\n");

const OBJECTS = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web }, annotations: { stowage.dev/image-bytes: "50000000" } }
    spec: { containers: [{ name: app, image: a, resources: { requests: { cpu: 500m } } }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: batch, annotations: { stowage.dev/duration: 20s } }
spec: { restartPolicy: Never, containers: [{ name: app, image: a, resources: { requests: { cpu: "1" } } }] }
---
apiVersion: v1
kind: Pod
metadata: { name: huge }
spec: { containers: [{ name: app, image: a, resources: { requests: { cpu: "64" } } }] }
`;

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "stowage-export-"));
  writeFileSync(join(folder, "nodes.yaml"), NODES);
  writeFileSync(join(folder, "objects.yaml"), OBJECTS);
  writeFileSync(
    join(folder, "e.yaml"),
    `workload: { manifests: { nodes: [nodes.yaml], manifests: [objects.yaml] } }
services:
  default/web: { serviceTime: constant(5ms) }
traffic:
  - { name: users, service: default/web, arrivals: exponential(mean=50ms), start: 40s }
horizon: 3m
outputs: { directory: out }
`,
  );
  const experiment = await resolveExperiment({
    file: "e.yaml",
    flags: {},
    workingDirectory: folder,
  });
  const none = { onRunStart: () => {}, onProgress: () => {}, onRunDone: () => {} };
  await runExperiment(experiment, { ...hooks, ...none });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function textOf(query: Partial<ExportQuery> & Pick<ExportQuery, "format">): Promise<string> {
  let text = "";
  const out = (piece: string): void => {
    text += piece;
  };
  await exportRun({ run: "out", workingDirectory: folder, out, ...query }, hooks);
  return text;
}

/** Rows of a CSV file of the run: by column. Its cells here have no commas in quotes. */
function csv(name: string): Record<string, string>[] {
  const [head = "", ...lines] = readFileSync(join(folder, "out", name), "utf8")
    .trim()
    .split("\n");
  const columns = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
  });
}

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: string;
  readonly cat?: string;
  readonly args?: Readonly<Record<string, string | number>>;
}

describe("a trace for Perfetto", () => {
  let events: TraceEvent[] = [];
  beforeAll(async () => {
    events = JSON.parse(await textOf({ format: "perfetto", requestShare: 1 })).traceEvents;
  });

  test("has names for every process and thread that it mentions", () => {
    const named = (what: string) =>
      new Set(events.filter(({ name }) => name === what).map(({ pid, tid }) => `${pid} ${tid}`));
    const threads = named("thread_name");
    const processes = new Set([...named("process_name")].map((each) => each.split(" ")[0]));
    for (const { pid, tid } of events) {
      expect(threads).toContain(`${pid} ${tid}`);
      expect(processes).toContain(String(pid));
    }
  });

  test("has whole microseconds, and no slice that ends before it begins or after the run", () => {
    for (const { ph, ts = 0, dur = 0 } of events) {
      if (ph === "M") continue;
      expect(Number.isInteger(ts) && Number.isInteger(dur) && ts >= 0 && dur >= 0).toBe(true);
      expect(ts + dur).toBeLessThanOrEqual(180_000_000);
    }
  });

  test("ends each async slice that begins, innermost first, at or after its beginning", () => {
    const open = new Map<string, TraceEvent[]>();
    for (const event of events) {
      if (event.ph !== "b" && event.ph !== "e") continue;
      const key = `${event.cat} ${event.id} ${event.pid}`;
      const stack = open.get(key) ?? [];
      open.set(key, stack);
      if (event.ph === "b") stack.push(event);
      else {
        const begin = stack.pop();
        expect(begin?.name).toBe(event.name);
        expect(event.ts).toBeGreaterThanOrEqual(begin?.ts ?? Number.NaN);
      }
    }
    expect(open.size).toBeGreaterThan(100);
    for (const stack of open.values()) expect(stack).toEqual([]);
  });

  test("has slices of one thread that nest", () => {
    const tracks = new Map<string, TraceEvent[]>();
    for (const event of events)
      if (event.ph === "X")
        tracks.set(`${event.tid}`, [...(tracks.get(`${event.tid}`) ?? []), event]);
    for (const slices of tracks.values()) {
      slices.sort((a, b) => (a.ts ?? 0) - (b.ts ?? 0) || (b.dur ?? 0) - (a.dur ?? 0));
      let open: number[] = [];
      for (const { ts = 0, dur = 0 } of slices) {
        open = open.filter((endUs) => endUs > ts);
        for (const endUs of open) expect(ts + dur).toBeLessThanOrEqual(endUs);
        open.push(ts + dur);
      }
    }
  });

  test("tells each pod's life on a track of its node, with the times of pods.csv", () => {
    const track = events.find(
      ({ name, args }) => name === "thread_name" && args?.["name"] === "default/batch",
    );
    const slices = events.filter(({ ph, tid }) => ph === "X" && tid === track?.tid);
    const node = events.find(({ name, pid }) => name === "process_name" && pid === track?.pid);
    const row = csv("pods.csv").find(({ pod }) => pod === "batch");
    expect(node?.args?.["name"]).toBe(`node ${row?.["node"]}`);
    expect(slices.map(({ name }) => name)).toEqual([
      "pending",
      "scheduling attempt",
      "starting",
      "image pull",
      "running",
    ]);
    const running = slices.find(({ name }) => name === "running");
    expect((running?.ts ?? 0) / 1e6).toBe(Number(row?.["started_s"]));
    expect(((running?.ts ?? 0) + (running?.dur ?? 0)) / 1e6).toBe(Number(row?.["finished_s"]));
  });

  test("closes at the end what is open: a pod that no node can take", () => {
    const track = events.find(
      ({ name, args }) => name === "thread_name" && args?.["name"] === "default/huge",
    );
    const pending = events.find(({ name, tid }) => name === "pending" && tid === track?.tid);
    expect((pending?.ts ?? 0) + (pending?.dur ?? 0)).toBe(180_000_000);
  });

  test("has every API request and every request to a Service, when all are wanted", () => {
    const api = csv("api-requests.csv").reduce((sum, { count }) => sum + Number(count), 0);
    const begun = events.filter(({ ph, cat }) => ph === "b" && cat === "api");
    expect(begun.filter(({ args }) => args?.["client"] !== undefined).length).toBe(api);
    const services = csv("services.csv").reduce((sum, row) => sum + Number(row["requests"]), 0);
    expect(services).toBeGreaterThan(1000);
    expect(events.filter(({ ph, cat }) => ph === "b" && cat === "request").length).toBe(services);
  });

  test("leaves out requests by their share, the same ones each time", async () => {
    const share = async () =>
      (
        JSON.parse(await textOf({ format: "perfetto", requestShare: 0.1 }))
          .traceEvents as TraceEvent[]
      )
        .filter(({ ph, cat }) => ph === "b" && cat === "request")
        .map(({ args }) => args?.["trace"]);
    const some = await share();
    const all = events.filter(({ ph, cat }) => ph === "b" && cat === "request").length;
    expect(some.length / all).toBeGreaterThan(0.07);
    expect(some.length / all).toBeLessThan(0.13);
    expect(await share()).toEqual(some);
  });

  test("keeps to --since and --until", async () => {
    const cut = { sinceUs: 10_000_000, untilUs: 20_000_000 };
    const { traceEvents } = JSON.parse(await textOf({ format: "perfetto", ...cut }));
    const timed = (traceEvents as TraceEvent[]).filter(({ ph }) => ph !== "M");
    expect(timed.length).toBeGreaterThan(10);
    for (const { ts = 0, dur = 0 } of timed) {
      expect(ts).toBeGreaterThanOrEqual(10_000_000);
      expect(ts + dur).toBeLessThanOrEqual(20_000_000);
    }
  });
});

describe("metrics in OpenMetrics text", () => {
  let metrics: Exposition;
  beforeAll(async () => {
    metrics = parseOpenMetrics(await textOf({ format: "openmetrics" }));
  });
  const last = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    metrics.sum(name, labels, 180);

  test("has a sample each minute of virtual time", () => {
    expect([...new Set(metrics.samples.map(({ time }) => time))].sort((a, b) => a - b)).toEqual([
      60, 120, 180,
    ]);
  });

  test("agrees with api-requests.csv in what the API server answered", () => {
    const rows = csv("api-requests.csv");
    const of = (verb: string, kind: string) =>
      rows
        .filter((row) => row["verb"] === verb && row["kind"] === kind)
        .reduce((sum, { count }) => sum + Number(count), 0);
    expect(last("apiserver_request_total")).toBe(
      rows.reduce((sum, { count }) => sum + Number(count), 0),
    );
    expect(last("apiserver_request_total", { verb: "POST", resource: "pods" })).toBe(
      of("create", "Pod"),
    );
    expect(
      last("apiserver_request_duration_seconds_count", { verb: "PATCH", resource: "pods" }),
    ).toBe(of("patch", "Pod"));
  });

  test("agrees with scheduler-metrics.csv in every series", () => {
    const rows = csv("scheduler-metrics.csv").filter(
      ({ metric }) => metric !== "scheduler_pending_pods",
    );
    expect(rows.length).toBeGreaterThan(100);
    for (const { metric = "", labels = "", statistic, le = "", value } of rows) {
      const wanted = Object.fromEntries(
        labels === "" ? [] : labels.split(";").map((pair) => pair.split("=")),
      );
      const name = statistic === "total" ? metric : `${metric}_${statistic}`;
      const bound = statistic !== "bucket" ? {} : { le: /^\d+$/.test(le) ? `${le}.0` : le };
      expect(last(name, { ...wanted, ...bound })).toBeCloseTo(Number(value), 5);
    }
  });

  test("agrees with runs.csv in pods, and counts them by phase", () => {
    const [run] = csv("runs.csv");
    expect(last("scheduler_pod_scheduling_attempts_count")).toBe(Number(run?.["pods_scheduled"]));
    expect(last("kube_pod_status_phase", { phase: "Running" })).toBe(3);
    expect(last("kube_pod_status_phase", { phase: "Succeeded" })).toBe(1);
    expect(last("kube_pod_status_phase", { phase: "Pending" })).toBe(1);
    expect(last("kubelet_running_pods")).toBe(3);
    expect(last("kubelet_pod_start_duration_seconds_count")).toBe(4);
    expect(last("scheduler_pending_pods")).toBe(1);
  });

  test("tells deployments, nodes and requested resources as kube-state-metrics does", () => {
    expect(last("kube_deployment_status_replicas_ready", { deployment: "web" })).toBe(3);
    expect(last("kube_node_status_allocatable", { resource: "cpu", unit: "core" })).toBe(8);
    expect(last("kube_pod_container_resource_requests", { resource: "cpu" })).toBe(1.5);
  });

  test("has series for pods and nodes where they are wanted, and ends them", async () => {
    const text = await textOf({ format: "openmetrics", perObject: true, intervalUs: 10_000_000 });
    const detailed = parseOpenMetrics(text);
    const batch = { pod: "batch", resource: "cpu" };
    const name = "kube_pod_container_resource_requests";
    expect(detailed.sum(name, batch, 20)).toBe(1);
    expect(
      detailed.samples.some(
        (each) => each.labels["pod"] === "batch" && each.name === name && each.time === 60,
      ),
    ).toBe(false);
    expect(detailed.sum("kube_node_status_allocatable", { node: "n2", resource: "cpu" }, 60)).toBe(
      4,
    );
  });
});

describe("the file", () => {
  test("is beside the run's own files unless another one is named, and nothing else is left", async () => {
    const before = readdirSync(join(folder, "out"));
    const { path, bytes, isWhole } = await exportRun(
      { run: "out", workingDirectory: folder, format: "openmetrics" },
      hooks,
    );
    expect(path).toBe(join(folder, "out", "run.metrics.txt"));
    expect(readFileSync(path ?? "").length).toBe(bytes);
    expect(isWhole).toBe(true);
    expect(readdirSync(join(folder, "out"))).toEqual([...before, "run.metrics.txt"].sort());
  });

  test("is not there when the run cannot be repeated, nor is a part of it", async () => {
    const query = { run: "out", workingDirectory: folder, format: "perfetto" } as const;
    const wrong = exportRun({ ...query, out: "t.json", seed: "no" }, hooks);
    await expect(wrong).rejects.toThrow("no run of policy (any) and seed no");
    expect(readdirSync(folder).filter((name) => name.startsWith("t.json"))).toEqual([]);
  });

  test("is not what is complained about when there is no such run", async () => {
    const query = { run: "nowhere", workingDirectory: folder, format: "perfetto" } as const;
    await expect(exportRun(query, hooks)).rejects.toThrow("nowhere: no such folder or file");
  });

  test("goes in large pieces to a function, the same text as in a file", async () => {
    const pieces: string[] = [];
    const out = (piece: string) => void pieces.push(piece);
    const query = { run: "out", workingDirectory: folder, format: "perfetto" } as const;
    const exported = await exportRun({ ...query, out }, hooks);
    await exportRun({ ...query, out: "t.json" }, hooks);
    expect(exported.path).toBeUndefined();
    expect(pieces.join("")).toBe(readFileSync(join(folder, "t.json"), "utf8"));
    expect(pieces.length).toBeLessThanOrEqual(1 + exported.bytes / 100_000);
  });

  test.each([
    [{ sinceUs: 5_000_000, untilUs: 5_000_000 }, "until: got 5 s, want a time after since (5 s)."],
    [{ intervalUs: 1_500_000 }, "interval: got 1.5 s, want whole seconds, 1 or more."],
    [{ requestShare: 2 }, "requests: got 2, want a share between 0 and 1."],
    [{ out: "none/t.json" }, "none/t.json: cannot write the results"],
  ])("is refused for %j", async (wrong, message) => {
    const query = { run: "out", workingDirectory: folder, format: "openmetrics" } as const;
    await expect(exportRun({ ...query, ...wrong }, hooks)).rejects.toThrow(message);
  });
});
