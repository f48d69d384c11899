/** PodJourney: all that is remembered about one pod between its creation and its row. */
import type { KeyRecord, Pod } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import type { Requests } from "./pod-requests.ts";
import { NEVER } from "./row.ts";

/**
 * Where a pod stands for somebody who watches the API (as kube-state-metrics does):
 *   pending   created, bound to no node
 *   starting  bound, its status does not say Running yet
 *   running   its status says Running
 *   ended     its status says Succeeded or Failed, or it was deleted
 */
export type PodStage = "pending" | "starting" | "running" | "ended";

/** It has a node, and what it asked for there. */
export const isPlaced = (stage: PodStage | undefined): boolean =>
  stage === "starting" || stage === "running";

/** Reason of the condition DisruptionTarget of a victim (PodReasonPreemptionByScheduler). */
export const PREEMPTED = "PreemptionByScheduler";

/**
 * One object per pod of the run that is not deleted yet: fixed shape, no object of the API kept.
 * Times are virtual microseconds; NEVER means that it has not happened.
 */
export class PodJourney {
  /** Running number of the pod in order of creation, from 0. */
  readonly seq: number;
  readonly namespace: string;
  readonly name: string;
  readonly ownerKind: string;
  readonly ownerName: string;
  readonly priority: number;
  readonly schedulerName: string;
  readonly requests: Requests;
  /** No volumes but secrets, config maps, downward API, emptyDir (and projections of these). */
  readonly isStateless: boolean;
  readonly isGated: boolean;
  readonly createdUs: Micros;
  stage: PodStage = "pending";
  /** status.phase as last committed. */
  phase = "Pending";
  node = "";
  attempts = 0;
  /** The scheduler's words at the last attempt; "" when it found a node. */
  message = "";
  /** Why a failed pod failed, in the kubelet's words. */
  finishReason = "";
  /** The scheduler evicted it for a pod of higher priority: its condition DisruptionTarget. */
  isPreempted = false;
  queuedUs: Micros = NEVER;
  firstAttemptUs: Micros = NEVER;
  lastAttemptStartUs: Micros = NEVER;
  lastAttemptEndUs: Micros = NEVER;
  /** Commit of the binding. */
  boundUs: Micros = NEVER;
  /** The scheduler had the answer to its binding request. */
  bindingAnsweredUs: Micros = NEVER;
  observedUs: Micros = NEVER;
  pullQueuedUs: Micros = NEVER;
  pullStartedUs: Micros = NEVER;
  pullFinishedUs: Micros = NEVER;
  startedUs: Micros = NEVER;
  /** Commit of the first status that says that all containers have started. */
  startReportedUs: Micros = NEVER;
  startReportedRevision = 0;
  /** The first watcher got that status. */
  startObservedUs: Micros = NEVER;
  finishedUs: Micros = NEVER;
  deletedUs: Micros = NEVER;
  /** Its status said Succeeded or Failed, or it was deleted: it holds its requests no more. */
  endedUs: Micros = NEVER;
  /** Time spent before its start on pulling images and init containers, overlaps counted once. */
  preparedUs: Micros = 0;
  /** Begin and end of the last such span, and of those before it that do not touch it. */
  #preparedFromUs: Micros = NEVER;
  #preparedToUs: Micros = NEVER;
  #preparedEarlier: Micros[] | undefined;

  constructor(seq: number, record: KeyRecord<Pod>, pod: Pod, requests: Requests, nowUs: Micros) {
    const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller === true);
    this.seq = seq;
    this.namespace = record.namespace;
    this.name = record.name;
    this.ownerKind = owner?.kind ?? "";
    this.ownerName = owner?.name ?? "";
    this.priority = pod.spec.priority ?? 0;
    this.schedulerName = pod.spec.schedulerName ?? "default-scheduler";
    this.requests = requests;
    this.isStateless = pod.spec.volumes === undefined || pod.spec.volumes.every(isStatelessVolume);
    this.isGated = (pod.spec.schedulingGates?.length ?? 0) > 0;
    this.createdUs = nowUs;
  }

  /**
   * Adds a span of preparation. Spans come in order of their ends, as they are reported; one that
   * reaches back over earlier ones takes them in.
   */
  prepare(fromUs: Micros, toUs: Micros): void {
    let startUs = fromUs;
    while (this.#preparedToUs !== NEVER && startUs <= this.#preparedToUs) {
      this.preparedUs -= this.#preparedToUs - this.#preparedFromUs;
      startUs = Math.min(startUs, this.#preparedFromUs);
      this.#preparedToUs = this.#preparedEarlier?.pop() ?? NEVER;
      this.#preparedFromUs = this.#preparedEarlier?.pop() ?? NEVER;
    }
    if (this.#preparedToUs !== NEVER) {
      this.#preparedEarlier ??= [];
      this.#preparedEarlier.push(this.#preparedFromUs, this.#preparedToUs);
    }
    this.preparedUs += toUs - startUs;
    this.#preparedFromUs = startUs;
    this.#preparedToUs = toUs;
  }

  /** When its start was observed by watch, or reported where no watcher got it; else NEVER. */
  startSeenUs(): Micros {
    return this.startObservedUs !== NEVER ? this.startObservedUs : this.startReportedUs;
  }
}

type Volume = NonNullable<Pod["spec"]["volumes"]>[number];

function isStatelessVolume(volume: Volume): boolean {
  return (
    volume.emptyDir !== undefined ||
    volume.configMap !== undefined ||
    volume.secret !== undefined ||
    volume.downwardAPI !== undefined ||
    volume.projected !== undefined
  );
}
