/**
 * The watch cache's fan-out: which watcher is told of which change, and when.
 *
 * Each delivery is one event. Its time is the commit plus a draw that belongs to (object, commit,
 * watcher), but never before the previous delivery to the same watcher: changes arrive in order.
 * Deliveries due at one time go in the order of the commits, then of the watchers' numbers.
 */
import type { ApiObject, Pod, WatchEntry } from "../api/index.ts";
import type { Etcd } from "../etcd/index.ts";
import {
  type HandlerId,
  HopLatency,
  hashString,
  type Kernel,
  type Micros,
} from "../kernel/index.ts";
import type { ApiCall, WatchBody } from "./api-call.ts";

/** What a watcher's handler gets: a change, or the news that its watch has ended. */
export type WatchNotice = WatchEntry | WatchEnd;

export interface WatchEnd {
  readonly type: "ENDED";
  /** 410: the history it needs is gone, list again. 0: the connection was lost, resume. */
  readonly code: 410 | 0;
  /** Revision of the last bookmark before it: the watcher has been told of all changes up to there. */
  readonly bookmark: number;
}

export interface Watcher {
  readonly id: number;
  /** Number of its client, and the server that it is connected to. */
  readonly client: number;
  readonly server: number;
  readonly kind: string;
  /** Identity for random draws. */
  readonly hash: number;
  /** Field selector spec.nodeName; "" takes every object. */
  readonly nodeName: string;
  readonly handler: HandlerId<WatchNotice, number>;
  readonly context: number;
  readonly openedUs: Micros;
  lastDeliveryUs: Micros;
}

/** An idle watch gets a bookmark about every minute (cacher.go: bookmarkFrequency). */
const BOOKMARK_PERIOD_US = 60_000_000;

/** Whoever opens a watch: a call, or a client at the start of the run. */
export type WatchOpener = Pick<ApiCall, "kind" | "client" | "clientName" | "server">;

interface WatchHubState {
  /** The period of the last commit, and the revision before the first commit in it. */
  bookmarkPeriod: number;
  bookmarkRevision: number;
  /** By watch number. */
  readonly watchers: (Watcher | undefined)[];
  /** Open watchers without a field selector, by kind, by number. */
  readonly byKind: Map<string, Watcher[]>;
  /** Open watchers with spec.nodeName, by node. */
  readonly byNode: Map<string, Watcher[]>;
}

export class WatchHub {
  state: WatchHubState = {
    bookmarkPeriod: 0,
    bookmarkRevision: 0,
    watchers: [],
    byKind: new Map(),
    byNode: new Map(),
  };
  readonly #kernel: Kernel;
  readonly #etcd: Etcd;
  readonly #latency: HopLatency;

