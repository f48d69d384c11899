/**
 * Strict decoding: checks the names and the basic types of a manifest's fields, at any depth that
 * the field types describe, and brings what the YAML reader made of it into the API's form
 * (amounts written as numbers become texts; fields set to null are taken away).
 *
 * Hot: once per object of a manifest file; a path is built only when there is a fault.
 */
import { nearestName } from "../kernel/index.ts";
import { invalid } from "./field-error.ts";
import {
  compileFieldTypes,
  type FieldCheck,
  type FieldSchema,
  type FieldType,
  fieldSchema,
  type Struct,
} from "./field-schema.ts";
import { type FieldTypes, SHARED_FIELD_TYPES } from "./field-types.ts";
import type { FieldError, Kind } from "./kind.ts";

type Fields = Record<string, unknown>;

/**
 * Told of each field that is given and has no effect in the simulation: its name for the user, from
 * its kind on and without indexes (`pod.spec.containers[].env`, in templates too), and its path.
 */
export type OnIgnored = (field: string, path: () => string) => void;

/** Faults of a parsed manifest of this kind. The manifest must be the caller's own: it is cleaned. */
export function strictDecode(kind: Kind, manifest: object, onIgnored?: OnIgnored): FieldError[] {
  const walk = new Walk(fieldSchema(kind), [], onIgnored);
  walk.struct(manifest as Fields, kind.kind);
  return walk.faults;
}

const structsOfTypes = new WeakMap<FieldTypes, FieldSchema>();

/**
 * Faults of a value that is to be the struct `name` of `types` (which may refer to the shared
 * ones). `at` is the path at which the value stands, "" for a whole document. The value must be the
 * caller's own: it is cleaned.
 */
export function strictDecodeStruct(
  types: FieldTypes,
  name: string,
  value: unknown,
  at = "",
): FieldError[] {
  let structs = structsOfTypes.get(types);
  if (structs === undefined) {
    structs = compileFieldTypes({ ...SHARED_FIELD_TYPES, ...types });
    structsOfTypes.set(types, structs);
  }
  if (!isObject(value)) return [invalid(at, value, "must be of type object")];
  const walk = new Walk(structs, at === "" ? [] : [at]);
  walk.struct(value, name);
  return walk.faults;
}

class Walk {
  readonly faults: FieldError[] = [];
  readonly #structs: FieldSchema;
  readonly #path: (string | number)[];
  readonly #onIgnored: OnIgnored | undefined;
  /** Name of the object: of its kind, or `pod` within the template of one. */
  #subject = "";
  /** Steps of the path that the subject stands for. */
  #subjectDepth = 0;
  /** Fields around this one that are ignored: what is inside them is not named again. */
  #ignoredAround = 0;

  constructor(structs: FieldSchema, path: (string | number)[] = [], onIgnored?: OnIgnored) {
    this.#structs = structs;
    this.#path = path;
    this.#onIgnored = onIgnored;
  }

  struct(value: Fields, name: string): void {
    if (this.#path.length === 0) this.#subject = name.toLowerCase();
    else if (name === "PodSpec") {
      this.#subject = "pod.spec";
      this.#subjectDepth = this.#path.length;
    }
    const struct = this.#structs.get(name);
    if (struct === undefined) throw new Error(`field type "${name}" is not declared`);
    for (const field of Object.keys(value)) {
      const type = struct.get(field);
      if (type === undefined) {
        this.#unknown(field, struct);
        continue;
      }
      const held = value[field];
      if (held === null) {
        delete value[field];
        continue;
      }
      this.#path.push(field);
      const isIgnored = type.isIgnored && !isNothing(held, type.usual);
      if (isIgnored) this.#ignore();
      if (type.isList) this.#list(held, type);
      else this.#one(held, type, value, field);
      if (isIgnored) this.#ignoredAround--;
      this.#path.pop();
    }
  }

  #ignore(): void {
    if (this.#ignoredAround++ > 0 || this.#onIgnored === undefined) return;
    let field = this.#subject;
    for (let i = this.#subjectDepth; i < this.#path.length; i++) {
      const step = this.#path[i] ?? "";
      field += typeof step === "number" ? "[]" : `.${step}`;
    }
    this.#onIgnored(field, () => this.#pathText());
  }

  #list(value: unknown, type: FieldType): void {
    if (!Array.isArray(value)) {
      this.#wrongType(value, "array");
      return;
    }
    for (let i = 0; i < value.length; i++) {
      this.#path.push(i);
      this.#one(value[i], type, value as unknown as Fields, i);
      this.#path.pop();
    }
  }

  #one(value: unknown, type: FieldType, holder: Fields, key: string | number): void {
    switch (type.check) {
      case "any":
        return;
      case "struct":
        if (isObject(value)) this.struct(value, type.struct);
        else this.#wrongType(value, "object");
        return;
      case "map":
      case "quantities":
        this.#map(value, type.check === "map" ? "string" : "quantity");
        return;
      default:
        this.#scalar(value, type.check, holder, key);
    }
  }

  #map(value: unknown, check: FieldCheck): void {
    if (!isObject(value)) {
      this.#wrongType(value, "object");
      return;
    }
    for (const name of Object.keys(value)) {
      this.#path.push(`[${name}]`);
      this.#scalar(value[name], check, value, name);
      this.#path.pop();
    }
  }

  #scalar(value: unknown, check: FieldCheck, holder: Fields, key: string | number): void {
    switch (check) {
      case "string":
        if (typeof value !== "string") this.#wrongType(value, "string");
        return;
      case "bool":
        if (typeof value !== "boolean") this.#wrongType(value, "boolean");
        return;
      case "int":
        if (!Number.isSafeInteger(value)) this.#wrongType(value, "integer");
        return;
      case "number":
        if (typeof value !== "number") this.#wrongType(value, "number");
        return;
      case "quantity":
        // `cpu: 2` is a number for YAML and an amount for the API.
        if (typeof value === "number" && Number.isFinite(value)) holder[key] = plainNumber(value);
        else if (typeof value !== "string") this.#wrongType(value, "string or number");
        return;
      case "intstr":
        if (typeof value !== "string" && !Number.isSafeInteger(value)) {
          this.#wrongType(value, "integer or string");
        }
    }
  }

  #wrongType(value: unknown, wanted: string): void {
    const got =
      value === null || typeof value !== "object"
        ? value
        : Array.isArray(value)
          ? "array"
          : "object";
    this.faults.push(invalid(this.#pathText(), got, `must be of type ${wanted}`));
  }

  #unknown(field: string, struct: Struct): void {
    this.#path.push(field);
    const path = this.#pathText();
    this.#path.pop();
    const near = nearestName(field, [...struct.keys()]);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    this.faults.push({ path, message: `unknown field "${path}"${hint}` });
  }

  #pathText(): string {
    return fieldPath(this.#path);
  }
}

/** What says no more than a field that is absent: Go's zero values, and the field's default. */
function isNothing(value: unknown, usual: string): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  if (usual !== "") return value === "" || String(value) === usual;
  return value === "" || value === 0 || value === false;
}

/** Joins the steps of a path as Kubernetes writes it: names with dots, indexes and keys in brackets. */
export function fieldPath(steps: readonly (string | number)[]): string {
  let text = "";
  for (const step of steps) {
    if (typeof step === "number") text += `[${step}]`;
    else if (step.startsWith("[")) text += step;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** A number as decimal text: what the API makes of an amount that is written as a JSON number. */
function plainNumber(value: number): string {
  const text = String(value);
  return text.includes("e") ? text.replace("e+", "e") : text;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
