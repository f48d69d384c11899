/**
 * LabelSets: the pods on nodes in sets that no query can tell apart, and which of the sets a query
 * can match at all.
 */
import type { Narrowing } from "../node-counts.ts";
import type { PodInfo } from "../pod-info.ts";
import { LabelMap } from "./label-map.ts";
import { NodeCounter } from "./node-counter.ts";

export interface LabelSet {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isTerminating: boolean;
  readonly text: string;
  readonly pods: NodeCounter;
  /** The counters of the queries that it matches. */
  counters: NodeCounter[];
}

interface NamespaceSets {
  readonly all: LabelSet[];
  readonly byLabel: LabelMap<LabelSet>;
}

const NONE: readonly LabelSet[] = [];

export class LabelSets {
  readonly #byText = new Map<string, LabelSet>();
  readonly #byNamespace = new Map<string, NamespaceSets>();
  /** The last found set of labels by their identity, which pods of one template share. */
  #ofLabels = new WeakMap<Readonly<Record<string, string>>, LabelSet>();

  get all(): Iterable<LabelSet> {
    return this.#byText.values();
  }

  /** The set that the pod belongs to, if there is one. */
  find({ namespace, labels, pod }: PodInfo): LabelSet | undefined {
    const isTerminating = pod.metadata.deletionTimestamp !== undefined;
    const recent = this.#ofLabels.get(labels);
    if (recent?.isTerminating === isTerminating && recent.namespace === namespace) return recent;
    const found = this.#byText.get(textOf(namespace, labels, isTerminating));
    if (found !== undefined) this.#ofLabels.set(labels, found);
    return found;
  }

  /** Makes the set of a pod that has none. */
  add({ namespace, labels, pod }: PodInfo): LabelSet {
    const isTerminating = pod.metadata.deletionTimestamp !== undefined;
    const text = textOf(namespace, labels, isTerminating);
    const pods = new NodeCounter();
    const set: LabelSet = { namespace, labels, isTerminating, text, pods, counters: [] };
    this.#byText.set(text, set);
    this.#ofLabels.set(labels, set);
    this.#index(set);
    return set;
  }

  /** The sets that may hold pods that a query matches. */
  mayMatch({ namespace, label }: Narrowing = {}): Iterable<LabelSet> {
    if (namespace !== undefined) return setsIn(this.#byNamespace.get(namespace), label);
    if (label === undefined) return this.all;
    const found: LabelSet[] = [];
    for (const sets of this.#byNamespace.values()) found.push(...setsIn(sets, label));
    return found;
  }

  /** Drops the sets that have no pods. */
  forgetEmpty(): void {
    this.#ofLabels = new WeakMap();
    this.#byNamespace.clear();
    for (const set of this.all) {
      if (set.pods.total === 0) this.#byText.delete(set.text);
      else this.#index(set);
    }
  }

  #index(set: LabelSet): void {
    let sets = this.#byNamespace.get(set.namespace);
    if (sets === undefined) {
      sets = { all: [], byLabel: new LabelMap() };
      this.#byNamespace.set(set.namespace, sets);
    }
    sets.all.push(set);
    for (const key of Object.keys(set.labels)) {
      sets.byLabel.add(key, set.labels[key] as string, set);
    }
  }
}

function setsIn(sets: NamespaceSets | undefined, label: Narrowing["label"]): readonly LabelSet[] {
  if (sets === undefined) return NONE;
  return label === undefined ? sets.all : (sets.byLabel.get(label[0], label[1]) ?? NONE);
}

/**
 * The labels stand in the order in which the pod states them: another order makes another, equal
 * label set. Neither "/" can stand in a namespace, nor "=" or "," in a label.
 */
function textOf(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  isTerminating: boolean,
): string {
  let text = `${namespace}/${isTerminating ? "-" : "+"}`;
  for (const key of Object.keys(labels)) text += `${key}=${labels[key]},`;
  return text;
}
