/**
 * DELETE of a collection: each object of a kind in a namespace, by key, as a deletion of its own.
 *
 * Source: Store.DeleteCollection in apiserver/pkg/registry/generic/registry/store.go of v1.30. All of
 * it takes effect at one moment, where the real one commits one after the other.
 */
import { type KeyRecord, type Kind, kindNamed } from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import type { WriteContext } from "../answers.ts";
import { ApiCall, type DeleteCollectionBody, type ListItem } from "../api-call.ts";
import { methodNotAllowed, servesDeleteCollection } from "../served-resources.ts";
import { removeWith } from "./deletion.ts";

/**
 * Answers with what was there. The first failure ends it, but an object that is gone is none.
 * `writing` gives what each deletion works with.
 */
export function removeCollection(
  call: ApiCall,
  etcd: Etcd,
  writing: (each: ApiCall, kind: Kind, record: KeyRecord) => WriteContext,
): void {
  const { namespace, options } = call.body as DeleteCollectionBody;
  const kind = kindNamed(call.kind);
  if (!servesDeleteCollection(kind)) return methodNotAllowed(call);
  const items: ListItem[] = [];
  for (const record of etcd.list(call.kind)) {
    const object = record.stored;
    if (object === undefined || record.namespace !== namespace) continue;
    items.push({ record, object });
  }
  for (const { record } of items) {
    const each = ApiCall.of({ ...call, verb: "delete", record, body: options });
    removeWith(writing(each, kind, record), options);
    if (!each.ok && each.code !== 404) return call.fail(each.code, each.reason, each.message);
  }
  call.items = items;
  call.revision = etcd.revision;
  call.succeed(200, undefined);
}
