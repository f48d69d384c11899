/** A cluster in a steady state, in which pods come, run for a minute and go. */

import { balancerByName } from "../../../policies/balance/index.ts";
import { profileByName } from "../../../policies/index.ts";
import type { Manifest } from "../../../sim/api/index.ts";
import { Cluster, type ClusterOptions, defaultClusterOptions } from "../../../sim/index.ts";
import type { Profile } from "../../../sim/scheduler/index.ts";

export type Load = "bare pods" | "Job pods";

export interface PodLives {
  readonly load: Load;
  readonly nodes: number;
  /** Pods in all, and per second of virtual time. */
  readonly pods: number;
  readonly podsPerSecond: number;
  /** Without decisions: any node does, so that the control plane alone is measured. */
  readonly decides: boolean;
  /** Pods run for ever. */
  readonly endless?: boolean;
}

const SECOND_US = 1_000_000;
/** How long a pod runs, and when a bare pod's user deletes it. */
const RUN_SECONDS = 60;
const DELETE_AFTER_US = 75 * SECOND_US;
const PODS_PER_JOB = 10;

/**
 * The defaults but for what would only wait: client limits, and images. And but for etcd's quota: at
 * a thousand pods a second the versions of five minutes fill its 2 GB, and then nothing is written.
 */
function options(): ClusterOptions {
  const clients = Object.fromEntries(
    Object.keys(defaultClusterOptions.clients).map((name) => [name, { qps: 0, burst: 0 }]),
  );
  const { kubelet, etcd } = defaultClusterOptions;
  return {
    ...defaultClusterOptions,
    clients,
    kubelet: { ...kubelet, defaultImageBytes: 0 },
    etcd: { ...etcd, quotaBackendBytes: Number.MAX_SAFE_INTEGER },
  };
}

/** Without a filter or score plugin kube-scheduler takes the nodes in turn. */
const PLACES = ["PrioritySort", "SchedulingGates", "DefaultBinder"];

function anyNode(): Profile {
  const profile = profileByName("default");
  const plugins = profile.plugins.filter(({ plugin }) => PLACES.includes(plugin.name));
  return { ...profile, plugins };
}

export function newCluster({ nodes, decides }: PodLives): Cluster {
  const profile = decides ? profileByName("default") : anyNode();
  const cluster = new Cluster(options(), {
    profiles: [profile],
    balancer: balancerByName("random"),
  });
  cluster.bootstrap(Array.from({ length: nodes }, (_, i) => node(i)));
  return cluster;
}

/** Feeds the load and runs to the end, or to a moment. */
export function runToEnd(
  cluster: Cluster,
  lives: PodLives,
  untilUs: number = Number.MAX_SAFE_INTEGER,
): void {
  cluster.start();
  const feed = lives.load === "bare pods" ? feedBarePods : feedJobs;
  feed(cluster, lives);
  cluster.run(untilUs);
}

function feedBarePods(
  { operations }: Cluster,
  { pods, podsPerSecond, endless = false }: PodLives,
): void {
  const gapUs = SECOND_US / podsPerSecond;
  const lagPods = endless ? 0 : Math.ceil(DELETE_AFTER_US / gapUs);
  for (let i = 0; i < pods + lagPods; i++) {
    const timeUs = SECOND_US + Math.round(i * gapUs);
    const old = i - lagPods;
    if (old >= 0 && !endless)
      operations.append(timeUs, { verb: "delete", object: barePod(old, false), source: "" });
    if (i < pods)
      operations.append(timeUs, { verb: "create", object: barePod(i, endless), source: "" });
  }
  operations.close();
}

function feedJobs({ operations }: Cluster, { pods, podsPerSecond }: PodLives): void {
  const jobs = pods / PODS_PER_JOB;
  const gapUs = (SECOND_US * PODS_PER_JOB) / podsPerSecond;
  for (let i = 0; i < jobs; i++) {
    const timeUs = SECOND_US + Math.round(i * gapUs);
    operations.append(timeUs, { verb: "create", object: job(i), source: "" });
  }
  operations.close();
}

const annotations = { "stowage.dev/duration": `${RUN_SECONDS}s` };
const podSpec = {
  restartPolicy: "Never",
  containers: [
    {
      name: "main",
      image: "app:1",
      resources: { requests: { cpu: "100m", memory: "128Mi" } },
    },
  ],
};

function barePod(i: number, isEndless: boolean): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `p${i}`,
      namespace: "default",
      ...(isEndless ? {} : { annotations }),
      labels: { app: "bench" },
    },
    spec: podSpec,
  };
}

function job(i: number): Manifest {
  const spec = {
    parallelism: PODS_PER_JOB,
    completions: PODS_PER_JOB,
    ttlSecondsAfterFinished: 5,
    template: { metadata: { annotations, labels: { app: "bench" } }, spec: podSpec },
  };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `j${i}`, namespace: "default" },
    spec,
  };
}

function node(i: number): Manifest {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `n${i}`, labels: { "topology.kubernetes.io/zone": `z${i % 3}` } },
    status: { allocatable: { cpu: "32", memory: "128Gi", pods: "256" } },
  };
}
