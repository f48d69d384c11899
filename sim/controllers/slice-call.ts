/** A write of a slice, and what is said when it fails (finalize in reconciler.go of v1.30). */
import type { EndpointSlice, KeyRecord } from "../api/index.ts";
import type { ApiCall } from "../client/index.ts";
import type { SyncWork } from "./reconciler.ts";

export type SliceCall = {
  readonly call: "create" | "update" | "remove";
  readonly slice: KeyRecord<EndpointSlice> | undefined;
};

export function failureOf(
  { record }: SyncWork,
  what: SliceCall["call"],
  slice: string,
  { message }: ApiCall,
): string {
  const name = what === "create" ? "" : `${slice} `;
  const verb = what === "remove" ? "delete" : what;
  return `failed to ${verb} ${name}EndpointSlice for Service ${record.key}: ${message}`;
}
