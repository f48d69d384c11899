/**
 * Metadata of new objects: what the API server fills in. Nothing here draws from a stream: names
 * and uids are hashes of what the object is, so that they are equal in every repetition.
 */
import { hashString, type Micros } from "../kernel/index.ts";
import { byCodeUnit } from "./code-unit-order.ts";
import type { KeyRecord } from "./key-record.ts";
import type {
  ApiObject,
  Manifest,
  ObjectMeta,
  OwnerReference,
  PodTemplateSpec,
} from "./objects.ts";
import { copyMetadata } from "./stored-metadata.ts";

/**
 * The moment that virtual time 0 stands for, in milliseconds since 1970: 2024-01-01T00:00:00Z.
 * Our assumption; it shows only in the timestamps of objects.
 */
export const EPOCH_MS = 1_704_067_200_000;

/** Texts of the last seconds asked for, by the second's last bits: formatting one takes a microsecond. */
const TEXTS = 4096;
const cachedSeconds = new Float64Array(TEXTS).fill(-1);
const cachedTexts = new Array<string>(TEXTS).fill("");

/** RFC 3339 text, to the second as the API has it, of a moment of virtual time. */
export function timestamp(timeUs: Micros): string {
  const second = Math.floor(timeUs / 1_000_000);
  const place = second & (TEXTS - 1);
  if (cachedSeconds[place] !== second) {
    cachedSeconds[place] = second;
    cachedTexts[place] = `${new Date(EPOCH_MS + second * 1000).toISOString().slice(0, 19)}Z`;
  }
  return cachedTexts[place] as string;
}

/** Times by text: a text stands in thousands of objects. Emptied when full; no state of a run. */
const parsedTexts = new Map<string, Micros>();
const PARSED_MAX = 8192;

/** The virtual time of an object's timestamp, in whole microseconds; NaN where it is none. */
export function timestampUs(text: string): Micros {
  let us = parsedTexts.get(text);
  if (us === undefined) {
    us = (Date.parse(text) - EPOCH_MS) * 1000;
    if (parsedTexts.size >= PARSED_MAX) parsedTexts.clear();
    parsedTexts.set(text, us);
  }
  return us;
}

/**
 * Complete metadata for a new object: what the user gave, and name, uid and creationTimestamp.
 * `revision` is that of its creation. resourceVersion is "" until the store sets it.
 */
export function createMetadata(
  given: NonNullable<Manifest["metadata"]>,
  record: KeyRecord,
  revision: number,
  nowUs: Micros,
): ObjectMeta {
  // Of what is given only this: the rest is the API server's to say.
  const { labels, annotations, ownerReferences, finalizers, generateName } = given;
  return copyMetadata({
    name: record.name,
    namespace: record.namespace,
    uid: createUid(record.hash, revision),
    resourceVersion: "",
    creationTimestamp: timestamp(nowUs),
    labels,
    annotations,
    ownerReferences,
    finalizers,
    generateName,
  } as ObjectMeta);
}

/** A uid in the shape of a version 4 UUID, from the object's identity hash and its first revision. */
export function createUid(identityHash: number, revision: number): string {
  const a = mix(identityHash ^ Math.imul(revision, 0x9e3779b1));
  const b = mix(a ^ Math.imul(revision, 0x85ebca77) ^ 0x51ed270b);
  const c = mix(b ^ identityHash);
  const d = mix(c ^ Math.imul(revision + 1, 0xc2b2ae3d));
  putDigits(0, a, 0, 8);
  putDigits(9, b, 0, 4);
  putDigits(15, b, 5, 3);
  const variant = (c & 0x3fffffff) | 0x80000000;
  putDigits(19, variant, 0, 4);
  putDigits(24, variant, 4, 4);
  putDigits(28, d, 0, 8);
  return String.fromCharCode(...uidCodes);
}

/** The characters of the uid that is being made: one flat text, and nothing beside it. */
const uidCodes = Array.from("00000000-0000-4000-0000-000000000000", codeOf);
const HEX_CODES = Array.from("0123456789abcdef", codeOf);

function codeOf(character: string): number {
  return character.charCodeAt(0);
}

/** Puts hexadecimal digits of a 32-bit word, from the `from`-th on, into the uid. */
function putDigits(at: number, word: number, from: number, count: number): void {
  for (let i = 0; i < count; i++)
    uidCodes[at + i] = HEX_CODES[(word >>> (28 - 4 * (from + i))) & 15] as number;
}

/** Kubernetes' alphabet for generated names: no vowels, no 0, 1 or 3 (apimachinery/pkg/util/rand). */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
const GENERATED_PREFIX_MAX = 58;

/**
 * The name that generateName gives: the prefix (cut to 58 characters) and five letters, a hash of
 * `base` (whatever identifies the series) and `number` (the name's place in it).
 */
export function generatedName(prefix: string, base: string, number: number): string {
  let h = hashString(`${base}#${number}`);
  let suffix = "";
  for (let i = 0; i < SUFFIX_LENGTH; i++) {
    suffix += ALPHABET[h % ALPHABET.length];
    h = mix(h ^ (i + 1));
  }
  return `${prefix.slice(0, GENERATED_PREFIX_MAX)}${suffix}`;
}

/** The reference of the controller that manages the object, if any (metav1.GetControllerOf). */
export function controllerOf(object: ApiObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** A controller reference to `owner` (metav1.NewControllerRef). */
export function controllerRef(owner: ApiObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/**
 * The `pod-template-hash` of a ReplicaSet's template: 32-bit FNV-1a, written with the alphabet of
 * generated names (ComputeHash in pkg/controller/controller_utils.go, SafeEncodeString). The hash
 * input differs from Kubernetes', which hashes Go's own dump of the structure: here it is the
 * template as JSON with sorted keys, so the letters differ from a real cluster's.
 */
export function podTemplateHash(template: PodTemplateSpec, collisionCount?: number): string {
  let h = fnv1a(0x811c9dc5, canonicalJson(template));
  if (collisionCount !== undefined) h = fnv1a(h, `#${collisionCount}`);
  return safeEncode(String(h >>> 0));
}

/** JSON with object keys in code-unit order and without absent fields: equal values, equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined && field !== null)
    .sort(([a], [b]) => byCodeUnit(a, b));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(",")}}`;
}

function safeEncode(text: string): string {
  let encoded = "";
  for (let i = 0; i < text.length; i++) {
    encoded += ALPHABET[text.charCodeAt(i) % ALPHABET.length];
  }
  return encoded;
}

function fnv1a(start: number, text: string): number {
  let h = start;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h = Math.imul(h ^ (code & 0xff), 0x01000193);
    if (code > 0xff) h = Math.imul(h ^ (code >>> 8), 0x01000193);
  }
  return h;
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Metadata with generation 1, which the API counts up with each change of the spec. */
export function withGeneration(metadata: Readonly<ObjectMeta>): Readonly<ObjectMeta> {
  if (metadata.generation !== undefined) return metadata;
  const counted = copyMetadata(metadata);
  counted.generation = 1;
  return counted;
}
