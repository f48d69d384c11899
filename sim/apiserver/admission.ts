/** Admission of a new object: what kube-apiserver's admission plugins check and fill in. */
import type { PodPriority, PriorityClass } from "../api/index.ts";
import type { Etcd } from "../etcd/index.ts";
import type { ApiCall } from "./api-call.ts";

/**
 * NamespaceLifecycle: nothing is created in a namespace that does not exist.
 * Returns false when the call was failed.
 */
export function admitNamespace(etcd: Etcd, call: ApiCall, namespace: string): boolean {
  if (namespace === "" || etcd.find("Namespace", namespace) !== undefined) return true;
  call.fail(404, "NotFound", `namespaces "${namespace}" not found`);
  return false;
}

/**
 * Priority (plugin/pkg/admission/priority): resolves priorityClassName to the integer; a pod without
 * one gets the global default class, or 0. Undefined when the call was failed.
 */
export function resolvePriority(
  etcd: Etcd,
  call: ApiCall,
  spec: { readonly priorityClassName?: string; readonly priority?: number },
): PodPriority | undefined {
  const name = spec.priorityClassName;
  if (name === undefined || name === "") {
    if (etcd.count("PriorityClass") === 0) return NO_CLASS;
    return defaultPriority(etcd);
  }
  const found = SYSTEM_CLASSES.get(name) ?? classValue(etcd, name);
  if (found === undefined) {
    const text = `pods "${call.record?.name}" is forbidden: no PriorityClass with name ${name} was found`;
    call.fail(403, "Forbidden", text);
  }
  return found;
}

function classValue(etcd: Etcd, name: string): PodPriority | undefined {
  const object = etcd.find("PriorityClass", name)?.stored as PriorityClass | undefined;
  if (object === undefined) return undefined;
  let value = classValues.get(object);
  if (value === undefined) {
    const { value: priority, preemptionPolicy = "PreemptLowerPriority" } = object;
    value = { priorityClassName: name, priority, preemptionPolicy };
    classValues.set(object, value);
  }
  return value;
}

const classValues = new WeakMap<PriorityClass, PodPriority>();

/** The class with globalDefault; the one of lowest value when there are several. */
function defaultPriority(etcd: Etcd): PodPriority {
  let best = NO_CLASS;
  let found = false;
  for (const record of etcd.list("PriorityClass")) {
    const object = record.stored as PriorityClass;
    if (object.globalDefault !== true || (found && object.value >= best.priority)) continue;
    found = true;
    best = classValue(etcd, record.name) ?? best;
  }
  return best;
}

const NO_CLASS: PodPriority = { priority: 0, preemptionPolicy: "PreemptLowerPriority" };

const SYSTEM_CLASSES = new Map<string, PodPriority>(
  [
    ["system-node-critical", 2_000_001_000] as const,
    ["system-cluster-critical", 2_000_000_000] as const,
  ].map(([name, priority]) => [
    name,
    { priorityClassName: name, priority, preemptionPolicy: "PreemptLowerPriority" },
  ]),
);
