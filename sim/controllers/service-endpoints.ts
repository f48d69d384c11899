/**
 * ServiceEndpoints: what the EndpointSlice controller knows of one Service: its pods, which of them
 * changed since the last sync, and what was planned for them. Plain data: a part of the
 * controller's state.
 */
import { findCondition, type KeyRecord, type Pod, type Service } from "../api/index.ts";
import type { WantedEndpoint } from "./endpoint-packing.ts";
import type { EndpointChange, SliceView } from "./slice-view.ts";

export class ServiceEndpoints {
  /** Pods that the Service selects. */
  readonly members: Set<KeyRecord<Pod>>;
  /** Pods to be looked at in the next sync: members, and those that were. */
  readonly dirty: Set<KeyRecord<Pod>>;
  /** What the slices should say, by pod, as of the last sync. */
  readonly wanted = new Map<KeyRecord<Pod>, WantedEndpoint>();
  readonly view: SliceView;
  /** The slices are as the view has them, unless somebody else changed them. */
  isInView = false;
  /** When each pod last became ready or unready, as far as a sync has seen. */
  readonly triggers = new Map<KeyRecord<Pod>, string>();
  /** The same of the Service; "": no sync has seen it. */
  trigger = "";
  /** Hints by zone, while they are shared out by CPU. */
  hinted: ReadonlyMap<string, number> | undefined = undefined;
  /** What the plans were made of: when one of these changes, all is compared anew. */
  spec: unknown = undefined;
  labels: unknown = undefined;
  annotations: unknown = undefined;
  nodeChanges = -1;

  constructor(members: readonly KeyRecord<Pod>[], view: SliceView) {
    this.members = new Set(members);
    this.dirty = new Set(members);
    this.view = view;
  }

  /** The Service selects other pods now. */
  select(members: readonly KeyRecord<Pod>[]): void {
    for (const record of this.members) this.dirty.add(record);
    this.members.clear();
    for (const record of members) {
      this.members.add(record);
      this.dirty.add(record);
    }
  }

  /** All pods are to be looked at again, as all that the endpoints depend on may have changed. */
  basedOn({ spec, metadata }: Service, nodeChanges: number): void {
    const { labels, annotations } = metadata;
    const isSame =
      this.spec === spec &&
      this.labels === labels &&
      this.annotations === annotations &&
      this.nodeChanges === nodeChanges;
    if (isSame) return;
    this.spec = spec;
    this.labels = labels;
    this.annotations = annotations;
    this.nodeChanges = nodeChanges;
    this.isInView = false;
    for (const record of this.members) this.dirty.add(record);
  }

  /**
   * The time that the annotation last-change-trigger-time shows: the earliest of the changes since
   * the last sync; "": none changed (ComputeEndpointLastChangeTriggerTime in
   * staging/src/k8s.io/endpointslice/util/trigger_time_tracker.go of v1.30). Call before `changes`.
   */
  triggerTime({ metadata }: Service, view: (record: KeyRecord<Pod>) => Pod | undefined): string {
    let first = "";
    for (const record of this.dirty) {
      const pod = this.members.has(record) ? view(record) : undefined;
      const time = findCondition(pod?.status.conditions, "Ready")?.lastTransitionTime;
      if (time === undefined) {
        this.triggers.delete(record);
        continue;
      }
      if (time > (this.triggers.get(record) ?? "") && (first === "" || time < first)) first = time;
      this.triggers.set(record, time);
    }
    const isNew = this.trigger === "";
    this.trigger = metadata.creationTimestamp;
    return isNew ? this.trigger : first;
  }

  /**
   * Takes in what is wanted now of the pods that changed. `want` answers "later" for a pod that
   * must be looked at again and has no endpoint until then. In the order of the pods' keys.
   */
  changes(
    want: (record: KeyRecord<Pod>) => WantedEndpoint | "later" | undefined,
  ): EndpointChange[] {
    const changes: EndpointChange[] = [];
    for (const record of [...this.dirty].sort(byKey)) {
      const before = this.wanted.get(record);
      const answer = this.members.has(record) ? want(record) : undefined;
      const after = answer === "later" ? undefined : answer;
      if (answer !== "later") this.dirty.delete(record);
      if (after === undefined) this.wanted.delete(record);
      else this.wanted.set(record, after);
      if (before !== undefined || after !== undefined) changes.push({ before, after });
    }
    return changes;
  }

  /** All that is wanted, in the order of the pods' keys. */
  allWanted(): WantedEndpoint[] {
    const entries = [...this.wanted];
    return entries.sort(([a], [b]) => byKey(a, b)).map(([, wanted]) => wanted);
  }
}

function byKey(a: KeyRecord, b: KeyRecord): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id;
}
