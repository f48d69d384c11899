/**
 * Reconciler: the loop that every controller shares.
 *
 *   queue -> a free worker -> sync (costs latency.controllerSync) -> calls -> answers -> next stage
 *
 * A sync is a small machine of named stages. A stage looks at the informers, may issue API calls,
 * and names the stage that goes on once all of them are answered: a worker that waits, as the real
 * ones block in their goroutine. When no stage is left, a failed key comes back after its back-off
 * and one that succeeded is forgotten.
 */
import type { ApiObject, KeyRecord, Manifest, ReconcileFact, Trace } from "../api/index.ts";
import {
  type ApiCall,
  type ApiClient,
  type CallbackId,
  type CallOptions,
  type DeleteCollectionBody,
  type DeleteOptions,
  RateLimitingQueue,
  type ScaleBody,
  type Selection,
} from "../client/index.ts";
import { type HandlerId, HopLatency, type Kernel, type Micros } from "../kernel/index.ts";

/** One sync of one key: plain data, alive until its last stage. Controllers extend it. */
export class SyncWork {
  readonly record: KeyRecord;
  /** The stage that comes next. */
  stage = "start";
  /** Calls that are not answered yet. */
  pending = 0;
  /** Why the sync failed; "": it did not. */
  error = "";

  constructor(record: KeyRecord) {
    this.record = record;
  }
}

/** What a controller tells its reconciler. `Item` is what it gives along with each call. */
export interface SyncHandler<Work extends SyncWork, Item> {
  /** A new sync of the key. */
  begin(record: KeyRecord): Work;
  /** Runs the stage `work.stage` and names the next. */
  run(work: Work): string;
  /** A call of the sync was answered. */
  answered(work: Work, call: ApiCall, item: Item): void;
}

export interface ReconcilerSettings {
  readonly kernel: Kernel;
  /** Name of the controller, unique in the cluster. */
  readonly name: string;
  readonly client: ApiClient;
  /** Syncs at one time, 1 or more. */
  readonly workers: number;
  /** Distribution of one sync's own time. */
  readonly controllerSync: string;
}

interface ReconcilerState {
  /** The workers have begun: see `run`. */
  isRunning: boolean;
  /** Workers that are in a sync. */
  busy: number;
  /** Syncs so far by key: numbers the draws of their durations. */
  readonly syncs: Map<KeyRecord, number>;
}

interface CallContext {
  readonly work: SyncWork;
  readonly item: unknown;
}

export class Reconciler<Work extends SyncWork, Item> {
  state: ReconcilerState = { isRunning: false, busy: 0, syncs: new Map() };
  readonly #queue: RateLimitingQueue;
  readonly #kernel: Kernel;
  readonly #client: ApiClient;
  readonly #name: string;
  readonly #trace: Trace;
  readonly #workers: number;
  readonly #latency: HopLatency;
  readonly #handler: SyncHandler<Work, Item>;
  readonly #synced: HandlerId<Work>;
  readonly #waited: HandlerId<Work>;
  readonly #answered: CallbackId<CallContext>;

