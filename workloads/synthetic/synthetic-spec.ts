/** The settings of the synthetic workload. */
import type { core } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";

export interface SyntheticSpec {
  readonly type: "synthetic";
  readonly nodes: readonly NodeGroup[];
  readonly pods: readonly PodGroup[];
  readonly jobs: readonly JobGroup[];
  readonly deployments: readonly DeploymentGroup[];
}

/** `count` nodes named `NAME-0`, `NAME-1`, ... */
export interface NodeGroup {
  readonly name: string;
  readonly count: number;
  readonly cpu: string;
  readonly memory: string;
  /** Pods that a node takes (kubelet --max-pods, default 110). */
  readonly pods: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly core.Taint[];
  /** Further resources by name, as quantities. */
  readonly resources: Readonly<Record<string, string>>;
}

/** What a pod of a group is like. Quantities as Kubernetes writes them. */
export interface PodShape {
  readonly name: string;
  readonly namespace: string;
  readonly cpu: string;
  readonly memory: string;
  /** Further resources by name, requested and limited alike. */
  readonly resources: Readonly<Record<string, string>>;
  readonly image: string;
  /** `undefined`: the kubelet's default. */
  readonly imageBytes: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly core.Toleration[];
  /** Virtual time before which the group does nothing. */
  readonly startUs: Micros;
}

/** `count` pods, each after a time drawn from `arrivals` since the one before it. */
export interface PodGroup extends PodShape {
  readonly count: number;
  /** Distribution of the time between arrivals: `exponential(mean=1s)`. */
  readonly arrivals: string;
  /** Distribution of the run time; `undefined`: until deleted. */
  readonly duration: string | undefined;
}

/** `count` Jobs; the run time is drawn once for each Job and holds for all its pods. */
export interface JobGroup extends PodGroup {
  readonly parallelism: number;
  readonly completions: number;
}

/** One Deployment, and a Service of the same name when it has a `port`. */
export interface DeploymentGroup extends PodShape {
  readonly replicas: number;
  readonly port: number | undefined;
}

/** What a group that does not say is like. Our assumptions, but for `pods` (kubelet --max-pods). */
export const defaultNodeGroup: NodeGroup = {
  name: "node",
  count: 1,
  cpu: "8",
  memory: "32Gi",
  pods: 110,
  labels: {},
  taints: [],
  resources: {},
};

const defaultPodShape: PodShape = {
  name: "pod",
  namespace: "default",
  cpu: "500m",
  memory: "512Mi",
  resources: {},
  image: "registry.example/app:1.0",
  imageBytes: undefined,
  labels: {},
  nodeSelector: {},
  tolerations: [],
  startUs: 0,
};

export const defaultPodGroup: PodGroup = {
  ...defaultPodShape,
  count: 1,
  arrivals: "exponential(mean=1s)",
  duration: undefined,
};

export const defaultJobGroup: JobGroup = {
  ...defaultPodGroup,
  name: "job",
  duration: "60s",
  parallelism: 1,
  completions: 1,
};

export const defaultDeploymentGroup: DeploymentGroup = {
  ...defaultPodShape,
  name: "app",
  replicas: 1,
  port: undefined,
};
