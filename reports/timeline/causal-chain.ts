/**
 * CausalChain: explains a commit by what led to it, backwards from its request to what the client
 * acted on, and so on until a user's command. The critical path: whatever was not waited for is
 * left out.
 *
 *   commit <- request <- sync of a controller <- delivery of an earlier commit <- ...
 *                     <- kubelet or scheduler <- the pod's own life <- its creation
 *                     <- kubectl: the beginning
 */
import type { Micros } from "../../sim/kernel/index.ts";
import type { DeliveryNote, RequestNote, SyncNote } from "./object-log.ts";
import { type CommitNote, type ObjectLog, objectText } from "./object-log.ts";
import { addPod } from "./pod-hops.ts";
import { addRequest, componentOf, requestText, USERS } from "./request-hops.ts";
import type { HopStep } from "./timeline.ts";
import { type FoundSync, isOf, type TimelineRecorder } from "./timeline-recorder.ts";
import type { Trail } from "./trail.ts";

interface Reason {
  readonly log: ObjectLog;
  readonly commit: CommitNote;
  /** It reached the controllers. */
  readonly deliveredUs: Micros;
}

const SERVERS_OF_PODS = ["kubelet", "kube-scheduler"];

export class CausalChain {
  readonly #recorder: TimelineRecorder;
  readonly #trail: Trail;
  /** Revisions that are explained, or are about to be. */
  readonly #explained = new Set<number>();

  constructor(recorder: TimelineRecorder, trail: Trail) {
    this.#recorder = recorder;
    this.#trail = trail;
  }

  /** Adds all hops up to the commit. */
  explain(log: ObjectLog, commit: CommitNote): void {
    if (this.#explained.has(commit.revision)) return;
    this.#explained.add(commit.revision);
    const request = requestOf(log, commit);
    if (request === undefined) {
      this.#trail.begin(commit.timeUs, `${objectText(log)} was there`);
      return;
    }
    this.#explainRequest(log, commit, request);
    addRequest(this.#trail, request, log, "effect");
  }

  /** Adds the hops of a pod's life up to a moment. */
  explainPod(log: ObjectLog, untilUs: Micros): void {
    const created = log.commits[0];
    if (created !== undefined) this.explain(log, created);
    addPod(this.#trail, log, untilUs);
  }

  #explainRequest(log: ObjectLog, commit: CommitNote, request: RequestNote): void {
    const { client, issuedUs } = request;
    if (client === USERS) return this.#explainUser(log, request);
    if (log.kind === "Pod" && SERVERS_OF_PODS.includes(client)) {
      this.explainPod(log, issuedUs);
      return this.#waitForStatus(log, commit, request);
    }
    const found = this.#syncOf(log, request);
    if (found !== undefined) return this.#explainSync(found, request);
    const before = log.commits.findLast(({ revision }) => revision < commit.revision);
    if (before !== undefined) this.explain(log, before);
    this.#trail.begin(
      issuedUs,
      `${componentOf(client)}: ${requestText(request)} ${objectText(log)}`,
    );
    this.#wait(log, client, issuedUs, `waiting for ${client}`);
  }

  #explainUser(log: ObjectLog, request: RequestNote): void {
    const operation = this.#recorder
      .operationsOn(log)
      .find(({ issuedUs, endUs }) => issuedUs <= request.issuedUs && request.issuedUs <= endUs);
    const verb = operation?.verb ?? request.verb;
    const source = operation === undefined ? "" : `, ${operation.source}`;
    const startUs = operation?.issuedUs ?? request.issuedUs;
    this.#trail.begin(startUs, `kubectl ${verb} ${objectText(log)}${source}`);
    const earlier = log.requests.filter(
      ({ client, issuedUs, answeredUs }) =>
        client === USERS && issuedUs >= startUs && answeredUs <= request.issuedUs,
    );
    for (const each of earlier) addRequest(this.#trail, each, log, "answer");
    this.#wait(log, USERS, request.issuedUs, "kubectl waits before it tries again");
  }

  /** Between the kubelet's last step and its telling of it. */
  #waitForStatus(log: ObjectLog, commit: CommitNote, { client, issuedUs }: RequestNote): void {
    const isStarted = log.startedUs >= 0 && issuedUs > log.startedUs;
    const hop = (step: HopStep, text: string): void =>
      this.#trail.to(issuedUs, { component: client, step, object: log, text });
    if (commit.isOver && isStarted) hop("run", "containers run to their end");
    else if (log.hasReadinessProbe && isStarted)
      hop("probe", "until the probes say that it is ready");
    else hop("status", "an earlier update is under way");
  }

