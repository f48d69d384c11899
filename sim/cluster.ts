/**
 * Cluster: wires the parts into one simulated Kubernetes cluster and runs it.
 *
 *   kernel - etcd - apiserver - clients and informers - kubelets, scheduler, controllers, network
 *
 * It owns no behaviour of its own. The order of construction is fixed, so that two clusters made
 * from the same options have the same handlers and states, and one can go on from a snapshot of
 * the other (`fork`).
 */
import {
  type ApiObject,
  cpuMilli,
  createMetadata,
  createTrace,
  type KeyRecord,
  kindNamed,
  type Manifest,
  type Node,
  type Trace,
} from "./api/index.ts";
import { ApiServer } from "./apiserver/index.ts";
import { ClientHub, InformerHub, LeaderElection } from "./client/index.ts";
import { createControllers } from "./controllers/index.ts";
import { Etcd } from "./etcd/index.ts";
import { type Fault, Faults } from "./faults.ts";
import {
  type ArrivalBuffer,
  type HandlerId,
  InputError,
  Kernel,
  type Micros,
  type RunEnd,
  Tracepoint,
} from "./kernel/index.ts";
import { Kubelets } from "./kubelet/index.ts";
import { LeaderLeases, leaderIdentity, leaderLease } from "./leader-leases.ts";
import { createMetrics } from "./metrics/index.ts";
import {
  type Balancer,
  createNetwork,
  type ServiceModelSettings,
  type TrafficSettings,
} from "./network/index.ts";
import type { ClusterOptions } from "./options/index.ts";
import { type CycleFact, type Profile, Scheduler } from "./scheduler/index.ts";
import { type Operation, Users } from "./users/index.ts";

/** The policies that a cluster is handed; it imports none by name. */
export interface ClusterPolicies {
  readonly profiles: readonly Profile[];
  /** Of the kube-proxies. */
  readonly balancer: Balancer;
  /** Of clients that balance by themselves, by its name; absent: they cannot. Throws InputError. */
  readonly balancerNamed?: (name: string) => Balancer;
}

/** The processes that one of several replicas leads. */
const SCHEDULER = "kube-scheduler";
const CONTROLLER_MANAGER = "kube-controller-manager";

/** Namespaces that every cluster has. */
const SYSTEM_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

export class Cluster {
  readonly kernel: Kernel;
  readonly trace: Trace = createTrace();
  /** Operations of the cluster's users, each at its time: append to it, and close it. */
  readonly operations: ArrivalBuffer<Operation>;
  readonly apiserver: ApiServer;
  readonly #options: ClusterOptions;
  readonly #policies: ClusterPolicies;
  readonly #etcd: Etcd;
  readonly #kubelets: Kubelets;
  /** Every scheduling cycle when it is decided: for whoever asks why. */
  readonly schedulingCycles = new Tracepoint<CycleFact>("scheduler.cycle");
  readonly #scheduler: Scheduler;
  readonly #controllers: ReturnType<typeof createControllers>;
  readonly #network: ReturnType<typeof createNetwork>;
  readonly #clients: ClientHub;
  readonly #informers: InformerHub;
  readonly #leases: LeaderLeases;
  readonly #schedulerElection: LeaderElection;
  readonly #controllersElection: LeaderElection;
  readonly #faults: Faults;

