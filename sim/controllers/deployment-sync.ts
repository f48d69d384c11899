/** DeploymentSync: what one sync of a Deployment knows and has yet to do. Plain data. */
import type { Deployment, KeyRecord, ReplicaSet } from "../api/index.ts";
import type { Resize } from "./deployment-arithmetic.ts";
import { SyncWork } from "./reconciler.ts";

/** What a sync is for. */
export type Purpose =
  /** The Deployment is being deleted: only its status is kept up. */
  | "status"
  /** It is paused, or was resized: its ReplicaSets are scaled, its template is not rolled out. */
  | "scale"
  /** Its annotation asks for an old template. */
  | "rollback"
  | "rolling"
  | "recreate";

/** What a call of a sync was about. */
export type DeploymentCall =
  | "check"
  | "adopt"
  | "release"
  | "pause"
  | "annotate"
  | "create"
  | "collision"
  | "failure"
  | "revision"
  | "rollback"
  | "resize"
  | "cleanup"
  | "status";

export class DeploymentSync extends SyncWork {
  /** As the informer had it when the sync began, with what the sync has noted on it since. */
  deployment: Deployment | undefined = undefined;
  purpose: Purpose = "status";
  /** Its ReplicaSets, and their keys by uid. */
  sets: ReplicaSet[] = [];
  readonly keys = new Map<string, KeyRecord<ReplicaSet>>();
  orphans: KeyRecord<ReplicaSet>[] = [];
  released: KeyRecord<ReplicaSet>[] = [];
  newSet: ReplicaSet | undefined = undefined;
  old: ReplicaSet[] = [];
  /** The ReplicaSet of the template may be made if there is none. */
  mayCreate = false;
  /** It was made in this sync. */
  hasCreated = false;
  /** Changes of size that are still to be made, one after the other. */
  resizes: Resize[] = [];
  /** A step of the rollout was made: what comes after it must wait for its effect. */
  hasStepped = false;

  /** The Event that tells of a rollback once it is written. */
  rollback:
    | { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string }
    | undefined = undefined;

  /** All ReplicaSets, the new one last. */
  get all(): ReplicaSet[] {
    return this.newSet === undefined ? this.old : [...this.old, this.newSet];
  }

  keep(key: KeyRecord<ReplicaSet>, set: ReplicaSet): void {
    this.keys.set(set.metadata.uid, key);
    this.sets.push(set);
  }
}
