import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../test/control-plane.ts";
import type { KeyRecord, Node, Pod } from "../api/index.ts";
import { defaultClusterOptions } from "../options/index.ts";
import { Kubelets } from "./index.ts";

const SECOND = 1_000_000;

/** Containers start and stop in no time worth mentioning; images are there. */
const latency = {
  ...defaultClusterOptions.latency,
  podSandbox: "1us",
  containerStart: "1us",
  containerStop: "1s",
};

/** One node, one pod on it, and what its status said when: whole seconds of virtual time. */
class Life {
  readonly plane = new ControlPlane("1", { latency });
  readonly kubelets: Kubelets;
  readonly record: KeyRecord<Pod>;
  readonly log: string[] = [];
  readonly #stop = this.plane.kernel.handler("test/stop", () => {});

  constructor(annotations: Record<string, string>, spec: object = {}) {
    const { kernel, trace, clients, informers, etcd, client, done } = this.plane;
    const images = { ...defaultClusterOptions.kubelet, defaultImageBytes: 0 };
    const shared = { kernel, trace, clients, informers, latency, writesEvents: false };
    this.kubelets = new Kubelets({ ...shared, images });
    const manifest = { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } };
    const { node, object } = this.kubelets.join(manifest);
    this.plane.store(object);
    this.kubelets.joined(node, etcd.find("Node", "n1") as KeyRecord<Node>);
    this.kubelets.start();
    const body = podManifest("a", { nodeName: "n1", ...spec });
    const pod = { ...body, metadata: { ...body.metadata, annotations } };
    this.record = client.create("Pod", pod, done, undefined) as KeyRecord<Pod>;
    trace.committed.subscribe(({ record, type }) => {
      if (record !== this.record || type === "DELETED") return;
      const line = this.describe();
      if (!this.log.at(-1)?.endsWith(` ${line}`)) this.log.push(`${this.now} ${line}`);
    });
  }

  get now(): number {
    return Math.round(this.plane.kernel.nowUs / SECOND);
  }

  /** Phase, readiness, and of the first container its restarts and state. */
  describe(): string {
    const { phase, conditions, containerStatuses } = (this.record.stored as Pod).status;
    const isReady = conditions?.find(({ type }) => type === "Ready")?.status === "True";
    const [first] = containerStatuses ?? [];
    const { waiting, running, terminated } = first?.state ?? {};
    const ended = terminated && `exit ${terminated.exitCode}`;
    const state = waiting?.reason ?? ended ?? (running === undefined ? "-" : "running");
    return `${phase}${isReady ? " ready" : ""} ${first?.restartCount ?? 0} ${state}`;
  }

  /** Runs to that time, also when nothing happens until then. */
  run(seconds: number): this {
    const untilUs = Math.round(seconds * SECOND);
    this.plane.kernel.at(untilUs, this.#stop, undefined, undefined);
    this.plane.kernel.run(untilUs);
    return this;
  }

  get status(): Pod["status"] {
    return (this.record.stored as Pod).status;
  }
}

describe("restarts", () => {
  test("a program that fails twice and then runs on, under Always", () => {
    const notes = { "stowage.dev/duration": "5s,5s,never", "stowage.dev/exit-code": "1" };
    const life = new Life(notes).run(100);
    expect(life.log.slice(2)).toEqual([
      "0 Running ready 0 running",
      "5 Running 0 exit 1",
      "5 Running ready 1 running", // the first restart is immediate
      "10 Running 1 CrashLoopBackOff",
      "20 Running ready 2 running",
    ]);
    const [status] = life.status.containerStatuses ?? [];
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 1, reason: "Error" });
  });

  test("CrashLoopBackOff says how long", () => {
    const life = new Life({ "stowage.dev/duration": "1s", "stowage.dev/exit-code": "2" }).run(90);
    const [status] = life.status.containerStatuses ?? [];
    const uid = life.record.stored?.metadata.uid;
    expect(status?.state?.waiting).toEqual({
      reason: "CrashLoopBackOff",
      message: `back-off 1m20s restarting failed container=main pod=a_default(${uid})`,
    });
  });

  test.each([
    ["OnFailure", "1,0", "Succeeded 1 exit 0"],
    ["OnFailure", "0", "Succeeded 0 exit 0"],
    ["Never", "1,0", "Failed 0 exit 1"],
  ])("%s with exit codes %s ends as %s", (restartPolicy, codes, last) => {
    const notes = { "stowage.dev/duration": "5s", "stowage.dev/exit-code": codes };
    expect(new Life(notes, { restartPolicy }).run(60).describe()).toBe(last);
  });

  test("a crash loop that nothing ends does not keep the run alive", () => {
    const life = new Life({ "stowage.dev/duration": "1s", "stowage.dev/exit-code": "1" });
    expect(life.plane.kernel.run(1_000_000 * SECOND)).toBe("idle");
  });
});

