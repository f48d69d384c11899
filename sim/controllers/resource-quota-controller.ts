/**
 * ResourceQuotaController: keeps the status of quotas true. The API server charges what is created;
 * what is deleted, or counts less than before, is given back here. New and changed quotas, and all
 * of them every five minutes, are counted anew.
 *
 * Source: pkg/controller/resourcequota (resource_quota_controller.go, resource_quota_monitor.go) of
 * v1.30. Difference: the real one counts its informers' stores on every deletion, and may so lose
 * charges for objects that its watches have not told of yet. Here the releases that it was told of
 * are taken off one by one, and a full count lists from the API server; both are written only to the
 * revision of the quota that they started from, so a quota is never exceeded. Leases and Events are
 * not watched: their counts are corrected by full counts only.
 */
import {
  type ApiObject,
  allKinds,
  type KeyRecord,
  type Kind,
  kindNamed,
  type ResourceQuota,
} from "../api/index.ts";
import type { ApiCall, Indexer } from "../client/index.ts";
import type { HandlerId, Kernel } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import {
  type Amounts,
  addUsage,
  countsLess,
  hardOf,
  isAbout,
  lessReleases,
  noneUsed,
  type Release,
  sameAmounts,
} from "./quota-count.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** --concurrent-resource-quota-syncs. */
const WORKERS = 5;
/** --resource-quota-sync-period. */
const RESYNC_US = 300_000_000;
/** Kinds that are written too often to be watched for that. */
const UNWATCHED = ["Event", "Lease"];
/** Kinds that can count less without being deleted. */
const SHRINKING = ["Pod", "Service", "PersistentVolumeClaim"];
const BY_NAMESPACE = "quota/namespace";

/** What is not in a quota's status yet. */
interface Pending {
  isCountDue: boolean;
  releases: Release[];
  /** Revision up to which the status knows of all deletions, by kind. */
  readonly countedAt: Map<string, number>;
}

interface QuotaControllerState {
  readonly pending: Map<KeyRecord<ResourceQuota>, Pending>;
}

class QuotaWork extends SyncWork {
  /** The quota as it was when the sync began. */
  quota: ResourceQuota | undefined = undefined;
  /** Sum so far of a full count; undefined: this sync takes off `releaseCount` releases. */
  used: Record<string, string> | undefined = undefined;
  releaseCount = 0;
  /** Revisions of the lists of a full count, by kind. */
  readonly listedAt = new Map<string, number>();
}

/** What a call of a sync was about: the list of a kind, or the status. */
type Item = { readonly kind: string } | "status";

export class ResourceQuotaController implements Controller {
  state: QuotaControllerState = { pending: new Map() };
  readonly #kernel: Kernel;
  readonly #quotas: Indexer<ResourceQuota>;
  readonly #reconciler: Reconciler<QuotaWork, Item>;
  readonly #resync: HandlerId;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    this.#kernel = kernel;
    const quotas = context.informer<ResourceQuota>("ResourceQuota");
    this.#quotas = quotas.indexer;
    this.#quotas.addIndex(BY_NAMESPACE, ({ metadata }) => metadata.namespace, "names");
    this.#reconciler = new Reconciler(
      {
        kernel,
        client: context.client("resourcequota-controller"),
        name: "resource-quota",
        workers: WORKERS,
        controllerSync: context.latency.controllerSync,
      },
      {
        begin: (record) => new QuotaWork(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => this.#answered(work, call, item),
      },
    );
    quotas.addEventHandler({
      onAdd: (record) => this.#countAnew(record),
      onUpdate: (record, old, quota) => {
        if (!sameAmounts(hardOf(old), hardOf(quota))) this.#countAnew(record);
      },
      onDelete: (record) => {
        this.state.pending.delete(record);
        this.#reconciler.forget(record);
      },
    });
    for (const kind of allKinds) {
      if (kind.namespaced && !UNWATCHED.includes(kind.kind)) this.#monitor(context, kind);
    }
    this.#resync = kernel.handler("controller/resource-quota/resync", () => this.#onResync());
    kernel.keep("controller/resource-quota", this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
    this.#scheduleResync();
  }

  #monitor(context: ControllerContext, kind: Kind): void {
    const onUpdate = (record: KeyRecord, old: ApiObject, object: ApiObject): void => {
      if (this.#quotas.size > 0 && mayCountLess(old, object) && countsLess(kind, old, object))
        this.#release(kind, record.namespace, old, object);
    };
    context.informer<ApiObject>(kind.kind).addEventHandler({
      ...(SHRINKING.includes(kind.kind) ? { onUpdate } : {}),
      onDelete: (record, last, isFinalStateUnknown) => {
        if (this.#quotas.size === 0) return;
        if (!isFinalStateUnknown) this.#release(kind, record.namespace, last, undefined);
        else for (const quota of this.#quotasAbout(kind, record.namespace)) this.#countAnew(quota);
      },
    });
  }

  #release(kind: Kind, namespace: string, before: ApiObject, after: ApiObject | undefined): void {
    const revision = Number((after ?? before).metadata.resourceVersion);
    for (const record of this.#quotasAbout(kind, namespace)) {
      const pending = this.#pending(record);
      if (revision <= (pending.countedAt.get(kind.kind) ?? 0)) continue;
      pending.releases.push({ kind: kind.kind, revision, before, after });
      this.#reconciler.enqueue(record);
    }
  }

  #quotasAbout(kind: Kind, namespace: string): KeyRecord<ResourceQuota>[] {
    return this.#quotas.selectByIndex(BY_NAMESPACE, namespace, (quota) => isAbout(quota, kind));
  }

