/** PodSample: what the statistics of a run need of one pod's life, as plain numbers. */
import type { Micros } from "../../sim/kernel/index.ts";
import type { PodJourney } from "../pod-journey.ts";
import type { Requests } from "../pod-requests.ts";
import { NEVER } from "../row.ts";

/** Bits of `PodSample.flags`. */
export const STARTED = 1;
export const FINISHED = 2;
export const PREEMPTED = 4;
/** It ends by itself: it is not a replica of a controller that keeps replicas running. */
export const ENDS_BY_ITSELF = 8;
/** It was there when the run ended, and had not ended. */
export const IS_LEFT = 16;
/** It counts for the start-up SLO, or would have. */
export const COUNTS_FOR_SLO = 32;

/** Controllers whose pods end only when somebody ends them. */
const KEEPERS: readonly string[] = [
  "ReplicaSet",
  "StatefulSet",
  "DaemonSet",
  "ReplicationController",
];

/** Durations in microseconds; NEVER: it did not come so far. */
export class PodSample {
  /** Running number in order of creation, from 0. */
  seq = 0;
  namespace = "";
  requests: Requests = new Map();
  flags = 0;
  createdUs: Micros = 0;
  /** From its creation to the commit of its binding. */
  waitUs: Micros = NEVER;
  /** From its creation until a watcher saw that it had started. */
  startupUs: Micros = NEVER;
  /** The same as the start-up SLO counts it, of pods that it counts. */
  sloStartupUs: Micros = NEVER;
  /** From its creation to its end, of pods that end by themselves; NEVER for a victim. */
  completionUs: Micros = NEVER;
  /** How long it ran, where it has a completion. */
  runUs: Micros = NEVER;
  /** How long it held its requests on a node; NEVER: it held none. */
  heldUs: Micros = NEVER;

  /** Takes the figures of a journey that is closed. `endUs`: when the run ended, if it has. */
  take(journey: PodJourney, endUs: Micros): void {
    const { createdUs, boundUs, startedUs, finishedUs, endedUs } = journey;
    const startSeenUs = journey.startSeenUs();
    this.seq = journey.seq;
    this.namespace = journey.namespace;
    this.requests = journey.requests;
    this.flags = flagsOf(journey, startSeenUs);
    this.createdUs = createdUs;
    this.waitUs = since(createdUs, boundUs);
    this.startupUs = since(createdUs, startSeenUs);
    const isSlo = startSeenUs !== NEVER && (this.flags & COUNTS_FOR_SLO) !== 0;
    this.sloStartupUs = isSlo ? this.startupUs - journey.preparedUs : NEVER;
    const isComplete =
      finishedUs !== NEVER &&
      startedUs !== NEVER &&
      !journey.isPreempted &&
      (this.flags & ENDS_BY_ITSELF) !== 0;
    this.completionUs = isComplete ? finishedUs - createdUs : NEVER;
    this.runUs = isComplete ? finishedUs - startedUs : NEVER;
    this.heldUs = boundUs === NEVER ? NEVER : (endedUs === NEVER ? endUs : endedUs) - boundUs;
  }
}

const since = (fromUs: Micros, toUs: Micros): Micros => (toUs === NEVER ? NEVER : toUs - fromUs);

function flagsOf(journey: PodJourney, startSeenUs: Micros): number {
  let flags = 0;
  if (journey.startedUs !== NEVER) flags |= STARTED;
  if (journey.finishedUs !== NEVER) flags |= FINISHED;
  if (journey.isPreempted) flags |= PREEMPTED;
  if (!KEEPERS.includes(journey.ownerKind)) flags |= ENDS_BY_ITSELF;
  if (journey.deletedUs === NEVER && journey.finishedUs === NEVER) flags |= IS_LEFT;
  if (countsForSlo(journey, startSeenUs)) flags |= COUNTS_FOR_SLO;
  return flags;
}

/**
 * Whether the pod counts for the start-up SLO: stateless, and schedulable at once, that is at its
 * first attempt (kubernetes/community sig-scalability/slos/pod_startup_latency.md). One that has not
 * started yet counts unless an attempt has failed.
 */
function countsForSlo(journey: PodJourney, startSeenUs: Micros): boolean {
  if (!journey.isStateless || journey.attempts > 1) return false;
  return startSeenUs === NEVER ? journey.message === "" : journey.attempts === 1;
}
