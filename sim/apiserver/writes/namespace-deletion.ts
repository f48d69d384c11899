/**
 * How a namespace goes: DELETE marks it as terminating, the namespace controller empties it and
 * takes its finalizer off through the subresource finalize, and with that it is gone.
 * Source: pkg/registry/core/namespace/storage/storage.go of v1.30.
 */
import { type ApiObject, type Namespace, type ObjectMeta, timestamp } from "../../api/index.ts";
import { conflict, current, MODIFIED, settle, uidMismatch, type WriteContext } from "../answers.ts";
import type { DeleteOptions } from "../api-call.ts";
import { deletionFinalizers, goesWithUpdate, isEmptied } from "./finalizers.ts";
import { removeStored } from "./removal.ts";

export function removeNamespace(
  context: WriteContext,
  old: Namespace,
  options: DeleteOptions,
): void {
  const { etcd, call, record, nowUs } = context;
  if (old.metadata.deletionTimestamp !== undefined) {
    if (!isEmptied(old)) return call.succeed(200, old);
    return removeStored(context, old, options);
  }
  const finalizers = deletionFinalizers(old, options.propagationPolicy);
  const metadata: ObjectMeta = { ...old.metadata, deletionTimestamp: timestamp(nowUs) };
  if (finalizers.length > 0) metadata.finalizers = finalizers as string[];
  else delete metadata.finalizers;
  const next = { ...old, metadata, status: { ...old.status, phase: "Terminating" } };
  settle(context, etcd.update(record, next as ApiObject, ""), 200);
}

/** PUT namespaces/finalize: sets spec.finalizers, and nothing else. */
export function finalizeNamespace(context: WriteContext): void {
  const { etcd, call, kind, record } = context;
  const body = call.body as Namespace;
  const old = current(context) as Namespace | undefined;
  if (old === undefined) return;
  const { uid, resourceVersion } = body.metadata;
  if (uid !== "" && uid !== old.metadata.uid)
    return conflict(call, kind, record.name, uidMismatch(uid, old.metadata.uid));
  if (resourceVersion !== "" && resourceVersion !== old.metadata.resourceVersion)
    return conflict(call, kind, record.name, MODIFIED);
  const spec = { ...old.spec, finalizers: body.spec.finalizers ?? [] };
  const next = { ...old, metadata: { ...old.metadata }, spec } as Namespace;
  const result = goesWithUpdate(next, old)
    ? etcd.delete(record, next)
    : etcd.update(record, next, "");
  settle(context, result, 200);
}
