/** The hops of a pod between its creation and a later moment: scheduler, binding, kubelet. */
import type { Micros } from "../../sim/kernel/index.ts";
import type { ObjectLog, QueueNote } from "./object-log.ts";
import { addRequest } from "./request-hops.ts";
import type { HopStep } from "./timeline.ts";
import type { Trail } from "./trail.ts";

const SCHEDULER = "kube-scheduler";
const KUBELET = "kubelet";

/** Adds all that is known to have happened to the pod up to `untilUs`. */
export function addPod(trail: Trail, log: ObjectLog, untilUs: Micros): void {
  addQueues(trail, log, untilUs);
  addBinding(trail, log, untilUs);
  addKubelet(trail, log, untilUs);
}

/** Where the time between two stays in the queues goes, by the queue that the pod was in. */
const QUEUES: Readonly<
  Record<QueueNote["queue"], { readonly step: HopStep; readonly text: string }>
> = {
  active: { step: "queue", text: "in the active queue" },
  backoff: { step: "backoff", text: "in back-off" },
  unschedulable: { step: "unschedulable", text: "unschedulable" },
  gated: { step: "gated", text: "held by its scheduling gates" },
};

type SchedulerFact =
  | { readonly timeUs: Micros; readonly note: QueueNote }
  | { readonly timeUs: Micros; readonly attempt: ObjectLog["attempts"][number] };

function addQueues(trail: Trail, log: ObjectLog, untilUs: Micros): void {
  const facts: SchedulerFact[] = [
    ...log.queues.map((note) => ({ timeUs: note.timeUs, note })),
    ...log.attempts.map((attempt) => ({ timeUs: attempt.endUs, attempt })),
  ];
  // At one moment an attempt ends before the pod goes to its next queue.
  facts.sort((a, b) => a.timeUs - b.timeUs || ("note" in a ? 1 : 0) - ("note" in b ? 1 : 0));
  let queue: QueueNote | undefined;
  let message = "";
  for (const fact of facts) {
    if (fact.timeUs > untilUs) break;
    if ("note" in fact) {
      addWait(trail, log, { queue, message, toUs: fact.timeUs, event: fact.note.event });
      queue = fact.note;
    } else {
      const { attempt } = fact;
      addWait(trail, log, { queue, message, toUs: attempt.startUs, event: "" });
      addAttempt(trail, log, attempt);
      message = attempt.message;
    }
  }
}

function addWait(
  trail: Trail,
  log: ObjectLog,
  wait: {
    readonly queue: QueueNote | undefined;
    readonly message: string;
    readonly toUs: Micros;
    readonly event: string;
  },
): void {
  const { queue, message, toUs, event } = wait;
  if (queue === undefined) {
    const text = `watch delivery to ${SCHEDULER}`;
    trail.to(toUs, { component: "watch", step: "watch", object: log, text });
    return;
  }
  const { step, text } = QUEUES[queue.queue];
  const why = queue.queue === "unschedulable" && message !== "" ? `: ${message}` : "";
  const end = event === "" || queue.queue === "active" ? "" : `; ended by ${event}`;
  trail.to(toUs, { component: SCHEDULER, step, object: log, text: `${text}${why}${end}` });
}

function addAttempt(trail: Trail, log: ObjectLog, attempt: ObjectLog["attempts"][number]): void {
  const { result, node, evaluatedNodes, feasibleNodes, message } = attempt;
  const looked = `${feasibleNodes} of ${evaluatedNodes} nodes fit`;
  const text =
    result === "scheduled"
      ? `attempt ${attempt.attempt}: ${looked}, takes ${node}`
      : `attempt ${attempt.attempt}: ${message === "" ? result : message}`;
  trail.to(attempt.endUs, { component: SCHEDULER, step: "schedule", object: log, text });
}

function addBinding(trail: Trail, log: ObjectLog, untilUs: Micros): void {
  const bound = log.commits.find(({ isBound }) => isBound);
  if (bound === undefined || bound.timeUs > untilUs) return;
  const request = log.requests.find(
    ({ subresource, handledUs, code }) =>
      subresource === "binding" && handledUs === bound.timeUs && code < 300,
  );
  if (request === undefined) return; // it was made with its node
  const text = "reserve, permit and what is bound before the pod";
  trail.to(request.issuedUs, { component: SCHEDULER, step: "bind", object: log, text });
  addRequest(trail, request, log, "effect");
}

function addKubelet(trail: Trail, log: ObjectLog, untilUs: Micros): void {
  const { node, observedUs, sandboxReadyUs, initializedUs, startedUs } = log;
  const hop = (timeUs: Micros, step: HopStep, text: string): void => {
    if (timeUs <= untilUs) trail.to(timeUs, { component: KUBELET, step, object: log, text });
  };
  if (observedUs <= untilUs) {
    const text = `watch delivery to the kubelet of ${node}`;
    trail.to(observedUs, { component: "watch", step: "watch", object: log, text });
  }
  hop(sandboxReadyUs, "sandbox", "sandbox and network");
  let step: HopStep = initializedUs < 0 ? "containers" : "init";
  let text = initializedUs < 0 ? "containers are made and started" : "init containers run";
  for (const { image, bytes, queuedUs, startedUs: pullUs, timeUs } of log.pulls) {
    if (initializedUs >= 0 && queuedUs >= initializedUs && step === "init") {
      hop(initializedUs, step, text);
      [step, text] = ["containers", "containers are made and started"];
    }
    hop(queuedUs, step, text);
    hop(pullUs, "image-queue", `image ${image}: waiting for other pulls on ${node}`);
    hop(timeUs, "image-pull", `image ${image}: ${pullText(bytes)}`);
  }
  if (step === "init") hop(initializedUs, step, text);
  hop(startedUs, "containers", "containers are made and started");
}

function pullText(bytes: number): string {
  if (bytes === 0) return "the registry is asked, nothing is pulled";
  return `pulled, ${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}
