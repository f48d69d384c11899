/** What update, patch and scale share: the changed object's way through admission into etcd. */
import {
  type ApiObject,
  areFieldsEqual,
  copyMetadata,
  type FieldError,
  type Kind,
  type ObjectMeta,
  semanticallyEqual,
  validateAnnotations,
  withFields,
} from "../../api/index.ts";
import type { Draft } from "../admission/index.ts";
import { allocated, conflict, invalid, MODIFIED, settle, type WriteContext } from "../answers.ts";
import { isTooLargeForEtcd } from "../body-size.ts";
import { goesWithUpdate } from "./finalizers.ts";
import { trackUpdate } from "./managed-fields.ts";

/**
 * Stores `next` in the place of `old` if its revision is still `expected` ("": any): mutating
 * admission, defaults, validation, validating admission, compare and swap. Of the status
 * subresource `next` has metadata of its own; a status has no defaults, and no admission asks
 * about it.
 */
export function change(
  context: WriteContext,
  next: ApiObject,
  old: ApiObject,
  expected: string,
): void {
  const { call, kind, record, admission } = context;
  if (expected !== "" && expected !== old.metadata.resourceVersion)
    return conflict(call, kind, record.name, MODIFIED);
  if (call.subresource === "status") return changeStatus(context, next, old, expected);
  const attributes = { operation: "UPDATE", call, kind, record, old } as const;
  const draft = withSpecOf(next, old);
  const prepared = kind.prepareForUpdate === undefined ? draft : kind.prepareForUpdate(draft, old);
  const admitted = admission.mutate(attributes, prepared as unknown as Draft);
  if (admitted === undefined) return;
  const defaulted = kind.defaults(admitted as Parameters<Kind["defaults"]>[0], old);
  const object = allocated(context, defaulted, old);
  if (object === undefined) return;
  const errors = validateChange(kind, object, old);
  if (errors.length > 0) return invalid(call, kind, record.name, errors);
  if (!admission.validate(attributes, object)) return;
  replace(context, object, old, expected);
}

function changeStatus(
  context: WriteContext,
  next: ApiObject,
  old: ApiObject,
  expected: string,
): void {
  const { call, kind, record } = context;
  const errors = kind.validateStatusUpdate?.(next, old) ?? [];
  const { annotations } = next.metadata;
  if (annotations !== old.metadata.annotations)
    validateAnnotations(annotations, "metadata.annotations", errors);
  if (errors.length > 0) return invalid(call, kind, record.name, errors);
  replace(context, next, old, expected);
}

/**
 * Stores a changed object; one that is being deleted goes with its last finalizer
 * (apiserver/pkg/registry/generic/registry/store.go: ShouldDeleteDuringUpdate).
 */
function replace(context: WriteContext, next: ApiObject, old: ApiObject, expected: string): void {
  const { etcd, call, record } = context;
  if (isUnchanged(next, old)) return call.succeed(200, old);
  const isApply = call.options.patchType === "apply";
  const object = isApply ? next : trackUpdate(next, old, context);
  if (isTooLargeForEtcd(call)) return;
  if (!goesWithUpdate(next, old))
    return settle(context, etcd.update(record, object, expected), 200);
  settle(context, etcd.delete(record, object), 200);
}

/**
 * A write that changes nothing gets no revision (apiserver/pkg/storage/etcd3: GuaranteedUpdate).
 * What changes most often is looked at first: the status, then the finalizers.
 */
function isUnchanged(next: ApiObject, old: ApiObject): boolean {
  const { metadata } = next;
  return (
    semanticallyEqual(statusOf(next), statusOf(old)) &&
    semanticallyEqual(metadata.finalizers, old.metadata.finalizers) &&
    areManagersEqual(metadata, old.metadata) &&
    areFieldsEqual(metadata, old.metadata, "resourceVersion") &&
    areFieldsEqual(next, old, "metadata")
  );
}

const statusOf = (object: ApiObject): unknown => (object as { readonly status?: unknown }).status;

/** Managed fields are compared as texts: to them an empty field is not an absent one. */
function areManagersEqual(
  { managedFields: a }: ObjectMeta,
  { managedFields: b }: ObjectMeta,
): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/**
 * A changed main resource: status stays, so does a namespace's spec (see finalizeNamespace), nothing
 * undoes a deletion, and the generation counts changes of the spec.
 */
function withSpecOf<T extends ApiObject & { readonly spec?: unknown; readonly status?: unknown }>(
  body: T,
  old: ApiObject & { readonly spec?: unknown; readonly status?: unknown },
): T {
  const { uid, creationTimestamp, generation, deletionTimestamp } = old.metadata;
  const given =
    deletionTimestamp === undefined
      ? body.metadata
      : withFields(markOf(old.metadata) as ObjectMeta, body.metadata);
  const metadata = copyMetadata(given);
  metadata.uid = uid;
  metadata.creationTimestamp = creationTimestamp;
  if (generation !== undefined)
    metadata.generation = semanticallyEqual(body.spec, old.spec) ? generation : generation + 1;
  const next = { ...body, metadata };
  if (old.kind === "Namespace") (next as { spec?: unknown }).spec = old.spec;
  if (old.status !== undefined) (next as { status?: unknown }).status = old.status;
  return next;
}

/** What says that an object is being deleted: an update that leaves it out does not take it off. */
function markOf({
  deletionTimestamp,
  deletionGracePeriodSeconds,
}: Readonly<ObjectMeta>): Partial<ObjectMeta> {
  return withFields<Partial<ObjectMeta>>(
    deletionTimestamp === undefined ? {} : { deletionTimestamp },
    deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds },
  );
}

function validateChange(kind: Kind, next: ApiObject, old: ApiObject): FieldError[] {
  const errors = kind.validate(next, old);
  errors.push(...kind.validateUpdate(next, old));
  return errors;
}
