/**
 * The kube-controller-manager: its controllers share one set of informers, and each has a client,
 * and so a rate limit, of its own (SimpleControllerClientBuilder; the limits are per client).
 */
import type {
  ApiObject,
  Deployment,
  EndpointSlice,
  Job,
  Node,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  Service,
  Trace,
} from "../api/index.ts";
import {
  type ClientHub,
  type Indexer,
  InformerFactory,
  type InformerHub,
} from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import { DeploymentController } from "./deployment-controller.ts";
import { DisruptionController } from "./disruption-controller.ts";
import { EndpointSliceController } from "./endpoint-slice-controller.ts";
import { JobController } from "./job-controller.ts";
import { indexOwned, indexOwners } from "./ownership.ts";
import { ReplicaSetController } from "./replica-set-controller.ts";
import { createStorageControllers } from "./storage-controllers.ts";

export interface ControllersSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  readonly latency: { readonly controllerSync: string; readonly volumeProvision: string };
}

/** WaitForCacheSync looks at this period whether all informers have their first list. */
const SYNC_POLL_US = 100_000;

/** Builds all controllers of a cluster. `start` lists and watches; call it once. */
export function createControllers(settings: ControllersSettings): { start(): void } {
  const { kernel, clients, informers, latency } = settings;
  const { controllerSync } = latency;
  const factory = new InformerFactory(informers, clients.client("kube-controller-manager"));
  const deployments = factory.informer<Deployment>("Deployment");
  const replicaSets = factory.informer<ReplicaSet>("ReplicaSet");
  const jobs = factory.informer<Job>("Job");
  const services = factory.informer<Service>("Service");
  const slices = factory.informer<EndpointSlice>("EndpointSlice");
  const nodes = factory.informer<Node>("Node");
  const pods = factory.informer<Pod>("Pod");
  const budgets = factory.informer<PodDisruptionBudget>("PodDisruptionBudget");

  indexOwners(deployments.indexer, ({ spec }) => spec.selector);
  indexOwners(replicaSets.indexer, ({ spec }) => spec.selector);
  indexOwners(jobs.indexer, ({ spec }) => spec.selector);
  indexOwners(services.indexer, ({ spec }) => ({ matchLabels: spec.selector ?? {} }));
  indexOwners(budgets.indexer, ({ spec }) => spec.selector);
  indexOwned(replicaSets.indexer as unknown as Indexer<ApiObject>);
  indexOwned(pods.indexer as unknown as Indexer<ApiObject>);

  const shared = { kernel, pods, controllerSync };
  const controllers: { run(): void }[] = [
    new DeploymentController({
      ...shared,
      client: clients.client("deployment-controller"),
      deployments,
      replicaSets,
    }),
    new ReplicaSetController({
      ...shared,
      client: clients.client("replicaset-controller"),
      replicaSets,
    }),
    new JobController({ ...shared, client: clients.client("job-controller"), jobs }),
    new EndpointSliceController({
      ...shared,
      client: clients.client("endpointslice-controller"),
      services,
      nodes,
      slices,
    }),
    new DisruptionController({
      ...shared,
      client: clients.client("disruption-controller"),
      replicaSets,
      deployments,
      budgets,
    }),
  ];
  controllers.push(...createStorageControllers(settings, factory, { pods, nodes }));
  const poll = kernel.handler("controllers/wait-for-cache-sync", () => {
    if (!factory.hasSynced) kernel.after(SYNC_POLL_US, poll, undefined, undefined);
    else for (const controller of controllers) controller.run();
  });
  return {
    start() {
      factory.start();
      kernel.after(SYNC_POLL_US, poll, undefined, undefined);
    },
  };
}
