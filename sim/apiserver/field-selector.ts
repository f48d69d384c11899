/**
 * Field selectors, as `kubectl --field-selector` takes them: `status.phase=Running,spec.nodeName!=n1`.
 * Sources: apimachinery/pkg/fields/selector.go (without its escapes) and the field label conversions
 * of pkg/apis/{core,batch}/v1/conversion.go of v1.30.
 */
import type { ApiObject, Kind } from "../api/index.ts";

interface Term {
  readonly field: string;
  readonly isEqual: boolean;
  readonly value: string;
}

/** Fields that a kind can be selected by, besides metadata.name and metadata.namespace. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "Pod",
    [
      "spec.hostNetwork",
      "spec.nodeName",
      "spec.restartPolicy",
      "spec.schedulerName",
      "spec.serviceAccountName",
      "status.nominatedNodeName",
      "status.phase",
      "status.podIP",
    ],
  ],
  ["Node", ["spec.unschedulable"]],
  ["Namespace", ["status.phase"]],
  ["Service", ["spec.clusterIP", "spec.type"]],
  ["Job", ["status.successful"]],
  [
    "Event",
    [
      "involvedObject.kind",
      "involvedObject.name",
      "involvedObject.namespace",
      "involvedObject.uid",
      "reason",
      "reportingComponent",
      "type",
    ],
  ],
]);
const COMMON = ["metadata.name", "metadata.namespace"];
/** Fields that are false where they are absent. */
const FLAGS = ["spec.hostNetwork", "spec.unschedulable"];

/** The selector's terms; a text says why it is none. */
function parse(text: string): readonly Term[] | string {
  const terms: Term[] = [];
  for (const part of text.split(",")) {
    if (part === "") continue;
    const found = /^([^=!]*)(!=|==|=)(.*)$/.exec(part);
    if (found === null) return `invalid selector: '${text}'; can't understand '${part}'`;
    const [, field = "", operator, value = ""] = found;
    terms.push({ field, isEqual: operator !== "!=", value });
  }
  return terms;
}

/** Why objects of the kind cannot be selected so; "": they can. */
export function fieldSelectorFault(text: string, { kind }: Kind): string {
  const terms = parse(text);
  if (typeof terms === "string") return terms;
  const own = FIELDS.get(kind);
  const bad = terms.find(({ field }) => !COMMON.includes(field) && own?.includes(field) !== true);
  if (bad === undefined) return "";
  return own === undefined
    ? `${JSON.stringify(bad.field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
    : `field label not supported: ${bad.field}`;
}

/** Whether an object has the fields that a selector without a fault asks for. */
export function fieldSelectorMatcher(text: string): (object: ApiObject) => boolean {
  const terms = parse(text);
  if (typeof terms === "string") throw new Error(`selector was not checked: ${terms}`);
  return (object) =>
    terms.every(({ field, isEqual, value }) => (fieldText(object, field) === value) === isEqual);
}

function fieldText(object: ApiObject, field: string): string {
  const path = field === "status.successful" ? "status.succeeded" : field;
  let value: unknown = object;
  for (const name of path.split("."))
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  if (value === undefined) return FLAGS.includes(field) ? "false" : path === field ? "" : "0";
  return String(value);
}
