/** CronJobSync: what one sync of a CronJob knows and has yet to do. Plain data. */
import type { CronJob, Job, KeyRecord } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { SyncWork } from "./reconciler.ts";

/** What a call of a sync was about. */
export type CronJobCall =
  | { readonly call: "check" | "create" | "existing" | "status" }
  /** An active Job that the informer does not have. */
  | { readonly call: "missing"; readonly uid: string; readonly name: string }
  /** A Job that goes because of the history's limits. */
  | { readonly call: "clean"; readonly job: Job }
  /** One that the next replaces: read, then deleted. */
  | { readonly call: "find"; readonly record: KeyRecord }
  | { readonly call: "replace"; readonly job: Job };

export class CronJobSync extends SyncWork {
  /** As the informer had it, with the status that is being made. */
  cronJob: CronJob | undefined = undefined;
  /** As the API server has it, when that was asked. */
  fresh: CronJob | undefined = undefined;
  jobs: Job[] = [];
  /** The run that is due now; -1: none. */
  scheduledUs: Micros = -1;
  /** When the sync looked at the clock. */
  nowUs: Micros = 0;
  /** How long until the next sync; -1: none is due. */
  requeueUs: Micros = -1;
  /** The status must be written. */
  isDirty = false;
}
