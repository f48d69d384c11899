import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../test/control-plane.ts";
import type { KeyRecord, Manifest, Node, Pod } from "../api/index.ts";
import { defaultClusterOptions, type KubeletOptions } from "../options/index.ts";
import { Kubelets } from "./index.ts";

const MS = 1_000;
const SECOND = 1_000_000;

/** Latencies that make every time in a test a round number. */
const latency = {
  ...defaultClusterOptions.latency,
  apiNetwork: "1us",
  apiAuthentication: "1us",
  apiAuthorization: "1us",
  apiHandling: "1us",
  apiMutatingAdmission: "1us",
  apiValidatingAdmission: "1us",
  etcdFsync: "1us",
  etcdPeerNetwork: "1us",
  etcdEntry: "1us",
  quotaUpdate: "1us",
  watchDelivery: "1us",
  podSandbox: "300ms",
  containerStart: "100ms",
  containerStop: "4s",
  imagePullOverhead: "500ms",
};

class OneNode {
  readonly plane = new ControlPlane("1", { latency });
  readonly kubelets: Kubelets;
  /** What happened on the node, with whole milliseconds of virtual time. */
  readonly log: string[] = [];
  readonly #stop = this.plane.kernel.handler("test/stop", () => {});

  constructor(options: Partial<KubeletOptions> = {}) {
    const { kernel, trace, clients, informers, etcd } = this.plane;
    const images = { ...defaultClusterOptions.kubelet, ...options };
    this.kubelets = new Kubelets({
      kernel,
      trace,
      clients,
      informers,
      latency,
      images,
      writesEvents: false,
    });
    const { node, object } = this.kubelets.join({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "n1" },
    });
    this.plane.store(object);
    this.kubelets.joined(node, etcd.find("Node", "n1") as KeyRecord<Node>);
    this.kubelets.start();
    const note = (what: string, record: KeyRecord): void => {
      this.log.push(`${Math.floor(kernel.nowUs / MS)} ${what} ${record.name}`);
    };
    trace.podObserved.subscribe(({ record }) => note("observed", record));
    trace.imagePulled.subscribe(({ record, bytes }) => note(`pulled ${bytes} bytes for`, record));
    trace.podInitialized.subscribe(({ record }) => note("initialized", record));
    trace.podStarted.subscribe(({ record }) => note("started", record));
    trace.podFinished.subscribe(({ record, phase }) => note(phase.toLowerCase(), record));
  }

  /** Creates a pod on the node; returns its key. */
  place(manifest: Manifest): KeyRecord<Pod> {
    const { client, done } = this.plane;
    const bound = { ...manifest, spec: { ...(manifest.spec as object), nodeName: "n1" } };
    return client.create("Pod", bound, done, undefined) as KeyRecord<Pod>;
  }

  /** Runs to that time, also when nothing happens until then. */
  run(seconds: number): void {
    const untilUs = Math.round(seconds * SECOND);
    this.plane.kernel.at(untilUs, this.#stop, undefined, undefined);
    this.plane.kernel.run(untilUs);
  }
}

