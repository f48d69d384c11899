/**
 * How wide a request is: the seats that it takes while it runs, and a write's while its watchers
 * are told of it.
 * Source: apiserver/pkg/util/flowcontrol/request of v1.30 (width.go, config.go,
 * list_work_estimator.go, mutating_work_estimator.go).
 */
import type { Etcd } from "../../etcd/index.ts";
import type { ApiCall, Selection } from "../api-call.ts";

const OBJECTS_PER_SEAT = 100;
const WATCHES_PER_SEAT = 10;
/** eventAdditionalDuration: how long telling ten watchers keeps one seat busy. */
const EVENT_US = 5000;

/** Sets a call's `seats` (1 .. maxSeats) and `lingerUs`: how long they stay taken after it. */
export function estimateWork(
  call: ApiCall,
  etcd: Etcd,
  watchCount: (kind: string) => number,
  maxSeats: number,
): void {
  call.seats = 1;
  call.lingerUs = 0;
  switch (call.verb) {
    case "list":
      call.seats = listSeats(call, etcd, maxSeats);
      return;
    case "create":
    case "update":
    case "patch":
    case "delete":
      estimateWrite(call, watchCount(call.kind), maxSeats);
      return;
  }
}

/** One seat for each 100 objects that are looked at, whatever is selected of them. */
function listSeats(call: ApiCall, etcd: Etcd, maxSeats: number): number {
  const stored = etcd.count(call.kind);
  const selection = call.body as Selection;
  let looked = stored;
  if (!isFromCache(selection)) {
    const { limit = 0, nodeName, labelSelector, fieldSelector } = selection;
    const returned = limit > 0 && limit < stored ? limit : stored;
    const isSelective =
      nodeName !== undefined || labelSelector !== undefined || fieldSelector !== undefined;
    looked = isSelective ? stored + returned : 2 * returned;
  }
  return Math.max(1, Math.min(maxSeats, Math.ceil(looked / OBJECTS_PER_SEAT)));
}

/** Whether the watch cache serves it (shouldDelegateList of storage/cacher/cacher.go). */
function isFromCache(selection: Selection): boolean {
  const { resourceVersion = "", limit = 0, continueToken, resourceVersionMatch } = selection;
  if (resourceVersion === "" || continueToken !== undefined) return false;
  return (limit === 0 || resourceVersion === "0") && resourceVersionMatch !== "Exact";
}

/** With ten watchers or more, seats are kept for 5 ms for each ten; fewer seats, for longer. */
function estimateWrite(call: ApiCall, watchers: number, maxSeats: number): void {
  if (watchers < WATCHES_PER_SEAT) return;
  const wanted = Math.ceil(watchers / WATCHES_PER_SEAT);
  call.seats = Math.min(maxSeats, wanted);
  call.lingerUs = Math.round((wanted * EVENT_US) / call.seats);
}
