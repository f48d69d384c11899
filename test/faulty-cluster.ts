/**
 * Random histories of a whole cluster for properties: what its users do to workloads of every kind
 * while things go wrong. All users and all faults are done after END_US; then everything must
 * become as declared.
 */
import fc from "fast-check";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Manifest } from "../sim/api/index.ts";
import {
  Cluster,
  type ClusterOptions,
  defaultClusterOptions,
  type Fault,
  type FaultKind,
  type Operation,
} from "../sim/index.ts";

export const SECOND = 1_000_000;
/** After this nothing is asked for and nothing breaks any more. */
export const END_US = 120 * SECOND;
export const NODES = ["n0", "n1", "n2", "n3"];
/** What the namespace `small` allows. */
export const QUOTA_PODS = 4;
/** What the budget of web keeps. */
export const WEB_AVAILABLE = 2;

export interface Step {
  readonly atMs: number;
  readonly act: (typeof ACTS)[number];
  readonly number: number;
}

const ACTS = [
  "scale-web",
  "image-web",
  "scale-db",
  "image-db",
  "image-agent",
  "job",
  "delete-job",
  "scale-small",
  "restart-web",
  "delete-extra",
  "extra",
  "drain",
  "delete-pod",
  "space",
  "delete-space",
  "join",
  "leave",
] as const;

/** Faults of the control plane alone: machines and their kubelets go on. */
export const CONTROL_PLANE_FAULTS: readonly FaultKind[] = [
  "etcd-leader-loss",
  "etcd-quorum-loss",
  "etcd-slow",
  "etcd-compaction",
  "apiserver-down",
  "apiserver-slow",
  "watches-lost",
  "controller-manager-crash",
  "scheduler-crash",
];
export const ALL_FAULTS: readonly FaultKind[] = [
  ...CONTROL_PLANE_FAULTS,
  "node-down",
  "node-isolated",
];

const WATCHED = ["Pod", "ReplicaSet", "Job", "Node", "StatefulSet", "Deployment", "EndpointSlice"];

const step: fc.Arbitrary<Step> = fc.record({
  atMs: fc.integer({ min: 2_000, max: 80_000 }),
  act: fc.constantFrom(...ACTS),
  number: fc.integer({ min: 0, max: 5 }),
});

export function faultOf(kinds: readonly FaultKind[]): fc.Arbitrary<Fault> {
  return fc
    .record({
      fault: fc.constantFrom(...kinds),
      atUs: fc.integer({ min: 1_000_000, max: 80_000_000 }),
      forUs: fc.integer({ min: 1, max: 30 }).map((seconds) => seconds * SECOND),
      number: fc.nat(20),
    })
    .map(({ fault, atUs, forUs, number }) => {
      const at = { fault, atUs };
      switch (fault) {
        case "apiserver-down":
        case "apiserver-slow":
          return { ...at, forUs, server: number % 2, factor: 20 };
        case "etcd-slow":
          return { ...at, forUs, factor: 10 };
        case "watches-lost":
          return { ...at, kind: WATCHED[number % WATCHED.length] ?? "Pod" };
        case "node-down":
        case "node-isolated":
          return { ...at, forUs, node: NODES[number % NODES.length] ?? "n0" };
        case "etcd-quorum-loss":
        case "controller-manager-crash":
        case "scheduler-crash":
          return { ...at, forUs };
        default:
          return at;
      }
    });
}

export interface History {
  readonly seed: number;
  readonly steps: readonly Step[];
  readonly faults: readonly Fault[];
}

export function historyOf(kinds: readonly FaultKind[]): fc.Arbitrary<History> {
  return fc.record({
    seed: fc.nat(99),
    steps: fc.array(step, { minLength: 2, maxLength: 12 }),
    faults: fc.array(faultOf(kinds), { minLength: 1, maxLength: 5 }),
  });
}

function node(name: string): Manifest {
  const allocatable = { cpu: "4", memory: "16Gi", pods: "20" };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable } };
}

function about(apiVersion: string, kind: string, name: string, namespace = "default"): Manifest {
  return { apiVersion, kind, metadata: { name, namespace } };
}

function workload(
  kind: string,
  name: string,
  replicas: number | undefined,
  spec: object,
): Manifest {
  const labels = { app: name };
  const requests = { cpu: "100m" };
  return {
    ...about("apps/v1", kind, name, name === "small" ? "small" : "default"),
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 2,
          containers: [{ name: "main", image: `${name}:1`, resources: { requests } }],
        },
      },
      ...spec,
    },
  };
}

/** Of a StatefulSet: a volume for each pod. */
function claim(name: string): Manifest {
  return {
    metadata: { name },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "fast",
      resources: { requests: { storage: "1Gi" } },
    },
  } as Manifest;
}

/** Its pods share a load of four times what one of them asks for. */
function withUsage(manifest: Manifest): Manifest {
  const spec = manifest.spec as { template: { metadata: object } };
  const annotations = { "stowage.dev/cpu-usage": "share: 0s=200m" };
  const metadata = { ...spec.template.metadata, annotations };
  return { ...manifest, spec: { ...spec, template: { ...spec.template, metadata } } };
}