  constructor(options: ClusterOptions, policies: ClusterPolicies) {
    this.#options = options;
    this.#policies = policies;
    const { latency } = options;
    const kernel = new Kernel(options.seed);
    const { trace } = this;
    this.kernel = kernel;
    const etcd = new Etcd({ kernel, trace, latency, options: options.etcd });
    this.#etcd = etcd;
    this.apiserver = new ApiServer({ kernel, etcd, latency, limits: options.apiserver });
    createMetrics({
      kernel,
      store: etcd,
      apis: this.apiserver.aggregated,
      options: options.metrics,
      work: {
        requestsInService: (key, fromUs, toUs) =>
          this.#network.requestsInService(key, fromUs, toUs),
      },
    });
    const clients = new ClientHub(kernel, trace, this.apiserver, options.clients);
    const informers = new InformerHub(kernel, trace, clients);
    const images = options.kubelet;
    const writesEvents = options.events;
    const shared = { kernel, trace, clients, informers, latency, writesEvents };
    this.#kubelets = new Kubelets({ ...shared, images });
    const profiles = withPercentage(policies.profiles, options.scheduler.percentageOfNodesToScore);
    this.#scheduler = kernel.process(
      SCHEDULER,
      () =>
        new Scheduler({
          ...shared,
          options: options.scheduler,
          profiles,
          cycles: this.schedulingCycles,
        }),
      isApiObject,
    );
    this.#controllers = kernel.process(
      CONTROLLER_MANAGER,
      () =>
        createControllers({
          ...shared,
          heartbeats: this.#kubelets,
          options: options.controllerManager,
        }),
      isApiObject,
    );
    this.#clients = clients;
    this.#informers = informers;
    this.#leases = new LeaderLeases(clients.client("leader-election"), etcd, kernel);
    this.#schedulerElection = this.#election(SCHEDULER, this.#scheduler);
    this.#controllersElection = this.#election(CONTROLLER_MANAGER, this.#controllers);
    this.#faults = new Faults({
      kernel,
      trace,
      etcd,
      apiserver: this.apiserver,
      controllerManager: this.#controllersElection,
      scheduler: this.#schedulerElection,
      machines: this.#kubelets,
    });
    this.#network = this.#createNetwork();
    const nodes = {
      has: (name: string) => this.#kubelets.has(name),
      isJoining: (name: string) => this.#kubelets.isJoining(name),
      register: (manifest: Manifest) => this.#registerNode(manifest),
    };
    const client = clients.client("workload");
    const users = new Users({ kernel, trace, client, etcd, nodes });
    this.operations = users.operations;
  }

  /**
   * Stores what is there before time 0 passes: nodes, registered and ready, and other objects.
   * Validated as the API server would; throws an Error with the API's message for what is invalid.
   */
  bootstrap(manifests: readonly Manifest[]): void {
    for (const name of SYSTEM_NAMESPACES) this.#store(namespace(name));
    for (const name of [SCHEDULER, CONTROLLER_MANAGER]) this.#store(leaderLease(name));
    const addOns = this.#network.manifests().filter((each) => !manifests.some(isSameObject(each)));
    for (const manifest of [...manifests, ...addOns]) {
      if (manifest.kind === "Node") this.#joinNode(manifest);
      else this.#store(manifest);
    }
    for (const { name } of this.#etcd.list("Namespace")) this.#store(defaultAccount(name));
  }

  /** What the pods behind Services do with requests, by `namespace/name`. Once, before any traffic. Throws InputError. */
  setServiceModels(models: Readonly<Record<string, ServiceModelSettings>>): void {
    this.#network.setServiceModels(models);
  }

  /** Sends requests to a Service; see network/traffic. */
  addTraffic(traffic: TrafficSettings): void {
    this.#network.addTraffic(traffic);
  }

  /** Makes something go wrong at its time; see faults.ts. */
  inject(fault: Fault): void {
    this.#faults.inject(fault);
  }

  /** Starts the components. Once, after `bootstrap`. */
  start(): void {
    this.#kubelets.start();
    this.#schedulerElection.start();
    this.#controllersElection.start();
    this.#network.start();
  }

  /** Runs up to and including `untilUs`; see Kernel.run. */
  run(untilUs: Micros): RunEnd {
    return this.kernel.run(untilUs);
  }

  /** A user does this now, whatever `operations` brings. */
  perform(operation: Operation): void {
    const handler = this.operations.handler as HandlerId<Operation>;
    this.kernel.after(0, handler, operation, undefined);
  }

  /** Tells the tracepoints what is left to tell of the time until now: at the end of the last `run`. */
  settle(): void {
    this.#network.settle();
  }

  /** Nodes that have a kubelet, registered or about to be. */
  get nodeCount(): number {
    return this.#kubelets.nodeCount;
  }

  /** Records of all existing objects of a kind, by key. */
  list(kind: string): KeyRecord[] {
    return this.#etcd.list(kind);
  }

  /**
   * A second cluster that goes on from this moment on its own. Both go on as this one would have;
   * recorders are not copied: attach new ones to the fork's trace.
   */
  fork(): Cluster {
    const copy = new Cluster(this.#options, this.#policies);
    copy.#kubelets.rewire(this.#kubelets.nodeNames);
    copy.kernel.restore(this.kernel.snapshot(isApiObject));
    return copy;
  }

  #createNetwork(): ReturnType<typeof createNetwork> {
    const { dns, ingress, metrics, network } = this.#options;
    return createNetwork({
      kernel: this.kernel,
      trace: this.trace,
      clients: this.#clients,
      informers: this.#informers,
      options: network,
      dns,
      ingress,
      proxyBalancer: this.#policies.balancer,
      balancerNamed: this.#policies.balancerNamed ?? noBalancer,
      liveness: this.#kubelets,
      records: this.#etcd,
      workHistoryUs: workHistoryUs(metrics),
    });
  }

  /** Who leads a component of the control plane; the first leader begins with the run. */
  #election(name: string, process: { start(): void; startSynced(): void }): LeaderElection {
    const { latency, leaderElection } = this.#options;
    const tell = (step: "lost" | "taken", number: number): void => {
      const { leadership } = this.trace;
      const leader = leaderIdentity(name, number);
      const timeUs = this.kernel.nowUs;
      if (leadership.on) leadership.emit({ component: name, leader, step, timeUs });
    };
    const election: LeaderElection = new LeaderElection({
      kernel: this.kernel,
      name,
      options: leaderElection,
      processRestart: latency.processRestart,
      isApiReachable: () => this.apiserver.isReachable && this.#etcd.quorum.isLed,
      begin: (transitions) => {
        if (transitions === 0) return process.startSynced();
        tell("taken", transitions);
        process.start();
        this.#leases.taken(name, transitions);
      },
      crash: () => {
        tell("lost", election.transitions - 1);
        this.#clients.disconnect(name);
        this.#informers.forget(name);
        this.kernel.crash(name);
      },
    });
    return election;
  }

  #joinNode(manifest: Manifest): void {
    const { node, object } = this.#kubelets.join(manifest);
    const record = this.#store(object) as KeyRecord<Node>;
    this.#kubelets.joined(node, record);
    this.#network.addNode(record.name, zoneOf(manifest), coresOf(manifest));
  }

  /** Adds a node during the run. */
  #registerNode(manifest: Manifest): void {
    this.#kubelets.register(manifest);
    this.#network.addNode(manifest.metadata?.name ?? "", zoneOf(manifest), coresOf(manifest));
  }

  #store(manifest: Manifest): KeyRecord {
    const kind = kindNamed(manifest.kind ?? "");
    const { name = "", namespace: wanted = "default" } = manifest.metadata ?? {};
    const record = this.#etcd.record(kind.kind, kind.namespaced ? wanted : "", name);
    if (record.stored !== undefined) return record;
    const revision = this.#etcd.revision + 1;
    const metadata = createMetadata(manifest.metadata ?? {}, record, revision, this.kernel.nowUs);
    const object: ApiObject = kind.defaults({ ...manifest, metadata });
    const errors = kind.validate(object);
    if (errors.length > 0) {
      const list = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
      throw new Error(`${kind.kind} "${name}" is invalid: ${list}`);
    }
    this.#etcd.create(record, object);
    return record;
  }
}

