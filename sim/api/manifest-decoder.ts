/**
 * ManifestDecoder: the text of a manifest file becomes objects, checked as the API would check
 * them, so that a mistake is reported with file, line and column instead of failing later.
 *
 * Reads YAML 1.2 core schema with merge keys, or JSON. Differs from Kubernetes' YAML 1.1 where the
 * two differ: `yes`, `no`, `on`, `off` are texts here, and `0644` is six hundred and forty-four.
 *
 * Hot: manifest files have thousands of documents. The parser is js-yaml; positions are looked up
 * by a second reading, only in a document that has a fault.
 */
import { CORE_SCHEMA, load, mergeTag, YAMLException } from "js-yaml";
import { InputError } from "../kernel/index.ts";
import { describeFieldError } from "./field-error.ts";
import { FieldPositions, positionAt, type TextPosition } from "./field-position.ts";
import { IgnoredParts } from "./ignored-parts.ts";
import type { FieldError, Kind } from "./kind.ts";
import { type ManifestDocument, ManifestSplitter } from "./manifest-splitter.ts";
import type { Manifest, ObjectMeta } from "./objects.ts";
import { kindOf, unknownKind } from "./scheme.ts";
import { strictDecode } from "./strict-decoding.ts";

/** An object of a manifest file. */
export interface DecodedManifest {
  readonly object: Manifest;
  /** Line of the file at which its document begins, from 1. */
  readonly line: number;
  /** Size as JSON, in characters, of an object out of a document that is long enough to matter. */
  readonly bytes?: number;
}

/** Characters of a document from which on its objects are measured: half a MiB. Our assumption. */
const LONG_DOCUMENT = 524_288;

/** Faults of one document that its message lists; the rest is only counted. */
const FAULTS_LISTED_MAX = 20;

const SCHEMA = CORE_SCHEMA.withTags(mergeTag);

export class ManifestDecoder {
  readonly #file: string;
  readonly #splitter = new ManifestSplitter();

  readonly #ignored: IgnoredParts;

  /** `file` is the name that messages give. What has no effect is noted in `ignored`. */
  constructor(file: string, ignored = new IgnoredParts()) {
    this.#file = file;
    this.#ignored = ignored;
  }

  /**
   * Takes the next piece of the file's text and returns the objects that it completes. Throws an
   * InputError that lists the faults of the first document that has any.
   */
  push(chunk: string): DecodedManifest[] {
    return this.#decodeAll(this.#splitter.push(chunk));
  }

  /** The file has ended: returns the objects of what is left. Throws as `push` does. */
  end(): DecodedManifest[] {
    return this.#decodeAll(this.#splitter.end());
  }

  #decodeAll(documents: readonly ManifestDocument[]): DecodedManifest[] {
    const decoded: DecodedManifest[] = [];
    for (const document of documents) {
      for (const object of decodeDocument(document, this.#file, this.#ignored)) {
        decoded.push(
          document.text.length < LONG_DOCUMENT
            ? { object, line: document.line }
            : { object, line: document.line, bytes: JSON.stringify(object).length },
        );
      }
    }
    return decoded;
  }
}

/** Decodes a whole text at once; see ManifestDecoder. */
export function decodeManifests(text: string, file: string): DecodedManifest[] {
  const decoder = new ManifestDecoder(file);
  return [...decoder.push(text), ...decoder.end()];
}

interface Fault {
  /** Path from the document's root, for the position. */
  readonly path: string;
  readonly text: string;
}

function decodeDocument(
  document: ManifestDocument,
  file: string,
  ignored: IgnoredParts,
): Manifest[] {
  const parsed = parseDocument(document, file);
  if (parsed === null || parsed === undefined) return [];
  const found: Findings = {
    faults: [],
    ignored,
    placeOf: (path) => `${file}:${new FieldPositions(document.text, document.line).of(path).line}`,
  };
  const objects = decodeValue(parsed, "", found);
  if (found.faults.length > 0) throw faultsError(document, file, found.faults);
  return objects;
}

/** What is noted while a document is read. */
interface Findings {
  readonly faults: Fault[];
  readonly ignored: IgnoredParts;
  /** File and line of a path. */
  readonly placeOf: (path: string) => string;
}

