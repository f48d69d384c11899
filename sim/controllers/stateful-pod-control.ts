/**
 * StatefulPodControl: the calls of a StatefulSet's sync about one pod and its claims, and the Events
 * that tell of them.
 *
 * Source: pkg/controller/statefulset/stateful_pod_control.go of v1.30. Our assumption: a set that
 * waits for a stale claim to go is looked at when it goes; the real one waits for any event.
 */
import type {
  ControllerRevision,
  KeyRecord,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
} from "../api/index.ts";
import type { ApiCall, EventRecorder, Indexer, SharedInformer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Reconciler } from "./reconciler.ts";
import { templateOf } from "./revision-history.ts";
import { isStale, podClaims, withRightOwners } from "./stateful-set-claims.ts";
import { claimNames, mendedPod, ordinalOf, podName, statefulPod } from "./stateful-set-identity.ts";
import type { PodItem, StatefulSetItem, StatefulSetSync } from "./stateful-set-sync.ts";

/** Index of claims by namespace and name. */
const BY_KEY = "stateful-set/claim-key";

export interface StatefulPodControlSettings {
  readonly kernel: Kernel;
  readonly claims: SharedInformer<PersistentVolumeClaim>;
  readonly reconciler: Reconciler<StatefulSetSync, StatefulSetItem>;
  readonly events: EventRecorder;
}

export class StatefulPodControl {
  /** Sets that wait for a claim of an earlier pod to go, by the claim's key. */
  state: { readonly waiting: Map<string, KeyRecord<StatefulSet>> } = { waiting: new Map() };
  readonly #claims: Indexer<PersistentVolumeClaim>;
  readonly #reconciler: Reconciler<StatefulSetSync, StatefulSetItem>;
  readonly #events: EventRecorder;

