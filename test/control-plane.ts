/** A control plane without components, for tests: kernel, etcd, API server, clients, informers. */
import {
  createMetadata,
  createTrace,
  kindNamed,
  type Manifest,
  type Trace,
} from "../sim/api/index.ts";
import { ApiServer } from "../sim/apiserver/index.ts";
import {
  type ApiCall,
  type ApiClient,
  type CallbackId,
  ClientHub,
  InformerHub,
} from "../sim/client/index.ts";
import { Etcd } from "../sim/etcd/index.ts";
import { Kernel } from "../sim/kernel/index.ts";
import { type ClusterOptions, defaultClusterOptions } from "../sim/options/index.ts";

export class ControlPlane {
  readonly kernel: Kernel;
  readonly trace: Trace = createTrace();
  readonly etcd: Etcd;
  readonly apiserver: ApiServer;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  readonly client: ApiClient;
  /** Answers to `client`, in the order in which they came. */
  readonly answers: ApiCall[] = [];
  readonly done: CallbackId<undefined>;

  constructor(seed = "1", options: Partial<ClusterOptions> = {}) {
    const { latency, etcd, apiserver, clients } = { ...defaultClusterOptions, ...options };
    const { trace } = this;
    const kernel = new Kernel(seed);
    this.kernel = kernel;
    this.etcd = new Etcd({ kernel, trace, latency, options: etcd });
    this.apiserver = new ApiServer({ kernel, etcd: this.etcd, latency, limits: apiserver });
    this.clients = new ClientHub(kernel, trace, this.apiserver, clients);
    this.informers = new InformerHub(kernel, trace, this.clients);
    this.client = this.clients.client("workload");
    this.done = this.client.callback((call) => this.answers.push(call));
    this.store({ apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } });
    this.store({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } });
  }

  /** Puts an object into the store at once, as it was before the run. */
  store(manifest: Manifest): void {
    const kind = kindNamed(manifest.kind ?? "");
    const { name = "", namespace = "default" } = manifest.metadata ?? {};
    const record = this.etcd.record(kind.kind, kind.namespaced ? namespace : "", name);
    const metadata = createMetadata(manifest.metadata ?? {}, record, this.etcd.revision + 1, 0);
    this.etcd.create(record, kind.defaults({ ...manifest, metadata }));
  }

  /** Runs until nothing is left to do. */
  settle(): void {
    this.kernel.run(Number.MAX_SAFE_INTEGER);
  }

  /** Sends a create, waits for its answer, and returns it. */
  create(manifest: Manifest): ApiCall {
    this.client.create(manifest.kind ?? "", manifest, this.done, undefined);
    return this.answer();
  }

  /** Waits, and returns the last answer that came. */
  answer(): ApiCall {
    this.settle();
    const last = this.answers.at(-1);
    if (last === undefined) throw new Error("no answer came");
    return last;
  }
}

/** A pod manifest of one container; `spec` is added to its spec. */
export function podManifest(name: string, spec: object = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "main", image: "app:1" }], ...spec },
  };
}