  constructor(settings: ReconcilerSettings, handler: SyncHandler<Work, Item>) {
    const { kernel, name, client, workers, controllerSync } = settings;
    this.#kernel = kernel;
    this.#client = client;
    this.#workers = workers;
    this.#handler = handler;
    this.#latency = new HopLatency(
      kernel.seed,
      controllerSync,
      "latency.controllerSync",
      `controller/${name}`,
    );
    this.#queue = new RateLimitingQueue(kernel, name);
    this.#name = name;
    this.#trace = client.trace;
    this.#queue.onReady((record) => {
      this.#emit(record, "queued", "");
      this.#dispatch();
    });
    this.#synced = kernel.handler(`controller/${name}/sync`, (work) => this.#advance(work));
    this.#waited = kernel.handler(`controller/${name}/wait`, (work) => this.#onWaited(work));
    this.#answered = client.callback((call, context) => this.#onAnswer(call, context));
    kernel.keep(`controller/${name}/reconciler`, this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.state.isRunning = true;
    this.#dispatch();
  }

  /** The key must be synced. */
  enqueue(record: KeyRecord): void {
    this.#queue.add(record);
  }

  /**
   * The key must be synced, not before `delayUs` from now. A key waits once, for the earliest of
   * its times (client-go util/workqueue/delaying_queue.go).
   */
  enqueueAfter(record: KeyRecord, delayUs: Micros): void {
    this.#queue.addAfter(record, delayUs);
  }

  /** The same for a periodic chore, which does not keep the run alive. */
  enqueueAfterInBackground(record: KeyRecord, delayUs: Micros): void {
    this.#queue.addAfterInBackground(record, delayUs);
  }

  /** The key must be synced, as soon as its back-off and the overall limit allow. */
  enqueueRateLimited(record: KeyRecord): void {
    this.#queue.addRateLimited(record);
  }

  /** Nothing is due for the key any more: see RateLimitingQueue.cancelAfter. */
  cancelAfter(record: KeyRecord): void {
    this.#queue.cancelAfter(record);
  }

  /** The object is gone: nothing about its key is remembered. */
  forget(record: KeyRecord): void {
    this.state.syncs.delete(record);
  }

  /** The sync, and its worker, wait for something that is not the API: the cloud, for one. */
  wait(work: Work, delayUs: Micros): void {
    work.pending++;
    this.#kernel.after(delayUs, this.#waited, work, undefined);
  }

  create(work: Work, kind: string, manifest: Manifest, item: Item): KeyRecord {
    return this.#client.create(kind, manifest, this.#answered, this.#context(work, item));
  }

  update(
    work: Work,
    record: KeyRecord,
    object: ApiObject,
    subresource: "" | "status" | "finalize",
    item: Item,
  ): void {
    this.#client.update(record, object, subresource, this.#answered, this.#context(work, item));
  }

  patch(
    work: Work,
    record: KeyRecord,
    patch: Manifest,
    subresource: "" | "status",
    item: Item,
    options?: CallOptions,
  ): void {
    const context = this.#context(work, item);
    this.#client.patch(record, patch, subresource, this.#answered, context, options);
  }

  delete(work: Work, record: KeyRecord, item: Item, options: DeleteOptions = {}): void {
    this.#client.delete(record, options, this.#answered, this.#context(work, item));
  }

  deleteCollection(work: Work, kind: string, body: DeleteCollectionBody, item: Item): void {
    this.#client.deleteCollection(kind, body, this.#answered, this.#context(work, item));
  }

  list(work: Work, kind: string, selection: Selection, item: Item): void {
    this.#client.list(kind, selection, this.#answered, this.#context(work, item));
  }

  getScale(work: Work, record: KeyRecord, item: Item): void {
    this.#client.getScale(record, this.#answered, this.#context(work, item));
  }

  updateScale(work: Work, record: KeyRecord, body: ScaleBody, item: Item): void {
    this.#client.updateScale(record, body, this.#answered, this.#context(work, item));
  }

  get(work: Work, record: KeyRecord, item: Item): void {
    this.#client.get(record, this.#answered, this.#context(work, item));
  }

  #context(work: Work, item: Item): CallContext {
    work.pending++;
    return { work, item };
  }

  #dispatch(): void {
    while (this.state.isRunning && this.state.busy < this.#workers) {
      const record = this.#queue.get();
      if (record === undefined) return;
      this.state.busy++;
      this.#emit(record, "started", "");
      const number = (this.state.syncs.get(record) ?? 0) + 1;
      this.state.syncs.set(record, number);
      const delayUs = this.#latency.us(record.hash, number);
      this.#kernel.after(delayUs, this.#synced, this.#handler.begin(record), undefined);
    }
  }

  #advance(work: Work): void {
    while (work.pending === 0 && work.stage !== "done") work.stage = this.#handler.run(work);
    if (work.pending === 0) this.#finish(work);
  }

  #emit(record: KeyRecord, step: ReconcileFact["step"], error: string): void {
    const { reconcile } = this.#trace;
    if (!reconcile.on) return;
    reconcile.emit({ controller: this.#name, record, step, error, timeUs: this.#kernel.nowUs });
  }

  #finish({ record, error }: Work): void {
    this.#emit(record, "done", error);
    if (error === "") this.#queue.forget(record);
    else this.#queue.addRateLimited(record);
    this.state.busy--;
    this.#queue.done(record);
    this.#dispatch();
  }

  #onWaited(work: Work): void {
    work.pending--;
    if (work.pending === 0) this.#advance(work);
  }

  #onAnswer(call: ApiCall, context: CallContext): void {
    const work = context.work as Work;
    work.pending--;
    this.#handler.answered(work, call, context.item as Item);
    if (work.pending === 0) this.#advance(work);
  }
}