function pod(name: string, annotations: Record<string, string>, spec: object = {}): Manifest {
  const manifest = podManifest(name, { restartPolicy: "Never", ...spec });
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

const PRESENT = { "stowage.dev/image-bytes": "0" };
const LARGE = { "stowage.dev/image-bytes": "250000000" }; // 2 s at 125 MB/s

function ready(record: KeyRecord<Pod>): unknown {
  return record.stored?.status.conditions?.find(({ type }) => type === "Ready");
}

function nodeObject({ plane }: OneNode, name: string): Node {
  const object = plane.etcd.find("Node", name)?.stored;
  if (object === undefined) throw new Error(`there is no node ${name}`);
  return object as Node;
}

describe("a pod's life on its node", () => {
  test("sandbox, image, container, run time, and the status of each step", () => {
    const node = new OneNode();
    const phases: (string | undefined)[] = [];
    node.plane.trace.committed.subscribe(({ object }) => {
      if (object.kind === "Pod") phases.push((object as Pod).status.phase);
    });
    node.place(pod("a", { ...LARGE, "stowage.dev/duration": "10s" }));
    node.run(60);
    expect(node.log).toEqual([
      "0 observed a",
      "2800 pulled 250000000 bytes for a",
      "2900 started a",
      "12900 succeeded a",
    ]);
    expect(phases).toEqual(["Pending", "Pending", "Running", "Succeeded"]);
  });

  test("reports addresses, conditions and container states", () => {
    const node = new OneNode();
    const record = node.place(pod("a", PRESENT));
    node.run(10);
    const { status } = record.stored as Pod;
    expect(status).toMatchObject({ phase: "Running", hostIP: "172.16.0.0", podIP: "10.0.0.1" });
    expect(status.conditions?.map(({ type, status }) => `${type}=${status}`).sort()).toEqual([
      "ContainersReady=True",
      "Initialized=True",
      "PodReadyToStartContainers=True",
      "Ready=True",
    ]);
    expect(status.containerStatuses?.[0]).toMatchObject({
      name: "main",
      ready: true,
      started: true,
    });
  });

  test("has an address once its sandbox is up, and gives no reason for being ready", () => {
    const node = new OneNode();
    const record = node.place(pod("a", PRESENT));
    node.run(0.2);
    expect(record.stored?.status.podIP).toBeUndefined();
    expect(ready(record)).toMatchObject({ status: "False", reason: "ContainersNotReady" });
    node.run(1);
    expect(record.stored?.status.podIP).toBe("10.0.0.1");
    expect(ready(record)).not.toHaveProperty("reason");
  });

  test.each([
    ["exits with 0", {}, "Never", "Succeeded"],
    ["exits with 3", { "stowage.dev/exit-code": "3" }, "Never", "Failed"],
    ["is restarted always: runs on", {}, "Always", "Running"],
  ])("a container that %s", (_case, annotations, restartPolicy, phase) => {
    const node = new OneNode();
    const all = { ...PRESENT, "stowage.dev/duration": "1s", ...annotations };
    const record = node.place(pod("a", all, { restartPolicy }));
    node.run(10);
    expect(record.stored?.status.phase).toBe(phase);
  });

  test("init containers start first, one after the other", () => {
    const node = new OneNode();
    const initContainers = [
      { name: "i1", image: "app:1" },
      { name: "i2", image: "app:1" },
    ];
    node.place(pod("a", PRESENT, { initContainers }));
    node.run(10);
    expect(node.log).toEqual(["0 observed a", "500 initialized a", "600 started a"]);
  });

  test("status updates of one pod never overtake each other", () => {
    const node = new OneNode();
    const record = node.place(pod("a", { ...PRESENT, "stowage.dev/duration": "0s" }));
    node.run(10);
    expect(record.stored?.status.phase).toBe("Succeeded");
  });
});

describe("image pulls", () => {
  test.each([
    ["one at a time by default", {}, [2800, 5300]],
    ["all at once when parallel", { serializeImagePulls: false }, [2800, 2800]],
    ["two at a time", { serializeImagePulls: false, maxParallelImagePulls: 2 }, [2800, 2800]],
  ])("%s", (_case, options, pulledAtMs) => {
    const node = new OneNode(options);
    node.place(pod("a", LARGE, { containers: [{ name: "main", image: "x:1" }] }));
    node.place(pod("b", LARGE, { containers: [{ name: "main", image: "y:1" }] }));
    node.run(60);
    const pulls = node.log.filter((line) => line.includes("pulled"));
    expect(pulls.map((line) => Number(line.split(" ")[0]))).toEqual(pulledAtMs);
  });

  test.each([
    ["IfNotPresent: is not asked for again", "app:1", ["20400 started b"]],
    [
      "latest: is checked, not fetched again",
      "app:latest",
      ["20800 pulled 0 bytes for b", "20900 started b"],
    ],
  ])("an image that is there, %s", (_case, image, expected) => {
    const node = new OneNode();
    const containers = [{ name: "main", image }];
    node.place(pod("a", LARGE, { containers }));
    node.run(20);
    node.log.length = 0;
    node.place(pod("b", LARGE, { containers }));
    node.run(60);
    expect(node.log.slice(1)).toEqual(expected);
  });

  test("the node's status lists a pulled image at the next ten seconds", () => {
    const node = new OneNode();
    node.place(pod("a", { ...LARGE, "stowage.dev/duration": "30s" }));
    const images = (): unknown => nodeObject(node, "n1").status.images ?? [];
    node.run(9);
    expect(images()).toEqual([]);
    node.run(11);
    expect(images()).toEqual([{ names: ["app:1"], sizeBytes: 250_000_000 }]);
  });
});

describe("deletion", () => {
  const remove = (node: OneNode, record: KeyRecord, options = {}): void =>
    node.plane.client.delete(record, options, node.plane.done, undefined);

  test.each([
    ["as soon as its containers have stopped", 30, 14_000],
    ["when its grace period is over, at the latest", 3, 13_000],
    ["not before the least that a kubelet grants", 1, 12_000],
  ])("a running pod goes %s", (_case, terminationGracePeriodSeconds, goneMs) => {
    const node = new OneNode();
    const record = node.place(pod("a", PRESENT, { terminationGracePeriodSeconds }));
    node.run(10);
    remove(node, record);
    node.run(goneMs / 1000);
    expect(record.stored).toBeDefined();
    node.run(goneMs / 1000 + 0.001);
    expect(record.stored).toBeUndefined();
    expect(node.kubelets.isRunning(record)).toBe(false);
  });

  test("a program takes connections once it listens, with or without probes", () => {
    const node = new OneNode();
    const slow = node.place(pod("slow", { ...PRESENT, "stowage.dev/ready-after": "20s" }));
    const fast = node.place(pod("fast", PRESENT));
    node.run(10);
    expect([slow, fast].map((record) => node.kubelets.isRunning(record))).toEqual([false, true]);
    node.run(40);
    expect(node.kubelets.isRunning(slow)).toBe(true);
  });

  const WORKING = { ...PRESENT, "stowage.dev/duration": "60s" };
  test.each([
    ["stops in time", 30, PRESENT, "Succeeded", 0],
    ["leaves its work undone", 30, WORKING, "Failed", 143],
    ["has to be killed", 1, PRESENT, "Failed", 137],
    ["has to be killed at work", 1, WORKING, "Failed", 137],
  ])("a pod that %s tells how it ended before it goes", (_case, grace, notes, phase, exitCode) => {
    const node = new OneNode();
    const last: unknown[] = [];
    node.plane.trace.committed.subscribe(({ type, object }) => {
      if (type === "DELETED") last.push((object as Pod).status);
    });
    const record = node.place(pod("a", notes, { terminationGracePeriodSeconds: grace }));
    node.run(10);
    remove(node, record);
    node.run(20);
    expect(last).toMatchObject([
      { phase, containerStatuses: [{ state: { terminated: { exitCode } } }] },
    ]);
  });

  test("a pod that waits for its image never starts, and the next pull is not held up", () => {
    const node = new OneNode();
    node.place(pod("a", LARGE, { containers: [{ name: "main", image: "x:1" }] }));
    const b = node.place(pod("b", LARGE, { containers: [{ name: "main", image: "y:1" }] }));
    node.place(pod("c", LARGE, { containers: [{ name: "main", image: "z:1" }] }));
    node.run(1);
    remove(node, b);
    node.run(60);
    expect(b.stored).toBeUndefined();
    expect(node.log.filter((line) => / (pulled|started)/.test(line))).toEqual([
      "2800 pulled 250000000 bytes for a",
      "2900 started a",
      "5300 pulled 250000000 bytes for c",
      "5400 started c",
    ]);
  });

  test("a finished pod is removed at once, without its kubelet", () => {
    const node = new OneNode();
    const record = node.place(pod("a", { ...PRESENT, "stowage.dev/duration": "1s" }));
    node.run(10);
    remove(node, record);
    node.run(10.001);
    expect(record.stored).toBeUndefined();
  });

  test("a pod that is removed with grace 0 is killed when its kubelet hears of it", () => {
    const node = new OneNode();
    const record = node.place(pod("a", PRESENT));
    node.run(10);
    remove(node, record, { gracePeriodSeconds: 0 });
    node.run(11);
    expect(node.kubelets.isRunning(record)).toBe(false);
    expect(node.log.at(-1)).toBe("10000 failed a");
  });
});

describe("a node that joins during the run", () => {
  test("is registered by its kubelet, healthy", () => {
    const node = new OneNode();
    const allocatable = { cpu: "4", memory: "8Gi", pods: "110" };
    node.kubelets.register({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "n2" },
      status: { allocatable },
    });
    node.run(1);
    const { metadata, status } = nodeObject(node, "n2");
    expect(metadata.labels).toEqual({ "kubernetes.io/hostname": "n2" });
    expect(status.capacity).toEqual(allocatable);
    expect(status.conditions?.find(({ type }) => type === "Ready")?.status).toBe("True");
  });
});
