/**
 * The controllers on a real API server, etcd and client with small fixed latencies, and instant
 * nodes in the place of scheduler and kubelets: a pod is bound and gets its status as soon as it is
 * seen, and goes as soon as it is told to.
 */
import {
  type ApiObject,
  createTrace,
  type EndpointSlice,
  type Job,
  type KeyRecord,
  type Manifest,
  type Pod,
  type ReplicaSet,
  timestamp,
} from "../sim/api/index.ts";
import { ApiServer } from "../sim/apiserver/index.ts";
import { type ApiCall, type ApiClient, ClientHub, InformerHub } from "../sim/client/index.ts";
import { createControllers } from "../sim/controllers/index.ts";
import { Etcd } from "../sim/etcd/index.ts";
import { type HandlerId, Kernel } from "../sim/kernel/index.ts";

export const SECOND = 1_000_000;
const LATENCY = "constant(1ms)";

/** What becomes of a pod on its node. */
export type Fate = "runs" | "unready" | "succeeds" | "fails";

export interface WorldOptions {
  readonly seed?: string;
  readonly fate?: (pod: Pod, number: number) => Fate;
  /** Time from start to the end of a pod that succeeds or fails, in microseconds. */
  readonly runUs?: number;
  /** Time from being bound to running, by the pod's number. */
  readonly startUs?: (number: number) => number;
  readonly nodes?: number;
  /** How long a change takes to a watcher. */
  readonly watchDelivery?: string;
}

