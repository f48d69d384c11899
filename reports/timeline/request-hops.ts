/** The hops of one API request. */
import type { Micros } from "../../sim/kernel/index.ts";
import type { ObjectName, RequestNote } from "./object-log.ts";
import type { HopStep } from "./timeline.ts";
import type { Trail } from "./trail.ts";

const SERVER = "kube-apiserver";
/** The client whose requests are those of users. */
export const USERS = "workload";

/** As people know it. */
export function componentOf(client: string): string {
  return client === USERS ? "kubectl" : client;
}

/** `create`, `create binding`, `patch status`. */
export function requestText({ verb, subresource }: RequestNote): string {
  return subresource === "" ? verb : `${verb} ${subresource}`;
}

/** From where the client asked until the effect is there; with `answer`, until it knows. */
export function addRequest(
  trail: Trail,
  request: RequestNote,
  object: ObjectName,
  until: "effect" | "answer",
): void {
  const { arrivedUs, startedUs, proposedUs, handledUs, answeredUs, priorityLevel } = request;
  const what = requestText(request);
  const component = componentOf(request.client);
  addSending(trail, request, object);
  const hop = (timeUs: Micros, step: HopStep, whose: string, text: string): void =>
    trail.to(timeUs, { component: whose, step, object, text });
  hop(arrivedUs, "network", "network", `${what}: ${component} to ${SERVER}`);
  const level = priorityLevel === "" ? "" : ` of priority level ${priorityLevel}`;
  hop(startedUs, "seat", SERVER, `${what}: waiting for a seat${level}`);
  const stages = "authentication, authorization, decoding";
  if (proposedUs > 0) {
    hop(proposedUs, "request", SERVER, `${what}: ${stages}, admission, validation`);
    hop(handledUs, "etcd", "etcd", `${what}: commit`);
  } else hop(handledUs, "request", SERVER, `${what}: ${stages}`);
  if (until === "answer") hop(answeredUs, "network", "network", `${what}: answer`);
}

/** Until it leaves the client: held back by its own rate limit, or sent again after a 429. */
function addSending(trail: Trail, request: RequestNote, object: ObjectName): void {
  const { attempt, sentUs } = request;
  const component = componentOf(request.client);
  const what = requestText(request);
  if (attempt > 1) {
    const times = attempt === 2 ? "once" : `${attempt - 1} times`;
    const text = `${what}: refused ${times} (429), then sent again`;
    trail.to(sentUs, { component, step: "retry", object, text });
  } else {
    const text = `${what}: waiting for the client's own rate limit`;
    trail.to(sentUs, { component, step: "client-limit", object, text });
  }
}
