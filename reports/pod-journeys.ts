/**
 * PodJourneys follows every pod from creation to deletion, once for all recorders: each recorder
 * that needs a pod's times observes the journeys instead of keeping a map of pods of its own.
 */
import type {
  BindingFact,
  ImagePullFact,
  KeyRecord,
  Pod,
  PodOnNodeFact,
  SchedulingAttemptFact,
  Trace,
  WatchDeliveredFact,
  WatchEntry,
} from "../sim/api/index.ts";
import { findCondition } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import { PodJourney, type PodStage, PREEMPTED } from "./pod-journey.ts";
import { type Requests, reportedRequests } from "./pod-requests.ts";
import { NEVER } from "./row.ts";

export interface PodJourneyObserver {
  /** The pod went to another stage; `from` is undefined when it was created. */
  stageChanged?(journey: PodJourney, from: PodStage | undefined, timeUs: Micros): void;
  /** Nothing more will be recorded about it: it was deleted, or the run ended. */
  closed?(journey: PodJourney): void;
}

export class PodJourneys {
  /** Open journeys by the id of the pod's key record. */
  readonly #open = new Map<number, PodJourney>();
  readonly #observers: PodJourneyObserver[] = [];
  /** One map per distinct set of requests: pods of one template share it. */
  readonly #requests = new Map<string, Requests>();
  #lastSpec: Pod["spec"] | undefined;
  #lastRequests: Requests = new Map();
  #created = 0;
  /** Journeys whose start was reported and not yet observed by a watcher. */
  #unobserved = 0;

  attach(trace: Trace): void {
    trace.committed.subscribe((entry) => {
      if (entry.record.kind === "Pod") this.#committed(entry as PodEntry);
    });
    trace.podQueued.subscribe((fact) => {
      const journey = this.of(fact.record);
      if (fact.queue === "active" && journey?.queuedUs === NEVER) journey.queuedUs = fact.timeUs;
    });
    trace.schedulingAttempt.subscribe((fact) => this.#attempted(fact));
    trace.binding.subscribe((fact) => this.#binding(fact));
    trace.podObserved.subscribe((fact) => this.#observed(fact));
    trace.imagePulled.subscribe((fact) => this.#imagePulled(fact));
    trace.podInitialized.subscribe((fact) => {
      const journey = this.#preparing(fact, fact.startedUs);
      journey?.prepare(fact.startedUs, fact.timeUs);
    });
    trace.podStarted.subscribe((fact) => this.#started(fact));
    trace.watchDelivered.subscribe((fact) => {
      if (this.#unobserved > 0 && fact.kind === "Pod") this.#delivered(fact);
    });
    trace.podFinished.subscribe((fact) => {
      const journey = this.of(fact.record);
      if (journey === undefined || journey.node !== fact.node) return; // its namesake's
      journey.finishedUs = fact.timeUs;
      if (fact.phase === "Failed") journey.finishReason = fact.reason;
    });
  }

  /** Observers are called in the order in which they came. */
  observe(observer: PodJourneyObserver): void {
    this.#observers.push(observer);
  }

  /** The open journey of a pod; undefined before its creation and after its deletion. O(1). */
  of(record: KeyRecord): PodJourney | undefined {
    return this.#open.get(record.id);
  }

  /** Closes the journeys of all pods that are left, in order of creation. */
  finish(): void {
    const left = [...this.#open.values()].sort((a, b) => a.seq - b.seq);
    this.#open.clear();
    for (const journey of left) this.#close(journey);
  }

  #committed(entry: PodEntry): void {
    if (entry.type === "ADDED") {
      const { record, object, timeUs } = entry;
      const requests = this.#requestsOf(object);
      const journey = new PodJourney(this.#created++, record, object, requests, timeUs);
      this.#open.set(record.id, journey);
      this.#notify(journey, undefined, timeUs);
    }
    const journey = this.of(entry.record);
    if (journey === undefined) return;
    this.#follow(journey, entry);
    if (entry.type !== "DELETED") return;
    journey.deletedUs = entry.timeUs;
    this.#goTo(journey, "ended", entry.timeUs);
    this.#open.delete(entry.record.id);
    this.#close(journey);
  }

  #follow(journey: PodJourney, { object, revision, timeUs }: PodEntry): void {
    const phase = object.status.phase ?? "Pending";
    journey.phase = phase;
    if (!journey.isPreempted) journey.isPreempted = isPreempted(object);
    if (journey.boundUs === NEVER && (object.spec.nodeName ?? "") !== "") {
      journey.boundUs = timeUs;
      journey.node = object.spec.nodeName ?? "";
      this.#goTo(journey, "starting", timeUs);
    }
    if (phase === "Pending") return;
    if (journey.startReportedUs === NEVER && journey.startedUs !== NEVER) {
      journey.startReportedUs = timeUs;
      journey.startReportedRevision = revision;
      this.#unobserved++;
    }
    if (phase === "Running") this.#goTo(journey, "running", timeUs);
    else if (phase === "Succeeded" || phase === "Failed") this.#goTo(journey, "ended", timeUs);
  }

  #goTo(journey: PodJourney, stage: PodStage, timeUs: Micros): void {
    const from = journey.stage;
    if (from === stage) return;
    journey.stage = stage;
    if (stage === "ended") journey.endedUs = timeUs;
    this.#notify(journey, from, timeUs);
  }

  /** Most pods have the very lists of containers of the pod before: they are of one template. */
  #requestsOf(pod: Pod): Requests {
    const { spec } = pod;
    const { containers, initContainers, overhead } = spec;
    const last = this.#lastSpec;
    if (
      last?.containers === containers &&
      last.initContainers === initContainers &&
      last.overhead === overhead
    )
      return this.#lastRequests;
    this.#lastSpec = spec;
    this.#lastRequests = this.#intern(reportedRequests(pod));
    return this.#lastRequests;
  }

  #intern(requests: Requests): Requests {
    let text = "";
    for (const [resource, amount] of requests) text += `${resource}=${amount};`;
    const known = this.#requests.get(text);
    if (known !== undefined) return known;
    this.#requests.set(text, requests);
    return requests;
  }

  #notify(journey: PodJourney, from: PodStage | undefined, timeUs: Micros): void {
    for (const observer of this.#observers) observer.stageChanged?.(journey, from, timeUs);
  }

  #close(journey: PodJourney): void {
    if (journey.startReportedUs !== NEVER && journey.startObservedUs === NEVER) this.#unobserved--;
    for (const observer of this.#observers) observer.closed?.(journey);
  }

  #attempted(fact: SchedulingAttemptFact): void {
    const journey = this.#since(fact.record, fact.firstQueuedUs);
    if (journey === undefined) return;
    if (journey.queuedUs === NEVER) journey.queuedUs = fact.firstQueuedUs;
    if (journey.firstAttemptUs === NEVER) journey.firstAttemptUs = fact.startUs;
    journey.attempts = fact.attempt;
    journey.lastAttemptStartUs = fact.startUs;
    journey.lastAttemptEndUs = fact.endUs;
    journey.message = fact.message;
  }

  #binding(fact: BindingFact): void {
    const journey = this.#since(fact.record, fact.assumedUs);
    if (journey === undefined) return;
    if (fact.ok) journey.bindingAnsweredUs = fact.endUs;
    else journey.message = `binding to node ${fact.node} failed`;
  }

  #observed(fact: PodOnNodeFact): void {
    const journey = this.of(fact.record);
    if (journey?.observedUs === NEVER && journey.node === fact.node)
      journey.observedUs = fact.timeUs;
  }

