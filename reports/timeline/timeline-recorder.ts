/**
 * TimelineRecorder: follows one object, its owners and what they own, and nothing else, until it
 * is ready. What it notes is read by CausalChain.
 */
import {
  type ApiObject,
  controllerOf,
  type KeyRecord,
  type Pod,
  type ReconcileFact,
  type Trace,
  type WatchDeliveredFact,
  type WatchEntry,
} from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { NEVER } from "../row.ts";
import { EndpointNotes } from "./endpoint-notes.ts";
import {
  type Cause,
  type CommitNote,
  ObjectLog,
  type ObjectName,
  type SyncNote,
} from "./object-log.ts";
import { readinessOf } from "./readiness.ts";

/** Kinds that own pods, or own what does. */
const OWNERS = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "CronJob", "Job"];
/** Names that a controller makes begin with its own, cut where it is very long. */
const NAME_STEM = 40;
/** Answers to what led to readiness are on their way for so long at most. Our assumption. */
const ANSWERS_US = 2_000_000;
/** Names that are remembered to say which one was meant. */
const NAMES_MAX = 20_000;
/** All controllers share the watches of their process. */
const CONTROLLERS = "kube-controller-manager";

export interface UserOperationNote {
  readonly verb: string;
  readonly source: string;
  readonly issuedUs: Micros;
  readonly endUs: Micros;
}

/** A sync and the object whose key it had. */
export interface FoundSync {
  readonly log: ObjectLog;
  readonly sync: SyncNote;
}

export interface TimelineRequest {
  readonly object: ObjectName;
  /** Tell about the first change of the object at or after this time; 0: its creation. */
  readonly afterUs: Micros;
}

export class TimelineRecorder {
  readonly request: TimelineRequest;
  readonly endpoints: EndpointNotes;
  /** By kind and key. */
  readonly #logs = new Map<string, ObjectLog>();
  readonly #byRecord = new WeakMap<KeyRecord, ObjectLog | typeof NOT_FOLLOWED>();
  readonly #operations = new Map<ObjectLog, UserOperationNote[]>();
  readonly #names: string[] = [];
  /** The delivery that is being handled at this moment, if any. */
  #delivery: WatchDeliveredFact | undefined;
  /** Watches of the controllers, as they were opened. */
  readonly #watches: { readonly kind: string; readonly openedUs: Micros }[] = [];
  /** Syncs that are under way. */
  #open: FoundSync[] = [];
  #change: CommitNote | undefined;
  #end: CommitNote | undefined;

  constructor(request: TimelineRequest) {
    this.request = request;
    this.endpoints = new EndpointNotes(request.object);
  }

