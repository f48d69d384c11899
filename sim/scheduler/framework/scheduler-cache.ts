/**
 * SchedulerCache: the nodes and the pods on them as the scheduler believes them to be, assumed pods
 * included. All evaluators read it; everything that changes it goes through here, so that the list
 * of changed nodes is complete.
 *
 * Source of the behaviour: kubernetes/pkg/scheduler/internal/cache/cache.go, v1.30.
 */
import type { KeyRecord, Node, Pod } from "../../api/index.ts";
import { CacheView } from "./cache-view.ts";
import { CachedNode, displacePod, FixedNode, placePod, setFixed } from "./cached-node.ts";
import { Census } from "./census/census.ts";
import { ChangeList } from "./change-list.ts";
import { addImages, type ImageStates, removeImages } from "./image-states.ts";
import { isSamePlacement } from "./is-same-placement.ts";
import { HOSTNAME_LABEL } from "./kind-view.ts";
import type { ClusterInfo, NodeKind } from "./node-info.ts";
import { internKind, listKinds, type NodeKinds } from "./node-kinds.ts";
import {
  createNodeOrder,
  insertInOrder,
  listInOrder,
  type NodeOrderState,
  removeFromOrder,
  zoneKeyOf,
} from "./node-order.ts";
import type { PodInfo } from "./pod-info.ts";
import { ResourceTable } from "./resource-table.ts";
import { SchedulerObjects, type SchedulerObjectsState } from "./scheduler-objects.ts";

/** A pod in the cache, on the node that it is bound to or assumed to be on. */
export interface PlacedPod {
  info: PodInfo;
  nodeName: string;
  /** The scheduler has decided, the API server has not confirmed yet. */
  isAssumed: boolean;
}

/** The whole mutable state: plain data. */
export interface SchedulerCacheState {
  readonly resources: ResourceTable;
  /** By slot; undefined: free. */
  readonly nodes: (CachedNode | undefined)[];
  readonly freeSlots: number[];
  readonly slotOf: Map<string, number>;
  readonly order: NodeOrderState;
  /**
   * The order as the last cycle saw it; undefined once a node came or went. As in the real
   * snapshot, a node that changes its zone keeps its place until then.
   */
  walk: readonly number[] | undefined;
  readonly kinds: NodeKinds;
  /** How many nodes have each value of the hostname label. */
  readonly hostnames: Map<string, number>;
  readonly images: ImageStates;
  /** By the pod's record id. */
  readonly pods: Map<number, PlacedPod>;
  /** How many pods have each priority. */
  readonly priorities: Map<number, number>;
  /** Pods on nodes that the cache does not know (yet, or any more), by node name. */
  readonly orphans: Map<string, PodInfo[]>;
  /** Where the next cycle starts in the node order. */
  nextStartIndex: number;
  /** Of other kinds than Node and Pod. */
  readonly objects: SchedulerObjectsState;
}

