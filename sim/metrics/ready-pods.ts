/**
 * ReadyPods: which pods were ready when, as far back as the last scrapes look, and how many of those
 * that share a load.
 *
 * Hot: told of every commit of a pod. One that shares nothing costs a look at its annotations.
 */
import { isConditionTrue, type KeyRecord, type Pod, type WatchEntry } from "../api/index.ts";
import type { Kernel, Micros } from "../kernel/index.ts";
import { groupKey } from "./load-group.ts";
import type { UsageTerm } from "./usage-model.ts";

/** A load that is divided. */
interface LoadGroup {
  /** Times at which the number of ready pods changed, and what it was from then on. */
  readonly timesUs: Micros[];
  readonly counts: number[];
}

interface ReadyPodsState {
  /** Times at which a pod that shares a load became ready, unready, ready, ... */
  readonly turns: Map<KeyRecord<Pod>, Micros[]>;
  /** By the load's key: see groupKey. */
  readonly groups: Map<string, LoadGroup>;
}

type Annotations = Readonly<Record<string, string>>;
const NO_LOADS: readonly UsageTerm[] = [];

export class ReadyPods {
  state: ReadyPodsState = { turns: new Map(), groups: new Map() };
  readonly #kernel: Kernel;
  readonly #loadsOf: (annotations: Annotations, pod: Pod) => readonly UsageTerm[];
  readonly #historyUs: Micros;
  readonly #memo = new WeakMap<Annotations, readonly UsageTerm[]>();

  /** `loadsOf` tells the loads that a pod shares; `historyUs` is how far back anybody looks. */
  constructor(
    kernel: Kernel,
    historyUs: Micros,
    loadsOf: (annotations: Annotations, pod: Pod) => readonly UsageTerm[],
  ) {
    this.#kernel = kernel;
    this.#historyUs = historyUs;
    this.#loadsOf = loadsOf;
    kernel.keep("metrics/ready-pods", this);
  }

  onCommit({ type, record, object }: WatchEntry): void {
    const pod = object as Pod;
    const key = record as KeyRecord<Pod>;
    const { annotations } = pod.metadata;
    if (annotations === undefined) return;
    const loads = this.#loads(annotations, pod);
    if (loads.length > 0) this.#noteReady(key, pod, loads, type !== "DELETED" && isServing(pod));
    if (type === "DELETED") this.state.turns.delete(key);
  }

  /** Whether a pod that shares a load was ready. */
  wasReady(record: KeyRecord<Pod>, timeUs: Micros): boolean {
    let isReady = false;
    for (const turnUs of this.state.turns.get(record) ?? []) {
      if (turnUs > timeUs) break;
      isReady = !isReady;
    }
    return isReady;
  }

  /** How many pods were ready to share a load. */
  countAt(group: string, timeUs: Micros): number {
    const known = this.state.groups.get(group);
    if (known === undefined) return 0;
    let count = 0;
    for (let i = 0; i < known.timesUs.length; i++) {
      if ((known.timesUs[i] ?? 0) > timeUs) break;
      count = known.counts[i] ?? 0;
    }
    return count;
  }

  /** Appends the times within (from, to) at which the pod's part of a load changes. */
  bends(group: string, record: KeyRecord<Pod>, fromUs: Micros, toUs: Micros, out: Micros[]): void {
    for (const timeUs of this.state.groups.get(group)?.timesUs ?? [])
      if (timeUs > fromUs && timeUs < toUs) out.push(timeUs);
    for (const timeUs of this.state.turns.get(record) ?? [])
      if (timeUs > fromUs && timeUs < toUs) out.push(timeUs);
  }

  #loads(annotations: Annotations, pod: Pod): readonly UsageTerm[] {
    let loads = this.#memo.get(annotations);
    if (loads === undefined) {
      loads = this.#loadsOf(annotations, pod);
      this.#memo.set(annotations, loads.length === 0 ? NO_LOADS : loads);
    }
    return loads;
  }

  #noteReady(
    record: KeyRecord<Pod>,
    pod: Pod,
    loads: readonly UsageTerm[],
    isReady: boolean,
  ): void {
    const turns = this.state.turns.get(record) ?? [];
    if ((turns.length % 2 === 1) === isReady) return;
    const { nowUs } = this.#kernel;
    const cutoffUs = nowUs - this.#historyUs;
    while (turns.length >= 2 && (turns[1] ?? 0) < cutoffUs) turns.splice(0, 2);
    turns.push(nowUs);
    this.state.turns.set(record, turns);
    for (const load of loads) {
      this.#count(groupKey(pod.metadata, load), isReady ? 1 : -1, cutoffUs);
    }
  }

  #count(key: string, change: number, cutoffUs: Micros): void {
    let group = this.state.groups.get(key);
    if (group === undefined) {
      group = { timesUs: [], counts: [] };
      this.state.groups.set(key, group);
    }
    const { timesUs, counts } = group;
    while (timesUs.length >= 2 && (timesUs[1] ?? 0) < cutoffUs) {
      timesUs.shift();
      counts.shift();
    }
    const count = (counts.at(-1) ?? 0) + change;
    if (timesUs.at(-1) === this.#kernel.nowUs) counts[counts.length - 1] = count;
    else {
      timesUs.push(this.#kernel.nowUs);
      counts.push(count);
    }
  }
}

/** Gets requests: as an endpoint that is ready. */
function isServing({ metadata, status }: Pod): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    status.phase === "Running" &&
    isConditionTrue(status.conditions, "Ready")
  );
}
