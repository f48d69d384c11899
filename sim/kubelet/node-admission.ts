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

/** Amounts by resource name; `pods` counts pods. */
export type Usage = Map<string, number>;

/** The first check that fails; undefined: the pod may run. */
export function rejection(node: Node, used: Usage, pod: Pod): Rejection | undefined {
  return (
    lackOf(node, used, requestsOf(pod.spec)) ?? affinityFault(node, pod) ?? taintFault(node, pod)
  );
}

/** Adds what the pod requests to what is used, or takes it off. */
export function account(used: Usage, pod: Pod, sign: 1 | -1): void {
  for (const [name, amount] of requestsOf(pod.spec)) {
    used.set(name, (used.get(name) ?? 0) + sign * amount);
  }
}

function lackOf(node: Node, used: Usage, requests: Requests): Rejection | undefined {
  const allocatable = allocatableOf(node);
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

/** By the object of the amounts, which a status shares with the one before it mostly. */
const amountsByList = new WeakMap<object, ReadonlyMap<string, number>>();

function allocatableOf({ status }: Node): ReadonlyMap<string, number> {
  const list = (status.allocatable ?? NO_AMOUNTS) as Readonly<Record<string, string>>;
  let amounts = amountsByList.get(list);
  if (amounts === undefined) {
    amounts = new Map(
      Object.entries(list).map(([name, text]) => [
        name,
        quantityAmount(name, mustParseQuantity(String(text))),
      ]),
    );
    amountsByList.set(list, amounts);
  }
  return amounts;
}

const NO_AMOUNTS = Object.freeze({});