export class SchedulerCache {
  #state: SchedulerCacheState = {
    resources: new ResourceTable(),
    nodes: [],
    freeSlots: [],
    slotOf: new Map(),
    order: createNodeOrder(),
    walk: undefined,
    kinds: new Map(),
    hostnames: new Map(),
    images: new Map(),
    pods: new Map(),
    priorities: new Map(),
    orphans: new Map(),
    nextStartIndex: 0,
    objects: new Map(),
  };
  /** Which nodes changed, in which order. Replaced by `rebuild`. */
  changes = new ChangeList();
  /** Rises when the whole state was replaced: whatever was derived from it is void. */
  epoch = 0;
  /** Rises with every change of nodes, pods (orphans included) or objects. */
  version = 0;
  /** Objects of other kinds than Node and Pod, assumed ones included. */
  readonly objects = new SchedulerObjects(this);
  /** What is counted per node, for plugins. */
  readonly census = new Census(() => this.#state.nodes);
  readonly cluster: ClusterInfo = new CacheView(this);
  #slots: readonly number[] | undefined;
  #ordered: readonly CachedNode[] | undefined;
  #kinds: readonly NodeKind[] | undefined;

  get state(): SchedulerCacheState {
    return this.#state;
  }

  /** Restores a copied state. */
  set state(state: SchedulerCacheState) {
    this.#state = state;
    this.rebuild();
  }

  /** Drops everything that is derived from the state. */
  rebuild(): void {
    this.epoch++;
    this.version++;
    this.#slots = undefined;
    this.#ordered = undefined;
    this.#kinds = undefined;
    this.census.rebuild();
    this.objects.rebuild();
    this.changes = new ChangeList();
    for (let slot = 0; slot < this.#state.nodes.length; slot++) this.changes.mark(slot);
  }

  /** The lowest priority of the pods that are bound or assumed; Infinity when there is none. */
  get lowestPriority(): number {
    return Math.min(...this.#state.priorities.keys());
  }

  get nodeCount(): number {
    return this.#state.slotOf.size;
  }

  /** Slots in the order in which the scheduler walks the nodes. Kept until a node comes or goes. */
  order(): readonly number[] {
    this.#state.walk ??= listInOrder(this.#state.order);
    return this.#state.walk;
  }

  /** All slots with a node, ascending. */
  slots(): readonly number[] {
    this.#slots ??= [...this.order()].sort((a, b) => a - b);
    return this.#slots;
  }

  /** The nodes in node order. */
  orderedNodes(): readonly CachedNode[] {
    this.#ordered ??= this.order().map((slot) => this.nodeAt(slot));
    return this.#ordered;
  }

  /** The kinds that have nodes, in order of their numbers. */
  kinds(): readonly NodeKind[] {
    this.#kinds ??= listKinds(this.#state.nodes);
    return this.#kinds;
  }

  /** Every node has a hostname label, and no two the same. */
  get hasUniqueHostnames(): boolean {
    return this.#state.hostnames.size === this.nodeCount;
  }

  nodeAt(slot: number): CachedNode {
    const node = this.#state.nodes[slot];
    if (node === undefined) throw new Error(`no node in slot ${slot}`);
    return node;
  }

  node(name: string): CachedNode | undefined {
    const slot = this.#state.slotOf.get(name);
    return slot === undefined ? undefined : this.#state.nodes[slot];
  }

  /** Adds a node; one that is known already is updated. */
  addNode(node: Node): void {
    if (this.#state.slotOf.has(node.metadata.name)) {
      this.updateNode(node);
      return;
    }
    const state = this.#state;
    const fixed = new FixedNode(node, state.resources);
    const slot = state.freeSlots.pop() ?? state.nodes.length;
    const zoneKey = zoneKeyOf(fixed.labels);
    const cached = new CachedNode(slot, fixed, internKind(state.kinds, fixed), zoneKey);
    cached.images = addImages(state.images, node);
    state.nodes[slot] = cached;
    state.slotOf.set(fixed.name, slot);
    insertInOrder(state.order, zoneKey, slot);
    for (const pod of state.orphans.get(fixed.name) ?? []) placePod(cached, pod);
    state.orphans.delete(fixed.name);
    this.#countHostname(cached, 1);
    this.census.addNode(cached);
    this.#forgetOrder();
    this.#mark(slot);
  }

  /** Takes in a changed Node object; an unknown node is added. */
  updateNode(node: Node): void {
    const cached = this.node(node.metadata.name);
    if (cached === undefined) {
      this.addNode(node);
      return;
    }
    if (cached.node === node) return;
    const state = this.#state;
    const fixed = new FixedNode(node, state.resources);
    const zoneKey = zoneKeyOf(fixed.labels);
    if (zoneKey !== cached.zoneKey) {
      removeFromOrder(state.order, cached.zoneKey, cached.slot);
      insertInOrder(state.order, zoneKey, cached.slot);
    }
    if (node.status.images !== cached.node.status.images) {
      const old = cached.images;
      removeImages(state.images, old);
      cached.images = addImages(state.images, node);
      this.census.changeImages(cached, old);
    }
    const oldKind = cached.kind;
    this.#countHostname(cached, -1);
    setFixed(cached, fixed, internKind(state.kinds, fixed), zoneKey);
    this.#countHostname(cached, 1);
    if (cached.kind !== oldKind) {
      this.census.changeKind(cached, oldKind);
      this.#kinds = undefined;
    }
    this.#mark(cached.slot);
  }

  /** Removes a node; its pods stay known until they are removed themselves. Unknown names: nothing. */
  removeNode(name: string): void {
    const cached = this.node(name);
    if (cached === undefined) return;
    const state = this.#state;
    this.census.removeNode(cached);
    this.#countHostname(cached, -1);
    removeImages(state.images, cached.images);
    removeFromOrder(state.order, cached.zoneKey, cached.slot);
    state.nodes[cached.slot] = undefined;
    state.slotOf.delete(name);
    state.freeSlots.push(cached.slot);
    if (cached.pods.length > 0) state.orphans.set(name, [...cached.pods]);
    this.#forgetOrder();
    this.#mark(cached.slot);
  }

  /** Puts a pod on the node that the scheduler chose, ahead of the API server's word. */
  assumePod(info: PodInfo, nodeName: string): void {
    if (this.#state.pods.has(info.record.id)) {
      throw new Error(`pod ${info.record.key} is in the cache already`);
    }
    this.#place({ info, nodeName, isAssumed: true });
  }

  /** A bound pod, as the API server tells it: confirms an assumed one, moves one that is elsewhere. */
  addPod(info: PodInfo, nodeName: string): void {
    const known = this.#state.pods.get(info.record.id);
    if (known === undefined) {
      this.#place({ info, nodeName, isAssumed: false });
      return;
    }
    known.isAssumed = false;
    if (known.info === info && known.nodeName === nodeName) return;
    if (known.nodeName === nodeName && isSamePlacement(known.info, info)) {
      this.#swap(known, info);
      return;
    }
    this.#displace(known);
    this.#place({ info, nodeName, isAssumed: false });
  }

  /** Takes a pod off its node: deleted, finished, or its assumption failed. Unknown pods: nothing. */
  removePod(record: KeyRecord<Pod>): void {
    const known = this.#state.pods.get(record.id);
    if (known === undefined) return;
    this.#displace(known);
    this.#state.pods.delete(record.id);
  }

  /** The pod as the cache has it, or undefined. */
  placedPod(record: KeyRecord<Pod>): Readonly<PlacedPod> | undefined {
    return this.#state.pods.get(record.id);
  }

  isAssumed(record: KeyRecord<Pod>): boolean {
    return this.#state.pods.get(record.id)?.isAssumed ?? false;
  }

  #place(pod: PlacedPod): void {
    this.#countPriority(pod, 1);
    const state = this.#state;
    state.pods.set(pod.info.record.id, pod);
    const node = this.node(pod.nodeName);
    if (node !== undefined) {
      placePod(node, pod.info);
      this.census.place(node, pod.info);
      this.#mark(node.slot);
      return;
    }
    const orphans = state.orphans.get(pod.nodeName);
    if (orphans === undefined) state.orphans.set(pod.nodeName, [pod.info]);
    else orphans.push(pod.info);
    this.version++;
  }

  #displace(pod: PlacedPod): void {
    this.#countPriority(pod, -1);
    const node = this.node(pod.nodeName);
    if (node !== undefined) {
      displacePod(node, pod.info);
      this.census.displace(node, pod.info);
      this.#mark(node.slot);
      return;
    }
    const orphans = this.#state.orphans.get(pod.nodeName) ?? [];
    orphans.splice(orphans.indexOf(pod.info), 1);
    if (orphans.length === 0) this.#state.orphans.delete(pod.nodeName);
    this.version++;
  }

  /** The pod's object is newer, but nothing in it that a verdict on its node may depend on. */
  #swap(known: PlacedPod, info: PodInfo): void {
    const pods = this.node(known.nodeName)?.pods ?? this.#state.orphans.get(known.nodeName) ?? [];
    pods[pods.indexOf(known.info)] = info;
    known.info = info;
  }

  #mark(slot: number): void {
    this.version++;
    this.changes.mark(slot);
  }

  #countPriority({ info: { priority } }: PlacedPod, amount: number): void {
    const { priorities } = this.#state;
    const count = (priorities.get(priority) ?? 0) + amount;
    if (count === 0) priorities.delete(priority);
    else priorities.set(priority, count);
  }

  #countHostname({ labels }: CachedNode, amount: number): void {
    const hostname = labels[HOSTNAME_LABEL];
    if (hostname === undefined) return;
    const { hostnames } = this.#state;
    const count = (hostnames.get(hostname) ?? 0) + amount;
    if (count === 0) hostnames.delete(hostname);
    else hostnames.set(hostname, count);
  }

  #forgetOrder(): void {
    this.#kinds = undefined;
    this.#state.walk = undefined;
    this.#slots = undefined;
    this.#ordered = undefined;
  }
}