/** What is in the cluster before its users begin. */
function initialObjects(): Manifest[] {
  const nodes = NODES.map(node);
  return [
    ...nodes,
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "small" } },
    {
      ...about("v1", "ResourceQuota", "pods", "small"),
      spec: { hard: { pods: String(QUOTA_PODS), "requests.cpu": "1" } },
    },
    {
      ...about("policy/v1", "PodDisruptionBudget", "web"),
      spec: { minAvailable: WEB_AVAILABLE, selector: { matchLabels: { app: "web" } } },
    },
    {
      ...about("v1", "Service", "web"),
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    },
    workload("Deployment", "web", 4, {}),
    { ...about("storage.k8s.io/v1", "StorageClass", "fast", ""), provisioner: "csi.example.com" },
    workload("StatefulSet", "db", 2, { serviceName: "db", volumeClaimTemplates: [claim("data")] }),
    withUsage(workload("Deployment", "load", 2, {})),
    {
      ...about("autoscaling/v2", "HorizontalPodAutoscaler", "load"),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "load" },
        minReplicas: 2,
        maxReplicas: 6,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
          },
        ],
      },
    },
    {
      ...about("batch/v1", "CronJob", "minutely"),
      spec: {
        schedule: "* * * * *",
        concurrencyPolicy: "Forbid",
        successfulJobsHistoryLimit: 1,
        jobTemplate: { spec: jobOf(0).spec as object },
      },
    },
    workload("DaemonSet", "agent", undefined, {}),
    workload("Deployment", "small", 3, {}),
  ];
}

function jobOf(number: number): Manifest {
  const annotations = { "stowage.dev/duration": "3s" };
  return {
    ...about("batch/v1", "Job", `job-${number}`),
    spec: {
      completions: 3 + number,
      parallelism: 2,
      backoffLimit: 30,
      ...(number % 2 === 1 ? { completionMode: "Indexed" } : {}),
      template: {
        metadata: { annotations },
        spec: { restartPolicy: "Never", containers: [{ name: "main", image: "job:1" }] },
      },
    },
  };
}

function operationsOf(step: Step): Operation[] {
  if (step.act !== "space") return [operationOf({ ...step, act: step.act })];
  const name = `space-${step.number % 2}`;
  const metadata = { name: "inner", namespace: name };
  const source = `space at ${step.atMs} ms`;
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  return [
    { verb: "apply", object: namespace, source },
    { verb: "apply", object: { ...workload("Deployment", "inner", 2, {}), metadata }, source },
  ];
}

function operationOf({
  act,
  number,
  atMs,
}: Step & { readonly act: Exclude<Step["act"], "space"> }): Operation {
  const source = `${act} ${number} at ${atMs} ms`;
  const web = about("apps/v1", "Deployment", "web");
  const db = about("apps/v1", "StatefulSet", "db");
  switch (act) {
    case "scale-web":
      return { verb: "apply", object: workload("Deployment", "web", number + 2, {}), source };
    case "image-web":
      return { verb: "setImage", object: web, images: { main: `web:${number}` }, source };
    case "scale-db":
      return { verb: "scale", object: db, replicas: number, source };
    case "image-db":
      return { verb: "setImage", object: db, images: { main: `db:${number}` }, source };
    case "image-agent": {
      const images = { main: `agent:${number}` };
      return { verb: "setImage", object: about("apps/v1", "DaemonSet", "agent"), images, source };
    }
    case "job":
      return { verb: "apply", object: jobOf(number), source };
    case "delete-job":
      return { verb: "delete", object: jobOf(number), source };
    case "scale-small": {
      const object = about("apps/v1", "Deployment", "small", "small");
      return { verb: "scale", object, replicas: 2 * number, source };
    }
    case "restart-web":
      return { verb: "rolloutRestart", object: web, source };
    case "extra":
      return { verb: "apply", object: workload("Deployment", "extra", number, {}), source };
    case "delete-extra":
      return { verb: "delete", object: about("apps/v1", "Deployment", "extra"), source };
    case "drain":
      return { verb: "drain", object: about("v1", "Node", NODES[number % 4] ?? "n0"), source };
    case "delete-space": {
      const name = `space-${number % 2}`;
      const object = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
      return { verb: "delete", object, source };
    }
    case "join":
      return { verb: "apply", object: node(`m${number % 2}`), source };
    case "leave":
      return { verb: "delete", object: node(`m${number % 2}`), source };
    case "delete-pod":
      return { verb: "delete", object: about("v1", "Pod", `db-${number}`), source };
  }
}

/** What a test adds to the cluster. */
interface Beside {
  /** Further objects that are there from the start. */
  readonly extra?: readonly Manifest[];
  /** Called before anything is there. */
  attach?(cluster: Cluster): void;
}

/** A cluster that is about to live through the history. Two API servers, so that one may die. */
export function faultyCluster(
  history: History,
  options: Partial<ClusterOptions> = {},
  { extra = [], attach = () => {} }: Beside = {},
): Cluster {
  const { apiserver, kubelet } = defaultClusterOptions;
  const cluster = new Cluster(
    {
      ...defaultClusterOptions,
      apiserver: { ...apiserver, replicas: 2 },
      kubelet: { ...kubelet, defaultImageBytes: 0 },
      ...options,
      seed: String(history.seed),
    },
    {
      profiles: [profileByName("default")],
      balancer: balancerByName("random"),
      balancerNamed: balancerByName,
    },
  );
  attach(cluster);
  cluster.bootstrap([...initialObjects(), ...extra]);
  for (const step of history.steps.toSorted((a, b) => a.atMs - b.atMs))
    for (const operation of operationsOf(step))
      cluster.operations.append(step.atMs * 1000, operation);
  for (const name of NODES) {
    const object = { apiVersion: "v1", kind: "Node", metadata: { name } };
    cluster.operations.append(END_US, { verb: "uncordon", object, source: "the end" });
  }
  cluster.operations.close();
  for (const fault of history.faults) cluster.inject(fault);
  cluster.start();
  return cluster;
}
