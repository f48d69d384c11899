/** The groups of a synthetic workload as Kubernetes objects. Pure. */
import {
  type core,
  DURATION_ANNOTATION,
  IMAGE_BYTES_ANNOTATION,
  type Manifest,
} from "../../sim/api/index.ts";
import { formatDuration, type Micros } from "../../sim/kernel/index.ts";
import { systemNamespaces } from "../system-namespaces.ts";
import type { DeploymentGroup, JobGroup, NodeGroup, PodGroup, PodShape } from "./synthetic-spec.ts";

/** The namespaces of the groups that a cluster does not have from the start, in order of mention. */
export function namespaceManifests(groups: readonly PodShape[]): Manifest[] {
  const names = new Set(groups.map((group) => group.namespace));
  return [...names]
    .filter((name) => !systemNamespaces.includes(name))
    .map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
}

export function nodeManifests(group: NodeGroup): Manifest[] {
  const amounts = {
    cpu: group.cpu,
    memory: group.memory,
    pods: String(group.pods),
    ...group.resources,
  };
  return Array.from({ length: group.count }, (_, i) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: `${group.name}-${i}`,
      labels: {
        "kubernetes.io/hostname": `${group.name}-${i}`,
        "kubernetes.io/os": "linux",
        ...group.labels,
      },
    },
    spec: { taints: [...group.taints] },
    status: { capacity: amounts, allocatable: amounts },
  }));
}

export function podManifest(
  group: PodGroup,
  name: string,
  durationUs: Micros | undefined,
): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: group.namespace, ...podMetadata(group, durationUs) },
    spec: podSpec(group, "Never", undefined),
  };
}

export function jobManifest(
  group: JobGroup,
  name: string,
  durationUs: Micros | undefined,
): Manifest {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: group.namespace, labels: { app: group.name } },
    spec: {
      parallelism: group.parallelism,
      completions: group.completions,
      template: {
        metadata: podMetadata(group, durationUs),
        spec: podSpec(group, "Never", undefined),
      },
    },
  };
}

/** The Deployment, then its Service if it has one. */
export function deploymentManifests(group: DeploymentGroup): Manifest[] {
  const { name, namespace, port } = group;
  const deployment: Manifest = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      replicas: group.replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: podMetadata(group, undefined), spec: podSpec(group, "Always", port) },
    },
  };
  if (port === undefined) return [deployment];
  const service: Manifest = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port, targetPort: port }] },
  };
  return [deployment, service];
}

interface PodMetadata {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

function podMetadata(shape: PodShape, durationUs: Micros | undefined): PodMetadata {
  const annotations: Record<string, string> = {};
  if (durationUs !== undefined) annotations[DURATION_ANNOTATION] = formatDuration(durationUs);
  if (shape.imageBytes !== undefined)
    annotations[IMAGE_BYTES_ANNOTATION] = String(shape.imageBytes);
  return { labels: { ...shape.labels, app: shape.name }, annotations };
}

function podSpec(
  shape: PodShape,
  restartPolicy: "Always" | "Never",
  port: number | undefined,
): core.PodSpec {
  const container: core.Container = {
    name: "main",
    image: shape.image,
    imagePullPolicy: "IfNotPresent",
    resources: {
      requests: { cpu: shape.cpu, memory: shape.memory, ...shape.resources },
      limits: { ...shape.resources },
    },
  };
  if (port !== undefined) container.ports = [{ containerPort: port }];
  return {
    containers: [container],
    restartPolicy,
    nodeSelector: { ...shape.nodeSelector },
    tolerations: [...shape.tolerations],
  };
}
