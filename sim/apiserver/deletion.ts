/** Deletion: at once, or first a mark and the rest when grace and finalizers are over. */
import { type ApiObject, type ObjectMeta, type Pod, timestamp } from "../api/index.ts";
import { conflict, current, settle, uidMismatch, type WriteContext } from "./answers.ts";
import type { DeleteOptions } from "./api-call.ts";

/**
 * DELETE. A pod on a node is marked with deletionTimestamp and grace period first, and removed when
 * its kubelet deletes it with grace 0 (pkg/registry/core/pod/strategy.go: CheckGracefulDelete).
 * An object with finalizers is marked, and removed when the last one is taken off.
 */
export function remove(context: WriteContext): void {
  const { etcd, call, kind, record, nowUs } = context;
  const options = call.body as DeleteOptions;
  const old = current(context);
  if (old === undefined) return;
  if (options.uid !== undefined && options.uid !== old.metadata.uid)
    return conflict(call, kind, record.name, uidMismatch(options.uid, old.metadata.uid));
  const graceSeconds = deletionGraceSeconds(old, options);
  const hasFinalizers = (old.metadata.finalizers ?? []).length > 0;
  if (graceSeconds === 0 && !hasFinalizers) {
    return settle(context, etcd.delete(record, { ...old, metadata: { ...old.metadata } }), 200);
  }
  const marked = old.metadata.deletionGracePeriodSeconds;
  if (old.metadata.deletionTimestamp !== undefined && (marked ?? 0) <= graceSeconds)
    return call.succeed(200, old); // being deleted already, and no later than is asked for
  const metadata: ObjectMeta = {
    ...old.metadata,
    deletionTimestamp: timestamp(nowUs + graceSeconds * 1_000_000),
    deletionGracePeriodSeconds: graceSeconds,
  };
  settle(context, etcd.update(record, { ...old, metadata } as ApiObject, ""), 200);
}

function deletionGraceSeconds(object: ApiObject, options: DeleteOptions): number {
  if (object.kind !== "Pod") return 0;
  const pod = object as Pod;
  const phase = pod.status.phase;
  if ((pod.spec.nodeName ?? "") === "" || phase === "Succeeded" || phase === "Failed") return 0;
  return options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
}