export class ControllerWorld {
  readonly kernel: Kernel;
  readonly trace = createTrace();
  readonly etcd: Etcd;
  readonly user: ApiClient;
  readonly answers: ApiCall[] = [];
  readonly #answered;
  readonly #ignored;
  readonly #options: Required<WorldOptions>;
  readonly #node: ApiClient;
  readonly #start: HandlerId<KeyRecord<Pod>>;
  readonly #nothing: HandlerId;
  readonly #end: HandlerId<KeyRecord<Pod>, Fate>;
  #podCount = 0;
  #started = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = {
      seed: "1",
      fate: () => "runs",
      runUs: 2 * SECOND,
      startUs: () => 1_000,
      nodes: 3,
      watchDelivery: LATENCY,
      ...options,
    };
    const kernel = new Kernel(this.#options.seed);
    this.kernel = kernel;
    const { trace } = this;
    this.etcd = new Etcd({ kernel, trace, commitLatency: LATENCY, historyPerKind: 4096 });
    const latency = {
      apiNetwork: LATENCY,
      apiHandling: LATENCY,
      apiAdmission: LATENCY,
      apiRead: LATENCY,
      watchDelivery: this.#options.watchDelivery,
    };
    const limits = {
      maxRequestsInflight: 400,
      maxMutatingRequestsInflight: 200,
      queueLengthLimit: 10_000,
    };
    const server = new ApiServer({ kernel, etcd: this.etcd, latency, limits });
    const clients = new ClientHub(kernel, trace, server, {});
    const informers = new InformerHub(kernel, trace, clients);
    this.user = clients.client("user");
    this.#node = clients.client("nodes");
    this.#answered = this.user.callback((call) => void this.answers.push(call));
    this.#ignored = this.#node.callback(() => {});
    this.#nothing = kernel.handler("time-passes", () => {});
    this.#start = kernel.handler("nodes/start", (record) => this.#onStart(record));
    this.#end = kernel.handler("nodes/end", (record, fate) => this.#onEnd(record, fate));
    const controllers = createControllers({
      kernel,
      trace,
      clients,
      informers,
      latency: { controllerSync: LATENCY, volumeProvision: "constant(2s)" },
    });
    const pods = informers.create<Pod>(this.#node, "Pod");
    pods.addEventHandler({
      onAdd: (record, pod) => this.#onPod(record, pod),
      onUpdate: (record, _old, pod) => this.#onPod(record, pod),
    });
    for (const name of ["default", "other"])
      this.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    for (let i = 0; i < this.#options.nodes; i++)
      this.create({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: `n${i}`, labels: { "topology.kubernetes.io/zone": `z${i}` } },
      });
    kernel.run(50_000);
    controllers.start();
    pods.start();
    this.run(1);
  }

  create(manifest: Manifest): KeyRecord {
    return this.user.create(manifest.kind ?? "", manifest, this.#answered, undefined);
  }

  patch(record: KeyRecord, patch: Manifest, subresource: "" | "status" = ""): void {
    this.user.patch(record, patch, subresource, this.#answered, undefined);
  }

  remove(record: KeyRecord): void {
    this.user.delete(record, {}, this.#answered, undefined);
  }

  /** Runs for this long, also when nothing is due any more. */
  run(seconds: number): void {
    const untilUs = this.kernel.nowUs + seconds * SECOND;
    this.kernel.at(untilUs, this.#nothing, undefined, undefined);
    this.kernel.run(untilUs);
  }

  list<T extends ApiObject>(kind: string): T[] {
    return this.etcd
      .list(kind)
      .flatMap(({ stored }) => (stored === undefined ? [] : [stored as T]));
  }

  get pods(): Pod[] {
    return this.list<Pod>("Pod");
  }

  get sets(): ReplicaSet[] {
    return this.list<ReplicaSet>("ReplicaSet");
  }

  get slices(): EndpointSlice[] {
    return this.list<EndpointSlice>("EndpointSlice");
  }

  record(kind: string, name: string): KeyRecord {
    return this.etcd.record(kind, "default", name);
  }

  job(name: string): Job {
    const { stored } = this.record("Job", name);
    if (stored === undefined) throw new Error(`there is no Job ${name}`);
    return stored as Job;
  }

  /** The node tells whether the pod is ready. */
  setReady(pod: Pod, isReady: boolean): void {
    const record = this.record("Pod", pod.metadata.name);
    this.#node.patch(
      record,
      { status: running(isReady, this.kernel.nowUs) },
      "status",
      this.#ignored,
      undefined,
    );
  }

  #onPod(record: KeyRecord<Pod>, pod: Pod): void {
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    if (deletionTimestamp !== undefined) {
      if (deletionGracePeriodSeconds !== 0)
        this.#node.delete(record, { gracePeriodSeconds: 0 }, this.#ignored, undefined);
      return;
    }
    const number = this.#podCount;
    if (pod.spec.nodeName === undefined) {
      this.#podCount++;
      const nodeName = `n${number % this.#options.nodes}`;
      this.#node.bind(record, { nodeName, uid: pod.metadata.uid }, this.#ignored, undefined);
      const startUs = this.#options.startUs(number);
      this.kernel.after(20_000 + startUs, this.#start, record, undefined);
    }
  }

  #onStart(record: KeyRecord<Pod>): void {
    const pod = record.stored;
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const number = ++this.#started;
    const fate = this.#options.fate(pod, number);
    const podIP = `10.0.${number >> 8}.${number & 255}`;
    const status = { ...running(fate !== "unready", this.kernel.nowUs), podIP };
    this.#node.patch(record, { status }, "status", this.#ignored, undefined);
    if (fate === "succeeds" || fate === "fails")
      this.kernel.after(this.#options.runUs, this.#end, record, fate);
  }

  #onEnd(record: KeyRecord<Pod>, fate: Fate): void {
    if (record.stored === undefined) return;
    const phase = fate === "fails" ? "Failed" : "Succeeded";
    const now = timestamp(this.kernel.nowUs);
    const status = { phase, conditions: [readyCondition(false, now)] };
    this.#node.patch(record, { status }, "status", this.#ignored, undefined);
  }
}

function running(isReady: boolean, nowUs: number): object {
  return { phase: "Running", conditions: [readyCondition(isReady, timestamp(nowUs))] };
}

function readyCondition(isReady: boolean, lastTransitionTime: string): object {
  return { type: "Ready", status: isReady ? "True" : "False", lastTransitionTime };
}

/** A pod template with the label app. */
export function template(app: string, image = "web:1"): object {
  return {
    metadata: { labels: { app } },
    spec: { containers: [{ name: "main", image, ports: [{ name: "http", containerPort: 8080 }] }] },
  };
}

export function deployment(name: string, replicas: number, spec: object = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name), ...spec },
  };
}

export function job(name: string, spec: object = {}): Manifest {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: "default" },
    spec: {
      template: {
        spec: { restartPolicy: "Never", containers: [{ name: "main", image: "batch:1" }] },
      },
      ...spec,
    },
  };
}
