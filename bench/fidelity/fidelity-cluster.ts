/** Clusters as the published measurements had them: nodes that are 30 pods full, and pods that come and go. */
import { balancerByName } from "../../policies/balance/index.ts";
import { profileByName } from "../../policies/index.ts";
import type { Manifest } from "../../sim/api/index.ts";
import { Cluster, type ClusterOptions, defaultClusterOptions } from "../../sim/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";

export const SECOND_US = 1_000_000;
/** Pods per node of a full cluster: kubernetes/community sig-scalability, and the posts of 2015 to 2017. */
export const PODS_PER_NODE = 30;
/** Pods per second while a cluster is filled: slow enough that nothing queues for long. */
const FILL_PER_SECOND = 1_000;
/** From the end of filling until something is measured. */
const CALM_US = 10 * SECOND_US;

/** How long a pod lives that comes and goes. */
const LIFE_SECONDS = 20;

/** No rate limit, as where somebody has raised it beyond reach. */
export const UNLIMITED = { qps: 0, burst: 0 };

/** Pods that come at a steady rate for a while. */
export interface Phase {
  readonly podsPerSecond: number;
  readonly seconds: number;
}

export interface Churn {
  readonly nodes: number;
  /** Pods that each node has before the first phase. */
  readonly podsPerNode: number;
  readonly phases: readonly Phase[];
  readonly options?: Partial<ClusterOptions>;
}

/** Images are on the nodes beforehand, as in the start-up SLO. */
export const prePulled: Partial<ClusterOptions> = {
  kubelet: { ...defaultClusterOptions.kubelet, defaultImageBytes: 0 },
};

/** A cluster with these objects. Not started. */
export function newCluster(
  manifests: readonly Manifest[],
  options: Partial<ClusterOptions> = prePulled,
): Cluster {
  const cluster = new Cluster(
    { ...defaultClusterOptions, ...options },
    { profiles: [profileByName("default")], balancer: balancerByName("random") },
  );
  cluster.bootstrap(manifests);
  return cluster;
}

/** The default limits but for those of some clientsets. */
export function withLimits(
  ...names: readonly string[]
): Pick<ClusterOptions, "clients"> & Partial<ClusterOptions> {
  const raised = Object.fromEntries(names.map((name) => [name, UNLIMITED]));
  return { ...prePulled, clients: { ...defaultClusterOptions.clients, ...raised } };
}

export function nodes(count: number): Manifest[] {
  return Array.from({ length: count }, (_, i) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `n${i}`, labels: { "topology.kubernetes.io/zone": `z${i % 3}` } },
    status: { allocatable: { cpu: "4", memory: "15Gi", pods: "250" } },
  }));
}

/** A pod of one container that sleeps until it is deleted; bound already if a node is given. */
export function pausePod(name: string, nodeName?: string): Manifest {
  const containers = [
    { name: "main", image: "pause:3", resources: { requests: { cpu: "10m", memory: "16Mi" } } },
  ];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      containers,
      terminationGracePeriodSeconds: 1,
      ...(nodeName === undefined ? {} : { nodeName }),
    },
  };
}

/** From `fromUs` until before `toUs`. */
export interface Span {
  readonly fromUs: Micros;
  readonly toUs: Micros;
}

export interface ChurningCluster {
  readonly cluster: Cluster;
  /** When each phase is. Before the first, the cluster is filled. */
  readonly spans: readonly Span[];
}

/**
 * A cluster that is filled and in which pods then come at a steady rate, and go 20 seconds later.
 * Not started; attach recorders first.
 */
export function churningCluster(churn: Churn): ChurningCluster {
  const { podsPerNode, phases, options = prePulled } = churn;
  const cluster = newCluster(nodes(churn.nodes), options);
  const filling = churn.nodes * podsPerNode;
  for (let i = 0; i < filling; i++) {
    const timeUs = Math.round(((i + 1) * SECOND_US) / FILL_PER_SECOND);
    const object = pausePod(`old-${i}`, `n${i % churn.nodes}`);
    cluster.operations.append(timeUs, { verb: "create", object, source: "" });
  }
  let fromUs = Math.round((filling * SECOND_US) / FILL_PER_SECOND) + CALM_US;
  const spans = phases.map((phase, number) => {
    const toUs = fromUs + phase.seconds * SECOND_US;
    come(cluster, phase, fromUs, `new-${number}`);
    const span = { fromUs, toUs };
    fromUs = toUs + (LIFE_SECONDS + 1) * SECOND_US;
    return span;
  });
  cluster.operations.close();
  return { cluster, spans };
}

function come({ operations }: Cluster, phase: Phase, fromUs: Micros, prefix: string): void {
  const gapUs = SECOND_US / phase.podsPerSecond;
  const count = phase.podsPerSecond * phase.seconds;
  const lag = LIFE_SECONDS * phase.podsPerSecond;
  for (let i = 0; i < count + lag; i++) {
    const timeUs = fromUs + Math.round(i * gapUs);
    const old = i - lag;
    if (old >= 0)
      operations.append(timeUs, {
        verb: "delete",
        object: pausePod(`${prefix}-${old}`),
        source: "",
      });
    if (i < count)
      operations.append(timeUs, { verb: "create", object: pausePod(`${prefix}-${i}`), source: "" });
  }
}
