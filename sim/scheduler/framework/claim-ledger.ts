/**
 * ClaimLedger: remembers every verdict of the claiming plugins and watches whether one changes
 * while nothing did that it claims to depend on. Used by `verify` mode only.
 */
import { InputError } from "../../kernel/index.ts";
import type { PlannedPlugin } from "./plan.ts";
import { policyTitle } from "./plugin-origin.ts";
import type { PluginKey, PodShape } from "./pod-shapes.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";

interface Record {
  /** What the verdict may depend on, as it was: the fixed part, and the change number. */
  fixed: unknown;
  change: number;
  /** Whether the node was rejected, or the truncated raw score; undefined: not asked yet. */
  rejected: boolean | undefined;
  raw: number | undefined;
}

/** Told by the full pass about each verdict. */
export class ClaimLedger {
  readonly #cache: SchedulerCache;
  #records = new WeakMap<PluginKey, Map<number, Record>>();
  #epoch = -1;

  constructor(cache: SchedulerCache) {
    this.#cache = cache;
  }

  /** Throws InputError when the verdict contradicts an earlier one. */
  sawFilter(planned: PlannedPlugin, shape: PodShape, slot: number, rejected: boolean): void {
    const record = this.#recordOf(planned, shape, slot);
    if (record === undefined) return;
    if (record.rejected !== undefined && record.rejected !== rejected) {
      const words = (no: boolean): string => (no ? "rejected" : "passed");
      this.#accuse(planned, "filter", slot, words(record.rejected), words(rejected));
    }
    record.rejected = rejected;
  }

  /** The same for a truncated raw score. */
  sawScore(planned: PlannedPlugin, shape: PodShape, slot: number, raw: number): void {
    const record = this.#recordOf(planned, shape, slot);
    if (record === undefined) return;
    if (record.raw !== undefined && !Object.is(record.raw, raw)) {
      this.#accuse(planned, "score", slot, String(record.raw), String(raw));
    }
    record.raw = raw;
  }

  #recordOf(planned: PlannedPlugin, shape: PodShape, slot: number): Record | undefined {
    const key = planned.isClaimed ? shape.keys[planned.index] : undefined;
    if (key === undefined) return undefined;
    if (this.#epoch !== this.#cache.epoch) {
      this.#epoch = this.#cache.epoch;
      this.#records = new WeakMap();
    }
    let bySlot = this.#records.get(key);
    if (bySlot === undefined) {
      bySlot = new Map();
      this.#records.set(key, bySlot);
    }
    const { fixed } = this.#cache.nodeAt(slot);
    const isSpec = planned.filterReuse === "spec";
    const change = isSpec ? 0 : (this.#cache.changes.numbers[slot] ?? 0);
    let record = bySlot.get(slot);
    if (record === undefined || record.fixed !== fixed || record.change !== change) {
      record = { fixed, change, rejected: undefined, raw: undefined };
      bySlot.set(slot, record);
    }
    return record;
  }

  #accuse(
    { plugin }: PlannedPlugin,
    point: string,
    slot: number,
    before: string,
    after: string,
  ): never {
    const nodeName = this.#cache.nodeAt(slot).name;
    const scope = plugin.locality === "spec" ? "its Node object" : "what runs on it";
    throw new InputError(
      `${policyTitle(plugin)} breaks its claim locality "${plugin.locality}": its ${point} on ` +
        `node "${nodeName}" went from ${before} to ${after} for equal pods while neither the ` +
        `node nor ${scope} changed. Claim "cluster" or "none" instead.`,
    );
  }
}
