/**
 * The kube-controller-manager: its controllers share one set of informers, and each has a client,
 * and so a rate limit, of its own (SimpleControllerClientBuilder; the limits are per client).
 */
import type {
  ApiObject,
  ControllerRevision,
  DaemonSet,
  Deployment,
  Job,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  Service,
  StatefulSet,
  Trace,
} from "../api/index.ts";
import {
  type ClientHub,
  EventRecorder,
  type Indexer,
  InformerFactory,
  type InformerHub,
} from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { ControllerManagerOptions } from "../options/index.ts";
import type { ControllerContext, NodeHeartbeats } from "./controller.ts";
import { indexOwned, indexOwners } from "./ownership.ts";
import { controllersByName, isEnabled } from "./registry.ts";

export interface ControllersSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  /** Heartbeats of the nodes; absent: no node ever falls silent. */
  readonly heartbeats?: NodeHeartbeats;
  readonly latency: ControllerContext["latency"];
  readonly options: ControllerManagerOptions;
  /** Write Event objects. */
  readonly writesEvents: boolean;
}

/** WaitForCacheSync looks at this period whether all informers have their first list. */
const SYNC_POLL_US = 100_000;

export interface ControllerManager {
  /** Lists and watches, then starts the controllers: as a process that has just been started. */
  start(): void;
  /** The same at the start of the run, as one that has watched since before it. */
  startSynced(): void;
}

/** Builds all controllers of a cluster. One of the starts is to be called for each process. */
export function createControllers(settings: ControllersSettings): ControllerManager {
  const { kernel, clients, informers, options, writesEvents } = settings;
  const factory = new InformerFactory(informers, clients.client("kube-controller-manager"));
  indexSharedStores(factory);
  const context: ControllerContext = {
    ...settings,
    informer: (kind) => factory.informer(kind),
    client: (name) => clients.client(name),
    events: (client, component) =>
      new EventRecorder(kernel, writesEvents ? client : undefined, component, component),
  };
  const controllers = [...controllersByName]
    .filter(([name]) => isEnabled(name, options.controllers))
    .map(([, Controller]) => new Controller(context));
  const poll = kernel.handler("controllers/wait-for-cache-sync", () => {
    if (!factory.hasSynced) kernel.after(SYNC_POLL_US, poll, undefined, undefined);
    else for (const controller of controllers) controller.run();
  });
  return {
    start() {
      factory.start();
      kernel.after(SYNC_POLL_US, poll, undefined, undefined);
    },
    startSynced() {
      factory.startSynced();
      for (const controller of controllers) controller.run();
    },
  };
}

/** Indexes that several controllers look objects up in. */
function indexSharedStores(factory: InformerFactory): void {
  const sets = factory.informer<ReplicaSet>("ReplicaSet").indexer;
  const pods = factory.informer<Pod>("Pod").indexer;
  indexOwners(factory.informer<Deployment>("Deployment").indexer, ({ spec }) => spec.selector);
  indexOwners(sets, ({ spec }) => spec.selector);
  indexOwners(factory.informer<StatefulSet>("StatefulSet").indexer, ({ spec }) => spec.selector);
  indexOwners(factory.informer<DaemonSet>("DaemonSet").indexer, ({ spec }) => spec.selector);
  indexOwners(factory.informer<Job>("Job").indexer, ({ spec }) => spec.selector);
  indexOwners(factory.informer<Service>("Service").indexer, ({ spec }) => ({
    matchLabels: spec.selector ?? {},
  }));
  indexOwners(
    factory.informer<PodDisruptionBudget>("PodDisruptionBudget").indexer,
    ({ spec }) => spec.selector,
  );
  const revisions = factory.informer<ControllerRevision>("ControllerRevision").indexer;
  indexOwned(revisions as unknown as Indexer<ApiObject>);
  indexOwned(sets as unknown as Indexer<ApiObject>);
  indexOwned(pods as unknown as Indexer<ApiObject>);
}
