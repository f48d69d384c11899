/** How clients treat their requests unless they are told otherwise, and what they can not do. */
import { InputError } from "../../kernel/index.ts";
import type { CallPolicy } from "../call/index.ts";
import type { ClientSettings } from "./service-model.ts";

/**
 * One attempt, no time-out, a new connection for each request. A connection to a place that does
 * not answer is given up after 1 s: our assumption, Linux' first wait for the answer to a SYN
 * (TCP_TIMEOUT_INIT, RFC 6298). Back-off 25 ms, doubled up to 250 ms: Envoy's router
 * (`base_interval` 25 ms, `max_interval` ten times that), without its jitter.
 */
export const defaultClient: ClientSettings = {
  timeoutUs: 0,
  attemptTimeoutUs: 0,
  connectTimeoutUs: 1_000_000,
  attempts: 1,
  backoffUs: 25_000,
  backoffMaxUs: 250_000,
  retryBudget: 0,
  connections: 0,
  isExclusive: false,
  balancer: "node",
};

/** The client's settings as the calls want them. `where` begins messages. Throws InputError. */
export function clientPolicy(client: ClientSettings, where: string): CallPolicy {
  checkClient(client, where);
  return {
    timeoutUs: client.timeoutUs,
    attemptTimeoutUs: client.attemptTimeoutUs,
    connectTimeoutUs: client.connectTimeoutUs,
    attempts: client.attempts,
    backoffUs: client.backoffUs,
    backoffMaxUs: client.backoffMaxUs,
    retryBudget: client.retryBudget,
    connections: client.connections,
    isExclusive: client.isExclusive,
    isDatagram: false,
    balancer: client.balancer,
  };
}

function checkClient(client: ClientSettings, where: string): void {
  wholeNumber(client.timeoutUs, 0, `${where}: timeoutUs`);
  wholeNumber(client.attemptTimeoutUs, 0, `${where}: attemptTimeoutUs`);
  wholeNumber(client.connectTimeoutUs, 0, `${where}: connectTimeoutUs`);
  wholeNumber(client.attempts, 1, `${where}: attempts`);
  wholeNumber(client.backoffUs, 0, `${where}: backoffUs`);
  wholeNumber(client.backoffMaxUs, 0, `${where}: backoffMaxUs`);
  wholeNumber(client.connections, 0, `${where}: connections`);
  const { retryBudget, isExclusive, connections, balancer } = client;
  if (!(retryBudget >= 0 && Number.isFinite(retryBudget)))
    throw new InputError(`${where}: retryBudget: got ${retryBudget}, want 0 or more.`);
  if (isExclusive && connections === 0)
    throw new InputError(
      `${where}: got exclusive connections and connections 0, want 1 or more of them. ` +
        "Set connections, or leave exclusive out: without kept connections each request has its own.",
    );
  if (balancer === "")
    throw new InputError(`${where}: balancer: got none, want node or the name of a balancer.`);
}

/** Throws InputError for what is not a whole number of `min` or more. */
export function wholeNumber(value: number, min: number, where: string): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new InputError(`${where}: got ${value}, want a whole number, ${min} or more.`);
}
