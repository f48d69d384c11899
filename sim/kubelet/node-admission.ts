/**
 * What a kubelet checks before it takes a pod: a scheduler may have decided on a stale view
 * (pkg/kubelet/lifecycle/predicate.go of v1.30, generalFilter).
 *
 * The kubelet's own Node object is taken as it is stored, without the delay of a watch. Ports are
 * not checked, and no pod is preempted for a critical one.
 */
import {
  compileNodeSelector,
  findUntoleratedTaint,
  mustParseQuantity,
  type Node,
  type Pod,
  type PodSpec,
  podRequests,
  quantityAmount,
} from "../api/index.ts";

/** Why a pod is rejected: reason and message of its status. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

type Amounts = ReadonlyMap<string, number>;

const NOTHING: Amounts = new Map();

/** What a node has, and what its pods request of it. Plain data. */
export class NodeRoom {
  /** Amounts by resource name; `pods` counts pods. */
  readonly used = new Map<string, number>();
  /** What was last read of the node's status, and from which object. */
  allocatable: Amounts = NOTHING;
  readFrom: object | undefined = undefined;
}

/** The first check that fails; undefined: the pod may run. */
export function rejection(node: Node, room: NodeRoom, pod: Pod): Rejection | undefined {
  return (
    lackOf(node, room, requestsOf(pod.spec)) ?? affinityFault(node, pod) ?? taintFault(node, pod)
  );
}

/** Adds what the pod requests to what is used, or takes it off. */
export function account({ used }: NodeRoom, pod: Pod, sign: 1 | -1): void {
  for (const [name, amount] of requestsOf(pod.spec)) {
    used.set(name, (used.get(name) ?? 0) + sign * amount);
  }
}

function lackOf(node: Node, room: NodeRoom, requests: Requests): Rejection | undefined {
  const { used } = room;
  const allocatable = allocatableOf(node, room);
  for (const [name, requested] of requests) {
    const capacity = allocatable.get(name);
    // What the node does not report is not limited (removeMissingExtendedResources).
    if (capacity === undefined || requested === 0) continue;
    const inUse = used.get(name) ?? 0;
    if (requested <= capacity - inUse) continue;
    const amounts = `requested: ${requested}, used: ${inUse}, capacity: ${capacity}`;
    return {
      reason: `OutOf${name}`,
      message: `Node didn't have enough resource: ${name}, ${amounts}`,
    };
  }
  return undefined;
}

function affinityFault({ metadata }: Node, { spec }: Pod): Rejection | undefined {
  const { nodeSelector, affinity } = spec;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (nodeSelector === undefined && terms === undefined) return undefined;
  const labels = metadata.labels ?? {};
  let isMatching = true;
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    if (labels[key] !== value) isMatching = false;
  }
  if (terms !== undefined && !compileNodeSelector(terms)(labels, metadata.name)) isMatching = false;
  return isMatching
    ? undefined
    : predicateFault("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
}

function taintFault({ spec: { taints } }: Node, { spec }: Pod): Rejection | undefined {
  if (taints === undefined) return undefined;
  return findUntoleratedTaint(taints, spec.tolerations, ["NoExecute"]) === undefined
    ? undefined
    : predicateFault("TaintToleration", "node(s) had taints that the pod didn't tolerate");
}

function predicateFault(name: string, reason: string): Rejection {
  return { reason: name, message: `Predicate ${name} failed: ${reason}` };
}

type Requests = readonly (readonly [name: string, amount: number])[];

interface Remembered {
  readonly initContainers: PodSpec["initContainers"];
  readonly overhead: PodSpec["overhead"];
  readonly requests: Requests;
}

/** By the list of containers, which all pods of one template share. */
const requestsByContainers = new WeakMap<PodSpec["containers"], Remembered>();

function requestsOf(spec: PodSpec): Requests {
  const { containers, initContainers, overhead } = spec;
  const known = requestsByContainers.get(containers);
  if (known?.initContainers === initContainers && known?.overhead === overhead) {
    if (known !== undefined) return known.requests;
  }
  const requests: Requests = [["pods", 1], ...podRequests(spec)];
  requestsByContainers.set(containers, { initContainers, overhead, requests });
  return requests;
}

/** By the texts of the amounts, which machines of one type share. */
const amountsByText = new Map<string, Amounts>();
const TEXTS_MAX = 1_000;

function allocatableOf({ status }: Node, room: NodeRoom): Amounts {
  const { allocatable = NO_AMOUNTS } = status;
  if (room.readFrom === allocatable) return room.allocatable;
  const entries = Object.entries(allocatable).map(([name, text]) => [name, String(text)] as const);
  const text = entries.join(";");
  let amounts = amountsByText.get(text);
  if (amounts === undefined) {
    if (amountsByText.size >= TEXTS_MAX) amountsByText.clear();
    amounts = new Map(
      entries.map(([name, amount]) => [name, quantityAmount(name, mustParseQuantity(amount))]),
    );
    amountsByText.set(text, amounts);
  }
  room.allocatable = amounts;
  room.readFrom = allocatable;
  return amounts;
}

const NO_AMOUNTS = Object.freeze({});