  #imagePulled(fact: ImagePullFact): void {
    const journey = this.#preparing(fact, fact.queuedUs);
    if (journey === undefined) return;
    journey.pullQueuedUs = earlier(journey.pullQueuedUs, fact.queuedUs);
    journey.pullStartedUs = earlier(journey.pullStartedUs, fact.startedUs);
    journey.pullFinishedUs = fact.timeUs;
    journey.prepare(fact.queuedUs, fact.timeUs);
  }

  /**
   * The open journey of a pod, for what began at `fromUs`; undefined where that was about an
   * earlier pod of the same name, as a StatefulSet makes them.
   */
  #since(record: KeyRecord, fromUs: Micros): PodJourney | undefined {
    const journey = this.of(record);
    return journey === undefined || fromUs < journey.createdUs ? undefined : journey;
  }

  /**
   * The same for a pod that has not started yet. What a node does again later, for a container that
   * restarts or after its machine has booted, is no part of the start.
   */
  #preparing({ record, node }: PodOnNodeFact, fromUs: Micros): PodJourney | undefined {
    const journey = this.#since(record, fromUs);
    return journey?.startedUs === NEVER && journey.node === node ? journey : undefined;
  }

  #started({ record, node, timeUs }: PodOnNodeFact): void {
    const journey = this.of(record);
    if (journey === undefined || journey.node !== node) return;
    if (journey.startedUs === NEVER) journey.startedUs = timeUs;
    journey.finishedUs = NEVER; // its machine had died, and has booted
    journey.finishReason = "";
  }

  #delivered({ record, revision, timeUs }: WatchDeliveredFact): void {
    const journey = this.of(record);
    if (journey === undefined || journey.startReportedUs === NEVER) return;
    if (journey.startObservedUs !== NEVER || revision < journey.startReportedRevision) return;
    journey.startObservedUs = timeUs;
    this.#unobserved--;
  }
}

type PodEntry = WatchEntry<Pod> & { readonly timeUs: Micros };

function isPreempted({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  const target = findCondition(status.conditions, "DisruptionTarget");
  return target?.status === "True" && target.reason === PREEMPTED;
}

function earlier(a: Micros, b: Micros): Micros {
  return a === NEVER || b < a ? b : a;
}
