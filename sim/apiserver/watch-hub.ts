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
import type { WatchBody } from "./api-call.ts";

/** What a watcher's handler gets: a change, or the news that its watch has ended. */
export type WatchNotice = WatchEntry | WatchEnd;

export interface WatchEnd {
  readonly type: "ENDED";
  /** 410: the history it needs is gone, list again. 0: the connection was lost, resume. */
  readonly code: 410 | 0;
}

interface Watcher {
  readonly id: number;
  readonly kind: string;
  /** Identity for random draws. */
  readonly hash: number;
  /** Field selector spec.nodeName; "" takes every object. */
  readonly nodeName: string;
  readonly handler: HandlerId<WatchNotice, number>;
  readonly context: number;
  lastDeliveryUs: Micros;
}

interface WatchHubState {
  /** By watch number. */
  readonly watchers: (Watcher | undefined)[];
  /** Open watchers without a field selector, by kind, by number. */
  readonly byKind: Map<string, Watcher[]>;
  /** Open watchers with spec.nodeName, by node. */
  readonly byNode: Map<string, Watcher[]>;
}

export class WatchHub {
  state: WatchHubState = { watchers: [], byKind: new Map(), byNode: new Map() };
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
  open(kind: string, client: string, body: WatchBody): number | "compacted" {
    const missed = this.#etcd.changesSince(kind, body.revision);
    if (missed === "compacted") return "compacted";
    const nodeName = body.nodeName ?? "";
    const watcher: Watcher = {
      id: this.state.watchers.length,
      kind,
      hash: hashString(`${client}/${kind}/${nodeName}`),
      nodeName,
      handler: body.handler as HandlerId<WatchNotice, number>,
      context: body.context,
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
    this.state.watchers[id] = undefined;
    const [index, key] =
      watcher.nodeName === ""
        ? [this.state.byKind, watcher.kind]
        : [this.state.byNode, watcher.nodeName];
    const rest = (index.get(key) ?? []).filter((other) => other !== watcher);
    if (rest.length === 0) index.delete(key);
    else index.set(key, rest);
    this.#push(watcher, { type: "ENDED", code }, this.#kernel.nowUs + 1);
  }

  /** Numbers of the open watches of a kind, for the injection of faults. */
  openWatches(kind: string): number[] {
    const ids: number[] = [];
    for (const watcher of this.state.watchers) if (watcher?.kind === kind) ids.push(watcher.id);
    return ids;
  }

  #onCommit(entry: WatchEntry): void {
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
