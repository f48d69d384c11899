/**
 * What the syncs of StatefulSets and DaemonSets share: both own pods and ControllerRevisions, adopt
 * those that they select and let go of those that they no longer select, and turn their template
 * into a revision before anything else.
 *
 *   claim -> (is it still there?) -> adopt -> revise -> ...
 *
 * Source: ClaimPods and ClaimControllerRevisions in pkg/controller/controller_ref_manager.go,
 * CreateControllerRevision in pkg/controller/history/controller_history.go of v1.30.
 */
import {
  type ApiObject,
  type ControllerRevision,
  compileLabelSelector,
  controllerOf,
  type DaemonSet,
  type KeyRecord,
  type Pod,
  type StatefulSet,
} from "../api/index.ts";
import type { ApiCall, Indexer, SharedInformer } from "../client/index.ts";
import {
  adoptionPatch,
  type Claims,
  claim,
  ownersSelecting,
  releasePatch,
  resolveController,
} from "./ownership.ts";
import { isPodReady, isTerminating } from "./pod-state.ts";
import { type Reconciler, SyncWork } from "./reconciler.ts";
import {
  compareRevisions,
  isRevisionOf,
  type OwnedRevision,
  outdatedRevisions,
  revisionStep,
} from "./revision-history.ts";

const SECOND_US = 1_000_000;

/** The part of a controller's reconciler that is used here. */
type Calls<Owner extends Workload> = Pick<
  Reconciler<WorkloadSync<Owner>, WorkloadItem>,
  "enqueue" | "enqueueAfter" | "create" | "update" | "patch" | "delete" | "get"
>;

type Workload = StatefulSet | DaemonSet;
type PodClaims = Claims<Pod>;
type RevisionClaims = Claims<ControllerRevision>;

const NOTHING: { kept: []; released: []; orphans: [] } = { kept: [], released: [], orphans: [] };

/** What a call made here was about. */
export interface WorkloadItem {
  readonly call: "workload";
  readonly step: "check" | "adopt" | "release" | "create" | "existing" | "renumber" | "truncate";
  /** Of an adoption: whose. */
  readonly kind: "Pod" | "ControllerRevision";
}

export class WorkloadSync<Owner extends Workload> extends SyncWork {
  /** As the informer had it when the sync began. */
  owner: Owner | undefined = undefined;
  podClaims: PodClaims = NOTHING;
  revisionClaims: RevisionClaims = NOTHING;
  /** No call was answered since the claims were looked up: they are still what the informer has. */
  isFresh = false;
  /** Pods adopted in this sync: the informer does not show them yet. */
  adopted: Pod[] = [];
  /** Owned, oldest first. */
  revisions: OwnedRevision[] = [];
  /** That of the template as it is now. */
  update: ControllerRevision | undefined = undefined;
  collisionCount = 0;
}

export interface WorkloadsSettings<Owner extends Workload> {
  readonly kind: Owner["kind"];
  readonly owners: SharedInformer<Owner>;
  readonly pods: SharedInformer<Pod>;
  readonly revisions: SharedInformer<ControllerRevision>;
  readonly reconciler: Calls<Owner>;
  /** Whether a pod's name allows it to belong to the owner. */
  readonly isMember: (owner: Owner, pod: Pod) => boolean;
  /** A pod of the owner has appeared, or is on its way out or gone. */
  readonly onPodAdded?: (owner: KeyRecord<Owner>) => void;
  readonly onPodDeleted?: (owner: KeyRecord<Owner>) => void;
}

export class Workloads<Owner extends Workload> {
  readonly #settings: WorkloadsSettings<Owner>;
  readonly #owners: Indexer<Owner>;
  readonly #pods: Indexer<Pod>;
  readonly #revisions: Indexer<ControllerRevision>;
  readonly #reconciler: Calls<Owner>;

  /** Registers what the owners, their pods and revisions tell. */
  constructor(settings: WorkloadsSettings<Owner>) {
    const { owners, pods, revisions, reconciler } = settings;
    this.#settings = settings;
    this.#owners = owners.indexer;
    this.#pods = pods.indexer;
    this.#revisions = revisions.indexer;
    this.#reconciler = reconciler;
    pods.addEventHandler({
      onAdd: (_record, pod) => this.#onPodAdded(pod),
      onUpdate: (_record, old, pod) => this.#onPodUpdated(old, pod),
      onDelete: (_record, last) => this.#onPodDeleted(last),
    });
  }