  #countAnew(record: KeyRecord<ResourceQuota>): void {
    this.#pending(record).isCountDue = true;
    this.#reconciler.enqueue(record);
  }

  #pending(record: KeyRecord<ResourceQuota>): Pending {
    let pending = this.state.pending.get(record);
    if (pending === undefined) {
      pending = { isCountDue: false, releases: [], countedAt: new Map() };
      this.state.pending.set(record, pending);
    }
    return pending;
  }

  #onResync(): void {
    for (const record of this.#quotas.keys()) this.#countAnew(record);
    this.#scheduleResync();
  }

  #scheduleResync(): void {
    this.#kernel.background(this.#kernel.nowUs + RESYNC_US, this.#resync, undefined, undefined);
  }

  #run(work: QuotaWork): string {
    if (work.stage === "counted") return this.#onCounted(work);
    if (work.stage !== "start") return "done";
    const record = work.record as KeyRecord<ResourceQuota>;
    const quota = this.#quotas.get(record);
    if (quota === undefined) return "done";
    work.quota = quota;
    const pending = this.#pending(record);
    if (pending.isCountDue || !sameAmounts(hardOf(quota), quota.status.hard as Amounts)) {
      pending.isCountDue = false;
      this.#count(work, quota);
      return "counted";
    }
    work.releaseCount = pending.releases.length;
    if (work.releaseCount === 0) return "done";
    this.#write(work, quota, lessReleases(quota, pending.releases, kindNamed));
    return "done";
  }

  #count(work: QuotaWork, quota: ResourceQuota): void {
    work.used = noneUsed(quota);
    const { namespace } = quota.metadata;
    for (const kind of allKinds) {
      if (!kind.namespaced || !isAbout(quota, kind)) continue;
      this.#reconciler.list(work, kind.kind, { namespace }, { kind: kind.kind });
    }
  }

  /**
   * All lists are there. A count that agrees is written, too: the quota may have been charged since
   * the informer saw it, which the answer (409) then tells.
   */
  #onCounted(work: QuotaWork): string {
    const { quota, used } = work;
    const record = work.record as KeyRecord<ResourceQuota>;
    if (quota === undefined || used === undefined) return "done";
    if (work.error !== "") this.#pending(record).isCountDue = true;
    else this.#write(work, quota, used);
    return "done";
  }

  #write(work: QuotaWork, quota: ResourceQuota, used: Amounts): void {
    const next = { ...quota, status: { hard: hardOf(quota), used } } as ResourceQuota;
    this.#reconciler.update(work, work.record, next, "status", "status");
  }

  #answered(work: QuotaWork, call: ApiCall, item: Item): void {
    if (!call.ok && call.code !== 404) work.error = call.message;
    if (item === "status") return this.#onWritten(work, call);
    const { quota, used } = work;
    if (!call.ok || quota === undefined || used === undefined) return;
    work.listedAt.set(item.kind, call.revision);
    const objects = call.items.map(({ object }) => object);
    addUsage(used, quota, kindNamed(item.kind), objects);
  }

  #onWritten(work: QuotaWork, { ok }: ApiCall): void {
    const record = work.record as KeyRecord<ResourceQuota>;
    const pending = this.state.pending.get(record);
    if (pending === undefined) return; // deleted meanwhile
    const isCount = work.used !== undefined;
    if (!ok) {
      if (isCount) pending.isCountDue = true;
      return;
    }
    if (!isCount) {
      pending.releases.splice(0, work.releaseCount);
      return;
    }
    noteCounted(pending, work.listedAt);
    // What came in while the quota limited nothing yet was not charged, and may be in no list.
    const before = work.quota?.status.hard as Amounts | undefined;
    if (!sameAmounts(before, hardOf(work.quota as ResourceQuota))) this.#countAnew(record);
  }
}

/** A pod's spec counts the same for all its life; only the phase matters. */
function mayCountLess(old: ApiObject, object: ApiObject): boolean {
  type Counted = ApiObject & { readonly spec?: unknown; readonly status?: { phase?: string } };
  const [before, after] = [old as Counted, object as Counted];
  if (object.kind === "Pod") return before.status?.phase !== after.status?.phase;
  return before.spec !== after.spec || before.status !== after.status;
}

/** A full count is in the status: releases that its lists knew of are void. */
function noteCounted(pending: Pending, listedAt: ReadonlyMap<string, number>): void {
  const { countedAt } = pending;
  for (const [kind, revision] of listedAt)
    countedAt.set(kind, Math.max(countedAt.get(kind) ?? 0, revision));
  pending.releases = pending.releases.filter(
    ({ kind, revision }) => revision > (countedAt.get(kind) ?? 0),
  );
}
