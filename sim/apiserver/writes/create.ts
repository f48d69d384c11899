/** POST: a new object, as it takes effect at the moment of commit. */
import { createMetadata, type Manifest, type ObjectMeta } from "../../api/index.ts";
import { allocated, invalid, settle, type WriteContext } from "../answers.ts";
import { isTooLargeForEtcd } from "../body-size.ts";

/** Completes the metadata, lets admission change the object, defaults, validates and stores it. */
export function create(context: WriteContext): void {
  createAs(context, context.call.body as Manifest, undefined);
}

/** `managedFields` are those of a server-side apply; no other object begins with any. */
export function createAs(
  context: WriteContext,
  body: Manifest,
  managedFields: ObjectMeta["managedFields"] | undefined,
): void {
  const { etcd, admission, call, kind, record, nowUs } = context;
  const { status, ...manifest } = body;
  const metadata = createMetadata(manifest.metadata ?? {}, record, etcd.revision + 1, nowUs);
  if (managedFields !== undefined) metadata.managedFields = managedFields;
  const draft: Manifest & { metadata: ObjectMeta } = { ...manifest, metadata };
  // A new object has no status of its user's making; a node's kubelet states the node's.
  if (record.kind === "Node" && status !== undefined) Object.assign(draft, { status });
  const attributes = { operation: "CREATE", call, kind, record, old: undefined } as const;
  const admitted = admission.mutate(attributes, draft);
  if (admitted === undefined) return;
  const object = allocated(context, kind.defaults(admitted), undefined);
  if (object === undefined) return;
  const errors = kind.validate(object);
  if (errors.length > 0) return invalid(call, kind, record.name, errors);
  if (!admission.validate(attributes, object)) return;
  const { resourceVersion = "" } = body.metadata ?? {};
  if (resourceVersion !== "") return call.fail(500, "", VERSION_ON_CREATE);
  if (isTooLargeForEtcd(call)) return;
  settle(context, etcd.create(record, object), 201);
}

/** apiserver/pkg/storage/errors.go: it is no error of the API's, and so a 500 without a reason. */
const VERSION_ON_CREATE = "resourceVersion should not be set on objects to be created";
