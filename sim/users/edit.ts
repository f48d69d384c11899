/**
 * Edits: the patches of the kubectl commands that look at an object and change something of it.
 * Pure. Source: staging/src/k8s.io/kubectl/pkg/cmd/{label,annotate,set,taint,drain} of v1.30.
 */
import type { ApiObject, Container, Manifest, Node, Pod, Taint } from "../api/index.ts";
import type { PatchType } from "../client/index.ts";
import type { MarkOperation, SetImageOperation, TaintOperation } from "./operation.ts";

/** What is to be sent; a fault in kubectl's words; undefined: the object is so already. */
export type Edit =
  | { readonly patchType: PatchType; readonly patch: Manifest | readonly object[] }
  | { readonly fault: string }
  | undefined;

export function mark({ verb, values }: MarkOperation, { metadata }: ApiObject): Edit {
  const field = verb === "label" ? "labels" : "annotations";
  const held = metadata[field] ?? {};
  const changed = Object.entries(values).filter(([name, value]) => (held[name] ?? null) !== value);
  if (changed.length === 0) return undefined;
  const patch = { metadata: { [field]: Object.fromEntries(changed) } };
  return { patchType: "merge", patch: patch as unknown as Manifest };
}

interface Templated {
  readonly spec?: {
    readonly template?: { readonly spec?: PodSpecLike };
    readonly jobTemplate?: {
      readonly spec?: { readonly template?: { readonly spec?: PodSpecLike } };
    };
  };
}
interface PodSpecLike {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}

export function setImage({ images }: SetImageOperation, live: ApiObject): Edit {
  const { spec } = live as Templated;
  const podSpec =
    live.kind === "Pod"
      ? (live as Pod).spec
      : (spec?.template?.spec ?? spec?.jobTemplate?.spec?.template?.spec);
  if (podSpec === undefined)
    return { fault: `${live.kind.toLowerCase()} "${live.metadata.name}" has no pod template` };
  const { containers = [], initContainers = [] } = podSpec;
  for (const name of Object.keys(images)) {
    const isKnown = [...containers, ...initContainers].some((each) => each.name === name);
    if (name !== "*" && !isKnown) return { fault: `unable to find container named "${name}"` };
  }
  const changed = (list: readonly Container[]): object[] =>
    list.flatMap(({ name, image }) => {
      const wanted = images[name] ?? images["*"];
      return wanted === undefined || wanted === image ? [] : [{ name, image: wanted }];
    });
  const part: { containers?: object[]; initContainers?: object[] } = {};
  const [main, init] = [changed(containers), changed(initContainers)];
  if (main.length > 0) part.containers = main;
  if (init.length > 0) part.initContainers = init;
  if (main.length + init.length === 0) return undefined;
  const patched = (inner: object): Manifest => ({ spec: inner });
  if (live.kind === "Pod") return { patchType: "strategic", patch: patched(part) };
  const template = { template: { spec: part } };
  const isCron = spec?.jobTemplate !== undefined;
  const patch = patched(isCron ? { jobTemplate: { spec: template } } : template);
  return { patchType: "strategic", patch };
}

/** `key=value:Effect` or `key:Effect` sets one; with a trailing `-`, also `key-`, it goes. */
const TAINT = /^([^=:]+?)(?:=([^:]*))?(?::(NoSchedule|PreferNoSchedule|NoExecute))?(-)?$/;

/** Whether kubectl could read the taint. */
export function isTaint(text: string): boolean {
  const [, key, , effect, minus] = TAINT.exec(text) ?? [];
  return key !== undefined && (effect !== undefined || minus !== undefined);
}

export function taint({ taints }: TaintOperation, live: Node): Edit {
  const held = live.spec.taints ?? [];
  let next: Taint[] = [...held];
  for (const text of taints) {
    const [, key = "", value = "", effect, minus] = TAINT.exec(text) ?? [];
    const isMeant = (each: Taint): boolean =>
      each.key === key && (effect === undefined || each.effect === effect);
    if (minus !== undefined) {
      if (!next.some(isMeant)) return { fault: `taint "${text.slice(0, -1)}" not found` };
      next = next.filter((each) => !isMeant(each));
    } else {
      const wanted = value === "" ? { key, effect } : { key, value, effect };
      const isSame = (each: Taint): boolean => isMeant(each) && (each.value ?? "") === value;
      if (!next.some(isSame)) next = [...next.filter((each) => !isMeant(each)), wanted as Taint];
    }
  }
  if (next.length === held.length && next.every((each, i) => each === held[i])) return undefined;
  const patch = { spec: { taints: next.length === 0 ? null : next } };
  return { patchType: "strategic", patch };
}

/** Cordon or uncordon. */
export function setSchedulable(live: Node, isSchedulable: boolean): Edit {
  if ((live.spec.unschedulable ?? false) !== isSchedulable) return undefined;
  const patch = { spec: { unschedulable: isSchedulable ? null : true } };
  return { patchType: "strategic", patch };
}
