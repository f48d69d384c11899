/** PUT, as it takes effect at the moment of commit. */
import type { ApiObject } from "../../api/index.ts";
import {
  conflict,
  current,
  failInvalid,
  namesItsObject,
  qualified,
  uidMismatch,
  type WriteContext,
} from "../answers.ts";
import { allowsUnconditionalUpdate } from "../served-resources.ts";
import { change } from "./change.ts";

/** PUT: replaces the spec and metadata (main resource) or the status (status subresource). */
export function update(context: WriteContext): void {
  const { call, kind, record } = context;
  const body = call.body as ApiObject & { readonly spec?: unknown; readonly status?: unknown };
  if (!namesItsObject(call, record, body.metadata)) return;
  const old = current(context);
  if (old === undefined) return;
  const expected = body.metadata.resourceVersion ?? "";
  if (expected === "" && !allowsUnconditionalUpdate(kind)) {
    // The real one prints the number that the text stands for (generic/registry/store.go: Update).
    const message = "Invalid value: 0x0: must be specified for an update";
    const fault = { path: "metadata.resourceVersion", message };
    return failInvalid(call, `${qualified(kind)} "${record.name}"`, [fault]);
  }
  if (body.metadata.uid !== "" && body.metadata.uid !== old.metadata.uid)
    return conflict(call, kind, record.name, uidMismatch(body.metadata.uid, old.metadata.uid));
  const next =
    call.subresource === "status"
      ? { ...old, metadata: annotated(old, body), status: body.status ?? {} }
      : body;
  change(context, next as ApiObject, old, expected);
}

/**
 * A status update may also change annotations: the strategies reset spec and labels only (as
 * pkg/registry/apps/deployment/strategy.go), and the deployment controller relies on it.
 */
function annotated({ metadata }: ApiObject, body: ApiObject): ApiObject["metadata"] {
  const { annotations } = body.metadata;
  return annotations === undefined || annotations === metadata.annotations
    ? { ...metadata }
    : { ...metadata, annotations };
}
