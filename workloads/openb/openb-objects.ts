/** The rows of the openb lists as Kubernetes objects. Pure. */
import {
  type core,
  DURATION_ANNOTATION,
  IMAGE_BYTES_ANNOTATION,
  type Manifest,
} from "../../sim/api/index.ts";
import { formatDuration, hashString, type Micros } from "../../sim/kernel/index.ts";
import type { OpenbNode, OpenbTask } from "./openb-rows.ts";
import type { PodSettings } from "./openb-spec.ts";

/** Namespace of every pod of the trace. */
export const OPENB_NAMESPACE = "openb";
/** Thousandths of a GPU: the extended resource that pods request and nodes offer. */
export const GPU_MILLI_RESOURCE = "alibabacloud.com/gpu-milli";
/** Label of a node: its GPUs. Annotation of a pod: the GPUs that its share is spread over. */
export const GPU_COUNT = "alibabacloud.com/gpu-count";
/** Label of a node with its GPU model, and the key that a pod's node affinity asks for. */
export const GPU_MODEL_LABEL = "alibabacloud.com/gpu-card-model";
/** Label of a pod with its class of service in the trace. */
export const QOS_LABEL = "alibabacloud.com/qos";
/** Pods that one node takes, as in the published evaluation; it never binds. */
const PODS_PER_NODE = "1001";

export const namespaceManifest: Manifest = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: OPENB_NAMESPACE },
};

export function nodeManifest(node: OpenbNode): Manifest {
  const resources: Record<string, string> = {
    cpu: `${node.cpuMilli}m`,
    memory: `${node.memoryMib}Mi`,
    pods: PODS_PER_NODE,
  };
  const labels: Record<string, string> = {
    "kubernetes.io/hostname": node.name,
    "kubernetes.io/os": "linux",
  };
  if (node.gpuCount > 0) {
    resources[GPU_MILLI_RESOURCE] = String(node.gpuCount * 1000);
    labels[GPU_COUNT] = String(node.gpuCount);
    labels[GPU_MODEL_LABEL] = node.model;
  }
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels },
    status: { capacity: resources, allocatable: resources },
  };
}

/**
 * The pod of a task. GPUs are asked for as one sum of milli-GPU (`num_gpu` x `gpu_milli`); the two
 * factors stay in the annotations. `durationUs` undefined: it runs until deleted.
 */
export function podManifest(
  task: OpenbTask,
  name: string,
  durationUs: Micros | undefined,
  settings: PodSettings,
): Manifest {
  const labels: Record<string, string> = {};
  if (task.qos !== "") labels[QOS_LABEL] = task.qos;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: OPENB_NAMESPACE,
      labels,
      annotations: podAnnotations(task, durationUs, settings),
    },
    spec: podSpec(task, settings),
  };
}

function podAnnotations(
  task: OpenbTask,
  durationUs: Micros | undefined,
  settings: PodSettings,
): Record<string, string> {
  const annotations: Record<string, string> = {};
  if (task.gpuCount > 0) {
    annotations[GPU_COUNT] = String(task.gpuCount);
    annotations[GPU_MILLI_RESOURCE] = String(task.gpuMilli);
  }
  if (durationUs !== undefined) annotations[DURATION_ANNOTATION] = formatDuration(durationUs);
  if (settings.imageBytes !== undefined)
    annotations[IMAGE_BYTES_ANNOTATION] = String(settings.imageBytes);
  return annotations;
}

function podSpec(task: OpenbTask, settings: PodSettings): core.PodSpec {
  const requests: Record<string, string> = {
    cpu: `${task.cpuMilli}m`,
    memory: `${task.memoryMib}Mi`,
  };
  const resources: core.ResourceRequirements = { requests };
  if (task.gpuCount > 0) {
    // The API wants limits equal to requests for extended resources.
    requests[GPU_MILLI_RESOURCE] = String(task.gpuCount * task.gpuMilli);
    resources.limits = { [GPU_MILLI_RESOURCE]: String(task.gpuCount * task.gpuMilli) };
  }
  const image = settings.images[hashString(task.name) % settings.images.length] ?? "";
  const spec: core.PodSpec = {
    containers: [{ name: "task", image, imagePullPolicy: "IfNotPresent", resources }],
    restartPolicy: "Never",
  };
  if (task.gpuModels.length > 0) spec.affinity = { nodeAffinity: anyModelOf(task.gpuModels) };
  return spec;
}

function anyModelOf(models: readonly string[]): core.NodeAffinity {
  return {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: GPU_MODEL_LABEL, operator: "In", values: [...models] }] },
      ],
    },
  };
}
