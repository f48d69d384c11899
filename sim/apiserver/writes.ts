/**
 * Create, update and patch, each as it takes effect at the moment of commit: default, admit,
 * validate, compare and swap in etcd. They answer the call; nothing is thrown for what the API
 * answers with an error.
 */
import {
  type ApiObject,
  createMetadata,
  type FieldError,
  type Kind,
  type Manifest,
  type ObjectMeta,
  type PodSpec,
  semanticallyEqual,
  withPriority,
} from "../api/index.ts";
import { admitNamespace, resolvePriority } from "./admission.ts";
import {
  conflict,
  current,
  invalid,
  MODIFIED,
  settle,
  uidMismatch,
  type WriteContext,
} from "./answers.ts";
import { mergePatch } from "./merge-patch.ts";

export function create(context: WriteContext): void {
  const { etcd, call, kind, record, nowUs } = context;
  if (!admitNamespace(etcd, call, record.namespace)) return;
  const { status, ...manifest } = call.body as Manifest;
  const metadata = createMetadata(manifest.metadata ?? {}, record, etcd.revision + 1, nowUs);
  const draft: Manifest & { metadata: ObjectMeta } = { ...manifest, metadata };
  // A new object has no status of its user's making; a node's kubelet states the node's.
  if (record.kind === "Node" && status !== undefined) Object.assign(draft, { status });
  if (record.kind === "Pod") {
    const spec = (manifest.spec ?? {}) as PodSpec;
    const resolved = resolvePriority(etcd, call, spec);
    if (resolved === undefined) return;
    Object.assign(draft, { spec: withPriority(spec, resolved) });
  }
  const object = kind.defaults(draft);
  const errors = kind.validate(object);
  if (errors.length > 0) return invalid(call, kind, record.name, errors);
  settle(context, etcd.create(record, object), 201);
}

/** PUT: replaces the spec and metadata (main resource) or the status (status subresource). */
export function update(context: WriteContext): void {
  const { call, kind, record } = context;
  const body = call.body as ApiObject & { readonly spec?: unknown; readonly status?: unknown };
  const old = current(context);
  if (old === undefined) return;
  const expected = body.metadata.resourceVersion ?? "";
  if (body.metadata.uid !== "" && body.metadata.uid !== old.metadata.uid)
    return conflict(call, kind, record.name, uidMismatch(body.metadata.uid, old.metadata.uid));
  const next =
    call.subresource === "status"
      ? { ...old, metadata: { ...old.metadata }, status: body.status }
      : defaulted(kind, body, old);
  const errors = call.subresource === "status" ? [] : validateChange(kind, next, old);
  if (errors.length > 0) return invalid(call, kind, record.name, errors);
  replace(context, next, old, expected);
}

/** PATCH: merges the body into the object; without a resourceVersion in it there is no conflict. */
export function patch(context: WriteContext): void {
  const { call, kind, record } = context;
  const body = call.body as Manifest;
  const old = current(context);
  if (old === undefined) return;
  const uid = body.metadata?.uid;
  if (uid !== undefined && uid !== old.metadata.uid)
    return conflict(call, kind, record.name, uidMismatch(uid, old.metadata.uid));
  const expected = body.metadata?.resourceVersion ?? "";
  const merged = mergePatch(old, body) as ApiObject;
  const fresh = { ...merged, metadata: { ...merged.metadata } };
  const next = call.subresource === "status" ? fresh : defaulted(kind, fresh, old);
  const errors = call.subresource === "status" ? [] : validateChange(kind, next, old);
  if (errors.length > 0) return invalid(call, kind, record.name, errors);
  replace(context, next, old, expected);
}

/**
 * Stores a changed object; one that is being deleted goes with its last finalizer
 * (apiserver/pkg/registry/generic/registry/store.go: ShouldDeleteDuringUpdate).
 */
function replace(context: WriteContext, next: ApiObject, old: ApiObject, expected: string): void {
  const { etcd, call, kind, record } = context;
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers = [] } = old.metadata;
  const isLeaving =
    deletionTimestamp !== undefined &&
    deletionGracePeriodSeconds === 0 &&
    finalizers.length > 0 &&
    (next.metadata.finalizers ?? []).length === 0;
  if (expected !== "" && expected !== old.metadata.resourceVersion)
    return conflict(call, kind, record.name, MODIFIED);
  if (isUnchanged(next, old)) return call.succeed(200, old);
  if (!isLeaving) return settle(context, etcd.update(record, next, expected), 200);
  settle(context, etcd.delete(record, next), 200);
}

/** A write that changes nothing gets no revision (apiserver/pkg/storage/etcd3: GuaranteedUpdate). */
function isUnchanged(next: ApiObject, old: ApiObject): boolean {
  const { metadata, ...body } = next;
  const { metadata: oldMetadata, ...oldBody } = old;
  const { resourceVersion } = oldMetadata;
  return (
    semanticallyEqual(body, oldBody) &&
    semanticallyEqual({ ...metadata, resourceVersion }, oldMetadata)
  );
}

/** A changed main resource: status stays, and the generation counts changes of the spec. */
function withSpecOf<T extends ApiObject & { readonly spec?: unknown; readonly status?: unknown }>(
  body: T,
  old: ApiObject & { readonly spec?: unknown; readonly status?: unknown },
): T {
  const { uid, creationTimestamp, generation } = old.metadata;
  const metadata: ObjectMeta = {
    ...body.metadata,
    uid,
    creationTimestamp,
    ...(generation === undefined
      ? {}
      : { generation: semanticallyEqual(body.spec, old.spec) ? generation : generation + 1 }),
  };
  const next = { ...body, metadata };
  if (old.status !== undefined) (next as { status?: unknown }).status = old.status;
  return next;
}

/** The changed main resource with its defaults: a new template may lack some. */
function defaulted(kind: Kind, body: ApiObject, old: ApiObject): ApiObject {
  return kind.defaults(withSpecOf(body, old) as unknown as Parameters<Kind["defaults"]>[0]);
}

function validateChange(kind: Kind, next: ApiObject, old: ApiObject): FieldError[] {
  return [...kind.validate(next), ...kind.validateUpdate(next, old)];
}
