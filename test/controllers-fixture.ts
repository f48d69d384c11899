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
import { defaultClusterOptions } from "../sim/options/index.ts";

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
  /** What the status of a pod that ends tells beside its phase. */
  readonly endStatus?: (pod: Pod) => object;
  readonly writesEvents?: boolean;
  readonly jobSuccessPolicy?: boolean;
}

/** Of the API server: 1 ms for the stages of any request, and 1 ms for the admission of a write. */
const serverLatency = (watchDelivery: string) => ({
  apiNetwork: LATENCY,
  apiAuthentication: "1us",
  apiAuthorization: "1us",
  apiHandling: "998us",
  apiMutatingAdmission: "1us",
  apiValidatingAdmission: "999us",
  quotaUpdate: LATENCY,
  apiRead: LATENCY,
  watchDelivery,
});

export class ControllerWorld {
  readonly kernel: Kernel;
  readonly trace = createTrace();
  readonly etcd: Etcd;
  readonly server: ApiServer;
  /** Nodes that nothing is heard of any more: their pods stay when they are deleted. */
  readonly lostNodes = new Set<string>();
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
      endStatus: () => ({}),
      writesEvents: false,
      jobSuccessPolicy: false,
      ...options,
    };
    const kernel = new Kernel(this.#options.seed);
    this.kernel = kernel;
    const { trace } = this;
    this.etcd = new Etcd({
      kernel,
      trace,
      latency: { etcdFsync: LATENCY, etcdPeerNetwork: "1us", etcdEntry: "1us" },
      options: defaultClusterOptions.etcd,
    });
    const latency = serverLatency(this.#options.watchDelivery);
    // No kubelet says here that a node is ready: all are, from the first moment.
    const disableAdmissionPlugins = ["TaintNodesByCondition"];
    const limits = { ...defaultClusterOptions.apiserver, disableAdmissionPlugins };
    const server = new ApiServer({ kernel, etcd: this.etcd, latency, limits });
    this.server = server;
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
      options: {
        ...defaultClusterOptions.controllerManager,
        jobSuccessPolicy: this.#options.jobSuccessPolicy,
      },
      writesEvents: this.#options.writesEvents,
    });
    const pods = informers.create<Pod>(this.#node, "Pod");
    pods.addEventHandler({
      onAdd: (record, pod) => this.#onPod(record, pod),
      onUpdate: (record, _old, pod) => this.#onPod(record, pod),
    });
    for (const name of ["default", "other"])
      this.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    kernel.run(25_000);
    for (const namespace of ["default", "other"])
      this.create({
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: "default", namespace },
      });
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

  /** Deletes a pod without waiting for its node. */
  removeNow(record: KeyRecord): void {
    this.user.delete(record, { gracePeriodSeconds: 0 }, this.#answered, undefined);
  }

  /** Ends all watches of a kind: the informers list anew (410) or go on where they were (0). */
  dropWatches(kind: string, code: 410 | 0): void {
    for (const id of this.server.watches.openWatches(kind)) this.server.watches.close(id, code);
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
      if (this.lostNodes.has(pod.spec.nodeName ?? "")) return;
      if (deletionGracePeriodSeconds !== 0)
        this.#node.delete(record, { gracePeriodSeconds: 0 }, this.#ignored, undefined);
      return;
    }
    const number = this.#podCount;
    if (pod.spec.nodeName === undefined) {
      this.#podCount++;
      const nodeName = wantedNode(pod) ?? `n${number % this.#options.nodes}`;
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
    const pod = record.stored;
    if (pod === undefined) return;
    const phase = fate === "fails" ? "Failed" : "Succeeded";
    const now = timestamp(this.kernel.nowUs);
    const status = {
      phase,
      conditions: [readyCondition(false, now)],
      ...this.#options.endStatus(pod),
    };
    this.#node.patch(record, { status }, "status", this.#ignored, undefined);
  }
}

/** The node that a daemon pod asks for by its name. */
function wantedNode({ spec }: Pod): string | undefined {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms?.[0]?.matchFields?.[0]?.values?.[0];
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
