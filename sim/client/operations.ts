/** The operations of a client: what numbers the requests about an object, and names their draws. */
import type { Subresource, Verb } from "../apiserver/index.ts";
import { hashString } from "../kernel/index.ts";

/** What can be asked of the API server. */
export interface Operation {
  readonly verb: Verb;
  readonly subresource: Subresource;
  /** Index in KeyRecord.requestCounts; -1: it names no object. */
  readonly place: number;
  /** Part of the identity of its random draws. */
  readonly hash: number;
}

function operation(place: number, verb: Verb, subresource: Subresource = ""): Operation {
  const name = subresource === "" ? verb : `${verb}/${subresource}`;
  return { verb, subresource, place, hash: hashString(name) };
}

export const CREATE = operation(0, "create");
export const BIND = operation(1, "create", "binding");
export const PATCH_STATUS = operation(2, "patch", "status");
export const DELETE = operation(3, "delete");
const UPDATE_STATUS = operation(4, "update", "status");
export const PATCH = operation(5, "patch");
const UPDATE = operation(6, "update");
export const GET = operation(7, "get");
export const EVICT = operation(8, "create", "eviction");
export const GET_SCALE = operation(9, "get", "scale");
export const UPDATE_SCALE = operation(10, "update", "scale");
const FINALIZE = operation(11, "update", "finalize");
export const LIST = operation(-1, "list");
export const WATCH = operation(-1, "watch");
export const DELETE_COLLECTION = operation(-1, "deletecollection");
export const UPDATES = { "": UPDATE, status: UPDATE_STATUS, finalize: FINALIZE } as const;
