/**
 * How an object that may be deleted goes: at once, or first a mark and the rest when grace and
 * finalizers are over.
 *
 * Source: Store.Delete in apiserver/pkg/registry/generic/registry/store.go of v1.30. Where the real
 * one marks and removes a pod in two commits at one time (grace 0), this is one.
 */
import {
  type ApiObject,
  copyMetadata,
  type ObjectMeta,
  type Pod,
  timestamp,
  timestampUs,
  withFields,
} from "../../api/index.ts";
import { settle, type WriteContext } from "../answers.ts";
import type { DeleteOptions } from "../api-call.ts";
import { deletionFinalizers } from "./finalizers.ts";
import { graceOf } from "./grace-period.ts";

/** The deletion of an object that may be deleted. */
export function removeStored(context: WriteContext, old: ApiObject, options: DeleteOptions): void {
  const grace = graceOf(old, options);
  if (grace === "pending") return context.call.succeed(200, old);
  const finalizers = deletionFinalizers(old, options.propagationPolicy);
  if (finalizers.length === 0 && (grace === "none" || grace === 0)) return erase(context, old);
  const metadata =
    grace === "none"
      ? markedNow(old.metadata, context.nowUs)
      : markedWithGrace(old.metadata, grace, context.nowUs);
  if (metadata === old.metadata && finalizers === (metadata.finalizers ?? finalizers))
    return context.call.succeed(200, old); // marked already
  const { finalizers: _old, ...rest } = metadata;
  const next: ObjectMeta =
    finalizers.length > 0
      ? withFields(metadata, { finalizers: finalizers as string[] })
      : metadata.finalizers === undefined
        ? metadata
        : rest;
  const { etcd, record } = context;
  const marked = { ...old, metadata: copyMetadata(next) } as ApiObject;
  settle(context, etcd.update(record, marked, ""), 200);
}

/** Removes the key. Watchers see the object's last state; a pod's carries the mark. */
function erase(context: WriteContext, old: ApiObject): void {
  const { etcd, record, nowUs } = context;
  const metadata = copyMetadata(old.metadata);
  if (old.kind !== "Pod") {
    settle(context, etcd.delete(record, { ...old, metadata } as ApiObject), 200);
    return;
  }
  metadata.deletionTimestamp ??= timestamp(nowUs);
  metadata.deletionGracePeriodSeconds = 0;
  const { spec, status } = old as Pod;
  const last: Pod = { apiVersion: "v1", kind: "Pod", metadata, spec, status };
  settle(context, etcd.delete(record, last), 200);
}

/** Metadata of what waits for finalizers only (markAsDeleting); itself when it is marked so already. */
function markedNow(old: Readonly<ObjectMeta>, nowUs: number): Readonly<ObjectMeta> {
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = old;
  const now = timestamp(nowUs);
  const isMarked = deletionTimestamp !== undefined && deletionTimestamp <= now;
  if (isMarked && deletionGracePeriodSeconds === 0) return old;
  const marks = deletionTimestamp === undefined ? counted(generation) : {};
  const time = isMarked ? deletionTimestamp : now;
  return withFields(
    old,
    withFields(marks, { deletionTimestamp: time, deletionGracePeriodSeconds: 0 }),
  );
}

/** Metadata of what must have ended `graceSeconds` after its first deletion. */
function markedWithGrace(
  old: Readonly<ObjectMeta>,
  graceSeconds: number,
  nowUs: number,
): Readonly<ObjectMeta> {
  const { deletionTimestamp, deletionGracePeriodSeconds: marked = 0, generation } = old;
  const startUs =
    deletionTimestamp === undefined ? nowUs : timestampUs(deletionTimestamp) - marked * 1_000_000;
  const marks = deletionTimestamp === undefined ? counted(generation) : {};
  const time = timestamp(startUs + graceSeconds * 1_000_000);
  return withFields(
    old,
    withFields(marks, { deletionTimestamp: time, deletionGracePeriodSeconds: graceSeconds }),
  );
}

/** The first mark changes how controllers treat the object: its generation rises, if it has one. */
function counted(generation: number | undefined): Partial<ObjectMeta> {
  return generation === undefined || generation <= 0 ? {} : { generation: generation + 1 };
}
