/**
 * PersistentVolumeController: binds claims to volumes, and follows what becomes of them.
 *
 *   claims   Pending -> Bound (-> Lost)          volumes   Pending -> Available -> Bound -> Released
 *
 * Each of the two has a queue with one worker. What a sync does is worked out by
 * persistent-volume-plan.ts, one write at a time. A claim that nothing suits, and a sync that failed,
 * come again with the next resync, every 15 s in the real controller; here a resync happens only when
 * something has changed that could help.
 *
 * Source: pkg/controller/volume/persistentvolume/pv_controller_base.go of v1.30.
 */
import {
  claimClass,
  type KeyRecord,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
  volumeClass,
} from "../api/index.ts";
import type { ApiCall, Indexer, SharedInformer } from "../client/index.ts";
import type { HandlerId, Kernel } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import {
  type ClaimPlan,
  planClaim,
  planVolume,
  type VolumePlan,
  type VolumeWorld,
} from "./persistent-volume-plan.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";
import { VolumeStore } from "./volume-store.ts";

/** PVClaimBinderSyncPeriod: --pvclaimbinder-sync-period. */
const RESYNC_US = 15_000_000;
/** Claims, and volumes, are each synced one after the other. */
const WORKERS = 1;

/** Index of volumes by the claim that they name, `namespace/name`. */
const BY_CLAIM = "claim";
/** Index of volumes that name no claim, by class. */
const UNCLAIMED = "unclaimed-class";
/** Index of claims and volumes by their key. */
const BY_KEY = "key";

/** The object that the sync's last write was about. */
type Item = KeyRecord;

interface PersistentVolumeControllerState {
  /** Claims and volumes that a change may help. */
  readonly waiting: Set<KeyRecord>;
  isResyncDue: boolean;
}

