/** UpstreamPolicy: how nginx treats the endpoints that it sends requests on to. */
import type { CallOutcome } from "../../api/index.ts";
import { InputError } from "../../kernel/index.ts";
import type { IngressOptions } from "../../options/index.ts";
import type { CallPolicy } from "../call/index.ts";
import { wholeNumber } from "../services/index.ts";

const SECOND_US = 1_000_000;
/** proxy-next-upstream "error timeout": no answer came, as against a bad one. */
const NEXT_UPSTREAM: readonly CallOutcome[] = [
  "connection-refused",
  "connection-reset",
  "connect-timeout",
  "timeout",
];
/** No back-off: the next endpoint at once. */
export function upstreamPolicy(options: IngressOptions, balancer: string): CallPolicy {
  return {
    timeoutUs: 0,
    attemptTimeoutUs: options.proxyReadTimeoutSeconds * SECOND_US,
    connectTimeoutUs: options.proxyConnectTimeoutSeconds * SECOND_US,
    attempts: options.proxyNextUpstreamTries,
    retryOn: NEXT_UPSTREAM,
    backoffUs: 0,
    backoffMaxUs: 0,
    retryBudget: 0,
    connections: options.upstreamKeepaliveConnections,
    isExclusive: false,
    isDatagram: false,
    balancer,
  };
}

/** Throws InputError for options that cannot be. */
export function checkIngressOptions(options: IngressOptions): void {
  const where = "ingress";
  wholeNumber(options.replicas, 0, `${where}.replicas`);
  wholeNumber(options.concurrency, 1, `${where}.concurrency`);
  wholeNumber(options.proxyConnectTimeoutSeconds, 1, `${where}.proxyConnectTimeoutSeconds`);
  wholeNumber(options.proxyReadTimeoutSeconds, 1, `${where}.proxyReadTimeoutSeconds`);
  wholeNumber(options.proxyNextUpstreamTries, 1, `${where}.proxyNextUpstreamTries`);
  wholeNumber(options.upstreamKeepaliveConnections, 0, `${where}.upstreamKeepaliveConnections`);
  const { balancer, syncRateLimit } = options;
  if (!(syncRateLimit > 0 && Number.isFinite(syncRateLimit)))
    throw new InputError(`${where}.syncRateLimit: got ${syncRateLimit}, want a number above 0.`);
  if (balancer === "" || balancer === "node")
    throw new InputError(
      `${where}.balancer: got "${balancer}", want the name of a balancer: nginx chooses the ` +
        "endpoints itself.",
    );
}
