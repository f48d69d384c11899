/**
 * IndexMemory: the indexes of the local shapes in use, within a budget of bytes, and what is known
 * of shapes that fitted nowhere. A cache: an index that was dropped is built again, or the full pass
 * answers; results never depend on what is here.
 */
import type { Diagnosis } from "./evaluator.ts";
import type { FullPass } from "./full-pass.ts";
import type { NodeLayout } from "./node-layout.ts";
import type { PlannedPlugin } from "./plan.ts";
import type { LocalShape, PodShape } from "./pod-shapes.ts";
import type { PreparedFilter } from "./prepared-pod.ts";
import { ShapeIndex } from "./shape-index.ts";
import { KeyMemory, planShape, preparedFilterOf } from "./shape-plan.ts";

export interface IndexEntry {
  /** Evaluations of this local shape so far. */
  useCount: number;
  lastUse: number;
  index: ShapeIndex | undefined;
  /** False once a plugin failed while the index was made. */
  isIndexable: boolean;
}

/** That pods of a shape and priority fitted nowhere, and at which state of things. */
export interface FailureEntry {
  readonly cacheVersion: number;
  readonly nominatorVersion: number;
  readonly priority: number;
  readonly evaluatedCount: number;
  diagnosis: Diagnosis | undefined;
}

/** Entries kept before all are forgotten. */
const ENTRIES_MAX = 50_000;

export class IndexMemory {
  readonly #full: FullPass;
  readonly #layout: NodeLayout;
  readonly #bytesMax: number;
  readonly #keys = new KeyMemory();
  readonly #entries = new Map<LocalShape, IndexEntry>();
  readonly #failures = new Map<PodShape, FailureEntry>();
  #bytes = 0;
  #uses = 0;
  #epoch = 0;
  #resourceCount = 0;

  constructor(full: FullPass, layout: NodeLayout, bytesMax: number) {
    this.#full = full;
    this.#layout = layout;
    this.#bytesMax = bytesMax;
  }

  /** The entry of a local shape, its use counted. */
  entryOf(shape: LocalShape): IndexEntry {
    let entry = this.#entries.get(shape);
    if (entry === undefined) {
      if (this.#entries.size >= ENTRIES_MAX) this.#forgetAll();
      entry = { useCount: 0, lastUse: 0, index: undefined, isIndexable: true };
      this.#entries.set(shape, entry);
    }
    entry.useCount++;
    entry.lastUse = ++this.#uses;
    return entry;
  }

  failureOf(shape: PodShape): FailureEntry | undefined {
    return this.#failures.get(shape);
  }

  keepFailure(shape: PodShape, failure: FailureEntry): void {
    if (this.#failures.size >= ENTRIES_MAX) this.#failures.clear();
    this.#failures.set(shape, failure);
  }

  /** The shape's index, up to date; undefined when it cannot have one now. */
  indexFor(entry: IndexEntry, shape: PodShape, isLazy: boolean): ShapeIndex | undefined {
    this.#layout.catchUp();
    const present = entry.index;
    if (present !== undefined && (present.isTooSmall || present.isLazy !== isLazy)) {
      this.release(entry);
    }
    // A plan becomes stale when a spec plugin turns out to look at single nodes: at most twice
    // per plugin, by its filter and by its score.
    for (let round = 0; round <= 2 * this.#full.plan.plugins.length; round++) {
      const index = entry.index ?? this.#build(entry, shape, isLazy);
      index.catchUp();
      if (index.health === "ok") return index;
      if (index.health === "broken") break;
      this.release(entry);
    }
    this.giveUp(entry);
    return undefined;
  }

  /** A plugin threw or gave no usable score: this shape is left to the full pass from now on. */
  giveUp(entry: IndexEntry): void {
    this.release(entry);
    entry.isIndexable = false;
  }

  /** What a `spec` or `node` plugin's preFilter said for this shape; undefined for other plugins. */
  preparedFilter(shape: PodShape, planned: PlannedPlugin): PreparedFilter | undefined {
    const key = planned.isClaimed ? shape.keys[planned.index] : undefined;
    if (key === undefined) return undefined;
    const { clusters, site } = this.#full;
    return preparedFilterOf(this.#keys, planned, key, clusters.claimed, site);
  }

  #build(entry: IndexEntry, shape: PodShape, isLazy: boolean): ShapeIndex {
    const { plan, cache, clusters, site } = this.#full;
    const shapePlan = planShape(plan, shape, this.#keys, clusters.claimed, site);
    const index = new ShapeIndex(shapePlan, cache, this.#layout, site, isLazy);
    this.#bytes += index.bytes;
    entry.index = index;
    if (this.#bytes > this.#bytesMax) this.#evict(entry);
    return index;
  }

  /** Drops the shape's index. */
  release(entry: IndexEntry): void {
    if (entry.index === undefined) return;
    this.#bytes -= entry.index.bytes;
    entry.index = undefined;
  }

  /** Makes room by a quarter of the budget, so that not every new index has to look for room. */
  #evict(except: IndexEntry): void {
    const indexed = [...this.#entries.values()].filter(({ index }) => index !== undefined);
    indexed.sort((a, b) => a.lastUse - b.lastUse);
    for (const entry of indexed) {
      if (this.#bytes <= 0.75 * this.#bytesMax) return;
      if (entry !== except) this.release(entry);
    }
  }

  /** After a restored state, or a new resource name, nothing that was prepared holds any more. */
  forgetWhatIsVoid(): void {
    const { epoch, state } = this.#full.cache;
    if (epoch === this.#epoch && state.resources.names.length === this.#resourceCount) return;
    this.#epoch = epoch;
    this.#resourceCount = state.resources.names.length;
    this.#keys.forget();
    this.#forgetAll();
  }

  #forgetAll(): void {
    this.#entries.clear();
    this.#failures.clear();
    this.#bytes = 0;
  }
}
