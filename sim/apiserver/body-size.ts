/**
 * How large a request may be. Sizes are said by whoever sends a body that could matter
 * (CallOptions.bytes); all others are small, and are not measured.
 *
 * Sources: MaxRequestBodyBytes in apiserver/pkg/server/config.go of v1.30; etcd's --max-request-bytes
 * and the 2 MiB that its client sends at most (etcd/client/v3/options.go). etcd's sizes are those of
 * protobuf, which is a little shorter than the JSON that is measured here.
 */
import type { ApiCall } from "./api-call.ts";

const BODY_BYTES_MAX = 3 * 1024 * 1024;
const ETCD_CLIENT_BYTES_MAX = 2 * 1024 * 1024;
const ETCD_BYTES_MAX = 1.5 * 1024 * 1024;

/** Fails a call whose body the server does not read to its end, and says whether it did. */
export function refusesBody(call: ApiCall): boolean {
  const { bytes } = call.options;
  if (bytes === undefined || bytes <= BODY_BYTES_MAX) return false;
  const text = `Request entity is too large: limit is ${BODY_BYTES_MAX}`;
  call.fail(413, "RequestEntityTooLarge", text);
  return true;
}

/** Fails a call whose object etcd does not take, and says whether it did. */
export function isTooLargeForEtcd(call: ApiCall): boolean {
  const { bytes } = call.options;
  if (bytes === undefined || bytes <= ETCD_BYTES_MAX) return false;
  const isSent = bytes <= ETCD_CLIENT_BYTES_MAX;
  const refusal = `trying to send message larger than max (${bytes} vs. ${ETCD_CLIENT_BYTES_MAX})`;
  const unsent = `rpc error: code = ResourceExhausted desc = ${refusal}`;
  call.fail(500, "", isSent ? "etcdserver: request is too large" : unsent);
  return true;
}
