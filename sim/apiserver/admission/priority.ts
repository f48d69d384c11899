/**
 * Priority: turns a pod's class into the integer and the preemption policy that the scheduler reads,
 * and lets one class at most be everybody's default.
 * Source: plugin/pkg/admission/priority/admission.go of v1.30.
 */
import {
  type ApiObject,
  derivedPodSpec,
  type PodSpec,
  type PriorityClass,
} from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import {
  type AdmissionAttributes,
  type AdmissionPlugin,
  type Draft,
  forbid,
  forbidDraft,
} from "./attributes.ts";

/** What a class gives to a pod; one object per class, so that results can be told by identity. */
interface PodPriority {
  readonly priorityClassName?: string;
  readonly priority: number;
  readonly preemptionPolicy: string;
}

interface Made {
  readonly priority: PodPriority;
  readonly spec: PodSpec;
}

export class Priority implements AdmissionPlugin {
  readonly name = "Priority";
  readonly kinds = ["Pod", "PriorityClass"];
  readonly #etcd: Etcd;

  constructor(etcd: Etcd) {
    this.#etcd = etcd;
  }

  admit(attributes: AdmissionAttributes, draft: Draft): boolean {
    if (attributes.record.kind !== "Pod") return true;
    if (attributes.operation === "UPDATE") return keepPriority(attributes, draft);
    if (attributes.operation !== "CREATE") return true;
    const spec = draft.spec as PodSpec;
    const priority = this.#priorityOf(attributes, spec.priorityClassName ?? "");
    if (priority === undefined) return false;
    if (contradicts(attributes, spec, priority)) return false;
    draft.spec = withPriority(spec, priority);
    return true;
  }

  /** Two classes cannot both be the default. */
  validate(attributes: AdmissionAttributes, object: ApiObject): boolean {
    const { operation, record } = attributes;
    if (operation === "DELETE" || record.kind !== "PriorityClass") return true;
    if ((object as PriorityClass).globalDefault !== true) return true;
    const other = this.#defaultClass();
    if (other === undefined || other.metadata.name === record.name) return true;
    const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`;
    return forbid(attributes, why);
  }

  #priorityOf(attributes: AdmissionAttributes, name: string): PodPriority | undefined {
    if (name === "") {
      const standard = this.#etcd.count("PriorityClass") === 0 ? undefined : this.#defaultClass();
      return standard === undefined ? NO_CLASS : classPriority(standard);
    }
    const system = SYSTEM_CLASSES.get(name);
    if (system !== undefined) return system;
    const found = this.#etcd.find("PriorityClass", name)?.stored as PriorityClass | undefined;
    if (found !== undefined) return classPriority(found);
    forbidDraft(attributes, `no PriorityClass with name ${name} was found`);
    return undefined;
  }

  /** The class with globalDefault; the one of lowest value when there are several. */
  #defaultClass(): PriorityClass | undefined {
    let best: PriorityClass | undefined;
    for (const record of this.#etcd.list("PriorityClass")) {
      const object = record.stored as PriorityClass;
      if (object.globalDefault !== true) continue;
      if (best === undefined || object.value < best.value) best = object;
    }
    return best;
  }
}

/** A pod that is replaced without its priority keeps it: both fields cannot change. */
function keepPriority({ old }: AdmissionAttributes, draft: Draft): boolean {
  const spec = draft.spec as PodSpec;
  const before = (old as { readonly spec?: PodSpec } | undefined)?.spec;
  if (before === undefined || spec === before) return true;
  const changes: Partial<PodSpec> = {};
  if (spec.priority === undefined && before.priority !== undefined)
    changes.priority = before.priority;
  if (spec.preemptionPolicy === undefined && before.preemptionPolicy !== undefined)
    changes.preemptionPolicy = before.preemptionPolicy;
  if (Object.keys(changes).length > 0) draft.spec = derivedPodSpec(spec, changes, true);
  return true;
}

/** What the pod says itself must be what its class says. True: the call was failed. */
function contradicts(
  attributes: AdmissionAttributes,
  spec: PodSpec,
  { priority, preemptionPolicy }: PodPriority,
): boolean {
  if (spec.priority !== undefined && spec.priority !== priority) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`;
    return !forbidDraft(attributes, why);
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`;
    return !forbidDraft(attributes, why);
  }
  return false;
}

/** By spec, so that the pods of a template go on sharing one. */
const made = new WeakMap<PodSpec, Made>();

function withPriority(spec: PodSpec, priority: PodPriority): PodSpec {
  const known = made.get(spec);
  if (known?.priority === priority) return known.spec;
  const result = { priority, spec: derivedPodSpec(spec, priority, true) };
  made.set(spec, result);
  return result.spec;
}

const classPriorities = new WeakMap<PriorityClass, PodPriority>();

function classPriority(object: PriorityClass): PodPriority {
  let priority = classPriorities.get(object);
  if (priority === undefined) {
    const { metadata, value, preemptionPolicy = "PreemptLowerPriority" } = object;
    priority = { priorityClassName: metadata.name, priority: value, preemptionPolicy };
    classPriorities.set(object, priority);
  }
  return priority;
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