  /** Attach before the first event. */
  attach(trace: Trace): void {
    trace.committed.subscribe((entry) => this.#committed(entry));
    trace.apiRequest.subscribe(({ record, ...fact }) => {
      if (record === undefined) {
        if (fact.verb === "watch" && fact.client === CONTROLLERS && fact.code === 200)
          this.#watches.push({ kind: fact.kind, openedUs: fact.answeredUs });
        return;
      }
      this.#of(record)?.requests.push(fact);
      for (const { log, sync } of this.#open) {
        const isIn = isOf(sync.controller, fact.client) && fact.issuedUs >= sync.startedUs;
        if (!isIn || record.namespace !== log.namespace || !isStem(log.name, record.name)) continue;
        if (sync.firstCallUs < 0 || fact.issuedUs < sync.firstCallUs)
          sync.firstCallUs = fact.issuedUs;
      }
    });
    trace.watchDelivered.subscribe((fact) => this.#delivered(fact));
    trace.reconcile.subscribe((fact) => this.#reconciled(fact));
    trace.userOperation.subscribe(({ kind, key, verb, source, issuedUs, endUs }) => {
      const log = this.#logs.get(`${kind}/${key}`);
      if (log === undefined) return;
      const known = this.#operations.get(log) ?? [];
      this.#operations.set(log, [...known, { verb, source, issuedUs, endUs }]);
    });
    this.#attachPods(trace);
  }

  #attachPods(trace: Trace): void {
    trace.podQueued.subscribe(({ record, queue, event, timeUs }) => {
      this.#of(record)?.queues.push({ queue, event, timeUs });
    });
    trace.schedulingAttempt.subscribe(({ record, ...fact }) => {
      this.#of(record)?.attempts.push(fact);
    });
    trace.binding.subscribe(({ record, ...fact }) => {
      this.#of(record)?.bindings.push(fact);
    });
    trace.podObserved.subscribe(({ record, node, timeUs }) => {
      const log = this.#of(record);
      if (log === undefined || log.observedUs !== NEVER) return;
      log.observedUs = timeUs;
      log.node = node;
    });
    trace.podSandboxReady.subscribe(({ record, timeUs }) => {
      const log = this.#of(record);
      if (log?.sandboxReadyUs === NEVER) log.sandboxReadyUs = timeUs;
    });
    trace.imagePulled.subscribe(({ record, ...fact }) => {
      this.#of(record)?.pulls.push(fact);
    });
    trace.podInitialized.subscribe(({ record, timeUs }) => {
      const log = this.#of(record);
      if (log?.initializedUs === NEVER) log.initializedUs = timeUs;
    });
    trace.podStarted.subscribe(({ record, timeUs }) => {
      const log = this.#of(record);
      if (log?.startedUs === NEVER) log.startedUs = timeUs;
    });
  }

  /** The object that is asked about; undefined: it was never seen. */
  get target(): ObjectLog | undefined {
    return this.log(this.request.object);
  }

  /** The commit that the timeline ends with; undefined: it never became ready. */
  get end(): CommitNote | undefined {
    return this.#end?.isReady === true ? this.#end : undefined;
  }

  /** The change that the timeline is about. */
  get change(): CommitNote | undefined {
    return this.#change;
  }

  log({ kind, namespace, name }: ObjectName): ObjectLog | undefined {
    return this.#logs.get(`${kind}/${namespace === "" ? name : `${namespace}/${name}`}`);
  }

  /** When the controllers last opened their watch of a kind within a time; -1: they did not. */
  watchOpenedUs(kind: string, fromUs: Micros, toUs: Micros): Micros {
    const isMeant = (each: { readonly kind: string; readonly openedUs: Micros }): boolean =>
      each.kind === kind && each.openedUs > fromUs && each.openedUs <= toUs;
    return this.#watches.findLast(isMeant)?.openedUs ?? NEVER;
  }

  /** All that is followed. */
  logs(): Iterable<ObjectLog> {
    return this.#logs.values();
  }

  operationsOn(log: ObjectLog): readonly UserOperationNote[] {
    return this.#operations.get(log) ?? [];
  }

  /** `namespace/name` of objects of the kind that is asked for. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Nothing more needs to be seen. */
  isDone(nowUs: Micros): boolean {
    if (this.#end === undefined) return false;
    const lastUs = this.end === undefined ? this.#end.timeUs : this.endpoints.doneUs(this.#end);
    return lastUs !== undefined && nowUs >= lastUs + ANSWERS_US;
  }

  #committed(entry: WatchEntry): void {
    const { record, object, type, timeUs, revision } = entry;
    this.endpoints.committed(entry);
    const { kind, key } = record;
    if (type === "ADDED" && kind === this.request.object.kind && this.#names.length < NAMES_MAX)
      this.#names.push(key);
    const log = this.#of(record);
    if (log === undefined || (this.#end !== undefined && !this.endpoints.follows(kind))) return;
    if (type === "ADDED" && log.commits.length > 0) log.forgetEarlierLife();
    const { isReady, isOver, progress, lacks } = readinessOf(object);
    const isDeleted = type === "DELETED";
    const { generation = 0 } = object.metadata;
    const commit: CommitNote = {
      type,
      revision,
      timeUs,
      generation,
      isReady: isReady && !isDeleted,
      isOver: isOver || isDeleted,
      progress,
      lacks: isDeleted ? "it was deleted" : lacks,
      isBound: kind === "Pod" && ((object as Pod).spec.nodeName ?? "") !== "",
    };
    const last = log.commits.at(-1);
    log.commits.push(commit);
    if (type === "ADDED") this.#noteSpec(log, object);
    if (log === this.target) this.#follow(commit, last);
  }

  /** Looks whether the story of the object has begun, or ended. */
  #follow(commit: CommitNote, last: CommitNote | undefined): void {
    if (this.#change === undefined) {
      const isChange = commit.type === "ADDED" || commit.generation > (last?.generation ?? 0);
      if (isChange && commit.timeUs >= this.request.afterUs) this.#change = commit;
    } else if (this.#end === undefined && (commit.isReady || commit.isOver)) this.#end = commit;
  }

  #noteSpec(log: ObjectLog, object: ApiObject): void {
    const owner = controllerOf(object);
    const { namespace } = log;
    log.owner = owner && { kind: owner.kind, namespace, name: owner.name };
    if (object.kind !== "Pod") return;
    const { containers } = (object as Pod).spec;
    log.hasReadinessProbe = containers.some(
      ({ readinessProbe, startupProbe }) => (readinessProbe ?? startupProbe) !== undefined,
    );
  }

  #delivered(fact: WatchDeliveredFact): void {
    if (fact.client !== CONTROLLERS) return;
    this.#delivery = fact;
    const { client, revision, timeUs, record } = fact;
    this.#of(record)?.deliveries.push({ client, revision, timeUs });
  }

  #reconciled({ record, controller, step, error, timeUs }: ReconcileFact): void {
    const log = this.#of(record);
    if (log === undefined) return;
    const last = log.syncs.findLast((sync) => sync.controller === controller);
    if (step === "queued") {
      const cause = this.#cause(timeUs);
      const lastError = last?.error ?? "";
      log.syncs.push({
        controller,
        queuedUs: timeUs,
        cause,
        lastError,
        startedUs: NEVER,
        doneUs: NEVER,
        firstCallUs: NEVER,
        error: "",
      });
    } else if (last !== undefined && step === "started") {
      last.startedUs = timeUs;
      this.#open.push({ log, sync: last });
    } else this.#done(controller, log, error, timeUs);
  }

  /** A key that was added during its sync is queued again just before that sync is said to be done. */
  #done(controller: string, log: ObjectLog, error: string, timeUs: Micros): void {
    const index = this.#open.findIndex(
      (each) => each.log === log && each.sync.controller === controller,
    );
    const open = this.#open[index];
    if (open === undefined) return;
    open.sync.doneUs = timeUs;
    open.sync.error = error;
    this.#open.splice(index, 1);
  }