describe("init containers", () => {
  const spec = (restartPolicy: string): object => ({
    restartPolicy,
    initContainers: [{ name: "setup", image: "setup:1" }],
  });

  test("run to their end, are restarted when they fail, and hold the others back", () => {
    const notes = {
      "stowage.dev/duration.setup": "4s",
      "stowage.dev/exit-code.setup": "1,0",
    };
    const life = new Life(notes, spec("Always"));
    life.run(6);
    expect(life.describe()).toBe("Pending 0 PodInitializing");
    expect(life.status.initContainerStatuses?.[0]).toMatchObject({ restartCount: 1 });
    life.run(9);
    expect(life.describe()).toBe("Running ready 0 running");
  });

  test("fail the pod when nothing is restarted", () => {
    const life = new Life({ "stowage.dev/exit-code.setup": "3" }, spec("Never")).run(10);
    expect(life.status.phase).toBe("Failed");
    expect(life.status.containerStatuses?.[0]?.state?.waiting).toBeDefined();
  });

  test("that are restarted always run beside the others, and end after them", () => {
    const life = new Life(
      { "stowage.dev/duration": "10s" },
      {
        restartPolicy: "Never",
        initContainers: [{ name: "proxy", image: "proxy:1", restartPolicy: "Always" }],
      },
    );
    life.run(5);
    expect(life.status.initContainerStatuses?.[0]?.state?.running).toBeDefined();
    life.run(10.5);
    expect(life.status.phase).toBe("Running");
    life.run(12);
    expect(life.status.phase).toBe("Succeeded");
  });
});

describe("probes", () => {
  const withProbe = (probes: object): object => ({
    containers: [{ name: "main", image: "app:1", ...probes }],
  });
  const http = { httpGet: { path: "/", port: 80 } };

  test("readiness: ready at the first probe after the program answers", () => {
    const spec = withProbe({ readinessProbe: { ...http, periodSeconds: 10 } });
    const life = new Life({ "stowage.dev/ready-after": "12s" }, spec).run(60);
    expect(life.log.slice(2)).toEqual(["0 Running 0 running", "20 Running ready 0 running"]);
  });

  test("readiness: a program that is overwhelmed for a minute leaves its Service for that time", () => {
    const spec = withProbe({ readinessProbe: { ...http, periodSeconds: 10 } });
    const notes = { "stowage.dev/unready-at": "35s", "stowage.dev/unready-for": "60s" };
    const life = new Life(notes, spec).run(200);
    expect(life.log.slice(2)).toEqual([
      "0 Running ready 0 running",
      "60 Running 0 running",
      "100 Running ready 0 running",
    ]);
  });

  test("liveness: a program that hangs is killed when its grace is over, and restarted", () => {
    const spec = {
      ...withProbe({ livenessProbe: { ...http, periodSeconds: 5 } }),
      terminationGracePeriodSeconds: 10,
    };
    const life = new Life({ "stowage.dev/hang-at": "12s,never" }, spec).run(100);
    // Asked in vain at 15, 20 and 25 s, 1 s of timeout, 10 s of grace.
    expect(life.log.slice(-2)).toEqual(["36 Running 0 exit 137", "36 Running ready 1 running"]);
  });

  test("liveness without a startup probe kills what starts too slowly; with one it does not", () => {
    const livenessProbe = { ...http, periodSeconds: 5 };
    const notes = { "stowage.dev/ready-after": "39s" };
    const slow = new Life(notes, withProbe({ livenessProbe })).run(60);
    expect(slow.status.containerStatuses?.[0]?.restartCount).toBeGreaterThan(0);
    const startupProbe = { ...http, periodSeconds: 5, failureThreshold: 10 };
    const patient = new Life(notes, withProbe({ livenessProbe, startupProbe })).run(300);
    expect(patient.describe()).toBe("Running ready 0 running");
    expect(patient.log.at(-1)).toBe("40 Running ready 0 running");
  });

  test("a readiness gate keeps the pod unready until somebody sets its condition", () => {
    const life = new Life({}, { readinessGates: [{ conditionType: "lb/attached" }] }).run(10);
    expect(life.describe()).toBe("Running 0 running");
    const { client, done } = life.plane;
    const conditions = [...(life.status.conditions ?? []), { type: "lb/attached", status: "True" }];
    client.patch(life.record, { status: { conditions } }, "status", done, undefined);
    expect(life.run(20).describe()).toBe("Running ready 0 running");
  });
});

