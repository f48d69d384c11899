/**
 * The verbs that read: get and list, at the revision that they ask for.
 * Source: apiserver/pkg/storage/{cacher/cacher.go,etcd3/store.go} of v1.30 and the table of
 * resourceVersion semantics in Kubernetes' "API Concepts".
 */
import {
  type KeyRecord,
  kindNamed,
  type Pod,
  parseSelectorString,
  SELECT_EVERYTHING,
} from "../api/index.ts";
import { type Etcd, type SnapshotItem, undo } from "../etcd/index.ts";
import { qualified } from "./answers.ts";
import type { ApiCall, GetOptions, Selection } from "./api-call.ts";
import { continueFault, decodeContinue, encodeContinue } from "./continue-token.ts";
import { fieldSelectorMatcher } from "./field-selector.ts";
import { listOptionsFault, revisionOf } from "./list-options.ts";
import type { PodsByNode } from "./pods-by-node.ts";
import { getScale } from "./writes/index.ts";

/** GET of one object. */
export function get(call: ApiCall, etcd: Etcd): void {
  const { resourceVersion = "" } = (call.body ?? {}) as GetOptions;
  if (resourceVersion !== "" && isTooLarge(call, etcd, revisionOf(resourceVersion))) return;
  const object = call.record?.stored;
  const kind = kindNamed(call.kind);
  if (object === undefined)
    return call.fail(404, "NotFound", `${qualified(kind)} "${call.record?.name}" not found`);
  if (call.subresource === "scale") return getScale(call, kind, object);
  call.succeed(200, object);
}

/** LIST of a kind: the objects by key, and the revision at which that is true. */
export function list(call: ApiCall, etcd: Etcd, podsByNode: PodsByNode): void {
  const selection = call.body as Selection;
  const { resourceVersion, resourceVersionMatch, limit, continueToken } = selection;
  const { labelSelector, fieldSelector } = selection;
  const isAnyRevision = resourceVersion === undefined || resourceVersion === "0";
  if (
    !isAnyRevision ||
    resourceVersionMatch !== undefined ||
    limit !== undefined ||
    continueToken !== undefined ||
    labelSelector !== undefined ||
    fieldSelector !== undefined
  )
    return listAt(call, etcd, selection);
  const { nodeName } = selection;
  const records = nodeName === undefined ? etcd.list(call.kind) : podsByNode.of(nodeName);
  call.items = selected(present(records), selection);
  call.revision = etcd.revision;
  call.succeed(200, undefined);
}

/** A list that says more than what to select. */
function listAt(call: ApiCall, etcd: Etcd, selection: Selection): void {
  const fault = listOptionsFault(selection, kindNamed(call.kind));
  if (fault !== undefined) return call.fail(fault.code, fault.reason, fault.message);
  const { continueToken = "", limit = 0, labelSelector, fieldSelector } = selection;
  const from = continueToken === "" ? undefined : decodeContinue(continueToken);
  if (typeof from === "string") return call.fail(400, "BadRequest", continueFault(from));
  // A token of an inconsistent list (revision below 0) goes on with the latest state.
  const exact = from === undefined ? exactRevision(selection) : Math.max(from.revision, 0);
  const { resourceVersion = "" } = selection;
  if (isTooLarge(call, etcd, exact > 0 ? exact : revisionOf(resourceVersion))) return;
  const all = exact > 0 ? snapshot(etcd, call.kind, exact) : present(etcd.list(call.kind));
  if (all === "compacted") return expire(call, from?.start);
  const start = from?.start ?? "";
  const found = selected(all, selection).filter(({ record }) => record.key >= start);
  call.items = limit > 0 ? found.slice(0, limit) : found;
  call.revision = exact > 0 ? exact : etcd.revision;
  const last = call.items.at(-1);
  const left = found.length - call.items.length;
  if (left > 0 && last !== undefined) {
    const token = encodeContinue(call.revision, `${last.record.key}\0`);
    const hasSelector =
      labelSelector !== undefined ||
      fieldSelector !== undefined ||
      selection.nodeName !== undefined;
    call.page = {
      continueToken: token,
      ...(hasSelector ? {} : { remainingItemCount: left }),
    };
  }
  call.succeed(200, undefined);
}

/** The one revision that a first page must show; 0: whatever is there. */
function exactRevision({ resourceVersion = "", resourceVersionMatch, limit }: Selection): number {
  // A limit without a match means the revision exactly, for the sake of old clients.
  const isExact =
    resourceVersionMatch === "Exact" || (resourceVersionMatch === undefined && limit !== undefined);
  return isExact ? revisionOf(resourceVersion) : 0;
}

/** Waiting for a revision that is not there yet ends in a time-out; true: the call was failed. */
function isTooLarge(call: ApiCall, etcd: Etcd, wanted: number): boolean {
  if (wanted <= etcd.revision) return false;
  const text = `Too large resource version: ${wanted}, current: ${etcd.revision}`;
  call.fail(504, "Timeout", `Timeout: ${text}`);
  call.causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  call.retryAfterSeconds = 1;
  return true;
}

const LIST_EXPIRED = "The resourceVersion for the provided list is too old.";
const CONTINUE_EXPIRED =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/** The revision is compacted; of a page, with a token that goes on without it. */
function expire(call: ApiCall, start: string | undefined): void {
  if (start === undefined) return call.fail(410, "Expired", LIST_EXPIRED);
  call.fail(410, "Expired", CONTINUE_EXPIRED);
  call.page = { continueToken: encodeContinue(-1, start) };
}

function present(records: readonly KeyRecord[]): SnapshotItem[] {
  const items: SnapshotItem[] = [];
  for (const record of records) {
    const object = record.stored;
    if (object !== undefined) items.push({ record, object });
  }
  return items;
}

function snapshot(etcd: Etcd, kind: string, revision: number): SnapshotItem[] | "compacted" {
  if (revision === etcd.revision) return present(etcd.list(kind));
  if (revision < etcd.compactedRevision) return "compacted";
  const changes = etcd.changesSince(kind, revision);
  return changes === "compacted" ? changes : undo(etcd.list(kind), changes);
}

/** Those of the items that the selection asks for. */
function selected(
  items: readonly SnapshotItem[],
  { nodeName, namespace, labelSelector, fieldSelector }: Selection,
): readonly SnapshotItem[] {
  const hasSelector = labelSelector !== undefined || fieldSelector !== undefined;
  if (nodeName === undefined && namespace === undefined && !hasSelector) return items;
  const hasFields = fieldSelector === undefined ? undefined : fieldSelectorMatcher(fieldSelector);
  const parsed =
    labelSelector === undefined ? SELECT_EVERYTHING : parseSelectorString(labelSelector);
  if (typeof parsed === "string") throw new Error(`selector was not checked: ${parsed}`);
  return items.filter(({ record, object }) => {
    if (namespace !== undefined && record.namespace !== namespace) return false;
    if (nodeName !== undefined && (object as Pod).spec.nodeName !== nodeName) return false;
    if (hasFields !== undefined && !hasFields(object)) return false;
    return parsed.matches(object.metadata.labels ?? {});
  });
}