  #cause(timeUs: Micros): Cause | undefined {
    const fact = this.#delivery;
    if (fact?.timeUs !== timeUs) return undefined;
    const { kind, namespace, name } = fact.record;
    return { kind, namespace, name, revision: fact.revision, timeUs };
  }

  #of(record: KeyRecord): ObjectLog | undefined {
    const known = this.#byRecord.get(record);
    if (known !== undefined) return known === NOT_FOLLOWED ? undefined : known;
    const id = `${record.kind}/${record.key}`;
    let log = this.#logs.get(id);
    if (log === undefined && this.#isFollowed(record)) {
      log = new ObjectLog(record);
      this.#logs.set(id, log);
    }
    this.#byRecord.set(record, log ?? NOT_FOLLOWED);
    return log;
  }

  /** The object itself, what it may own and what may own it, told by their names. */
  #isFollowed({ kind, namespace, name }: KeyRecord): boolean {
    const { object } = this.request;
    if (namespace !== object.namespace) return false;
    if (kind === object.kind && name === object.name) return true;
    if (this.endpoints.follows(kind)) return true;
    if (kind === "Pod") return object.kind !== "Pod" && isStem(object.name, name);
    if (!OWNERS.includes(kind)) return false;
    return isStem(name, object.name) || (object.kind !== "Pod" && isStem(object.name, name));
  }
}

const NOT_FOLLOWED = Symbol("not followed");

/** `daemon-set-controller` is the client of the controller `daemonset`. */
export function isOf(controller: string, client: string): boolean {
  const plain = (name: string): string => name.replaceAll("-", "").replace("controller", "");
  return plain(controller) === plain(client);
}

function isStem(owner: string, owned: string): boolean {
  return owned.startsWith(owner.slice(0, NAME_STEM));
}
