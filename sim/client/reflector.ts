/**
 * Reflector: ListAndWatch (client-go tools/cache/reflector.go). Lists once, watches from the list's
 * revision, resumes a watch that was lost from the last revision seen, and lists again when the
 * history it needs is gone (410). Failures back off from 800 ms doubling to 30 s.
 *
 * The first list takes any state ("0"), so that the watch cache serves it; a later one takes a state
 * that is not older than the last one seen; only when that is refused, the latest of etcd
 * (relistResourceVersion).
 */
import type { ApiObject, KeyRecord, Trace, WatchEntry } from "../api/index.ts";
import type { ApiCall, Selection, WatchNotice } from "../apiserver/index.ts";
import type { HandlerId, Kernel } from "../kernel/index.ts";
import type { ApiClient, CallbackId } from "./api-client.ts";

/** What reflectors of one cluster share: the numbers by which answers and changes find them. */
export interface ReflectorWiring {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly listed: CallbackId<number>;
  readonly watched: CallbackId<number>;
  readonly changed: HandlerId<WatchNotice, number>;
  readonly retry: HandlerId<number>;
}

export interface ReflectorSettings {
  readonly wiring: ReflectorWiring;
  /** Number of this reflector, given back with every answer. */
  readonly id: number;
  readonly client: ApiClient;
  readonly kind: string;
  readonly selection: Selection;
}

/** Where lists and changes go. */
export interface ReflectorSink<T extends ApiObject> {
  onList(items: readonly { readonly record: KeyRecord<T>; readonly object: T }[]): void;
  onChange(entry: WatchEntry): void;
}

interface ReflectorState {
  /** Revision of the last list or change; a watch resumes after it. */
  lastRevision: number;
  /** Number of the open watch; -1: none. */
  watch: number;
  /** Failures since the last success. */
  failures: number;
  /** Lists so far. */
  lists: number;
  /** A list is asked for, and has not come yet. */
  isListing: boolean;
  /** The last list's revision was refused as compacted, or as not there yet. */
  isRevisionRefused: boolean;
}

/** apierrors.CauseTypeResourceVersionTooLarge. */
const TOO_LARGE = "ResourceVersionTooLarge";
const BACKOFF_US = 800_000;
const MAX_BACKOFF_US = 30_000_000;

export class Reflector<T extends ApiObject> {
  state: ReflectorState = {
    lastRevision: 0,
    watch: -1,
    failures: 0,
    lists: 0,
    isListing: false,
    isRevisionRefused: false,
  };
  readonly #settings: ReflectorSettings;
  readonly #sink: ReflectorSink<T>;

  constructor(settings: ReflectorSettings, sink: ReflectorSink<T>) {
    this.#settings = settings;
    this.#sink = sink;
  }

  start(): void {
    const { client, kind, selection, wiring, id } = this.#settings;
    this.state.isListing = true;
    const resourceVersion = this.state.isRevisionRefused ? "" : String(this.state.lastRevision);
    client.list(kind, { ...selection, resourceVersion }, wiring.listed, id);
  }

  /** Begins in step with the server, as one that has watched since before the run. */
  startSynced(): void {
    const { client, kind, selection, wiring, id } = this.#settings;
    // One shape for all watchers: see withFields.
    const to = { handler: wiring.changed, context: id };
    const body = Object.assign({}, selection, to);
    const { items, revision, watch } = client.synced(kind, body);
    this.state.lists++;
    this.state.lastRevision = revision;
    this.state.watch = watch;
    this.#sink.onList(items as { record: KeyRecord<T>; object: T }[]);
  }

  onListed(call: ApiCall): void {
    if (!call.ok) {
      const isRefused = call.code === 410 || call.causes[0]?.reason === TOO_LARGE;
      if (!isRefused || this.state.isRevisionRefused) return this.#backOff();
      this.state.isRevisionRefused = true;
      return this.start();
    }
    this.state.isRevisionRefused = false;
    this.state.isListing = false;
    this.state.lists++;
    this.state.failures = 0;
    this.state.lastRevision = call.revision;
    this.#sink.onList(call.items as { record: KeyRecord<T>; object: T }[]);
    this.#watch();
  }

  onWatched(call: ApiCall): void {
    if (call.ok) {
      this.state.watch = call.revision;
      this.state.failures = 0;
    } else if (call.code === 410) this.start();
    else this.#backOff();
  }

  onNotice(notice: WatchNotice): void {
    if (notice.type !== "ENDED") return this.#onChange(notice);
    this.state.watch = -1;
    if (notice.bookmark > this.state.lastRevision) this.state.lastRevision = notice.bookmark;
    if (notice.code === 410) this.start();
    else this.#watch();
  }

  #onChange(entry: WatchEntry): void {
    this.state.lastRevision = entry.revision;
    const { kernel, trace } = this.#settings.wiring;
    if (trace.watchDelivered.on) {
      const { revision, record } = entry;
      const { kind, client } = this.#settings;
      const timeUs = kernel.nowUs;
      const lagUs = timeUs - entry.timeUs;
      trace.watchDelivered.emit({ kind, client: client.name, lagUs, record, revision, timeUs });
    }
    this.#sink.onChange(entry);
  }

  /** After a pause: whatever failed once more. */
  onRetry(): void {
    if (this.state.isListing) this.start();
    else this.#watch();
  }

  #watch(): void {
    const { client, kind, selection, wiring, id } = this.#settings;
    const body = {
      ...selection,
      revision: this.state.lastRevision,
      handler: wiring.changed,
      context: id,
    };
    client.watch(kind, body, wiring.watched, id);
  }

  #backOff(): void {
    const { kernel, retry } = this.#settings.wiring;
    let delayUs = BACKOFF_US;
    for (let i = 0; i < this.state.failures && delayUs < MAX_BACKOFF_US; i++) delayUs *= 2;
    this.state.failures++;
    kernel.after(Math.min(delayUs, MAX_BACKOFF_US), retry, this.#settings.id, undefined);
  }
}
