/**
 * DELETE: its options, preconditions and admission.
 * Source: BeforeDelete in apiserver/pkg/registry/rest/delete.go of v1.30.
 */
import { type ApiObject, type Kind, type Namespace, unsupported } from "../../api/index.ts";
import { current, failInvalid, type WriteContext } from "../answers.ts";
import type { DeleteOptions } from "../api-call.ts";
import { removeNamespace } from "./namespace-deletion.ts";
import { removeStored } from "./removal.ts";

/**
 * Marks a pod on a node with deletionTimestamp and grace period, to be removed when its kubelet
 * deletes it with grace 0; marks an object with finalizers, to be removed with the last of them;
 * removes any other at once.
 */
export function remove(context: WriteContext): void {
  removeWith(context, (context.call.body ?? NO_OPTIONS) as DeleteOptions);
}

const NO_OPTIONS: DeleteOptions = {};

/** `remove` with options that are not the call's body. */
export function removeWith(context: WriteContext, options: DeleteOptions): void {
  const old = current(context);
  if (old === undefined || !isAcceptable(context, old, options)) return;
  const { call, kind, record, admission } = context;
  if (!admission.validate({ operation: "DELETE", call, kind, record, old }, old)) return;
  if (old.kind === "Namespace") removeNamespace(context, old as Namespace, options);
  else removeStored(context, old, options);
}

const POLICIES = ["Foreground", "Background", "Orphan", "nil"];

/** Checks the options and preconditions; false: the call was failed. */
function isAcceptable(
  { call, kind, record }: WriteContext,
  { metadata }: ApiObject,
  { uid, resourceVersion, propagationPolicy: policy }: DeleteOptions,
): boolean {
  if (policy !== undefined && !POLICIES.includes(policy)) {
    const fault = unsupported("propagationPolicy", policy, POLICIES);
    failInvalid(call, 'DeleteOptions.meta.k8s.io ""', [fault]);
    return false;
  }
  const mismatch =
    uid !== undefined && uid !== metadata.uid
      ? `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
      : resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion
        ? `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
        : "";
  if (mismatch === "") return true;
  const text = `Operation cannot be fulfilled on ${kindWithGroup(kind)} "${record.name}": ${mismatch}`;
  call.fail(409, "Conflict", text);
  return false;
}

/** `Pod`, `Deployment.apps`: the real one names the kind here, not the resource. */
function kindWithGroup({ kind, apiVersion }: Kind): string {
  const [group, version] = apiVersion.split("/");
  return version === undefined ? kind : `${kind}.${group}`;
}