  constructor({ kernel, claims, reconciler, events }: StatefulPodControlSettings) {
    this.#claims = claims.indexer;
    this.#reconciler = reconciler;
    this.#events = events;
    claims.indexer.addIndex(
      BY_KEY,
      ({ metadata }) => keyOf(metadata.namespace, metadata.name),
      "names",
    );
    claims.addEventHandler({ onDelete: (record) => this.#onClaimGone(record) });
    kernel.keep("controller/statefulset/pods", this);
  }

  /** Whether the pod has to wait for a claim of an earlier pod of its name (PodClaimIsStale). */
  awaitsStaleClaim(work: StatefulSetSync, set: StatefulSet, ordinal: number): boolean {
    for (const name of claimNames(set, ordinal).values()) {
      const claim = this.#claim(set, name);
      if (claim === undefined || !isStale(set, ordinal, claim)) continue;
      const record = work.record as KeyRecord<StatefulSet>;
      this.state.waiting.set(keyOf(set.metadata.namespace, name), record);
      return true;
    }
    return false;
  }

  /** Makes the claims of a pod that are missing. */
  makeClaims(work: StatefulSetSync, set: StatefulSet, ordinal: number): void {
    if (set.spec.volumeClaimTemplates === undefined) return;
    for (const manifest of podClaims(set, ordinal)) {
      const name = manifest.metadata?.name ?? "";
      const known = this.#claim(set, name);
      if (known === undefined) {
        const item: PodItem = { call: "claim", ordinal, claim: name };
        this.#reconciler.create(work, "PersistentVolumeClaim", manifest, item);
      } else if (known.metadata.deletionTimestamp !== undefined) {
        work.unclaimed.push(ordinal);
        this.#failed(work, "create", podName(set, ordinal), `pvc ${name} is being deleted`);
      }
    }
  }

  /** Makes the pod, unless its claims could not be made. */
  create(
    work: StatefulSetSync,
    set: StatefulSet,
    ordinal: number,
    revision: ControllerRevision,
  ): void {
    if (work.unclaimed.includes(ordinal)) return;
    const template = templateOf(revision);
    const manifest = statefulPod(set, ordinal, revision.metadata.name, template);
    this.#reconciler.create(work, "Pod", manifest, { call: "create", name: podName(set, ordinal) });
  }

  /** Gives the pod the labels of its identity, and its volumes (UpdateStatefulPod). */
  mend(work: StatefulSetSync, set: StatefulSet, pod: Pod): void {
    const mended = mendedPod(set, pod);
    if (mended === undefined) return;
    const { name } = pod.metadata;
    if (mended.spec !== pod.spec) this.makeClaims(work, set, ordinalOf(pod));
    const record = podRecord(work, pod);
    this.#reconciler.update(work, record, mended, "", { call: "mend", name });
  }

  /** Makes owners of the claims as their policy wants (UpdatePodClaimForRetentionPolicy). */
  setOwners(work: StatefulSetSync, set: StatefulSet, pod: Pod): void {
    if (set.spec.volumeClaimTemplates === undefined) return;
    for (const name of claimNames(set, ordinalOf(pod)).values()) {
      const record = this.#claimRecord(set, name);
      const claim = record === undefined ? undefined : this.#claims.get(record);
      if (record === undefined || claim === undefined) continue;
      const owned = withRightOwners(set, pod, claim);
      if (owned === undefined) continue;
      const item: PodItem = { call: "owner", name: pod.metadata.name };
      this.#reconciler.update(work, record, owned, "", item);
    }
  }

  delete(work: StatefulSetSync, pod: Pod): void {
    const { name } = pod.metadata;
    this.#reconciler.delete(work, podRecord(work, pod), { call: "delete", name });
  }

  /** The answer to a call made here. */
  onAnswer(work: StatefulSetSync, call: ApiCall, item: PodItem): void {
    switch (item.call) {
      case "claim":
        return this.#onClaimMade(work, call, item.ordinal, item.claim);
      case "create":
        if (call.code === 409)
          work.error = call.message; // the informer is behind: no event
        else this.#record(work, "create", item.name, call);
        return;
      case "delete":
        return this.#record(work, "delete", item.name, call);
      case "mend":
        return this.#record(work, "update", item.name, call);
      case "owner":
        if (!call.ok) this.#failed(work, "update", item.name, call.message);
        return;
    }
  }

  #onClaimGone({ key }: KeyRecord): void {
    const set = this.state.waiting.get(key);
    if (set === undefined) return;
    this.state.waiting.delete(key);
    this.#reconciler.enqueue(set);
  }

  #onClaimMade(work: StatefulSetSync, call: ApiCall, ordinal: number, claim: string): void {
    const set = work.owner;
    if (set === undefined) return;
    const pod = podName(set, ordinal);
    const about = `Claim ${claim} Pod ${pod} in StatefulSet ${set.metadata.name}`;
    if (call.ok) {
      this.#events.event(set, "Normal", "SuccessfulCreate", `create ${about} success`);
      return;
    }
    work.unclaimed.push(ordinal);
    const text = `failed to create PVC ${claim}: ${call.message}`;
    if (call.code === 409) work.error = text;
    else this.#failed(work, "create", pod, text);
  }

  /** recordPodEvent. A pod that is gone already needs no deletion. */
  #record(work: StatefulSetSync, verb: string, pod: string, call: ApiCall): void {
    const set = work.owner;
    if (set === undefined) return;
    if (!call.ok && call.code === 404 && verb === "delete") return;
    if (!call.ok) return this.#failed(work, verb, pod, call.message);
    const text = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name} successful`;
    this.#events.event(set, "Normal", `Successful${titled(verb)}`, text);
  }

  #failed(work: StatefulSetSync, verb: string, pod: string, error: string): void {
    const set = work.owner;
    work.error = error;
    if (set === undefined) return;
    const text = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${error}`;
    this.#events.event(set, "Warning", `Failed${titled(verb)}`, text);
  }

  #claim(set: StatefulSet, name: string): PersistentVolumeClaim | undefined {
    const record = this.#claimRecord(set, name);
    return record === undefined ? undefined : this.#claims.get(record);
  }

  #claimRecord(
    { metadata }: StatefulSet,
    name: string,
  ): KeyRecord<PersistentVolumeClaim> | undefined {
    return this.#claims.byIndex(BY_KEY, keyOf(metadata.namespace, name))[0];
  }
}

/** The key of a pod that the sync has found. */
function podRecord(
  { podClaims: { kept, orphans } }: StatefulSetSync,
  { metadata }: Pod,
): KeyRecord<Pod> {
  const isIt = ({ name }: KeyRecord): boolean => name === metadata.name;
  const record = kept.find(isIt) ?? orphans.find(isIt);
  if (record === undefined) throw new Error(`no key of pod ${metadata.name}`);
  return record;
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function titled(verb: string): string {
  return `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
}
