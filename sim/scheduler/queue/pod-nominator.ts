/**
 * PodNominator: which pods have been promised a place on a node by preemption
 * (kubernetes/pkg/scheduler/internal/queue/scheduling_queue.go, nominator, v1.30).
 */
import type { KeyRecord, Pod } from "../../api/index.ts";
import type { PodInfo, PodNominator } from "../framework/interface.ts";

/** Plain data: part of the queue's state. */
export interface NominatedPods {
  /** Rises with every change. */
  version: number;
  /** Pods nominated to a node, in the order of nomination. */
  readonly byNode: Map<string, PodInfo[]>;
  readonly nodeOf: Map<KeyRecord<Pod>, string>;
}

/**
 * What an attempt says about the nomination: undefined keeps what the pod's own status says
 * (ModeNoop); a name sets it and "" clears it (ModeOverride).
 */
export type Nomination = string | undefined;

export function createNominatedPods(): NominatedPods {
  return { version: 0, byNode: new Map(), nodeOf: new Map() };
}

/** Nominates the pod afresh; a pod is never nominated twice. */
export function addNominatedPod(pods: NominatedPods, info: PodInfo, nomination: Nomination): void {
  deleteNominatedPod(pods, info.record);
  const node = nomination ?? nominatedNodeName(info.pod);
  if (node === "") return;
  pods.version++;
  pods.nodeOf.set(info.record, node);
  const list = pods.byNode.get(node);
  if (list === undefined) pods.byNode.set(node, [info]);
  else list.push(info);
}

export function deleteNominatedPod(pods: NominatedPods, record: KeyRecord<Pod>): void {
  const node = pods.nodeOf.get(record);
  if (node === undefined) return;
  pods.version++;
  pods.nodeOf.delete(record);
  const list = pods.byNode.get(node) ?? [];
  const index = list.findIndex((info) => info.record === record);
  if (index >= 0) list.splice(index, 1);
  if (list.length === 0) pods.byNode.delete(node);
}

/**
 * The pod has changed. A nomination that only memory knows yet is kept while neither the old nor
 * the new status names a node.
 */
export function updateNominatedPod(pods: NominatedPods, old: Pod, info: PodInfo): void {
  const known = pods.nodeOf.get(info.record);
  const statusIsSilent = nominatedNodeName(old) === "" && nominatedNodeName(info.pod) === "";
  addNominatedPod(pods, info, statusIsSilent ? known : undefined);
}

const NOBODY: readonly PodInfo[] = [];

/** The nominations as the framework sees them: always those of the present state. */
export class NominatedPodsView implements PodNominator {
  readonly #owner: { readonly state: { readonly nominatedPods: NominatedPods } };

  constructor(owner: { readonly state: { readonly nominatedPods: NominatedPods } }) {
    this.#owner = owner;
  }

  get count(): number {
    return this.#owner.state.nominatedPods.nodeOf.size;
  }

  get version(): number {
    return this.#owner.state.nominatedPods.version;
  }

  get nodeNames(): Iterable<string> {
    return this.#owner.state.nominatedPods.byNode.keys();
  }

  nodeOf(record: KeyRecord<Pod>): string {
    return this.#owner.state.nominatedPods.nodeOf.get(record) ?? "";
  }

  podsOn(nodeName: string): readonly PodInfo[] {
    const { byNode } = this.#owner.state.nominatedPods;
    return byNode.size === 0 ? NOBODY : (byNode.get(nodeName) ?? NOBODY);
  }
}

function nominatedNodeName(pod: Pod): string {
  return pod.status.nominatedNodeName ?? "";
}
