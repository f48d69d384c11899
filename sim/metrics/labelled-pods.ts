/**
 * LabelledPods: which pods exist that a selector selects. Keeps nothing until somebody asks; from
 * then on every pod is found by its labels, so that an answer costs what it contains.
 */
import {
  type KeyRecord,
  labelValues,
  type Pod,
  type Selector,
  valueSelected,
  type WatchEntry,
} from "../api/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { PodStore } from "./pod-store.ts";

type Records = Set<KeyRecord<Pod>>;

interface LabelledPodsState {
  /** Existing pods by `namespace/label=value`, and all of a namespace by its name. */
  byValue: Map<string, Records> | undefined;
}

export class LabelledPods {
  state: LabelledPodsState = { byValue: undefined };
  readonly #store: PodStore;

  constructor(kernel: Kernel, store: PodStore) {
    this.#store = store;
    kernel.keep("metrics/labelled-pods", this);
    store.observe("Pod", (entry) => this.#onCommit(entry));
  }

  /**
   * The pods of a namespace ("": of all) that the selector selects, by key. Of a namespace it costs
   * as much as there are pods with one of the labels that are asked for.
   */
  select(namespace: string, selector: Selector): KeyRecord<Pod>[] {
    const isWanted = ({ stored }: KeyRecord<Pod>): boolean =>
      stored !== undefined && selector.matches(stored.metadata.labels ?? {});
    if (namespace === "") return (this.#store.list("Pod") as KeyRecord<Pod>[]).filter(isWanted);
    const value = valueSelected(namespace, selector) ?? namespace;
    return [...(this.#built().get(value) ?? [])].filter(isWanted).sort(byKey);
  }

  #built(): Map<string, Records> {
    const known = this.state.byValue;
    if (known !== undefined) return known;
    const made = new Map<string, Records>();
    this.state.byValue = made;
    for (const record of this.#store.list("Pod") as KeyRecord<Pod>[])
      if (record.stored !== undefined) put(made, record, record.stored);
    return made;
  }

  #onCommit({ type, record, object, old }: WatchEntry): void {
    const { byValue } = this.state;
    if (byValue === undefined) return;
    const key = record as KeyRecord<Pod>;
    if (type === "DELETED") return take(byValue, key, object as Pod);
    if (old?.metadata.labels === object.metadata.labels && old !== undefined) return;
    if (old !== undefined) take(byValue, key, old as Pod);
    put(byValue, key, object as Pod);
  }
}

function put(byValue: Map<string, Records>, record: KeyRecord<Pod>, pod: Pod): void {
  for (const value of valuesOf(pod)) {
    const records = byValue.get(value);
    if (records === undefined) byValue.set(value, new Set([record]));
    else records.add(record);
  }
}

function take(byValue: Map<string, Records>, record: KeyRecord<Pod>, pod: Pod): void {
  for (const value of valuesOf(pod)) {
    const records = byValue.get(value);
    records?.delete(record);
    if (records?.size === 0) byValue.delete(value);
  }
}

function valuesOf({ metadata }: Pod): readonly string[] {
  return [metadata.namespace, ...(labelValues(metadata) ?? [])];
}

const byKey = (a: KeyRecord, b: KeyRecord): number => (a.key < b.key ? -1 : 1);