  /** The sync in which a controller sent the request: of the object itself or of an owner of it. */
  #syncOf(log: ObjectLog, request: RequestNote): FoundSync | undefined {
    const { issuedUs } = request;
    const isOurs = ({ controller, startedUs, doneUs }: SyncNote): boolean =>
      isOf(controller, request.client) &&
      startedUs >= 0 &&
      startedUs <= issuedUs &&
      (doneUs < 0 || doneUs >= issuedUs);
    for (let at: ObjectLog | undefined = log; at !== undefined; at = this.#ownerOf(at)) {
      const sync = at.syncs.findLast(isOurs);
      if (sync !== undefined) return { log: at, sync };
    }
    return undefined;
  }

  #ownerOf({ owner }: ObjectLog): ObjectLog | undefined {
    return owner && this.#recorder.log(owner);
  }

  #explainSync({ log, sync }: FoundSync, request: RequestNote): void {
    const { client, issuedUs } = request;
    const reason = this.#reasonOf(log, sync, request);
    if (reason === undefined) this.#explainUnseen(log, sync, client);
    else {
      this.explain(reason.log, reason.commit);
      const { kind } = reason.log;
      const { commit, deliveredUs } = reason;
      const openedUs = this.#recorder.watchOpenedUs(kind, commit.timeUs, deliveredUs);
      const opening = `no watch of ${kind}s is open: list and watch begin, or begin again`;
      this.#wait(reason.log, client, openedUs, opening);
      const text = `watch delivery to ${client}`;
      const words = { component: "watch", step: "watch", object: reason.log, text } as const;
      this.#trail.to(reason.deliveredUs, words);
      this.#wait(log, client, sync.queuedUs, whyLater(log, sync));
    }
    const hop = (timeUs: Micros, step: "queue" | "sync", text: string): void =>
      this.#trail.to(timeUs, { component: client, step, object: log, text });
    hop(sync.startedUs, "queue", "in the work queue");
    hop(Math.min(sync.firstCallUs, issuedUs), "sync", "sync");
    const earlier = sync.firstCallUs < issuedUs ? ": its earlier calls are answered" : "";
    hop(issuedUs, "sync", `sync${earlier}`);
  }

  /** What happened elsewhere, or only in time. */
  #explainUnseen(log: ObjectLog, sync: SyncNote, client: string): void {
    const { cause, queuedUs } = sync;
    const base = log.commits.findLast(
      ({ timeUs, generation }, index) =>
        timeUs <= queuedUs && generation !== log.commits[index - 1]?.generation,
    );
    if (base !== undefined) this.explain(log, base);
    this.#trail.begin(queuedUs, `sync of ${objectText(log)} by ${client}`);
    const text = cause === undefined ? whyLater(log, sync) : `until ${objectText(cause)} changed`;
    this.#wait(log, client, queuedUs, text);
  }

  #wait(log: ObjectLog, client: string, timeUs: Micros, text: string): void {
    this.#trail.to(timeUs, { component: componentOf(client), step: "wait", object: log, text });
  }

  /**
   * The change that the request was the answer to. A status counts what it has seen, so its reason
   * is the latest news of what is counted; anything else is done for what has woken the sync.
   */
  #reasonOf(log: ObjectLog, sync: SyncNote, request: RequestNote): Reason | undefined {
    if (request.subresource === "status") {
      const news = this.#latest(log, 0, request.issuedUs, isNews);
      if (news !== undefined) return news;
    }
    const { cause } = sync;
    if (cause === undefined) return this.#sinceEarlierSync(log, sync);
    const of = this.#recorder.log(cause);
    const commit = of?.commits.find(({ revision }) => revision === cause.revision);
    return of && commit && { log: of, commit, deliveredUs: cause.timeUs };
  }

  /**
   * No delivery has put the key into the queue: a timer did, or it was added while it was worked
   * on. What came in since then is the reason, above all news.
   */
  #sinceEarlierSync(log: ObjectLog, sync: SyncNote): Reason | undefined {
    const earlier = syncBefore(log, sync);
    if (earlier === undefined || earlier.error !== "") return undefined;
    const { startedUs, doneUs } = earlier;
    const news = this.#latest(log, startedUs, sync.queuedUs, isNews);
    if (news !== undefined || doneUs !== sync.queuedUs) return news;
    return this.#latest(log, startedUs, sync.queuedUs, () => true);
  }

  /** Of the object and what it owns, the latest change of a kind that was delivered in a time. */
  #latest(log: ObjectLog, fromUs: Micros, toUs: Micros, isMeant: ChangeTest): Reason | undefined {
    let latest: Reason | undefined;
    for (const owned of this.#recorder.logs()) {
      if (owned !== log && this.#ownerOf(owned) !== log) continue;
      for (const [index, commit] of owned.commits.entries()) {
        if (commit.timeUs > toUs) break;
        if (!isMeant(commit, owned.commits[index - 1], owned === log)) continue;
        const deliveredUs = deliveryOf(owned, commit)?.timeUs ?? -1;
        if (deliveredUs < fromUs || deliveredUs > toUs) continue;
        if (latest !== undefined && latest.deliveredUs >= deliveredUs) continue;
        latest = { log: owned, commit, deliveredUs };
      }
    }
    return latest;
  }
}

