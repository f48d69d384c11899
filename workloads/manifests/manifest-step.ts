/**
 * Steps: what users do at set times, besides the manifests that are applied one after another. A
 * step is one kubectl command, written as one line of the experiment file. Pure.
 */
import type { Manifest } from "../../sim/api/index.ts";
import { parseDuration } from "../../sim/kernel/index.ts";
import { isTaint, type Operation, type OperationVerb } from "../../sim/users/index.ts";
import { namedKind, namedObject } from "./resource-name.ts";

/** A step as it is written. Exactly one of the verbs, and what belongs to it. */
export interface StepInput {
  readonly at?: string | undefined;
  readonly namespace?: string | undefined;
  /** kubectl --as. */
  readonly as?: string | undefined;
  readonly repeat?: { readonly every: string; readonly times: number } | undefined;
  readonly [field: string]: unknown;
}

/** What a verb says: a file, or the object that it is about. */
interface StepVerb {
  readonly of: "file" | "object" | "kind" | "Node" | "Pod";
  readonly needs: readonly string[];
  readonly may: readonly string[];
}

const verb = (
  of: StepVerb["of"],
  needs: readonly string[] = [],
  may: readonly string[] = [],
): StepVerb => ({ of, needs, may });

/** The verbs of steps, with the fields that go with them. */
export const STEP_VERBS: Readonly<Record<OperationVerb, StepVerb>> = {
  apply: verb("file", [], ["serverSide", "fieldManager", "force"]),
  create: verb("file"),
  delete: verb("object", [], ["propagationPolicy", "gracePeriodSeconds"]),
  patch: verb("object", ["with"], ["type", "subresource"]),
  scale: verb("object", ["replicas"]),
  rolloutUndo: verb("object", [], ["toRevision"]),
  rolloutRestart: verb("object"),
  rolloutPause: verb("object"),
  rolloutResume: verb("object"),
  setImage: verb("object", ["images"]),
  label: verb("object", ["values"]),
  annotate: verb("object", ["values"]),
  taint: verb("Node", ["taints"]),
  cordon: verb("Node"),
  uncordon: verb("Node"),
  drain: verb("Node", [], ["gracePeriodSeconds", "timeout"]),
  evict: verb("Pod", [], ["gracePeriodSeconds"]),
  get: verb("object", [], ["resourceVersion"]),
  list: verb(
    "kind",
    [],
    [
      "allNamespaces",
      "selector",
      "fieldSelector",
      "limit",
      "resourceVersion",
      "resourceVersionMatch",
    ],
  ),
};

const VERBS = Object.keys(STEP_VERBS) as OperationVerb[];
const COMMON: readonly string[] = ["at", "namespace", "as", "repeat"];

/** A step that was understood. */
export interface ManifestStep {
  /** Where it stands, for messages: `workload.manifests.steps[2]`. */
  readonly source: string;
  readonly atUs: number;
  /** Once at `atUs`, then `times - 1` times more. */
  readonly everyUs: number;
  readonly times: number;
  readonly verb: OperationVerb;
  /** Of apply and create: the manifest file; else "". */
  readonly file: string;
  /** The object that it is about, of a list one without a name; undefined for a file. */
  readonly object: Manifest | undefined;
  /** The operation's other fields. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What is wrong with a step whose single fields are well-formed; undefined: nothing. */
export function stepFault(step: StepInput): string | undefined {
  const given = VERBS.filter((name) => step[name] !== undefined);
  const [name, second] = given;
  if (name === undefined) return `got no verb, want one of ${VERBS.join(", ")}.`;
  if (second !== undefined)
    return `got ${given.join(" and ")}, want one of them. Make them steps of their own.`;
  const { of, needs, may } = STEP_VERBS[name];
  const missing = needs.find((field) => step[field] === undefined);
  if (missing !== undefined) return `got ${name} without "${missing}", want both.`;
  const allowed = [name, ...COMMON, ...needs, ...may];
  const extra = Object.keys(step).find(
    (field) => step[field] !== undefined && !allowed.includes(field),
  );
  if (extra !== undefined) {
    const known = [...needs, ...may].map((field) => `"${field}"`).join(", ");
    const wanted = known === "" ? "nothing besides" : `only ${known} besides`;
    return `got "${extra}" with ${name}, want ${wanted}. Take it out.`;
  }
  if (of !== "file") {
    const object = objectOf(step, name);
    if (typeof object === "string") return `${name}: ${object}`;
  }
  const taints = (step["taints"] ?? []) as readonly string[];
  const bad = taints.find((text) => !isTaint(text));
  if (bad === undefined) return undefined;
  return `taints: got "${bad}", want key=value:Effect, key:Effect, key:Effect- or key-.`;
}

/** Reads a step that has no fault. */
export function readStep(step: StepInput, source: string): ManifestStep {
  const name = VERBS.find((each) => step[each] !== undefined);
  if (name === undefined) throw new Error(`${source}: the step was not checked`);
  const { of, needs, may } = STEP_VERBS[name];
  const options: Record<string, unknown> = step.as === undefined ? {} : { as: step.as };
  for (const field of [...needs, ...may]) {
    const value = step[field];
    if (value === undefined) continue;
    if (field === "with") options["patch"] = value;
    else if (field === "type") options["patchType"] = value;
    else if (field === "timeout") options["timeoutUs"] = durationUs(value as string);
    else options[field] = value;
  }
  const object = of === "file" ? undefined : objectOf(step, name);
  if (typeof object === "string") throw new Error(`${source}: the step was not checked`);
  return {
    source,
    atUs: durationUs(step.at ?? "0s"),
    everyUs: durationUs(step.repeat?.every ?? "0s"),
    times: step.repeat?.times ?? 1,
    verb: name,
    file: of === "file" ? String(step[name]) : "",
    object,
    options,
  };
}

/** The operation of a step about one object. */
export function stepOperation(step: ManifestStep, object: Manifest, source: string): Operation {
  return { ...step.options, verb: step.verb, object, source } as Operation;
}

function objectOf(step: StepInput, name: OperationVerb): Manifest | string {
  const { of } = STEP_VERBS[name];
  if (of === "kind") return namedKind(String(step[name]), step.namespace ?? "default");
  const implied = of === "Node" || of === "Pod" ? of : undefined;
  return namedObject(String(step[name]), step.namespace ?? "default", implied);
}

function durationUs(text: string): number {
  const us = parseDuration(text);
  if (us === undefined) throw new Error(`duration "${text}" was not checked`);
  return us;
}