describe("the end of a pod", () => {
  test("activeDeadlineSeconds: it is stopped and has failed", () => {
    const life = new Life({}, { activeDeadlineSeconds: 20, restartPolicy: "Never" }).run(60);
    expect(life.status).toMatchObject({
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
    expect(life.log.at(-1)).toMatch(/^21 Failed/);
  });

  test("a preStop hook delays it", () => {
    const lifecycle = { preStop: { exec: { command: ["sleep", "8"] } } };
    const life = new Life({}, { containers: [{ name: "main", image: "app:1", lifecycle }] }).run(
      10,
    );
    life.plane.client.delete(life.record, {}, life.plane.done, undefined);
    life.run(18.5);
    expect(life.record.stored).toBeDefined();
    life.run(19.5);
    expect(life.record.stored).toBeUndefined();
  });

  test("a second deletion with less grace hastens it", () => {
    const lifecycle = { preStop: { exec: { command: ["sleep", "25"] } } };
    const life = new Life({}, { containers: [{ name: "main", image: "app:1", lifecycle }] }).run(
      10,
    );
    const { client, done } = life.plane;
    client.delete(life.record, {}, done, undefined);
    life.run(12);
    client.delete(life.record, { gracePeriodSeconds: 3 }, done, undefined);
    life.run(16);
    expect(life.record.stored).toBeUndefined();
  });
});

describe("who serves requests is told of the signal to stop", () => {
  const seconds = (life: Life): number => Math.floor((10 * life.plane.kernel.nowUs) / SECOND) / 10;
  const stopped = (command: readonly string[], again?: number): string[] => {
    const lifecycle = { preStop: { exec: { command } } };
    const life = new Life({}, { containers: [{ name: "main", image: "app:1", lifecycle }] });
    const told: string[] = [];
    life.kubelets.onStopping(({ name }) => void told.push(`${name} stops at ${seconds(life)}`));
    life.kubelets.onEnded(({ name }) => void told.push(`${name} ended at ${seconds(life)}`));
    life.run(10);
    const { client, done } = life.plane;
    client.delete(life.record, {}, done, undefined);
    life.run(12);
    if (again !== undefined)
      client.delete(life.record, { gracePeriodSeconds: again }, done, undefined);
    life.run(60);
    return told;
  };

  test.each([
    ["at once without a hook", ["true"], undefined, ["a stops at 10", "a ended at 11"]],
    ["after its preStop hook", ["sleep", "8"], undefined, ["a stops at 18", "a ended at 19"]],
    ["after its hook, though killed then", ["sleep", "5"], 3, ["a stops at 15", "a ended at 15"]],
    ["never, when it is killed during its hook", ["sleep", "25"], 3, ["a ended at 15"]],
  ])("%s", (_case, command, again, told) => {
    expect(stopped(command, again).map((line) => line.replace(/\.\d$/, ""))).toEqual(told);
  });
});

describe("packets to a node get lost", () => {
  test.each([
    ["while its machine is down", (kubelets: Kubelets) => kubelets.stopNode("n1")],
    ["while it is cut off", (kubelets: Kubelets) => kubelets.isolateNode("n1")],
  ])("%s, and not when it is back", (_case, strike) => {
    const { kubelets } = new Life({}).run(10);
    expect(kubelets.isUnreachable("n1")).toBe(false);
    strike(kubelets);
    expect([kubelets.isUnreachable("n1"), kubelets.isUnreachable("n2")]).toEqual([true, false]);
    kubelets.restoreNode("n1");
    expect(kubelets.isUnreachable("n1")).toBe(false);
  });
});

describe("who measures the use of nodes", () => {
  test("finds the running containers, with their start", () => {
    const life = new Life({}).run(10);
    const [pod] = life.kubelets.runningPods("n1");
    expect(pod?.containers).toMatchObject([{ name: "main", isReady: true, restartCount: 0 }]);
    expect(Math.round((pod?.containers[0]?.startedUs ?? -1) / SECOND)).toBe(0);
  });
});
