/**
 * Which pods a DaemonSet makes and deletes next, node by node: pure functions.
 *
 * Source: podsShouldBeOnNode, manage and getUnscheduledPodsWithoutNode in
 * pkg/controller/daemon/daemon_controller.go, rollingUpdate in update.go of v1.30.
 */
import type { DaemonSet, Node, Pod } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { nodeVerdict, targetNodeName } from "./daemon-set-nodes.ts";
import { scaledValue } from "./deployment-arithmetic.ts";
import { isPodAvailable, isPodReady, isPodTerminal, isTerminating } from "./pod-state.ts";
import { REVISION_HASH } from "./revision-history.ts";

/** What is known of a DaemonSet at one time. */
export interface DaemonView {
  readonly set: DaemonSet;
  /** The label of the pods of the template as it is now. */
  readonly hash: string;
  /** By name. */
  readonly nodes: readonly Node[];
  /** By the name of their node; see `podsByNode`. */
  readonly pods: ReadonlyMap<string, readonly Pod[]>;
  readonly nowUs: Micros;
}

export interface DaemonPlan {
  /** Names of the nodes that need a pod. */
  readonly nodes: string[];
  readonly deleted: Pod[];
}

/** The pods by node, each node's in order; without those that ended and are on their way out. */
export function podsByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (isPodTerminal(pod) && isTerminating(pod)) continue;
    const name = targetNodeName(pod);
    if (name === undefined) continue;
    const there = byNode.get(name);
    if (there === undefined) byNode.set(name, [pod]);
    else there.push(pod);
  }
  for (const there of byNode.values()) if (there.length > 1) there.sort(compareOldest);
  return byNode;
}

