/**
 * AutoscaledPods: which pods belong to the target of which autoscaler, by the selectors that the
 * targets' scales tell; two autoscalers over one pod are both refused.
 * Source: validateAndParseSelector in pkg/controller/podautoscaler/horizontal.go of v1.30.
 */
import { type KeyRecord, type Pod, parseSelectorString, type Selector } from "../api/index.ts";
import type { Indexer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import { indexLabelled, selectLabelled } from "./ownership.ts";

/** Why an autoscaler's pods cannot be told, for the condition ScalingActive and for the event. */
export interface SelectorFault {
  readonly reason: "InvalidSelector" | "AmbiguousSelector";
  readonly message: string;
  readonly error: string;
}

interface AutoscaledPodsState {
  /** The last valid selector of each autoscaler's target, as text. */
  readonly selectors: Map<KeyRecord, string>;
}

export class AutoscaledPods {
  state: AutoscaledPodsState = { selectors: new Map() };
  readonly #pods: Indexer<Pod>;
  /** By text; can be parsed again. */
  readonly #parsed = new Map<string, Selector>();

  constructor(kernel: Kernel, pods: Indexer<Pod>) {
    this.#pods = pods;
    indexLabelled(pods);
    kernel.keep("controller/horizontal-pod-autoscaler/selectors", this);
  }

  /** The autoscaler's target has this selector; undefined: its pods are its own. */
  select(autoscaler: KeyRecord, text: string): SelectorFault | undefined {
    if (text === "") {
      const message = "the HPA target's scale is missing a selector";
      return { reason: "InvalidSelector", message, error: "selector is required" };
    }
    const selector = parseSelectorString(text);
    if (typeof selector === "string") {
      const error = `couldn't convert selector into a corresponding internal selector object: ${selector}`;
      return { reason: "InvalidSelector", message: error, error };
    }
    this.state.selectors.set(autoscaler, text);
    const rivals = this.#selecting(autoscaler);
    if (rivals.length < 2) return undefined;
    const names = rivals.map(({ name, namespace }) => `{${name} ${namespace}}`).join(" ");
    const error = `pods by selector ${text} are controlled by multiple HPAs: [${names}]`;
    return { reason: "AmbiguousSelector", message: error, error };
  }

  /** The pods of the autoscaler's target, by key. */
  of(autoscaler: KeyRecord): Pod[] {
    const selector = this.#selectorOf(autoscaler);
    const records = selectLabelled(this.#pods, autoscaler.namespace, selector);
    return records.flatMap((record) => this.#pods.get(record) ?? []);
  }

  forget(autoscaler: KeyRecord): void {
    this.state.selectors.delete(autoscaler);
  }

  /** The autoscalers that select one of this one's pods, by key. */
  #selecting(own: KeyRecord): KeyRecord[] {
    const { selectors } = this.state;
    if (selectors.size < 2) return [];
    const pods = this.of(own);
    const found = [...selectors.keys()].filter((record) => {
      if (record.namespace !== own.namespace) return false;
      const selector = this.#selectorOf(record);
      return pods.some(({ metadata }) => selector.matches(metadata.labels ?? {}));
    });
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #selectorOf(autoscaler: KeyRecord): Selector {
    const text = this.state.selectors.get(autoscaler) ?? "";
    let selector = this.#parsed.get(text);
    if (selector === undefined) {
      const parsed = parseSelectorString(text);
      if (typeof parsed === "string") throw new Error(`${autoscaler.key}: selector ${parsed}`);
      selector = parsed;
      this.#parsed.set(text, selector);
    }
    return selector;
  }
}
