/**
 * One line of a conformance file as a Scenario. Objects are used exactly as written: only what
 * holds for every stored object is made present (namespace, spec and status), nothing is defaulted.
 */
import type { Node, Pod } from "../../sim/api/index.ts";
import { InputError, nearestName } from "../../sim/kernel/index.ts";
import { OBJECT_LISTS } from "./object-lists.ts";
import { writeQuantitiesAsTexts } from "./quantity-texts.ts";
import type { Expected, Scenario, StoredManifest } from "./scenario.ts";

export interface Recording {
  readonly scenario: Scenario;
  readonly expected: Expected;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Makes a scenario of a parsed line, which must be the caller's own: it is changed. InputError,
 * beginning with `where`, when the line is none.
 */
export function decodeScenario(line: unknown, where: string): Recording {
  const { scenario, expected } = fieldsOf(line, where, "an object with scenario and expected");
  const raw = fieldsOf(scenario, `${where}: scenario`, "an object");
  const recorded = fieldsOf(expected, `${where}: expected`, "an object");
  if (recorded["steps"] !== undefined && !Array.isArray(recorded["steps"])) {
    refuse(`${where}: expected.steps`, recorded["steps"], "a list");
  }
  for (const field of ["nodes", "pendingPods"]) {
    if (raw[field] === undefined) refuse(`${where}: scenario.${field}`, undefined, "a list");
  }
  for (const field of OBJECT_LISTS.keys()) writeQuantitiesAsTexts(raw[field]);
  return { scenario: completed(raw, where), expected: recorded as Expected };
}

/** Lists that the scheduler is not told as `objects`. */
const NODES_AND_PODS = ["nodes", "boundPods", "nominatedPods", "pendingPods"];

function completed(raw: Fields, where: string): Scenario {
  refuseUnknownLists(raw, where);
  const list = (field: string): readonly StoredManifest[] => storedList(raw, field, where);
  const pods = (field: string): readonly Pod[] => list(field).map((pod) => podOf(pod));
  const others = [...OBJECT_LISTS.keys()].filter((field) => !NODES_AND_PODS.includes(field));
  if (raw["schedulerConfig"] !== undefined) {
    fieldsOf(raw["schedulerConfig"], `${where}: scenario.schedulerConfig`, "an object");
  }
  return {
    name: typeof raw["name"] === "string" ? raw["name"] : "",
    schedulerConfig: raw["schedulerConfig"],
    nodes: list("nodes").map((node) => node as StoredManifest & Node),
    boundPods: pods("boundPods")
      .map((pod, index) => onNode(pod, `${where}: scenario.boundPods[${index}]`))
      .filter(({ status }) => !isFinished(status.phase)),
    nominatedPods: pods("nominatedPods"),
    pendingPods: pods("pendingPods"),
    objects: others.flatMap(list),
  };
}

/** To the scheduler such pods do not exist. */
const isFinished = (phase: string | undefined): boolean =>
  phase === "Succeeded" || phase === "Failed";

/** A list that nobody reads would change what is decided. Other fields are notes. */
function refuseUnknownLists(raw: Fields, where: string): void {
  for (const [field, value] of Object.entries(raw)) {
    if (!Array.isArray(value) || OBJECT_LISTS.has(field)) continue;
    const near = nearestName(field, [...OBJECT_LISTS.keys()]);
    const meant = near === undefined ? `Known: ${[...OBJECT_LISTS.keys()].join(", ")}.` : "";
    throw new InputError(
      `${where}: scenario.${field}: there is no such list. ${meant || `Did you mean ${near}?`}`,
    );
  }
}

function storedList(raw: Fields, field: string, where: string): readonly StoredManifest[] {
  const value = raw[field] ?? [];
  const at = `${where}: scenario.${field}`;
  if (!Array.isArray(value)) refuse(at, value, "a list");
  return (value as readonly unknown[]).map((object, index) =>
    stored(object, field, `${at}[${index}]`),
  );
}

/** The object with what holds for every stored one; nothing that it states is changed. */
function stored(object: unknown, field: string, where: string): StoredManifest {
  const fields = fieldsOf(object, where, "an object");
  const metadata = fieldsOf(fields["metadata"], `${where}.metadata`, "an object");
  if (typeof metadata["name"] !== "string" || metadata["name"] === "") {
    refuse(`${where}.metadata.name`, metadata["name"], "a name");
  }
  for (const part of ["spec", "status"]) {
    if (fields[part] !== undefined) fieldsOf(fields[part], `${where}.${part}`, "an object");
  }
  const list = OBJECT_LISTS.get(field);
  if (list === undefined) throw new Error(`no list ${field}`);
  return {
    ...fields,
    apiVersion: list.apiVersion,
    kind: list.kind,
    metadata: {
      uid: "",
      resourceVersion: "",
      creationTimestamp: "",
      ...metadata,
      name: metadata["name"] as string,
      namespace: list.isNamespaced ? (metadata["namespace"] as string) || "default" : "",
    },
    spec: fields["spec"] ?? {},
    status: fields["status"] ?? {},
  };
}

function podOf(manifest: StoredManifest): Pod {
  const pod = manifest as StoredManifest & Pod;
  return { ...pod, spec: { ...pod.spec, containers: pod.spec.containers ?? [] } };
}

function onNode(pod: Pod, where: string): Pod {
  if (!pod.spec.nodeName) refuse(`${where}.spec.nodeName`, undefined, "the name of a node");
  return pod;
}

function fieldsOf(value: unknown, where: string, wanted: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  return refuse(where, value, wanted);
}

function refuse(where: string, value: unknown, wanted: string): never {
  const found =
    value === undefined ? "nothing" : (JSON.stringify(value)?.slice(0, 60) ?? String(value));
  throw new InputError(
    `${where}: got ${found}, want ${wanted}. The format is in docs/conformance.md.`,
  );
}
