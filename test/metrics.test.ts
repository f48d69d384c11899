/** The metrics APIs, asked through the API server. */
import { beforeEach, describe, expect, test } from "vitest";
import { type Manifest, timestamp } from "../sim/api/index.ts";
import type { ApiCall, MetricSelection, MetricValue, PodMetrics } from "../sim/client/index.ts";
import { InputError } from "../sim/kernel/index.ts";
import { createMetrics } from "../sim/metrics/index.ts";
import { defaultClusterOptions } from "../sim/options/index.ts";
import { ControlPlane } from "./control-plane.ts";

const SECOND = 1_000_000;

interface PodFields {
  readonly annotations?: Record<string, string>;
  readonly app?: string;
  readonly startedSeconds?: number;
  readonly containers?: Record<string, object>;
}

function pod(name: string, fields: PodFields = {}): Manifest {
  const { annotations = {}, app = "web", startedSeconds = 0, containers = { main: {} } } = fields;
  const startedAt = timestamp(startedSeconds * SECOND);
  const names = Object.keys(containers);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app }, annotations },
    spec: {
      nodeName: "n1",
      containers: names.map((each) => ({
        name: each,
        image: "app:1",
        resources: { requests: { cpu: "2", memory: "1Gi" }, ...containers[each] },
      })),
    },
    status: {
      phase: "Running",
      startTime: startedAt,
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: startedAt }],
      containerStatuses: names.map((each) => ({ name: each, state: { running: { startedAt } } })),
    },
  };
}

let plane: ControlPlane;

beforeEach(() => {
  plane = new ControlPlane();
  begin();
});

/** Wires the pipeline of a new plane. */
function begin(): void {
  const { kernel, etcd, apiserver } = plane;
  const options = { ...defaultClusterOptions.metrics, series: { queue: "0s=10, 60s=40" } };
  const pass = kernel.handler("pass", () => {});
  kernel.at(70 * SECOND, pass, undefined, undefined);
  createMetrics({ kernel, store: etcd, apis: apiserver.aggregated, options });
}

/** Lists at 70 s, when the last scrape was at 60 s. */
function list(kind: string, selection: MetricSelection = {}): ApiCall {
  plane.settle();
  plane.client.list(kind, selection, plane.done, undefined);
  return plane.answer();
}

const usages = ({ items }: ApiCall) =>
  items.map(({ object }) => [
    object.metadata.name,
    ...(object as PodMetrics).containers.map(({ usage }) => `${usage["cpu"]} ${usage["memory"]}`),
  ]);

describe("PodMetrics", () => {
  test.each<[string, PodFields, string[]]>([
    ["says nothing: what it requests", {}, ["2000000000n 1048576Ki"]],
    ["says an amount", { annotations: usage("250m", "1Mi") }, ["250000000n 1024Ki"]],
    ["says a share", { annotations: usage("60%", "50%") }, ["1200000000n 524288Ki"]],
    [
      "steps within the window",
      { annotations: usage("0s=1, 50s=4", "0s=1Ki, 50s=2Ki") },
      ["3000000000n 2Ki"],
    ],
    [
      "started late",
      { annotations: usage("0s=1, 10s=3", "1Ki"), startedSeconds: 40 },
      ["2333333333n 1Ki"],
    ],
    [
      "is younger than two scrapes",
      { annotations: usage("0s=1, 5s=3", "1Ki"), startedSeconds: 50 },
      ["2000000000n 1Ki"],
    ],
    [
      "has a limit",
      { annotations: usage("9", "1Ki"), containers: { main: { limits: { cpu: "3" } } } },
      ["3000000000n 1Ki"],
    ],
    [
      "has two containers",
      {
        annotations: usage("900m", "3Ki"),
        containers: { a: {}, b: { requests: { cpu: "4", memory: "2Gi" } } },
      },
      ["300000000n 1Ki", "600000000n 2Ki"],
    ],
    [
      "speaks of one container",
      {
        annotations: {
          ...usage("900m", "3Ki"),
          "stowage.dev/cpu-usage.b": "1",
          "stowage.dev/memory-usage.b": "1Mi",
        },
        containers: { a: {}, b: {} },
      },
      ["900000000n 3Ki", "1000000000n 1024Ki"],
    ],
  ])("of a pod that %s", (_, fields, wanted) => {
    plane.store(pod("a", fields));
    expect(usages(list("PodMetrics", { namespace: "default" }))).toEqual([["a", ...wanted]]);
  });

  test("leave out pods that are too young, and those that are not asked for", () => {
    plane.store(pod("young", { startedSeconds: 55 }));
    plane.store(pod("b", { app: "db" }));
    plane.store(pod("a"));
    const found = (selection: MetricSelection) =>
      list("PodMetrics", selection).items.map(({ record }) => record.name);
    expect(found({ namespace: "default" })).toEqual(["a", "b"]);
    expect(found({ labels: "app=db" })).toEqual(["b"]);
    expect(found({ namespace: "other" })).toEqual([]);
  });

  test("divide a load among the pods that are ready", () => {
    for (const name of ["a", "b", "c"]) {
      plane.store(pod(name, { annotations: usage("share: 0s=3, 50s=6", "1Ki") }));
    }
    const [a, ...rest] = usages(list("PodMetrics"));
    expect(a).toEqual(["a", "1666666667n 1Ki"]); // (5 s x 3 + 10 s x 6) / 15 s / 3
    expect(rest.map(([, used]) => used)).toEqual([a?.[1], a?.[1]]);
  });

  test("divide a load within its workload, a named one among all that name it", () => {
    for (const [name, app] of [
      ["a", "x"],
      ["b", "x"],
      ["c", "y"],
    ] as const) {
      plane.store(pod(name, { app, annotations: usage("share: 0s=6", "share: queue") }));
    }
    const used = usages(list("PodMetrics")).map(([, text = ""]) => text.split(" ")[0]);
    expect(used).toEqual(["3000000000n", "3000000000n", "6000000000n"]);
    const custom = { "stowage.dev/metric.queue": "share: queue" };
    plane = new ControlPlane();
    begin();
    for (const [i, app] of ["x", "x", "y"].entries())
      plane.store(pod(`p${i}`, { app, annotations: custom }));
    const items = list("MetricValueList", { namespace: "default", metric: "queue" }).items;
    expect(items.map(({ object }) => (object as MetricValue).value)).toEqual(
      Array.from({ length: 3 }, () => "13333m"),
    );
  });

  test("have the time and the window of the last scrape", () => {
    plane.store(pod("a"));
    const object = list("PodMetrics").items[0]?.object as PodMetrics;
    expect(object).toMatchObject({ timestamp: timestamp(60 * SECOND), window: "15s" });
  });

  test("an annotation that cannot be read is refused when the pod is created", () => {
    const bad = pod("a", { annotations: usage("plenty", "1Ki") });
    expect(() => plane.store(bad)).toThrow(InputError);
    expect(() => plane.store(pod("b", { annotations: usage("plenty", "1Ki") }))).toThrow(
      'pod default/b: annotation stowage.dev/cpu-usage: got "plenty": "plenty" is neither a quantity',
    );
  });
});

