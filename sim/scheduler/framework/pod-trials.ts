/**
 * PodTrials: what-ifs for one pod that fits nowhere, and DryRunMemos, which keep what they gave for
 * the next pod like it.
 */
import type { FullPass } from "./full-pass.ts";
import type { NodeTrial } from "./interface.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";

export class PodTrials {
  readonly #full: FullPass;
  readonly #pod: PodInfo;
  readonly #shape: PodShape;
  readonly #allMemos: DryRunMemos;
  #isPrepared = false;
  /** Memos by slot; undefined: nothing may be kept. */
  #memos: (DryRunMemo | undefined)[] | undefined;
  /** By slot: who is nominated there and must be respected, itself not. */
  readonly #nominated = new Map<number, readonly PodInfo[]>();

  constructor(full: FullPass, pod: PodInfo, memos: DryRunMemos) {
    this.#allMemos = memos;
    this.#full = full;
    this.#pod = pod;
    this.#shape = full.shapeOf(pod);
  }

  tryNode(slot: number): NodeTrial {
    this.#prepare();
    return this.#full.filters.tryNode(slot);
  }

  /** See PostFilterContext.dryRunMemo. */
  dryRunMemo(slot: number): { value: unknown } | undefined {
    this.#prepare();
    if (this.#memos === undefined) return undefined;
    const { cache } = this.#full;
    const nominated = this.#nominated.get(slot) ?? NOBODY;
    const change = cache.changes.numbers[slot] ?? 0;
    const memo = this.#memos[slot];
    if (memo !== undefined && memo.change === change && isSame(memo.nominated, nominated)) {
      return memo;
    }
    const fresh: DryRunMemo = {
      value: undefined,
      change,
      nominated,
    };
    this.#memos[slot] = fresh;
    return fresh;
  }

  #prepare(): void {
    if (this.#isPrepared) return;
    this.#isPrepared = true;
    this.#full.site.podKey = this.#pod.record.key;
    const prepared = this.#full.prepare(this.#pod, this.#shape);
    if (prepared.reject !== undefined) {
      throw new Error(`pod ${this.#pod.record.key} was rejected before any node was looked at`);
    }
    const isLocal = this.#full.filters.active.every(({ filterReuse }) => filterReuse !== "live");
    if (!isLocal) return;
    const { cache, filters } = this.#full;
    this.#memos = this.#allMemos.of(cache, this.#shape, this.#pod.priority);
    for (const name of filters.nominator.nodeNames) {
      const slot = cache.state.slotOf.get(name);
      if (slot !== undefined) this.#nominated.set(slot, filters.nominatedTo(name));
    }
  }
}

const NOBODY: readonly PodInfo[] = [];

interface DryRunMemo {
  value: unknown;
  /** What the value may depend on, as it was: the node's change, and who is nominated to it. */
  change: number;
  nominated: readonly PodInfo[];
}

/** Shapes and priorities, times nodes, of which memos are kept before all are forgotten. */
const MEMOS_MAX = 500_000;

/** A cache: no state of a run. */
export class DryRunMemos {
  #byShape = new WeakMap<PodShape, Map<number, (DryRunMemo | undefined)[]>>();
  #count = 0;
  #epoch = -1;

  /** The memos by slot for pods of this shape and priority. */
  of(cache: SchedulerCache, shape: PodShape, priority: number): (DryRunMemo | undefined)[] {
    if (this.#epoch !== cache.epoch || this.#count > MEMOS_MAX) {
      this.#epoch = cache.epoch;
      this.#count = 0;
      this.#byShape = new WeakMap();
    }
    let byPriority = this.#byShape.get(shape);
    if (byPriority === undefined) {
      byPriority = new Map();
      this.#byShape.set(shape, byPriority);
    }
    let bySlot = byPriority.get(priority);
    if (bySlot === undefined) {
      bySlot = [];
      byPriority.set(priority, bySlot);
      this.#count += cache.nodeCount;
    }
    return bySlot;
  }
}

function isSame(a: readonly PodInfo[], b: readonly PodInfo[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
