/** The binding of a pod to a node. */
import {
  copyMetadata,
  mergedPodStatus,
  type Pod,
  sharedCondition,
  timestamp,
  withFields,
} from "../../api/index.ts";
import { current, settle, uidMismatch, type WriteContext } from "../answers.ts";
import type { BindingBody } from "../api-call.ts";

/** POST pods/binding (pkg/registry/core/pod/storage: BindingREST). */
export function bind(context: WriteContext): void {
  const { etcd, call, record, nowUs } = context;
  const old = current(context) as Pod | undefined;
  if (old === undefined) return;
  const { nodeName, uid } = call.body as BindingBody;
  const refused = bindingRefused(old, uid);
  if (refused !== undefined) {
    const text = `Operation cannot be fulfilled on pods/binding "${record.name}": ${refused}`;
    return call.fail(409, "Conflict", text);
  }
  const scheduled = sharedCondition("PodScheduled", "True", "", timestamp(nowUs));
  const { conditions: known } = old.status;
  const conditions = known === undefined ? [scheduled] : [...known.filter(isOther), scheduled];
  const next: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: copyMetadata(old.metadata),
    spec: withFields(old.spec, { nodeName }),
    status: mergedPodStatus(old.status, { conditions }) ?? withFields(old.status, { conditions }),
  };
  settle(context, etcd.update(record, next, ""), 201);
}

const isOther = ({ type }: { readonly type: string }): boolean => type !== "PodScheduled";

function bindingRefused(pod: Pod, uid: string): string | undefined {
  const { name, deletionTimestamp } = pod.metadata;
  if (uid !== "" && uid !== pod.metadata.uid) return uidMismatch(uid, pod.metadata.uid);
  if (deletionTimestamp !== undefined)
    return `pod ${name} is being deleted, cannot be assigned to a host`;
  const assigned = pod.spec.nodeName ?? "";
  if (assigned !== "") return `pod ${name} is already assigned to node "${assigned}"`;
  return undefined;
}