  /** Finds what belongs to the owner; asks whether that still exists before it adopts anything. */
  claim(work: WorkloadSync<Owner>, owner: Owner): void {
    const selector = compileLabelSelector(owner.spec.selector);
    work.owner = owner;
    work.collisionCount = owner.status.collisionCount ?? 0;
    const { isMember } = this.#settings;
    work.podClaims = claim(this.#pods, owner, selector, (pod) => isMember(owner, pod));
    work.isFresh = true;
    work.revisionClaims = claim(this.#revisions, owner, selector, () => true);
    for (const record of work.revisionClaims.kept) this.#keep(work, this.#revisions.get(record));
    if (work.podClaims.orphans.length + work.revisionClaims.orphans.length > 0)
      this.#reconciler.get(work, work.record, item("check", "Pod"));
  }

  /** Adopts and releases. */
  adopt(work: WorkloadSync<Owner>, owner: Owner): void {
    this.#adoptAll(work, owner, this.#pods, work.podClaims, "Pod");
    const { revisionClaims } = work;
    this.#adoptAll(work, owner, this.#revisions, revisionClaims, "ControllerRevision");
  }

  /**
   * The owner's pods as the informer has them now, by name, with those that were just adopted;
   * `work.podClaims.kept` are then their keys.
   */
  podsOf(work: WorkloadSync<Owner>, owner: Owner): Pod[] {
    if (!work.isFresh) {
      const selector = compileLabelSelector(owner.spec.selector);
      const { isMember } = this.#settings;
      const { kept } = claim(this.#pods, owner, selector, (pod) => isMember(owner, pod));
      work.podClaims = { ...work.podClaims, kept };
      work.isFresh = true;
    }
    const pods = work.podClaims.kept.flatMap((record) => this.#pods.get(record) ?? []);
    if (work.adopted.length === 0) return pods.sort(byName);
    const known = new Set(pods.map(({ metadata }) => metadata.name));
    for (const pod of work.adopted) if (!known.has(pod.metadata.name)) pods.push(pod);
    return pods.sort(byName);
  }

  /** Makes sure of the template's revision; `work.update` has it once the calls are answered. */
  revise(work: WorkloadSync<Owner>, owner: Owner): void {
    work.revisions.sort(compareRevisions);
    const step = revisionStep(owner, work.revisions, work.collisionCount);
    if (step.action === "none") work.update = step.revision;
    else if (step.action === "renumber") {
      const about = item("renumber", "ControllerRevision");
      this.#reconciler.update(work, step.record, step.revision, "", about);
    } else {
      const about = item("create", "ControllerRevision");
      this.#reconciler.create(work, "ControllerRevision", step.manifest, about);
    }
  }

  /** Deletes revisions beyond the limit that are not `live`. */
  truncate(work: WorkloadSync<Owner>, owner: Owner, live: ReadonlySet<string>): void {
    const limit = owner.spec.revisionHistoryLimit ?? 10;
    for (const { record } of outdatedRevisions(work.revisions, live, limit))
      this.#reconciler.delete(work, record, item("truncate", "ControllerRevision"));
  }

  /** The answer to a call made here. */
  onAnswer(work: WorkloadSync<Owner>, call: ApiCall, { step, kind }: WorkloadItem): void {
    if (step === "check") return onChecked(work, call);
    if (step === "create" && call.code === 409 && call.record !== undefined) {
      const about = item("existing", "ControllerRevision");
      return this.#reconciler.get(work, call.record, about);
    }
    if (!call.ok) {
      const isGone = call.code === 404 && step !== "create" && step !== "existing";
      if (!isGone) work.error = call.message;
    } else if (step === "adopt" && kind === "Pod") work.adopted.push(call.object as Pod);
    else if (step === "adopt") this.#keep(work, call.object as ControllerRevision);
    else if (step === "existing") this.#onExisting(work, call.object as ControllerRevision);
    else if (step === "create" || step === "renumber")
      this.#onRevised(work, call.object as ControllerRevision);
  }

  /** A revision of that name exists: it is the one, or another template has the same hash. */
  #onExisting(work: WorkloadSync<Owner>, revision: ControllerRevision): void {
    if (work.owner !== undefined && isRevisionOf(work.owner, revision))
      return this.#onRevised(work, revision);
    work.collisionCount++;
    work.stage = "revise";
  }

  #onRevised(work: WorkloadSync<Owner>, revision: ControllerRevision): void {
    const { name } = revision.metadata;
    work.update = revision;
    work.revisions = work.revisions.filter((each) => each.revision.metadata.name !== name);
    this.#keep(work, revision);
  }

  #keep(work: WorkloadSync<Owner>, revision: ControllerRevision | undefined): void {
    if (revision === undefined) return;
    const record = work.revisionClaims.kept.find(({ name }) => name === revision.metadata.name);
    const orphan = work.revisionClaims.orphans.find(({ name }) => name === revision.metadata.name);
    const found = record ?? orphan;
    if (found !== undefined) work.revisions.push({ record: found, revision });
  }

  #adoptAll<T extends ApiObject>(
    work: WorkloadSync<Owner>,
    owner: Owner,
    store: Indexer<T>,
    { released, orphans }: Claims<T>,
    kind: WorkloadItem["kind"],
  ): void {
    for (const record of released) {
      const object = store.get(record);
      if (object === undefined) continue;
      this.#reconciler.patch(work, record, releasePatch(owner, object), "", item("release", kind));
    }
    for (const record of orphans) {
      const object = store.get(record);
      if (object === undefined || work.error !== "") continue;
      this.#reconciler.patch(work, record, adoptionPatch(owner, object), "", item("adopt", kind));
    }
  }