type ChangeTest = (commit: CommitNote, before: CommitNote | undefined, isOwn: boolean) => boolean;

/** What is counted has come further; or something else is wanted of the object. */
const isNews: ChangeTest = (commit, before, isOwn) =>
  isOwn ? commit.generation > (before?.generation ?? 0) : commit.progress > (before?.progress ?? 0);

function syncBefore(log: ObjectLog, sync: SyncNote): SyncNote | undefined {
  const all = log.syncs.filter(({ controller }) => controller === sync.controller);
  return all[all.indexOf(sync) - 1];
}

/** What a sync waited for between a change and its place in the queue. */
function whyLater(log: ObjectLog, sync: SyncNote): string {
  const { lastError, cause, queuedUs } = sync;
  if (lastError !== "") return `waiting to try again after: ${lastError}`;
  const isTimer = cause === undefined && syncBefore(log, sync)?.doneUs !== queuedUs;
  return isTimer
    ? "waiting for a timer, such as minReadySeconds"
    : "waiting: an earlier sync is under way";
}

function deliveryOf(log: ObjectLog, commit: CommitNote): DeliveryNote | undefined {
  return log.deliveries.find(({ revision }) => revision === commit.revision);
}

const WRITES = ["create", "update", "patch", "delete"];

/** The request that made the commit; undefined: nobody asked (it was there when the run began). */
export function requestOf(log: ObjectLog, commit: CommitNote): RequestNote | undefined {
  const made = log.requests.filter(
    ({ verb, handledUs, code }) =>
      handledUs === commit.timeUs && code < 300 && code >= 200 && WRITES.includes(verb),
  );
  const isCreate = ({ verb, subresource }: RequestNote): boolean =>
    verb === "create" && subresource === "";
  return made.find((each) => isCreate(each) === (commit.type === "ADDED")) ?? made[0];
}
