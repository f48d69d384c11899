/**
 * The manifest that `kubectl apply` keeps in an annotation, and the patch that it sends.
 * Source: staging/src/k8s.io/kubectl/pkg/util/apply.go and pkg/cmd/apply/patcher.go of v1.30.
 */
import { type ApiObject, fieldSchema, kindNamed, type Manifest } from "../api/index.ts";
import { threeWayPatch } from "./three-way-patch.ts";

export const LAST_APPLIED_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

/** The manifest with itself, as JSON, in the annotation; a status is not part of a configuration. */
export function withLastApplied(object: Manifest): Manifest {
  const { metadata = {} } = object;
  const { [LAST_APPLIED_ANNOTATION]: _old, ...annotations } = metadata.annotations ?? {};
  const bare: Manifest = { ...object, metadata: { ...metadata, annotations } };
  const text = `${JSON.stringify(bare)}\n`;
  return {
    ...bare,
    metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED_ANNOTATION]: text } },
  };
}

/** What the object's annotation says was applied last; nothing: it was not applied. */
export function lastApplied({ metadata }: ApiObject): Manifest {
  const text = metadata.annotations?.[LAST_APPLIED_ANNOTATION];
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return {}; // the user wrote the annotation; kubectl refuses it, and a new apply sets it right
  }
}

/** The strategic merge patch of an apply; undefined: nothing is to be changed. */
export function applyPatch(object: Manifest, live: ApiObject): Manifest | undefined {
  const kind = kindNamed(live.kind);
  const { status: _status, ...modified } = withLastApplied(object);
  const { status: _lastStatus, ...original } = lastApplied(live);
  const current = live as unknown as Record<string, unknown>;
  const patch = threeWayPatch(original, modified, current, fieldSchema(kind), kind.kind);
  return Object.keys(patch).length === 0 ? undefined : (patch as Manifest);
}
