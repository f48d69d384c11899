/**
 * A component's status patch: what the control plane writes most often (a kubelet's pod status).
 *
 * client-go components compute a strategic merge patch from the status they had to the one they
 * want, with `null` for each field that a condition loses. Here they name the wanted conditions
 * whole instead: each takes the place of the one of its `type`, and the others stay. All else is
 * merged by field. Hot: once per status write; strategic-merge.ts is the general rule.
 */
import {
  copyMetadata,
  mergedPodStatus,
  type ObjectMeta,
  type PodStatus,
  withFields,
} from "../../api/index.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { mergePatch } from "./merge-patch.ts";

/** The object with its status patched, and metadata of its own. Shares what else is as it was. */
export function statusPatch(target: JsonObject, patch: JsonObject): JsonObject {
  const { metadata: held, status: before } = target;
  const { metadata: asked, status: wanted } = patch;
  // uid and resourceVersion are preconditions: they are known to be the object's own.
  const isPatched = isObject(asked) && changesMetadata(asked);
  const metadata = isPatched ? mergePatch(held, asked) : copyMetadata(held as ObjectMeta);
  if (target["kind"] !== "Pod") {
    const status = isObject(wanted) ? patchedStatus(before, wanted) : before;
    return { ...target, metadata, status };
  }
  const status = isObject(wanted) ? patchedPodStatus(before, wanted) : before;
  // All versions of a pod are of one shape: a spread would make another of each.
  const { apiVersion, kind, spec } = target;
  return { apiVersion, kind, metadata, spec, status };
}

function patchedPodStatus(held: Json, patch: JsonObject): Json {
  if (!isObject(held)) return patchedStatus(held, patch);
  const { conditions } = patch;
  const merged: { conditions?: unknown } | undefined = mergedPodStatus(
    held as PodStatus,
    patch as PodStatus,
  );
  if (merged === undefined) return patchedStatus(held, patch);
  if (conditions !== undefined) {
    const current = (held["conditions"] ?? []) as JsonObject[];
    merged.conditions = mergeByType(current, conditions as JsonObject[]);
  }
  return merged as Json;
}

function changesMetadata(metadata: JsonObject): boolean {
  // biome-ignore lint/suspicious/noForIn: hot, and a list of the fields would be made
  for (const field in metadata) if (field !== "uid" && field !== "resourceVersion") return true;
  return false;
}

function patchedStatus(held: Json, patch: JsonObject): JsonObject {
  const base: JsonObject = isObject(held) ? held : {};
  if (isFlat(patch)) {
    const { conditions } = patch;
    const merged: { [field: string]: Json } = withFields(base, patch);
    if (conditions === undefined) return merged;
    const current = (base["conditions"] ?? []) as JsonObject[];
    merged["conditions"] = mergeByType(current, conditions as JsonObject[]);
    return merged;
  }
  const merged: { [field: string]: Json } = { ...base };
  for (const field of Object.keys(patch)) {
    const value = patch[field];
    if (value === undefined) continue;
    if (value === null) delete merged[field];
    else if (field === "conditions")
      merged[field] = mergeByType((base[field] ?? []) as JsonObject[], value as JsonObject[]);
    else merged[field] = mergePatch(base[field], value);
  }
  return merged;
}

/** Nothing in it is merged or taken away: texts, numbers and lists only, as a kubelet's. */
function isFlat(patch: JsonObject): boolean {
  for (const field of Object.keys(patch)) {
    const value = patch[field];
    if (value === undefined || value === null || isObject(value)) return false;
  }
  return true;
}

function mergeByType(current: readonly JsonObject[], patch: readonly JsonObject[]): JsonObject[] {
  const added = patch.filter((item) => placeOf(current, item) < 0);
  // Not by a spread, which leaves room in the list for what never comes: 100 bytes of a live pod.
  const merged = current.concat(added);
  for (const item of patch) {
    const place = placeOf(current, item);
    if (place >= 0) merged[place] = item;
  }
  return merged;
}

function placeOf(list: readonly JsonObject[], item: JsonObject): number {
  const type = item["type"];
  for (let i = 0; i < list.length; i++) if (list[i]?.["type"] === type) return i;
  return -1;
}