function parseDocument({ text, line }: ManifestDocument, file: string): unknown {
  try {
    return load(text, { schema: SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    if (/the input is empty/.test(error.reason)) return undefined; // nothing but comments
    const position = positionAt(text, error.mark?.position ?? 0, line);
    throw new InputError(`${place(file, position)}: ${error.reason}. Correct the YAML.`);
  }
}

/** An object, or the objects of a List (of any kind: `List`, `PodList`). */
function decodeValue(value: unknown, prefix: string, found: Findings): Manifest[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const got = Array.isArray(value) ? "a list" : JSON.stringify(value);
    found.faults.push({
      path: prefix,
      text: `got ${got}, want a Kubernetes object with apiVersion and kind`,
    });
    return [];
  }
  const manifest = value as Manifest;
  const items = manifest["items"];
  if (manifest.kind?.endsWith?.("List") === true && Array.isArray(items)) {
    return items.flatMap((item, i) => decodeValue(item, `${prefix}items[${i}].`, found));
  }
  const kind = kindOfManifest(manifest, prefix, found);
  return kind === undefined ? [] : [checkManifest(manifest, kind, prefix, found)];
}

/** Undefined: of no kind, which is a fault, or of one that is left out. */
function kindOfManifest(manifest: Manifest, prefix: string, found: Findings): Kind | undefined {
  const { apiVersion, kind } = manifest;
  const { faults } = found;
  if (typeof kind !== "string" || kind === "") {
    faults.push({ path: `${prefix}kind`, text: "Object 'Kind' is missing" });
    return undefined;
  }
  if (typeof apiVersion !== "string" || apiVersion === "") {
    faults.push({ path: `${prefix}apiVersion`, text: "Object 'apiVersion' is missing" });
    return undefined;
  }
  const known = kindOf(apiVersion, kind);
  const place = (): string => found.placeOf(`${prefix}kind`);
  if (known === undefined && !found.ignored.leavesOut(manifest, place)) {
    faults.push({ path: `${prefix}kind`, text: unknownKind(apiVersion, kind) });
  }
  return known;
}

function checkManifest(manifest: Manifest, kind: Kind, prefix: string, found: Findings): Manifest {
  let errors = strictDecode(kind, manifest, (field, path) =>
    found.ignored.note(field, () => found.placeOf(`${prefix}${path()}`)),
  );
  let decoded = manifest;
  if (errors.length === 0) {
    const object = kind.defaults({ ...manifest, metadata: provisionalMetadata(manifest, kind) });
    errors = kind.validate(object);
    // The defaulted spec is known to be valid: the API server need not look at it again.
    if (kind.kind === "Pod") decoded = { ...manifest, spec: (object as Manifest).spec };
  }
  for (const error of errors) found.faults.push(faultOf(error, manifest, kind, prefix));
  return decoded;
}

function faultOf(error: FieldError, manifest: Manifest, kind: Kind, prefix: string): Fault {
  const name = manifest.metadata?.name ?? manifest.metadata?.generateName ?? "";
  const subject = `${kind.kind} ${JSON.stringify(name)}`;
  return { path: `${prefix}${error.path}`, text: `${subject}: ${describeFieldError(error)}` };
}

/** Metadata as far as it is known before the object is sent; enough to validate it. */
function provisionalMetadata({ metadata = {} }: Manifest, { namespaced }: Kind): ObjectMeta {
  const { name, generateName } = metadata;
  return {
    ...metadata,
    name: name ?? (generateName === undefined ? "" : `${generateName}xxxxx`),
    namespace: metadata.namespace ?? (namespaced ? "default" : ""),
    uid: "",
    resourceVersion: "",
    creationTimestamp: "",
  };
}

function faultsError(
  document: ManifestDocument,
  file: string,
  faults: readonly Fault[],
): InputError {
  const positions = new FieldPositions(document.text, document.line);
  const lines = faults
    .slice(0, FAULTS_LISTED_MAX)
    .map(({ path, text }) => `${place(file, positions.of(path))}: ${text}`);
  const rest = faults.length - lines.length;
  if (rest > 0) lines.push(`... and ${rest} more (the first ${FAULTS_LISTED_MAX} are listed)`);
  return new InputError(lines.join("\n"));
}

function place(file: string, { line, column }: TextPosition): string {
  return `${file}:${line}:${column}`;
}
