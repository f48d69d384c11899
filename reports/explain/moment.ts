/** A cluster at a moment, as its objects say: what `stowage explain --at TIME` prints. */
import { findCondition, type KeyRecord, type Node, type Pod } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { reportedRequests, resourceAmount } from "../pod-requests.ts";
import { taintText } from "./remedies.ts";

export interface ClusterMoment {
  readonly timeUs: Micros;
  readonly nodes: readonly NodeMoment[];
  /** Pods by phase; pending ones that are bound count as `Starting`. */
  readonly phases: Readonly<Record<string, number>>;
  /** The scheduler's queues that hold pods: active, backoff, unschedulable, gated. */
  readonly queues: readonly QueueMoment[];
  /** Pods without a node, by what the scheduler said of them last, the largest group first. */
  readonly waiting: readonly WaitingGroup[];
}

export interface QueueMoment {
  readonly queue: string;
  readonly count: number;
  /** Those that have been in it the longest. */
  readonly examples: readonly {
    readonly pod: string;
    readonly sinceUs: Micros;
    /** kube-scheduler's label of what brought it there. */
    readonly event: string;
  }[];
}

export interface WaitingGroup {
  readonly message: string;
  readonly count: number;
  /** `namespace/name` of the first ones. */
  readonly examples: readonly string[];
}

export interface NodeMoment {
  readonly name: string;
  readonly isReady: boolean;
  readonly isCordoned: boolean;
  /** Other conditions that are true, such as `DiskPressure`. */
  readonly conditions: readonly string[];
  /** `key=value:Effect` */
  readonly taints: readonly string[];
  /** Of each resource that the node offers: cpu in milli, memory and storage in bytes. */
  readonly resources: readonly NodeResource[];
  readonly pods: readonly PodOnNode[];
}

export interface NodeResource {
  readonly resource: string;
  readonly allocatable: number;
  /** By the pods on it that have not ended. */
  readonly requested: number;
}

export interface PodOnNode {
  readonly pod: string;
  readonly phase: string;
  readonly priority: number;
  /** As its status says; "": its kubelet has not seen it. */
  readonly startTime: string;
  readonly requests: Readonly<Record<string, number>>;
}

/** What a cluster lists, by kind. */
export interface ObjectList {
  list(kind: string): readonly KeyRecord[];
}

const EXAMPLES = 3;

export function clusterMoment(
  cluster: ObjectList,
  queues: readonly QueueMoment[],
  timeUs: Micros,
): ClusterMoment {
  const pods = objects<Pod>(cluster, "Pod");
  const byNode = new Map<string, Pod[]>();
  const phases: Record<string, number> = {};
  const waiting = new Map<string, { count: number; examples: string[] }>();
  for (const pod of pods) {
    const node = pod.spec.nodeName ?? "";
    const phase = pod.status.phase ?? "Pending";
    const shown = phase === "Pending" && node !== "" ? "Starting" : phase;
    phases[shown] = (phases[shown] ?? 0) + 1;
    if (node !== "") byNode.set(node, [...(byNode.get(node) ?? []), pod]);
    else if (phase === "Pending") {
      const message =
        findCondition(pod.status.conditions, "PodScheduled")?.message ?? "not tried yet";
      const group = waiting.get(message) ?? { count: 0, examples: [] };
      waiting.set(message, group);
      group.count++;
      if (group.examples.length < EXAMPLES) group.examples.push(keyOf(pod));
    }
  }
  return {
    timeUs,
    nodes: objects<Node>(cluster, "Node").map((node) =>
      nodeMoment(node, byNode.get(node.metadata.name) ?? []),
    ),
    phases,
    queues,
    waiting: [...waiting]
      .map(([message, group]) => ({ message, ...group }))
      .sort((a, b) => b.count - a.count || (a.message < b.message ? -1 : 1)),
  };
}

/** The objects of a kind, by key. */
function objects<Kind>(cluster: ObjectList, kind: string): Kind[] {
  return [...cluster.list(kind)]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ stored }) => (stored === undefined ? [] : [stored as unknown as Kind]));
}

const keyOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;

function nodeMoment(node: Node, pods: readonly Pod[]): NodeMoment {
  const living = pods.filter(({ status }) => !["Succeeded", "Failed"].includes(status.phase ?? ""));
  const requests = new Map(living.map((pod) => [pod, reportedRequests(pod)]));
  const total = (resource: string): number =>
    living.reduce((sum, pod) => sum + (requests.get(pod)?.get(resource) ?? 0), 0);
  const offered = Object.entries(node.status.allocatable ?? {});
  return {
    name: node.metadata.name,
    isReady: findCondition(node.status.conditions, "Ready")?.status === "True",
    isCordoned: node.spec.unschedulable === true,
    conditions: (node.status.conditions ?? [])
      .filter(({ type, status }) => type !== "Ready" && status === "True")
      .map(({ type }) => type),
    taints: (node.spec.taints ?? []).map(taintText),
    resources: offered.map(([resource, quantity]) => ({
      resource,
      allocatable: resourceAmount(resource, String(quantity)),
      requested: resource === "pods" ? living.length : total(resource),
    })),
    pods: pods.map((pod) => ({
      pod: keyOf(pod),
      phase: pod.status.phase ?? "Pending",
      priority: pod.spec.priority ?? 0,
      startTime: pod.status.startTime ?? "",
      requests: Object.fromEntries(requests.get(pod) ?? []),
    })),
  };
}
