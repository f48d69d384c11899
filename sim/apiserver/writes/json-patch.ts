/**
 * JSON patch (RFC 6902). Makes new objects along the changed paths and shares the rest.
 * The API's own library is github.com/evanphx/json-patch v4: negative indexes count from the end.
 */
import { semanticallyEqual } from "../../api/index.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

/** apiserver/pkg/endpoints/handlers/patch.go: maxJSONPatchOperations. */
export const MAX_JSON_PATCH_OPERATIONS = 10_000;

export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** Why the body is no JSON patch, or undefined. */
export function jsonPatchFault(body: unknown): string | undefined {
  if (!Array.isArray(body))
    return "json: cannot unmarshal object into Go value of type jsonpatch.Patch";
  for (const operation of body as unknown[])
    if (!isObject(operation) || typeof operation["op"] !== "string")
      return `invalid character in JSON patch: ${JSON.stringify(operation)} is no operation`;
  return undefined;
}

/** The patched document; undefined when an operation does not apply or a test fails. */
export function jsonPatch(document: Json, operations: readonly JsonPatchOperation[]): Json {
  let patched: Json = document;
  for (const operation of operations) {
    patched = applied(patched, operation);
    if (patched === undefined) return undefined;
  }
  return patched;
}

function applied(document: Json, { op, path, from, value }: JsonPatchOperation): Json {
  const steps = stepsOf(path);
  if (steps === undefined) return undefined;
  switch (op) {
    case "add":
      return value === undefined ? undefined : put(document, steps, value, "add");
    case "replace":
      return value === undefined ? undefined : put(document, steps, value, "replace");
    case "remove":
      return put(document, steps, undefined, "remove");
    case "test":
      return semanticallyEqual(read(document, steps) ?? null, value ?? null) ? document : undefined;
    case "copy":
    case "move": {
      const source = stepsOf(from);
      const moved = source === undefined ? undefined : read(document, source);
      if (source === undefined || moved === undefined) return undefined;
      if (op === "copy") return put(document, steps, moved, "add");
      if (path === from) return document;
      if (path.startsWith(`${from}/`)) return undefined; // into itself
      const rest = put(document, source, undefined, "remove");
      return rest === undefined ? undefined : put(rest, steps, moved, "add");
    }
    default:
      return undefined;
  }
}

/** The steps of a JSON pointer (RFC 6901). */
function stepsOf(pointer: string | undefined): string[] | undefined {
  if (pointer === "") return [];
  if (pointer?.[0] !== "/") return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function read(value: Json, steps: readonly string[]): Json {
  let found = value;
  for (const step of steps) {
    if (Array.isArray(found)) found = found[indexOf(step, found.length - 1)];
    else if (isObject(found)) found = Object.hasOwn(found, step) ? found[step] : undefined;
    else return undefined;
  }
  return found;
}

type Change = "add" | "replace" | "remove";

/** The value with a change at the end of the path; undefined: there is no such place. */
function put(holder: Json, steps: readonly string[], value: Json, change: Change, at = 0): Json {
  const step = steps[at];
  if (step === undefined) return change === "remove" ? null : value;
  const isLast = at === steps.length - 1;
  if (Array.isArray(holder)) return putItem(holder, steps, value, change, at);
  if (!isObject(holder)) return undefined;
  const isHeld = Object.hasOwn(holder, step) && holder[step] !== undefined;
  if (!isHeld && !(isLast && change === "add")) return undefined;
  if (isLast && change === "remove") return withoutField(holder, step);
  const next = isLast ? value : put(holder[step], steps, value, change, at + 1);
  return next === undefined ? undefined : { ...holder, [step]: next };
}

function putItem(
  list: readonly Json[],
  steps: readonly string[],
  value: Json,
  change: Change,
  at: number,
): Json {
  const step = steps[at] ?? "";
  const isLast = at === steps.length - 1;
  const isAdd = isLast && change === "add";
  const index = isAdd && step === "-" ? list.length : indexOf(step, list.length - (isAdd ? 0 : 1));
  if (index < 0) return undefined;
  if (isAdd) return list.toSpliced(index, 0, value);
  if (isLast && change === "remove") return list.toSpliced(index, 1);
  const next = isLast ? value : put(list[index], steps, value, change, at + 1);
  return next === undefined ? undefined : list.with(index, next);
}

/** The index that the text says, 0..max; -1: none. */
function indexOf(text: string, max: number): number {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return -1;
  const number = Number(text);
  const index = number < 0 ? max + 1 + number : number;
  return index >= 0 && index <= max ? index : -1;
}

function withoutField(object: JsonObject, name: string): JsonObject {
  const { [name]: _left, ...rest } = object;
  return rest;
}