  #onPodAdded(pod: Pod): void {
    if (isTerminating(pod)) return this.#onPodDeleted(pod);
    if (controllerOf(pod) === undefined) return this.#enqueueSelecting(pod);
    const owner = this.#ownerOf(pod);
    if (owner === undefined) return;
    this.#settings.onPodAdded?.(owner);
    this.#reconciler.enqueue(owner);
  }

  #onPodUpdated(old: Pod, pod: Pod): void {
    if (isTerminating(pod)) return this.#onPodDeleted(pod);
    const reference = controllerOf(pod);
    const isMoved = controllerOf(old)?.uid !== reference?.uid;
    if (isMoved) {
      const oldOwner = this.#ownerOf(old);
      if (oldOwner !== undefined) this.#reconciler.enqueue(oldOwner);
    }
    if (reference === undefined) {
      if (isMoved || old.metadata.labels !== pod.metadata.labels) this.#enqueueSelecting(pod);
      return;
    }
    const owner = this.#ownerOf(pod);
    if (owner === undefined) return;
    this.#reconciler.enqueue(owner);
    const minReadySeconds = this.#owners.get(owner)?.spec.minReadySeconds ?? 0;
    // One second more than the wait: timestamps have whole seconds.
    if (minReadySeconds > 0 && !isPodReady(old) && isPodReady(pod))
      this.#reconciler.enqueueAfter(owner, (minReadySeconds + 1) * SECOND_US);
  }

  #onPodDeleted(pod: Pod): void {
    const owner = this.#ownerOf(pod);
    if (owner === undefined) return;
    this.#settings.onPodDeleted?.(owner);
    this.#reconciler.enqueue(owner);
  }

  #ownerOf(pod: Pod): KeyRecord<Owner> | undefined {
    return resolveController(this.#owners, this.#settings.kind, pod);
  }

  #enqueueSelecting({ metadata }: Pod): void {
    const { labels = {} } = metadata;
    for (const owner of ownersSelecting(this.#owners, metadata, ({ spec }) =>
      compileLabelSelector(spec.selector).matches(labels),
    )) {
      this.#reconciler.enqueue(owner);
    }
  }
}

function item(step: WorkloadItem["step"], kind: WorkloadItem["kind"]): WorkloadItem {
  return { call: "workload", step, kind };
}

/** RecheckDeletionTimestamp: before an adoption the owner is read from the API server. */
function onChecked(work: WorkloadSync<Workload>, call: ApiCall): void {
  const { owner, record } = work;
  const { metadata } = call.object ?? {};
  if (!call.ok || metadata === undefined) work.error = call.message;
  else if (metadata.uid !== owner?.metadata.uid)
    work.error = `original ${record.kind} ${record.key} is gone: got uid ${metadata.uid}, wanted ${owner?.metadata.uid}`;
  else if (metadata.deletionTimestamp !== undefined)
    work.error = `${record.key} has just been deleted at ${metadata.deletionTimestamp}`;
}

const byName = (a: Pod, b: Pod): number => (a.metadata.name < b.metadata.name ? -1 : 1);