describe("NodeMetrics", () => {
  test("are the sum of the node's pods", () => {
    plane.store({ apiVersion: "v1", kind: "Node", metadata: { name: "n1" } });
    for (const name of ["a", "b"]) plane.store(pod(name, { annotations: usage("1", "1Mi") }));
    expect(list("NodeMetrics").items.map(({ object }) => object)).toMatchObject([
      { metadata: { name: "n1" }, usage: { cpu: "2000000000n", memory: "2048Ki" }, window: "15s" },
    ]);
  });
});

describe("custom and external metrics", () => {
  const values = ({ items }: ApiCall) =>
    items.map(({ object }) => {
      const { describedObject, value } = object as MetricValue;
      return [describedObject?.name, value];
    });

  test("of pods, by annotation, at the last scrape of theirs", () => {
    plane.store(pod("a", { annotations: { "stowage.dev/metric.rps": "0s=10, 65s=99" } }));
    plane.store(pod("b", { annotations: { "stowage.dev/metric.rps": "0s=1500m" } }));
    plane.store(pod("c"));
    const found = list("MetricValueList", {
      namespace: "default",
      labels: "app=web",
      metric: "rps",
    });
    expect(values(found)).toEqual([
      ["a", "10000m"],
      ["b", "1500m"],
    ]);
  });

  test("of any object, by annotation", () => {
    const annotations = { "stowage.dev/metric.rps": "clock: 0s=0, 60s~30" };
    const metadata = { name: "web", namespace: "default", annotations };
    plane.store({ apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port: 80 }] } });
    const about = { namespace: "default", objectKind: "Service", objectName: "web" };
    expect(values(list("MetricValueList", { ...about, metric: "rps" }))).toEqual([
      ["web", "30000m"],
    ]);
    const missing = list("MetricValueList", { ...about, metric: "latency" });
    expect([missing.code, missing.message]).toEqual([
      404,
      "the server could not find the metric latency for services web",
    ]);
  });

  test("from outside, by the settings' series", () => {
    const found = list("ExternalMetricValueList", { namespace: "default", metric: "queue" });
    expect(values(found)).toEqual([[undefined, "40000m"]]);
    expect(list("ExternalMetricValueList", { namespace: "default", metric: "x" }).code).toBe(404);
  });
});

test("without a server behind it an aggregated API is not found", () => {
  const bare = new ControlPlane();
  bare.client.list("PodMetrics", {}, bare.done, undefined);
  const { code, message } = bare.answer();
  expect([code, message]).toEqual([
    404,
    "the server could not find the requested resource (get pods.metrics.k8s.io)",
  ]);
});

function usage(cpu: string, memory: string): Record<string, string> {
  return { "stowage.dev/cpu-usage": cpu, "stowage.dev/memory-usage": memory };
}
