/**
 * SteadyCluster: a half-full cluster that stays so. Each decision places a pod, and then a pod of
 * the same group goes, so that two nodes change between one decision and the next.
 */
import { createStream, Kernel } from "../../../sim/kernel/index.ts";
import {
  createPodInfo,
  type EvaluationMode,
  Framework,
  NO_SLOT,
  type PluginRequests,
  type PodInfo,
  type Profile,
  SchedulerCache,
} from "../../../sim/scheduler/index.ts";
import { BYTES_PER_CORE, benchNode, coresOf } from "./bench-node.ts";
import { makeMember, type PodGroup } from "./pod-group.ts";

/** A pod to place, and one that goes afterwards. */
export interface Turn {
  readonly arrival: PodInfo;
  readonly leaver: PodInfo | undefined;
}

export interface SteadyClusterOptions {
  readonly nodeCount: number;
  readonly groups: readonly PodGroup[];
  /** Bound pods of each of the first `boundGroups` groups; undefined: as many as fill the cluster. */
  readonly replicas?: number;
  /** Groups that have bound pods from the start. Default: all. */
  readonly boundGroups?: number;
  /** Share of a node's cpu that bound pods ask for, between these two. Default 0.35 and 0.65. */
  readonly fill?: readonly [number, number];
}

/** No pod of a steady cluster makes a plugin write. */
const NO_REQUESTS: PluginRequests = { patch() {}, delete() {}, event() {} };

/** Pods of a group without bound pods that stay before the oldest goes. */
const KEPT_OF_UNBOUND_GROUP = 2;

export class SteadyCluster {
  readonly cache = new SchedulerCache();
  readonly kernel = new Kernel("bench");
  readonly groups: readonly PodGroup[];
  readonly nodeCount: number;
  /** Arrivals that found no node. */
  failedCount = 0;
  /** Pods of each group that are in the cluster or on their way. */
  readonly #members: PodInfo[][];
  readonly #boundGroups: number;
  readonly #random = createStream("bench", "steady-cluster");
  readonly #tie = (bestCount: number): number => this.below(bestCount);

  constructor(options: SteadyClusterOptions) {
    const { nodeCount, groups, boundGroups = groups.length } = options;
    this.nodeCount = nodeCount;
    this.groups = groups;
    this.#boundGroups = boundGroups;
    this.#members = groups.map(() => []);
    for (let index = 0; index < nodeCount; index++) this.cache.addNode(benchNode(index));
    for (const { objects = [] } of groups)
      for (const object of objects) this.cache.objects.set(object);
    this.#fill(options);
  }

  /** A seeded draw below `count`. */
  below(count: number): number {
    return Math.floor(this.#random.next() * count);
  }

  framework(
    profile: Profile,
    evaluation: EvaluationMode,
    requests: PluginRequests = NO_REQUESTS,
  ): Framework {
    const { cache, kernel } = this;
    return new Framework({ profile, cache, kernel, evaluation, requests });
  }

  podInfo(group: PodGroup): PodInfo {
    const { record, pod } = makeMember(group);
    return createPodInfo(record, pod, this.cache.state.resources);
  }

  /** Prepares turns; `groupOf` says whose pods come. Not part of a decision. */
  turns(count: number, groupOf: () => number): Turn[] {
    return Array.from({ length: count }, () => {
      const number = groupOf();
      const arrival = this.podInfo(this.groups[number] as PodGroup);
      return { arrival, leaver: this.#replace(number, arrival) };
    });
  }

  /**
   * From pop to assume, again and again, each followed by the removal of another pod. Returns the
   * milliseconds that went by with removals.
   */
  run(framework: Framework, turns: readonly Turn[]): number {
    const { cache } = this;
    let asideMs = 0;
    for (const { arrival, leaver } of turns) {
      const { chosenSlot } = framework.evaluate(arrival, this.#tie);
      if (chosenSlot !== NO_SLOT) cache.assumePod(arrival, cache.nodeAt(chosenSlot).name);
      else this.#fail(framework, arrival);
      const fromMs = performance.now();
      if (leaver !== undefined) cache.removePod(leaver.record);
      asideMs += performance.now() - fromMs;
    }
    return asideMs;
  }

  /** As the scheduler does: why, and whether preemption helps. */
  #fail(framework: Framework, arrival: PodInfo): void {
    this.failedCount++;
    const diagnosis = framework.diagnose(arrival);
    if (!framework.hasPostFilter) return;
    framework.postFilter(arrival, { diagnosis, draw: this.#tie, isLowestName: false });
  }

  /** Which pod goes when this one has come. */
  #replace(number: number, arrival: PodInfo): PodInfo | undefined {
    const members = this.#members[number] as PodInfo[];
    const isBound = number < this.#boundGroups;
    if (members.length === 0 || (!isBound && members.length < KEPT_OF_UNBOUND_GROUP)) {
      members.push(arrival);
      return undefined;
    }
    const place = this.below(members.length);
    const leaver = members[place];
    members[place] = arrival;
    return leaver;
  }

  /** Puts pods on each node until the next one would be too much. */
  #fill({ nodeCount, replicas, fill: [low, high] = [0.35, 0.65] }: SteadyClusterOptions): void {
    const queue = replicas === undefined ? undefined : this.#shuffledReplicas(replicas);
    for (let index = 0; index < nodeCount; index++) {
      const { name } = benchNode(index).metadata;
      const limit = coresOf(index) * (low + (high - low) * this.#random.next());
      for (let cpuMilli = 0, memoryBytes = 0; ; ) {
        const number = queue === undefined ? this.below(this.#boundGroups) : queue.pop();
        if (number === undefined) return;
        const info = this.podInfo(this.groups[number] as PodGroup);
        cpuMilli += info.nonZeroCpuMilli;
        memoryBytes += info.nonZeroMemoryBytes;
        if (cpuMilli > limit * 1000 || memoryBytes > limit * BYTES_PER_CORE) break;
        this.cache.addPod(info, name);
        this.#members[number]?.push(info);
      }
    }
  }

  /** Each group as often as it has replicas, in random order. */
  #shuffledReplicas(replicas: number): number[] {
    const queue: number[] = [];
    for (let number = 0; number < this.#boundGroups; number++) {
      for (let i = 0; i < replicas; i++) queue.push(number);
    }
    for (let last = queue.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [queue[last], queue[other]] = [queue[other] as number, queue[last] as number];
    }
    return queue;
  }
}
