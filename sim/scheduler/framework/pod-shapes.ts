/**
 * PodShapes: pods that are alike for every plugin that states what it reads share one shape, and pods that are alike
 * for one plugin (equal in the fields that it `reads`) share one key of that plugin. A thousand
 * Deployments of twenty sizes have twenty keys for the resource plugins.
 *
 * A cache: computed from pods alone, no state of a run.
 */
import type { PodSpec } from "../../api/index.ts";
import { GuardedPod } from "./guarded-pod.ts";
import type { PodField } from "./interface.ts";
import type { EvaluationPlan, PlannedPlugin } from "./plan.ts";
import { ALL_POD_FIELDS } from "./pod-fields.ts";
import type { PodInfo } from "./pod-info.ts";

/** One distinct value of the pod fields that one plugin reads. */
export interface PluginKey {
  /** What the plugin is handed for every pod of this key. */
  readonly view: PodInfo;
}

/** What the plugins of locality `spec` and `node` can see of a pod: pods of one share an index. */
export interface LocalShape {
  readonly id: number;
}

export interface PodShape {
  readonly local: LocalShape;
  /** By plan index; undefined for plugins without `reads`: they get the pod itself. */
  readonly views: readonly (PodInfo | undefined)[];
  readonly keys: readonly (PluginKey | undefined)[];
}

/** Steps to shapes, and values of fields, kept before all are forgotten. Below NUMBERS_MAX. */
const SHAPES_MAX = 50_000;

/** Fields of the spec, and what is summed up from it: pods of one template share the spec object. */
const SPEC_FIELDS: ReadonlySet<PodField> = new Set<PodField>([
  "priority",
  "requests",
  "nodeSelector",
  "affinity",
  "nodeAffinity",
  "podAffinity",
  "tolerations",
  "nodeName",
  "hostPorts",
  "images",
  "schedulingGates",
  "topologySpreadConstraints",
  "volumes",
]);

/**
 * A step on the way from a pod's fields to its shape: one step per field that the pod states, by the
 * number of the field's value.
 */
class Step {
  readonly next = new Map<number, Step>();
  shape: PodShape | undefined = undefined;
}

/** Numbers of values stay below it, so that a step's key is a small number, too. */
const NUMBERS_MAX = 1 << 16;

export class PodShapes {
  readonly #plan: EvaluationPlan;
  /** Fields that some plugin reads: of the spec, of the metadata, and both in this order. */
  readonly #specFields: readonly PodField[];
  readonly #metadataFields: readonly PodField[];
  readonly #fields: readonly PodField[];
  readonly #specReaders: readonly FieldReader[];
  readonly #metadataReaders: readonly FieldReader[];
  readonly #localFields: readonly PodField[];
  /** The pod asked about last: a cycle asks several times. */
  #lastPod: PodInfo | undefined;
  #lastShape: PodShape | undefined;
  /** Where the fields of the spec lead. */
  #ofSpec = new WeakMap<object, Step>();
  #ofObject = new WeakMap<object, number>();
  #start = new Step();
  #stepCount = 0;
  #localByKey = new Map<string, LocalShape>();
  #pluginKeys: Map<string, PluginKey>[];
  #texts = new Map<string, number>();
  #lastId = 0;

  constructor(plan: EvaluationPlan) {
    this.#plan = plan;
    const fields = fieldsRead(plan.plugins.filter(({ isKeyed }) => isKeyed));
    this.#specFields = fields.filter((field) => SPEC_FIELDS.has(field));
    this.#metadataFields = fields.filter((field) => !SPEC_FIELDS.has(field));
    this.#fields = [...this.#specFields, ...this.#metadataFields];
    this.#specReaders = this.#specFields.map((field) => READERS[field]);
    this.#metadataReaders = this.#metadataFields.map((field) => READERS[field]);
    this.#localFields = fieldsRead(plan.plugins.filter(({ isClaimed }) => isClaimed));
    this.#pluginKeys = plan.plugins.map(() => new Map());
  }

  shapeOf(pod: PodInfo): PodShape {
    if (pod === this.#lastPod && this.#lastShape !== undefined) return this.#lastShape;
    const { spec } = pod.pod;
    const isPlain = statesNoObject(spec);
    let step = isPlain ? undefined : this.#ofSpec.get(spec);
    if (step === undefined) {
      step = this.#walk(this.#start, this.#specReaders, 0, pod);
      if (!isPlain) this.#ofSpec.set(spec, step);
    }
    step = this.#walk(step, this.#metadataReaders, this.#specFields.length, pod);
    let { shape } = step;
    if (shape === undefined) {
      if (this.#stepCount >= SHAPES_MAX || this.#texts.size >= SHAPES_MAX) {
        this.forget();
        return this.shapeOf(pod);
      }
      shape = this.#newShape(pod);
      step.shape = shape;
    }
    this.#lastPod = pod;
    this.#lastShape = shape;
    return shape;
  }

  /** Goes on by these fields, of which the first is number `from` of all. */
  #walk(start: Step, readers: readonly FieldReader[], from: number, pod: PodInfo): Step {
    let step = start;
    for (let i = 0; i < readers.length; i++) {
      const number = this.#numberOf(readers[i]!(pod), pod);
      if (number === 0) continue;
      const key = (from + i) * NUMBERS_MAX + number;
      let next = step.next.get(key);
      if (next === undefined) {
        next = new Step();
        step.next.set(key, next);
        this.#stepCount++;
      }
      step = next;
    }
    return step;
  }