  constructor(kernel: Kernel, etcd: Etcd, watchDelivery: string) {
    this.#kernel = kernel;
    this.#etcd = etcd;
    this.#latency = new HopLatency(kernel.seed, watchDelivery, "latency.watchDelivery");
    kernel.keep("apiserver/watches", this);
    etcd.subscribe((entry) => this.#onCommit(entry));
  }

  /**
   * Opens a watch for changes after `body.revision`; those that were committed already are sent
   * first. Returns its number, or "compacted" when the revision is too old.
   */
  open(by: WatchOpener, body: WatchBody): number | "compacted" {
    const { kind } = by;
    const missed = this.#etcd.changesSince(kind, body.revision);
    if (missed === "compacted") return "compacted";
    const nodeName = body.nodeName ?? "";
    const watcher: Watcher = {
      id: this.state.watchers.length,
      client: by.client,
      server: by.server,
      kind,
      hash: hashString(`${by.clientName}/${kind}/${nodeName}`),
      nodeName,
      handler: body.handler as HandlerId<WatchNotice, number>,
      context: body.context,
      openedUs: this.#kernel.nowUs,
      lastDeliveryUs: this.#kernel.nowUs,
    };
    this.state.watchers.push(watcher);
    const [index, key] =
      nodeName === "" ? [this.state.byKind, kind] : [this.state.byNode, nodeName];
    const others = index.get(key);
    if (others === undefined) index.set(key, [watcher]);
    else others.push(watcher);
    for (const entry of missed) if (selects(watcher, entry.object)) this.#send(watcher, entry);
    return watcher.id;
  }

  /** Ends a watch: the client is told after what it was sent already. */
  close(id: number, code: 410 | 0): void {
    const watcher = this.state.watchers[id];
    if (watcher === undefined) return;
    this.#remove(watcher);
    const bookmark = this.#lastBookmark(watcher);
    this.#push(watcher, { type: "ENDED", code, bookmark }, this.#kernel.nowUs + 1);
  }

  /** Ends all such watches, in order of their numbers; without a code nobody is told. */
  closeAll(isMeant: (watcher: Watcher) => boolean, code: 410 | 0 | undefined): void {
    for (const watcher of this.state.watchers) {
      if (watcher === undefined || !isMeant(watcher)) continue;
      if (code === undefined) this.#remove(watcher);
      else this.close(watcher.id, code);
    }
  }

  /**
   * The bookmark that the watcher got last; 0: none. Bookmarks are no events: what they say only
   * matters when the watch is over, and is worked out then.
   */
  #lastBookmark({ openedUs }: Watcher): number {
    const period = Math.floor(this.#kernel.nowUs / BOOKMARK_PERIOD_US);
    if (openedUs > period * BOOKMARK_PERIOD_US) return 0;
    const { bookmarkPeriod, bookmarkRevision } = this.state;
    return period > bookmarkPeriod ? this.#etcd.revision : bookmarkRevision;
  }

  #remove(watcher: Watcher): void {
    const { id } = watcher;
    this.state.watchers[id] = undefined;
    const [index, key] =
      watcher.nodeName === ""
        ? [this.state.byKind, watcher.kind]
        : [this.state.byNode, watcher.nodeName];
    const rest = (index.get(key) ?? []).filter((other) => other !== watcher);
    if (rest.length === 0) index.delete(key);
    else index.set(key, rest);
  }

  /** How many open watches are told of every change of the kind. */
  watchCount(kind: string): number {
    return this.state.byKind.get(kind)?.length ?? 0;
  }

  /** Numbers of the open watches of a kind, for the injection of faults. */
  openWatches(kind: string): number[] {
    const ids: number[] = [];
    for (const watcher of this.state.watchers) if (watcher?.kind === kind) ids.push(watcher.id);
    return ids;
  }

  #onCommit(entry: WatchEntry): void {
    if (entry.timeUs >= (this.state.bookmarkPeriod + 1) * BOOKMARK_PERIOD_US) {
      this.state.bookmarkPeriod = Math.floor(entry.timeUs / BOOKMARK_PERIOD_US);
      this.state.bookmarkRevision = entry.revision - 1;
    }
    const watchers = this.state.byKind.get(entry.record.kind);
    if (watchers !== undefined) for (const watcher of watchers) this.#send(watcher, entry);
    if (entry.record.kind !== "Pod") return;
    const nodeName = (entry.object as Pod).spec.nodeName;
    const kubelets = nodeName === undefined ? undefined : this.state.byNode.get(nodeName);
    if (kubelets !== undefined) for (const watcher of kubelets) this.#send(watcher, entry);
  }

  #send(watcher: Watcher, entry: WatchEntry): void {
    const { record } = entry;
    const dueUs =
      this.#kernel.nowUs + this.#latency.us(record.hash ^ watcher.hash, record.commitCount);
    this.#push(
      watcher,
      entersSelection(watcher, entry) ? { ...entry, type: "ADDED" } : entry,
      dueUs,
    );
  }

  #push(watcher: Watcher, notice: WatchNotice, dueUs: Micros): void {
    if (dueUs > watcher.lastDeliveryUs) watcher.lastDeliveryUs = dueUs;
    this.#kernel.at(watcher.lastDeliveryUs, watcher.handler, notice, watcher.context);
  }
}

function selects(watcher: Watcher, object: ApiObject): boolean {
  return watcher.nodeName === "" || (object as Pod).spec.nodeName === watcher.nodeName;
}

/** A pod that was just bound is new to a watcher that selects by node. */
function entersSelection(watcher: Watcher, entry: WatchEntry): boolean {
  return watcher.nodeName !== "" && entry.old !== undefined && !selects(watcher, entry.old);
}
