/** Retries: when a failed attempt is followed by another, and how long TCP itself keeps trying. */
import type { CallOutcome } from "../../api/index.ts";
import type { Micros } from "../../kernel/index.ts";
import { Call, type CallPolicy } from "../call/index.ts";

/** net.ipv4.tcp_syn_retries 6: 1 + 2 + 4 + 8 + 16 + 32 + 64 seconds. */
const CONNECT_GIVEN_UP_US = 127_000_000;
/** net.ipv4.tcp_retries2 15, from a time-out of 200 ms (Documentation/networking/ip-sysctl.rst). */
const SENDING_GIVEN_UP_US = 924_600_000;

/** Outcomes after which the same request may do better elsewhere; the others are answers. */
const RETRIABLE: ReadonlySet<CallOutcome> = new Set<CallOutcome>([
  "no-endpoints",
  "connection-refused",
  "connection-reset",
  "connect-timeout",
  "timeout",
  "queue-full",
]);

export function mayRetry({ attempt, edge, outcome, startUs }: Call, nowUs: Micros): boolean {
  const { attempts, retryBudget, retryOn, timeoutUs } = edge.policy;
  if (attempt >= attempts || !RETRIABLE.has(outcome)) return false;
  if (retryOn !== undefined && !retryOn.includes(outcome)) return false;
  // The client does not wait for an attempt that it has no time for.
  const retryUs = nowUs + delayBeforeUs(attempt + 1, edge.policy);
  if (timeoutUs > 0 && retryUs - startUs >= timeoutUs) return false;
  return edge.budget === undefined || edge.budget.allows(retryBudget, nowUs);
}

/** How long the client waits before this attempt. */
export function retryDelayUs({ attempt, edge }: Call): Micros {
  return delayBeforeUs(attempt, edge.policy);
}

function delayBeforeUs(attempt: number, { backoffMaxUs, backoffUs }: CallPolicy): Micros {
  let delayUs = backoffUs;
  for (let retry = 2; retry < attempt && delayUs < backoffMaxUs; retry++) delayUs *= 2;
  return Math.min(delayUs, Math.max(backoffMaxUs, backoffUs));
}

/** From the attempt's beginning until the client gives up packets that got lost. */
export function lostAfterUs({ edge: { policy }, isNew, server }: Call): Micros {
  const isStanding = !isNew || server !== undefined;
  if (isStanding && !policy.isDatagram) return SENDING_GIVEN_UP_US;
  return policy.connectTimeoutUs > 0 ? policy.connectTimeoutUs : CONNECT_GIVEN_UP_US;
}

/**
 * The call's next attempt: an object of its own, since what was sent before may still be on its way
 * or at work in a pod.
 */
export function nextAttempt(call: Call): Call {
  const { clientHash, edge, keyHash, node, note, number, parent, startUs } = call;
  const next = new Call(edge, number, node, clientHash, keyHash, parent, note, startUs);
  next.hash = call.hash;
  next.flow = call.flow;
  next.attempt = call.attempt + 1;
  next.trace = call.trace;
  next.span = call.span;
  next.first = call.first ?? call;
  next.dnsUs = call.dnsUs;
  next.attemptUs = call.attemptUs;
  return next;
}

/** A connection on which this happened is not used again. */
export function breaksConnection({ outcome }: Call): boolean {
  return (
    outcome === "connection-refused" ||
    outcome === "connection-reset" ||
    outcome === "connect-timeout" ||
    outcome === "timeout"
  );
}

/** Trees of one edge that have numbers of their own: those of calls' numbers. */
const TREES_OF_EDGE = 4_294_967_296;

/**
 * Numbers the tree that begins with the call by its edge and number, so that it is the same under every
 * policy. `roots`: how many edges have begun trees.
 */
export function beginTree(call: Call, state: { roots: number }): void {
  const { edge, number } = call;
  if (edge.root < 0) edge.root = state.roots++;
  call.trace = edge.root * TREES_OF_EDGE + number;
}

/** Numbers the call within the tree of its parent, whose luck it has a part in. */
export function joinTree(call: Call, parent: Call): void {
  let root = parent;
  while (root.parent !== undefined) root = root.parent;
  if (root.first !== undefined) root = root.first; // what an earlier attempt caused counts too
  call.hash = (Math.imul(parent.hash ^ (parent.hash >>> 15), 0x2c1b3c6d) ^ call.edge.hash) >>> 0;
  call.trace = parent.trace;
  call.span = root.spanCount++;
}