export class PersistentVolumeController implements Controller {
  state: PersistentVolumeControllerState = { waiting: new Set(), isResyncDue: false };
  readonly #kernel: Kernel;
  readonly #volumes: Indexer<PersistentVolume>;
  readonly #claims: Indexer<PersistentVolumeClaim>;
  readonly #volumeStore: VolumeStore<PersistentVolume>;
  readonly #claimStore: VolumeStore<PersistentVolumeClaim>;
  readonly #world: VolumeWorld;
  readonly #claimSyncs: Reconciler<SyncWork, Item>;
  readonly #volumeSyncs: Reconciler<SyncWork, Item>;
  readonly #resync: HandlerId;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("persistent-volume-binder");
    const volumes = context.informer<PersistentVolume>("PersistentVolume");
    const claims = context.informer<PersistentVolumeClaim>("PersistentVolumeClaim");
    const storageClasses = context.informer<StorageClass>("StorageClass");
    this.#kernel = kernel;
    this.#volumes = volumes.indexer;
    this.#claims = claims.indexer;
    this.#volumeStore = new VolumeStore(kernel, "controller/volumes-written", volumes.indexer);
    this.#claimStore = new VolumeStore(kernel, "controller/claims-written", claims.indexer);
    this.#world = this.#lookUp(storageClasses.indexer);
    const shared = { kernel, client, workers: WORKERS, controllerSync };
    this.#claimSyncs = new Reconciler(
      { ...shared, name: "persistent-volume-claims" },
      {
        begin: (record) => new SyncWork(record),
        run: (work) => this.#syncClaim(work),
        answered: (work, call, item) => this.#onAnswer(work, call, item),
      },
    );
    this.#volumeSyncs = new Reconciler(
      { ...shared, name: "persistent-volumes" },
      {
        begin: (record) => new SyncWork(record),
        run: (work) => this.#syncVolume(work),
        answered: (work, call, item) => this.#onAnswer(work, call, item),
      },
    );
    this.#listen(volumes, claims, storageClasses);
    this.#resync = kernel.handler("controller/persistent-volume/resync", () => this.#onResync());
    kernel.keep("controller/persistent-volume", this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#claimSyncs.run();
    this.#volumeSyncs.run();
  }

  #listen(
    volumes: SharedInformer<PersistentVolume>,
    claims: SharedInformer<PersistentVolumeClaim>,
    storageClasses: SharedInformer<StorageClass>,
  ): void {
    volumes.addEventHandler({
      onAdd: (record) => this.#volumeSyncs.enqueue(record),
      onUpdate: (record, _old, volume) => {
        this.#volumeStore.informed(record, volume);
        this.#volumeSyncs.enqueue(record);
        if (volume.status.phase === "Available") this.#requestResync();
      },
      onDelete: (record, last) => {
        this.#volumeStore.informed(record, undefined);
        this.#volumeSyncs.forget(record);
        this.state.waiting.delete(record);
        this.#enqueueClaimOf(last);
      },
    });
    claims.addEventHandler({
      onAdd: (record) => this.#claimSyncs.enqueue(record),
      onUpdate: (record, _old, claim) => {
        this.#claimStore.informed(record, claim);
        this.#claimSyncs.enqueue(record);
      },
      onDelete: (record, { spec }) => {
        this.#claimStore.informed(record, undefined);
        this.#claimSyncs.forget(record);
        this.state.waiting.delete(record);
        for (const volume of this.#volumes.byIndex(BY_KEY, spec.volumeName ?? "")) {
          this.#volumeSyncs.enqueue(volume);
        }
      },
    });
    const requestResync = (): void => this.#requestResync();
    storageClasses.addEventHandler({ onAdd: requestResync, onUpdate: requestResync });
  }

  #lookUp(storageClasses: Indexer<StorageClass>): VolumeWorld {
    this.#volumes.addIndex(BY_KEY, ({ metadata }) => metadata.name, "names");
    this.#volumes.addIndex(BY_CLAIM, ({ spec: { claimRef } }) =>
      claimRef === undefined ? undefined : `${claimRef.namespace}/${claimRef.name}`,
    );
    this.#volumes.addIndex(UNCLAIMED, (volume) =>
      volume.spec.claimRef === undefined ? volumeClass(volume) : undefined,
    );
    const claimKey = ({ metadata }: PersistentVolumeClaim): string =>
      `${metadata.namespace}/${metadata.name}`;
    this.#claims.addIndex(BY_KEY, claimKey, "names");
    storageClasses.addIndex(BY_KEY, ({ metadata }) => metadata.name, "names");
    const classes = (): readonly StorageClass[] =>
      storageClasses.keys().flatMap((record) => storageClasses.get(record) ?? []);
    return {
      volume: (name) => this.#volumeStore.byIndex(BY_KEY, name)[0],
      claim: (namespace, name) => this.#claimStore.byIndex(BY_KEY, `${namespace}/${name}`)[0],
      reserved: ({ metadata }) =>
        this.#volumeStore.byIndex(BY_CLAIM, `${metadata.namespace}/${metadata.name}`),
      // A volume that it has just bound itself is still in this index, with its claim.
      unclaimed: (claim) => this.#volumeStore.byIndex(UNCLAIMED, claimClass(claim)),
      storageClass: (name) => {
        const record = storageClasses.byIndex(BY_KEY, name)[0];
        return record === undefined ? undefined : storageClasses.get(record);
      },
      storageClasses: classes,
    };
  }

  #syncClaim(work: SyncWork): string {
    const record = work.record as KeyRecord<PersistentVolumeClaim>;
    const claim = this.#claimStore.get(record);
    if (claim === undefined || work.error !== "") return this.#end(work);
    const plan = planClaim(claim, this.#world);
    if (plan === "wait") this.state.waiting.add(record);
    else this.state.waiting.delete(record);
    return this.#carryOut(this.#claimSyncs, work, plan);
  }

  #syncVolume(work: SyncWork): string {
    const record = work.record as KeyRecord<PersistentVolume>;
    const volume = this.#volumeStore.get(record);
    if (volume === undefined || work.error !== "") return this.#end(work);
    const plan = planVolume(volume, this.#world);
    if (plan === "claim") this.#enqueueClaimOf(volume);
    return this.#carryOut(this.#volumeSyncs, work, plan);
  }

  #carryOut(
    syncs: Reconciler<SyncWork, Item>,
    work: SyncWork,
    plan: ClaimPlan | VolumePlan,
  ): string {
    if (typeof plan === "string") return "done";
    const { object, subresource } = plan;
    const target = this.#recordOf(object);
    if (target === undefined) return "done";
    syncs.update(work, target, object, subresource, target);
    return "written";
  }

  /** A sync that met an error waits for the resync, without back-off, as the real one's does. */
  #end(work: SyncWork): string {
    if (work.error === "") return "done";
    work.error = "";
    this.state.waiting.add(work.record);
    this.#requestResync();
    return "done";
  }

  #onAnswer(work: SyncWork, call: ApiCall, target: Item): void {
    if (!call.ok || call.object === undefined) {
      work.error = call.message === "" ? `no answer about ${target.key}` : call.message;
      return;
    }
    if (target.kind === "PersistentVolume") {
      this.#volumeStore.wrote(
        target as KeyRecord<PersistentVolume>,
        call.object as PersistentVolume,
      );
    } else {
      this.#claimStore.wrote(
        target as KeyRecord<PersistentVolumeClaim>,
        call.object as PersistentVolumeClaim,
      );
    }
  }

  #recordOf({ kind, metadata }: PersistentVolume | PersistentVolumeClaim): KeyRecord | undefined {
    return kind === "PersistentVolume"
      ? this.#volumes.byIndex(BY_KEY, metadata.name)[0]
      : this.#claims.byIndex(BY_KEY, `${metadata.namespace}/${metadata.name}`)[0];
  }

  #enqueueClaimOf({ spec: { claimRef } }: PersistentVolume): void {
    if (claimRef === undefined) return;
    const key = `${claimRef.namespace}/${claimRef.name}`;
    for (const claim of this.#claims.byIndex(BY_KEY, key)) this.#claimSyncs.enqueue(claim);
  }

  #requestResync(): void {
    const { state } = this;
    if (state.isResyncDue || state.waiting.size === 0) return;
    state.isResyncDue = true;
    const { nowUs } = this.#kernel;
    const dueUs = (Math.floor(nowUs / RESYNC_US) + 1) * RESYNC_US;
    this.#kernel.at(dueUs, this.#resync, undefined, undefined);
  }

  #onResync(): void {
    const { state } = this;
    state.isResyncDue = false;
    const records = [...state.waiting].sort((a, b) => a.id - b.id);
    state.waiting.clear();
    for (const record of records) {
      if (record.kind === "PersistentVolume") this.#volumeSyncs.enqueue(record);
      else this.#claimSyncs.enqueue(record);
    }
  }
}
