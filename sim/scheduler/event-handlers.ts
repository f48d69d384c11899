/**
 * What the scheduler does with what its informers tell it: bound pods and nodes go to the cache,
 * pods to be scheduled to the queue, and each change to the queue as a cluster event
 * (kubernetes/pkg/scheduler/eventhandlers.go, v1.30).
 *
 * The real scheduler's pod informer leaves out finished pods by a field selector; here a pod that
 * finishes counts as deleted.
 */
import type { KeyRecord, Node, Pod } from "../api/index.ts";
import type { InformerFactory } from "../client/index.ts";
import {
  createPodInfo,
  type PodInfo,
  type SchedulerCache,
  updatedPodInfo,
} from "./framework/index.ts";
import { nodeSchedulingPropertiesChange } from "./node-changes.ts";
import { preCheckForNode } from "./node-precheck.ts";
import { NODE_ADD, NODE_DELETE, POD_DELETE } from "./queue/cluster-event.ts";
import type { SchedulingQueue } from "./queue/scheduling-queue.ts";

export interface EventHandlerTargets {
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  /** True when a pod's schedulerName is one of the profiles'. */
  readonly isResponsibleFor: (pod: Pod) => boolean;
  /** A pod that waits at Permit is gone. True when there was one. */
  readonly rejectWaitingPod: (record: KeyRecord<Pod>) => boolean;
}

/** Where a pod belongs: on a node in the cache, in the queue, or nowhere. */
type PodHome = "cache" | "queue" | "none";

/** Registers all handlers with the component's informers of pods and nodes. */
export function addEventHandlers(informers: InformerFactory, targets: EventHandlerTargets): void {
  const pods = new PodHandlers(targets);
  const nodes = new NodeHandlers(targets);
  informers.informer<Pod>("Pod").addEventHandler({
    onAdd: (record, pod) => pods.onAdd(record, pod),
    onUpdate: (record, old, pod) => pods.onUpdate(record, old, pod),
    onDelete: (record, last) => pods.onDelete(record, last),
  });
  informers.informer<Node>("Node").addEventHandler({
    onAdd: (_record, node) => nodes.onAdd(node),
    onUpdate: (_record, old, node) => nodes.onUpdate(old, node),
    onDelete: (_record, last) => nodes.onDelete(last),
  });
}

class PodHandlers {
  readonly #targets: EventHandlerTargets;

  constructor(targets: EventHandlerTargets) {
    this.#targets = targets;
  }

  onAdd(record: KeyRecord<Pod>, pod: Pod): void {
    const home = this.#homeOf(pod);
    if (home === "cache") this.#addToCache(record, pod);
    else if (home === "queue") this.#targets.queue.add(this.#infoOf(record, pod));
  }

  onUpdate(record: KeyRecord<Pod>, old: Pod, pod: Pod): void {
    if (old.metadata.uid !== pod.metadata.uid) {
      this.onDelete(record, old); // deleted and made anew while the watch was away
      this.onAdd(record, pod);
      return;
    }
    const from = this.#homeOf(old);
    const to = this.#homeOf(pod);
    if (from === "cache" && to !== "cache") this.#deleteFromCache(record, old);
    if (to === "cache") {
      if (from === "cache") this.#updateInCache(record, old, pod);
      else this.#addToCache(record, pod);
    }
    if (from === "queue" && to !== "queue") this.#deleteFromQueue(record, old);
    if (to === "queue") {
      if (from === "queue") this.#updateInQueue(record, old, pod);
      else this.#targets.queue.add(this.#infoOf(record, pod));
    }
  }

  onDelete(record: KeyRecord<Pod>, last: Pod): void {
    const home = this.#homeOf(last);
    if (home === "cache") this.#deleteFromCache(record, last);
    else if (home === "queue") this.#deleteFromQueue(record, last);
  }

  #homeOf(pod: Pod): PodHome {
    const { phase } = pod.status;
    if (phase === "Succeeded" || phase === "Failed") return "none";
    if ((pod.spec.nodeName ?? "") !== "") return "cache";
    return this.#targets.isResponsibleFor(pod) ? "queue" : "none";
  }

  #addToCache(record: KeyRecord<Pod>, pod: Pod): void {
    const info = this.#infoOf(record, pod);
    this.#targets.cache.addPod(info, pod.spec.nodeName ?? "");
    this.#targets.queue.assignedPodAdded(pod);
  }

  #updateInCache(record: KeyRecord<Pod>, old: Pod, pod: Pod): void {
    const info = this.#infoOf(record, pod);
    this.#targets.cache.addPod(info, pod.spec.nodeName ?? "");
    this.#targets.queue.assignedPodUpdated(old, pod);
  }

  #deleteFromCache(record: KeyRecord<Pod>, last: Pod): void {
    const { cache, queue } = this.#targets;
    cache.removePod(record);
    queue.moveAllToActiveOrBackoffQueue(POD_DELETE, undefined, { oldObject: last });
  }

  /** An update of a pod that is assumed is no news: its binding is on the way. */
  #updateInQueue(record: KeyRecord<Pod>, old: Pod, pod: Pod): void {
    const { cache, queue } = this.#targets;
    if (old.metadata.resourceVersion === pod.metadata.resourceVersion) return;
    if (isAssumed(cache, record, pod)) return;
    queue.update(old, this.#infoOf(record, pod));
  }

  #deleteFromQueue(record: KeyRecord<Pod>, last: Pod): void {
    const { queue, rejectWaitingPod } = this.#targets;
    queue.delete(record);
    if (!rejectWaitingPod(record)) return;
    queue.moveAllToActiveOrBackoffQueue(POD_DELETE, undefined, { oldObject: last });
  }

  #infoOf(record: KeyRecord<Pod>, pod: Pod): PodInfo {
    const { cache } = this.#targets;
    const known = cache.placedPod(record)?.info;
    return known === undefined
      ? createPodInfo(record, pod, cache.state.resources)
      : updatedPodInfo(known, pod, cache.state.resources);
  }
}

class NodeHandlers {
  readonly #targets: EventHandlerTargets;

  constructor(targets: EventHandlerTargets) {
    this.#targets = targets;
  }

  onAdd(node: Node): void {
    const { cache, queue } = this.#targets;
    cache.addNode(node);
    queue.moveAllToActiveOrBackoffQueue(NODE_ADD, this.#preCheck(node), { newObject: node });
  }

  onUpdate(old: Node, node: Node): void {
    const { cache, queue } = this.#targets;
    cache.updateNode(node);
    const change = { oldObject: old, newObject: node };
    for (const event of nodeSchedulingPropertiesChange(node, old))
      queue.moveAllToActiveOrBackoffQueue(event, this.#preCheck(node), change);
  }

  onDelete(last: Node): void {
    const { cache, queue } = this.#targets;
    cache.removeNode(last.metadata.name);
    queue.moveAllToActiveOrBackoffQueue(NODE_DELETE, undefined, { oldObject: last });
  }

  #preCheck({ metadata: { name } }: Node) {
    const cached = this.#targets.cache.node(name);
    if (cached === undefined) throw new Error(`node ${name} is not in the cache`);
    return preCheckForNode(cached);
  }
}

/** Is this very pod (not a namesake of earlier) on a node by the scheduler's word alone? */
export function isAssumed(cache: SchedulerCache, record: KeyRecord<Pod>, pod: Pod): boolean {
  const placed = cache.placedPod(record);
  return placed?.isAssumed === true && placed.info.pod.metadata.uid === pod.metadata.uid;
}
