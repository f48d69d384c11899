/**
 * PodShapes: pods that are alike for every claiming plugin share one shape, and pods that are alike
 * for one plugin (equal in the fields that it `reads`) share one key of that plugin. A thousand
 * Deployments of twenty sizes have twenty keys for the resource plugins.
 *
 * A cache: computed from pods alone, no state of a run.
 */
import { GuardedPod } from "./guarded-pod.ts";
import type { PodField } from "./interface.ts";
import type { EvaluationPlan } from "./plan.ts";
import { ALL_POD_FIELDS } from "./pod-fields.ts";
import type { PodInfo } from "./pod-info.ts";
import { requestsText } from "./pod-requests.ts";

/** One distinct value of the pod fields that one plugin reads. */
export interface PluginKey {
  /** What the plugin is handed for every pod of this key. */
  readonly view: PodInfo;
}

export interface PodShape {
  readonly id: number;
  /** By plan index; undefined for plugins that claim nothing: they get the pod itself. */
  readonly views: readonly (PodInfo | undefined)[];
  readonly keys: readonly (PluginKey | undefined)[];
}

/** Shapes and field texts kept before all are forgotten, to bound memory. */
const SHAPES_MAX = 50_000;

export class PodShapes {
  readonly #plan: EvaluationPlan;
  readonly #fields: readonly PodField[];
  #ofPod = new WeakMap<PodInfo, PodShape>();
  #byKey = new Map<string, PodShape>();
  #pluginKeys: Map<string, PluginKey>[];
  #texts = new Map<string, number>();
  #lastId = 0;

  constructor(plan: EvaluationPlan) {
    this.#plan = plan;
    const claimed = new Set<PodField>();
    for (const { plugin, isClaimed } of plan.plugins) {
      if (isClaimed) for (const field of plugin.reads ?? ALL_POD_FIELDS) claimed.add(field);
    }
    this.#fields = ALL_POD_FIELDS.filter((field) => claimed.has(field));
    this.#pluginKeys = plan.plugins.map(() => new Map());
  }

  shapeOf(pod: PodInfo): PodShape {
    let shape = this.#ofPod.get(pod);
    if (shape !== undefined) return shape;
    const ids = this.#fields.map((field) => this.#fieldId(pod, field));
    const key = ids.join();
    shape = this.#byKey.get(key);
    if (shape === undefined) {
      if (this.#byKey.size >= SHAPES_MAX || this.#texts.size >= SHAPES_MAX) {
        this.forget();
        return this.shapeOf(pod);
      }
      shape = this.#newShape(pod, ids);
      this.#byKey.set(key, shape);
    }
    this.#ofPod.set(pod, shape);
    return shape;
  }

  #newShape(pod: PodInfo, ids: readonly number[]): PodShape {
    const keys = this.#plan.plugins.map(({ plugin, index, isClaimed }) => {
      if (!isClaimed) return undefined;
      const reads = plugin.reads ?? ALL_POD_FIELDS;
      const text = this.#fields.map((field, i) => (reads.includes(field) ? ids[i] : "")).join();
      const known = this.#pluginKeys[index]?.get(text);
      if (known !== undefined) return known;
      const made: PluginKey = { view: new GuardedPod(pod, plugin.name, reads) };
      this.#pluginKeys[index]?.set(text, made);
      return made;
    });
    return { id: ++this.#lastId, keys, views: keys.map((key) => key?.view) };
  }

  #fieldId(pod: PodInfo, field: PodField): number {
    const text = fieldText(pod, field);
    if (text === "") return 0;
    let id = this.#texts.get(text);
    if (id === undefined) {
      id = this.#texts.size + 1;
      this.#texts.set(text, id);
    }
    return id;
  }

  /** Forgets every shape and key. */
  forget(): void {
    this.#ofPod = new WeakMap();
    this.#byKey = new Map();
    this.#pluginKeys = this.#plan.plugins.map(() => new Map());
    this.#texts = new Map();
  }
}

/** A field's value as text: equal texts, equal values. "" when the pod does not state it. */
function fieldText(info: PodInfo, field: PodField): string {
  const { metadata, spec } = info.pod;
  switch (field) {
    case "namespace":
      return info.namespace;
    case "priority":
      return info.priority === 0 && spec.priority === undefined ? "" : `${info.priority}`;
    case "requests":
      return requestsText(spec);
    case "hostPorts":
      return info.hostPorts.length === 0 ? "" : JSON.stringify(info.hostPorts);
    case "images":
      return imagesText(info);
    case "labels":
    case "annotations":
    case "ownerReferences":
      return jsonOf(metadata[field]);
    default:
      return jsonOf(spec[field]);
  }
}

function imagesText({ pod }: PodInfo): string {
  let text = "";
  for (const { image } of pod.spec.containers) text += `|${image ?? ""}`;
  for (const { image } of pod.spec.initContainers ?? []) text += `|i${image ?? ""}`;
  return text;
}

function jsonOf(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value);
}
