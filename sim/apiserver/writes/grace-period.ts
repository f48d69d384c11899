/**
 * Graceful deletion: how long an object may take to end.
 * Source: BeforeDelete in apiserver/pkg/registry/rest/delete.go and CheckGracefulDelete in
 * pkg/registry/core/pod/strategy.go of v1.30.
 */
import type { ApiObject, Pod } from "../../api/index.ts";
import type { DeleteOptions } from "../api-call.ts";

/**
 * Seconds from now until the object must be gone; "none": the kind has no graceful deletion, or its
 * time is over; "pending": it is being deleted already, and no later than is asked for.
 */
export type Grace = number | "none" | "pending";

export function graceOf(object: ApiObject, { gracePeriodSeconds }: DeleteOptions): Grace {
  if (object.kind !== "Pod") return "none"; // no other kind held here ends gracefully
  const wanted =
    gracePeriodSeconds === undefined ? undefined : atLeastOneIfNegative(gracePeriodSeconds);
  const { deletionTimestamp, deletionGracePeriodSeconds: marked = 0 } = object.metadata;
  if (deletionTimestamp !== undefined) {
    if (marked === 0) return "none";
    return wanted === undefined || wanted >= marked ? "pending" : wanted;
  }
  const { spec, status } = object as Pod;
  if ((spec.nodeName ?? "") === "" || status.phase === "Succeeded" || status.phase === "Failed")
    return 0;
  return wanted ?? atLeastOneIfNegative(spec.terminationGracePeriodSeconds ?? 0);
}

/** A negative period counts as one second. */
const atLeastOneIfNegative = (seconds: number): number => (seconds < 0 ? 1 : seconds);