  #newShape(pod: PodInfo): PodShape {
    const ids = this.#fields.map((field) => this.#numberOf(READERS[field](pod), pod));
    const keys = this.#plan.plugins.map(({ plugin, index, isKeyed }) => {
      if (!isKeyed) return undefined;
      const reads = plugin.reads ?? ALL_POD_FIELDS;
      const text = this.#textOf(ids, reads);
      const known = this.#pluginKeys[index]?.get(text);
      if (known !== undefined) return known;
      const made: PluginKey = { view: new GuardedPod(pod, plugin.name, reads) };
      this.#pluginKeys[index]?.set(text, made);
      return made;
    });
    const local = this.#localShape(this.#textOf(ids, this.#localFields));
    return { local, keys, views: keys.map((key) => key?.view) };
  }

  #localShape(text: string): LocalShape {
    let local = this.#localByKey.get(text);
    if (local === undefined) {
      local = { id: ++this.#lastId };
      this.#localByKey.set(text, local);
    }
    return local;
  }

  #textOf(ids: readonly number[], fields: readonly PodField[]): string {
    return this.#fields.map((field, i) => (fields.includes(field) ? ids[i] : "")).join();
  }

  /** Equal numbers, equal values; 0 when the pod does not state the field. */
  #numberOf(value: object | string | undefined, { requests }: PodInfo): number {
    if (value === undefined) return 0;
    if (typeof value === "string") return this.#textNumber(value);
    let number = this.#ofObject.get(value);
    if (number === undefined) {
      // Amounts of one text share one list: see createPodInfo.
      const text = value === requests ? `requests ${++this.#lastId}` : JSON.stringify(value);
      number = this.#textNumber(text);
      this.#ofObject.set(value, number);
    }
    return number;
  }

  #textNumber(text: string): number {
    let id = this.#texts.get(text);
    if (id === undefined) {
      id = this.#texts.size + 1;
      this.#texts.set(text, id);
    }
    return id;
  }

  /** Forgets every shape and key. */
  forget(): void {
    this.#lastPod = undefined;
    this.#ofSpec = new WeakMap();
    this.#ofObject = new WeakMap();
    this.#start = new Step();
    this.#stepCount = 0;
    this.#localByKey = new Map();
    this.#pluginKeys = this.#plan.plugins.map(() => new Map());
    this.#texts = new Map();
  }
}

/** Then its fields are quicker to read than to remember: nothing has to be turned into text. */
function statesNoObject(spec: PodSpec): boolean {
  return (
    spec.affinity === undefined &&
    spec.tolerations === undefined &&
    spec.nodeSelector === undefined &&
    spec.topologySpreadConstraints === undefined &&
    spec.volumes === undefined
  );
}

function fieldsRead(plugins: readonly PlannedPlugin[]): readonly PodField[] {
  const read = new Set(plugins.flatMap(({ plugin }) => plugin.reads ?? ALL_POD_FIELDS));
  return ALL_POD_FIELDS.filter((field) => read.has(field));
}

type FieldReader = (pod: PodInfo) => object | string | undefined;

/** A field's value, as the object that holds it or as a text; undefined: the pod does not state it. */
const READERS: Readonly<Record<PodField, FieldReader>> = {
  namespace: ({ namespace }) => namespace,
  labels: ({ pod }) => pod.metadata.labels,
  annotations: ({ pod }) => pod.metadata.annotations,
  ownerReferences: ({ pod }) => pod.metadata.ownerReferences,
  priority: ({ pod, priority }) =>
    priority === 0 && pod.spec.priority === undefined ? undefined : `${priority}`,
  requests: ({ requests }) => requests,
  nodeSelector: ({ pod }) => pod.spec.nodeSelector,
  affinity: ({ pod }) => pod.spec.affinity,
  nodeAffinity: ({ pod }) => pod.spec.affinity?.nodeAffinity,
  podAffinity: podAffinityText,
  tolerations: ({ pod }) => pod.spec.tolerations,
  nodeName: ({ pod }) => pod.spec.nodeName,
  hostPorts: ({ hostPorts }) => (hostPorts.length === 0 ? undefined : JSON.stringify(hostPorts)),
  images: imagesText,
  schedulingGates: ({ pod }) => pod.spec.schedulingGates,
  topologySpreadConstraints: ({ pod }) => pod.spec.topologySpreadConstraints,
  volumes: ({ pod }) => pod.spec.volumes,
};

function podAffinityText({ pod }: PodInfo): string | undefined {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (podAffinity === undefined && podAntiAffinity === undefined) return undefined;
  return JSON.stringify([podAffinity, podAntiAffinity]);
}

function imagesText({ pod }: PodInfo): string {
  const [only] = pod.spec.containers;
  if (pod.spec.containers.length === 1 && pod.spec.initContainers === undefined) {
    return only?.image ?? "";
  }
  let text = "";
  for (const { image } of pod.spec.containers) text += `|${image ?? ""}`;
  for (const { image } of pod.spec.initContainers ?? []) text += `|i${image ?? ""}`;
  return text;
}
