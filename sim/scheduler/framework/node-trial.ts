/**
 * Trial: a what-if on one node. Pods are taken off a copy of it, or put there, the filters' states
 * follow by addPod and removePod, and the filters are asked again. At the end everything is undone
 * by the opposite calls, so that no state has to be copied.
 *
 * Source: addNominatedPods of kubernetes/pkg/scheduler/framework/runtime/framework.go and the
 * removePod and addPod of SelectVictimsOnNode (plugins/defaultpreemption), v1.30.
 */
import { type CachedNode, copyNode, displacePod, hasSharedPorts, placePod } from "./cached-node.ts";
import type { NodeTrial, Verdict } from "./interface.ts";
import type { PluginRejection } from "./plugin-rejection.ts";
import type { PodFilters } from "./pod-filters.ts";
import type { PodInfo } from "./pod-info.ts";
import { rejectionOf } from "./verdicts.ts";

export class Trial implements NodeTrial {
  readonly #filters: PodFilters;
  #node: CachedNode | undefined;
  /** What was done, to undo it: the pods that came and those that went, in order. */
  readonly #moves: { readonly pod: PodInfo; readonly came: boolean }[] = [];

  constructor(filters: PodFilters) {
    this.#filters = filters;
  }

  get node(): CachedNode {
    if (this.#node === undefined) throw new Error("no trial is under way");
    return this.#node;
  }

  get isMonotone(): boolean {
    const { active, pod } = this.#filters;
    // Of a port that two pods share, the first to leave frees it: what is free depends on the order.
    if (pod.hostPorts.length > 0 && hasSharedPorts(this.node)) return false;
    return active.every(({ plugin, filterReuse }) => filterReuse === "spec" || plugin.isMonotone);
  }

  begin(slot: number): void {
    if (this.#node !== undefined) throw new Error(`the trial of ${this.#node.name} has not ended`);
    this.#node = copyNode(this.#filters.cache.nodeAt(slot));
  }

  removePod(pod: PodInfo): void {
    displacePod(this.node, pod);
    this.#moves.push({ pod, came: false });
    this.#tellState(pod, false);
  }

  addPod(pod: PodInfo): void {
    placePod(this.node, pod);
    this.#moves.push({ pod, came: true });
    this.#tellState(pod, true);
  }

  rejection(): PluginRejection | undefined {
    const { site } = this.#filters;
    const nominated = this.#filters.nominatedTo(this.node.name);
    let verdict: Verdict;
    if (nominated.length > 0) {
      const before = this.#moves.length;
      const ports = [...this.node.usedPorts];
      for (const pod of nominated) this.addPod(pod);
      verdict = this.#filters.verdictOn(this.node);
      this.#undo(before);
      // A port that a nominated pod shares went with it.
      this.node.usedPorts.splice(0, this.node.usedPorts.length, ...ports);
    }
    verdict ??= this.#filters.verdictOn(this.node);
    const rejection = rejectionOf(verdict, site);
    return rejection && { ...rejection, plugin: this.#filters.rejectedBy?.plugin.name ?? "" };
  }

  /**
   * Verdict on the node in a slot with some pods more on it. Whatever a plugin throws, no trial is
   * under way afterwards; the states of this cycle are of no use then.
   */
  verdictWith(slot: number, pods: readonly PodInfo[]): Verdict {
    try {
      this.begin(slot);
      for (const pod of pods) this.addPod(pod);
      const verdict = this.#filters.verdictOn(this.node);
      this.#undo(0);
      return verdict;
    } finally {
      this.#node = undefined;
      this.#moves.length = 0;
    }
  }

  end(): void {
    this.#undo(0);
    this.#node = undefined;
  }

  #undo(downTo: number): void {
    while (this.#moves.length > downTo) {
      const { pod, came } = this.#moves.pop()!;
      if (came) displacePod(this.node, pod);
      else placePod(this.node, pod);
      this.#tellState(pod, !came);
    }
  }

  #tellState(other: PodInfo, came: boolean): void {
    const filters = this.#filters;
    const { site } = filters;
    for (const planned of filters.active) {
      const { plugin } = planned;
      const change = came ? plugin.addPod : plugin.removePod;
      if (change === undefined) continue;
      site.enter(plugin, came ? "addPod" : "removePod", site.podKey);
      site.node = this.node;
      change.call(plugin, filters.viewFor(planned), other, this.node, filters.stateOf(planned));
    }
  }
}
