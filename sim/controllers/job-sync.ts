/** JobSync: what one sync of a Job knows and has yet to do. Plain data. */
import type { Job, KeyRecord, Pod } from "../api/index.ts";
import { type BackoffRecord, NO_FAILURES } from "./job-backoff.ts";
import type { JobCondition, PodCounts } from "./job-count.ts";
import { SyncWork } from "./reconciler.ts";
import { type SlowStart, slowStart } from "./slow-start.ts";

/** What a call of a sync was about. */
export type JobCall =
  | { readonly call: "check" | "create" | "flush" | "status" }
  | { readonly call: "untrack"; readonly uid: string }
  | { readonly call: "adopt" | "release"; readonly pod: KeyRecord<Pod> }
  /** A pod of a Job that goes on is dropped without being counted, then deleted. */
  | { readonly call: "drop" | "delete"; readonly pod: KeyRecord<Pod>; readonly wasReady: boolean }
  /** An active pod of a Job that has failed: it will be counted. */
  | { readonly call: "end"; readonly pod: KeyRecord<Pod>; readonly wasReady: boolean };

/** Never written to. */
const NONE = new Set<string>();

export class JobSync extends SyncWork {
  /** The Job, with the status that is being made; later writes build on the answers to earlier ones. */
  job: Job | undefined = undefined;
  readonly pods: Pod[] = [];
  /** Of each of the pods, in the same order. */
  readonly keys: KeyRecord<Pod>[] = [];
  /** The keys by uid, once somebody asks: most syncs touch no pod. */
  keysByUid: Map<string, KeyRecord<Pod>> | undefined = undefined;
  orphans: KeyRecord<Pod>[] = [];
  released: KeyRecord<Pod>[] = [];
  isSatisfied = false;
  counts: PodCounts | undefined = undefined;
  backoff: BackoffRecord = NO_FAILURES;
  /** Active, ready and terminating pods as the status will tell them. */
  active = 0;
  ready = 0;
  terminating = 0;
  finished: JobCondition | undefined = undefined;
  /** The same, when the last write of this sync makes it true. */
  ending: JobCondition | undefined = undefined;
  /** manageJob was called: the number of pods is being kept. */
  isManaged = false;
  /** Deleted in this sync. */
  deletedCount = 0;
  creations: SlowStart = slowStart(0);
  /** Indexes of the pods that are still to be made. */
  indexes: number[] = [];
  /** Pods whose finalizer is taken off in this sync. */
  untracked: KeyRecord<Pod>[] = [];
  /** Uids of pods that still have the finalizer; only where some are uncounted. */
  tracked: Set<string> = NONE;
  /** Not all ended pods fitted into this sync. */
  hasMore = false;
  /** The status must be written. */
  isDirty = false;

  keep(key: KeyRecord<Pod>, pod: Pod): void {
    this.keys.push(key);
    this.pods.push(pod);
    this.keysByUid?.set(pod.metadata.uid, key);
  }

  /** The key of one of the pods. */
  keyOf(uid: string): KeyRecord<Pod> | undefined {
    let known = this.keysByUid;
    if (known === undefined) {
      known = new Map();
      for (const [i, key] of this.keys.entries()) {
        const pod = this.pods[i];
        if (pod !== undefined) known.set(pod.metadata.uid, key);
      }
      this.keysByUid = known;
    }
    return known.get(uid);
  }
}
