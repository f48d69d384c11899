/** Makes a timeline of what a recorder has noted. */
import type { Micros } from "../../sim/kernel/index.ts";
import type { RunLabels } from "../summary.ts";
import { CausalChain, requestOf } from "./causal-chain.ts";
import { type MissingPart, missingOfPod, missingOfWorkload } from "./missing-part.ts";
import { type CommitNote, type ObjectLog, objectText } from "./object-log.ts";
import { milestonesOf, podsOf, summarizePods } from "./pods-summary.ts";
import { addRequest } from "./request-hops.ts";
import type { Timeline } from "./timeline.ts";
import type { TimelineRecorder } from "./timeline-recorder.ts";
import { Trail } from "./trail.ts";

/**
 * The timeline up to the object's readiness or, without one, up to `nowUs`; undefined: the object
 * that was asked for has never been there, or was not changed after the time asked for.
 */
export function buildTimeline(
  recorder: TimelineRecorder,
  run: RunLabels,
  nowUs: Micros,
): Timeline | undefined {
  const { target, change, end } = recorder;
  if (target === undefined || change === undefined) return undefined;
  const trail = new Trail();
  const chain = new CausalChain(recorder, trail);
  let reason = "";
  if (end !== undefined) chain.explain(target, end);
  else reason = addUnfinished({ recorder, trail, chain, target, change, nowUs });
  const { kind, namespace, name } = target;
  const isPod = kind === "Pod";
  return {
    run,
    object: { kind, namespace, name },
    isReady: end !== undefined,
    reason,
    beginning: trail.beginning,
    startUs: trail.startUs,
    endUs: trail.cursorUs,
    hops: trail.hops,
    afterwards: isPod && end !== undefined ? afterwards(recorder, target, end) : [],
    pods: isPod ? undefined : summarizePods(podsOf(recorder, target, change).map(milestonesOf)),
  };
}

interface Unfinished {
  readonly recorder: TimelineRecorder;
  readonly trail: Trail;
  readonly chain: CausalChain;
  readonly target: ObjectLog;
  readonly change: CommitNote;
  readonly nowUs: Micros;
}

/** Tells how far it came, and says why not further. */
function addUnfinished(story: Unfinished): string {
  const { trail, chain, target, change, recorder } = story;
  const over = target.commits.find(({ isOver, revision }) => isOver && revision > change.revision);
  const untilUs = over?.timeUs ?? story.nowUs;
  let missing: MissingPart;
  if (target.kind === "Pod") {
    chain.explainPod(target, untilUs);
    missing = missingOfPod(target, over?.lacks ?? "");
  } else {
    const pods = podsOf(recorder, target, change);
    const late = pods.findLast(({ readyCommit }) => readyCommit === undefined);
    if (late === undefined) chain.explain(target, change);
    else chain.explainPod(late, untilUs);
    missing = missingOfWorkload(target, late);
  }
  const { component, step, object, text } = missing;
  trail.to(untilUs, { component, step, object, text });
  return missing.reason;
}

/** From a pod's readiness to the endpoints of its Services. */
function afterwards(recorder: TimelineRecorder, pod: ObjectLog, end: CommitNote): Trail["hops"] {
  const trail = new Trail();
  trail.begin(end.timeUs, "");
  for (const { slice, service, revision } of recorder.endpoints.found()) {
    const log = recorder.log(slice);
    const commit = log?.commits.find((each) => each.revision === revision);
    const request = log && commit && requestOf(log, commit);
    if (log === undefined || request === undefined) continue;
    const component = request.client;
    const { issuedUs } = request;
    const delivery = pod.deliveries.find((each) => each.revision === end.revision);
    const sync = recorder
      .log(service)
      ?.syncs.findLast(({ startedUs }) => startedUs >= 0 && startedUs <= issuedUs);
    const text = `watch delivery to ${component}`;
    const deliveredUs = delivery?.timeUs ?? end.timeUs;
    trail.to(deliveredUs, { component: "watch", step: "watch", object: pod, text });
    const hop = (timeUs: Micros, step: "wait" | "queue" | "sync", words: string): void =>
      trail.to(timeUs, { component, step, object: recorder.log(service) ?? log, text: words });
    hop(sync?.queuedUs ?? 0, "wait", "waiting: changes are gathered, or a sync is under way");
    hop(sync?.startedUs ?? 0, "queue", "in the work queue");
    hop(issuedUs, "sync", `sync of ${objectText(service)}`);
    addRequest(trail, request, log, "effect");
  }
  return trail.hops;
}