function zoneOf({ metadata }: Manifest): string {
  return metadata?.labels?.["topology.kubernetes.io/zone"] ?? "";
}

/** Cores that the node's pods share. */
function coresOf(manifest: Manifest): number {
  const { allocatable, capacity } = (manifest["status"] ?? {}) as Node["status"];
  const cpu = (allocatable ?? capacity)?.["cpu"];
  return cpu === undefined ? 0 : cpuMilli(String(cpu)) / 1000;
}

/** The longest window that the metrics pipeline asks for ends at most one resolution ago. */
function workHistoryUs(metrics: ClusterOptions["metrics"]): Micros {
  const { customMetricResolutionSeconds, metricResolutionSeconds } = metrics;
  const seconds = Math.max(customMetricResolutionSeconds, metricResolutionSeconds);
  return Math.round(2 * seconds * 1_000_000);
}

/** Whether a manifest is about the same object: the user's own comes before the add-on's. */
function isSameObject({ kind, metadata }: Manifest): (other: Manifest) => boolean {
  return (other) =>
    other.kind === kind &&
    other.metadata?.name === metadata?.name &&
    (other.metadata?.namespace ?? "default") === (metadata?.namespace ?? "default");
}

/** The account of pods that name none, which a namespace gets soon after it is made. */
function defaultAccount(namespace: string): Manifest {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } };
}

function namespace(name: string): Manifest {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** Objects of the store never change: a fork shares them. */
function isApiObject(object: object): boolean {
  return "metadata" in object && "kind" in object && "apiVersion" in object;
}

function noBalancer(name: string): never {
  throw new InputError(
    `This cluster was given no load balancers for clients, and one wants "${name}".`,
  );
}

/** The profiles, looking at the share of nodes that the options say. */
function withPercentage(
  profiles: readonly Profile[],
  percentage: ClusterOptions["scheduler"]["percentageOfNodesToScore"],
): readonly Profile[] {
  if (percentage === "profile") return profiles;
  return profiles.map((profile) => ({ ...profile, percentageOfNodesToScore: percentage }));
}
