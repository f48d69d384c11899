/** What is told about calls when they end: where their time went. */
import type { Trace } from "../../api/index.ts";
import type { Micros } from "../../kernel/index.ts";
import type { Call } from "../call/index.ts";
import type { NetworkNodes } from "../topology/index.ts";

/** Tells the end of a call, if anybody listens. */
export function tellEnd(trace: Trace, nodes: NetworkNodes, call: Call, endUs: Micros): void {
  const { serviceRequest } = trace;
  if (!serviceRequest.on) return;
  const { attemptUs, beganUs, dnsUs, edge, endpoint, outcome, parent, reachedUs, startUs } = call;
  const { server } = call;
  const hasTurned = call.turnedUs >= 0;
  // Of an attempt that nobody answered the client knows how long it waited, and no more.
  const turnedUs = hasTurned ? call.turnedUs : endUs;
  const isReached = reachedUs >= 0 && hasTurned;
  // What no pod has taken in has been on its way all the time.
  const outwardUs = isReached
    ? reachedUs - attemptUs
    : server === undefined
      ? turnedUs - attemptUs
      : 0;
  const inPodUs = turnedUs - attemptUs - outwardUs;
  const queueUs = !isReached ? 0 : beganUs < 0 ? inPodUs : beganUs - reachedUs;
  // Of packets that were lost on the way in from outside no pod has known; the node is named.
  const isLostBefore = call.lostNode >= 0 && call.lostNode !== endpoint?.node;
  const isServed = endpoint !== undefined && reachedUs >= 0 && !isLostBefore;
  serviceRequest.emit({
    service: edge.target.service,
    source: edge.name,
    sourceNode: nodes.nameOf(call.node),
    sourceZone: nodes.zoneOf(call.node),
    endpoint: isServed ? endpoint.podName : "",
    endpointNode: isServed ? endpoint.nodeName : nodes.nameOf(call.lostNode),
    endpointZone: isServed ? endpoint.zone : nodes.zoneOf(call.lostNode),
    startUs,
    endUs,
    networkUs: outwardUs + (endUs - turnedUs),
    queueUs,
    serviceUs: inPodUs - queueUs,
    dnsUs,
    retryUs: attemptUs - startUs - dnsUs,
    attempts: call.attempt,
    outcome,
    trace: call.trace,
    span: call.span,
    parentSpan: parent === undefined ? -1 : parent.span,
  });
}

/** Tells that an attempt has failed, if anybody listens. */
export function tellFailedAttempt(
  trace: Trace,
  nodes: NetworkNodes,
  { edge, endpoint, lostNode, node, outcome }: Call,
  isRetried: boolean,
  timeUs: Micros,
): void {
  const { requestAttempt } = trace;
  if (!requestAttempt.on) return;
  const service = edge.target.service;
  const sourceNode = nodes.nameOf(node);
  const isLostBefore = lostNode >= 0 && lostNode !== endpoint?.node;
  const podName = isLostBefore ? "" : (endpoint?.podName ?? "");
  requestAttempt.emit({
    service,
    source: edge.name,
    sourceNode,
    endpoint: podName,
    timeUs,
    outcome,
    isRetried,
  });
}
