/** One sync of a StatefulSet: what it has found and how far it is. Plain data. */
import type { ControllerRevision, Pod, StatefulSet } from "../api/index.ts";
import { type SlowStart, slowStart } from "./slow-start.ts";
import type { StatefulPods } from "./stateful-set-plan.ts";
import { type WorkloadItem, WorkloadSync } from "./workload-sync.ts";

/** What a call about a pod or its claims was. */
export type PodItem =
  | { readonly call: "claim"; readonly ordinal: number; readonly claim: string }
  | { readonly call: "create" | "delete" | "owner" | "mend"; readonly name: string };

/** What a call of a sync was about. */
export type StatefulSetItem = WorkloadItem | PodItem | { readonly call: "status" | "reread" };

export class StatefulSetSync extends WorkloadSync<StatefulSet> {
  pods: Pod[] = [];
  parts: StatefulPods = { replicas: [], condemned: [] };
  current: ControllerRevision | undefined = undefined;
  /** Progress over the replicas, then over the condemned pods. */
  batches: SlowStart = slowStart(0);
  done = 0;
  /** Ordinals of the pods to be made once their claims are. */
  creating: number[] = [];
  /** Ordinals whose claims could not be made. */
  unclaimed: number[] = [];
  isBlocked = false;
  deletedForUpdate = 0;
  statusTries = 0;
}