/** Bound ones first, then the oldest (podByCreationTimestampAndPhase). */
function compareOldest(a: Pod, b: Pod): number {
  const isBound = (pod: Pod): boolean => (pod.spec.nodeName ?? "") !== "";
  if (isBound(a) !== isBound(b)) return isBound(a) ? -1 : 1;
  const [made, madeOther] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (made !== madeOther) return made < madeOther ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** What is asked before an ended pod is deleted: false, and it is left for later. */
export type MayDelete = (pod: Pod, nodeName: string) => boolean;

/** One pod on each node that should have one, none elsewhere (manage). */
export function managePlan(view: DaemonView, mayDelete: MayDelete): DaemonPlan {
  const plan: DaemonPlan = { nodes: [], deleted: [] };
  const known = new Set<string>();
  for (const node of view.nodes) {
    known.add(node.metadata.name);
    planNode(view, node, mayDelete, plan);
  }
  // Pods that wait for a node that is gone: nobody else would delete them.
  for (const [name, pods] of view.pods) {
    if (known.has(name)) continue;
    for (const pod of pods) if ((pod.spec.nodeName ?? "") === "") plan.deleted.push(pod);
  }
  return plan;
}

function planNode(view: DaemonView, node: Node, mayDelete: MayDelete, plan: DaemonPlan): void {
  const { name } = node.metadata;
  const { shouldRun, shouldContinue } = nodeVerdict(view.set, node);
  const pods = view.pods.get(name);
  if (shouldRun && pods === undefined) {
    plan.nodes.push(name);
    return;
  }
  if (pods === undefined) return;
  if (!shouldContinue) {
    for (const pod of pods) if (!isTerminating(pod)) plan.deleted.push(pod);
    return;
  }
  const running: Pod[] = [];
  for (const pod of pods) {
    if (isTerminating(pod)) continue;
    if (!isPodTerminal(pod)) running.push(pod);
    else if (mayDelete(pod, name)) plan.deleted.push(pod);
  }
  if (!allowsSurge(view.set)) plan.deleted.push(...running.slice(1));
  else if (running.length > 1) plan.deleted.push(...surplusOf(view, running));
  else if (running.length === 0 && shouldRun) plan.nodes.push(name);
}

/**
 * With surge two pods may stay: the old one as long as it is ready, the new one until it is
 * available. Then the new one alone.
 */
function surplusOf({ set, hash, nowUs }: DaemonView, running: readonly Pod[]): Pod[] {
  const newest = running.find((pod) => isUpdated(pod, hash));
  const old = running.find((pod) => !isUpdated(pod, hash));
  const surplus = running.filter((pod) => pod !== newest && pod !== old);
  if (newest === undefined || old === undefined) return surplus;
  const isReplaced = isPodAvailable(newest, set.spec.minReadySeconds ?? 0, nowUs);
  if (!isPodReady(old) || isReplaced) surplus.push(old);
  return surplus;
}

/** Replaces old pods within maxUnavailable, or makes new ones beside them within maxSurge. */
export function rolloutPlan(view: DaemonView): DaemonPlan {
  const { set, nodes, pods } = view;
  if (set.spec.updateStrategy?.type === "OnDelete") return { nodes: [], deleted: [] };
  const wanted = nodes.filter((node) => nodeVerdict(set, node).shouldRun);
  const { maxUnavailable, maxSurge } = limits(set, wanted.length);
  const names = new Set(pods.keys());
  for (const { metadata } of wanted) names.add(metadata.name);
  const sorted = [...names].sort();
  return maxSurge === 0
    ? replacePlan(view, sorted, maxUnavailable)
    : surgePlan(view, sorted, maxSurge);
}

function replacePlan(
  view: DaemonView,
  names: readonly string[],
  maxUnavailable: number,
): DaemonPlan {
  let unavailable = 0;
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  for (const name of names) {
    const there = versionsOn(view, name);
    const pod = there?.updated ?? there?.old;
    const isSingle = pod !== undefined && (there?.updated === undefined || there.old === undefined);
    if (!isSingle)
      unavailable++; // `manage` makes or deletes here
    else if (there?.old === undefined) unavailable += isAvailable(view, pod) ? 0 : 1;
    else if (isAvailable(view, pod)) candidates.push(pod);
    else broken.push(pod);
  }
  const room = Math.max(0, maxUnavailable - unavailable);
  return { nodes: [], deleted: [...broken, ...candidates.slice(0, room)] };
}

function surgePlan(view: DaemonView, names: readonly string[], maxSurge: number): DaemonPlan {
  let surging = 0;
  const deleted: Pod[] = [];
  const broken: string[] = [];
  const candidates: string[] = [];
  for (const name of names) {
    const there = versionsOn(view, name);
    if (there === undefined) surging++;
    else if (there.old === undefined) continue;
    else if (there.updated === undefined) {
      if (isAvailable(view, there.old)) candidates.push(name);
      else broken.push(name);
    } else if (isAvailable(view, there.updated)) deleted.push(there.old);
    else surging++;
  }
  const room = Math.max(0, maxSurge - surging);
  return { nodes: [...broken, ...candidates.slice(0, room)], deleted };
}

/** The pod of the template and the old one; undefined where there are several of either. */
function versionsOn(
  { pods, hash }: DaemonView,
  nodeName: string,
): { readonly updated: Pod | undefined; readonly old: Pod | undefined } | undefined {
  let updated: Pod | undefined;
  let old: Pod | undefined;
  for (const pod of pods.get(nodeName) ?? []) {
    if (isTerminating(pod)) continue;
    if (isUpdated(pod, hash)) {
      if (updated !== undefined) return undefined;
      updated = pod;
    } else {
      if (old !== undefined) return undefined;
      old = pod;
    }
  }
  return { updated, old };
}

/** Of the nodes that want a pod, rounded up; never both 0. */
function limits(
  { spec }: DaemonSet,
  desired: number,
): { maxUnavailable: number; maxSurge: number } {
  const { maxUnavailable = 1, maxSurge = 0 } = spec.updateStrategy?.rollingUpdate ?? {};
  const unavailable = scaledValue(maxUnavailable, desired, true);
  const surge = scaledValue(maxSurge, desired, true);
  const isImpossible = desired > 0 && unavailable === 0 && surge === 0;
  return { maxUnavailable: isImpossible ? 1 : unavailable, maxSurge: surge };
}

function allowsSurge({ spec }: DaemonSet): boolean {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  const surge = rollingUpdate?.maxSurge ?? 0;
  return type === "RollingUpdate" && surge !== 0 && surge !== "0%";
}

export function isUpdated({ metadata }: Pod, hash: string): boolean {
  return metadata.labels?.[REVISION_HASH] === hash;
}

function isAvailable({ set, nowUs }: DaemonView, pod: Pod): boolean {
  return isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowUs);
}
