/**
 * EventRecorder: writes Event objects about what a component did (client-go tools/record).
 *
 * As client-go's EventCorrelator: the same event again counts up the one that exists, and one
 * source may write about one object 25 events at once and then one in five minutes. What it
 * remembers is bounded, the oldest goes first.
 */
import {
  type ApiObject,
  EPOCH_MS,
  type KeyRecord,
  type Manifest,
  timestamp,
} from "../api/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { ApiClient, CallbackId } from "./api-client.ts";
import { TokenBucket } from "./token-bucket.ts";

/** events_cache.go: maxLruCacheEntries, defaultSpamBurst, defaultSpamQPS. */
const REMEMBERED_MAX = 4096;
const SPAM_BURST = 25;
const SPAM_QPS = 1 / 300;

interface Written {
  readonly record: KeyRecord;
  count: number;
}

interface EventRecorderState {
  /** Events written, by object, type, reason and message. */
  readonly written: Map<string, Written>;
  /** What each object may still have written about it, by uid. */
  readonly budgets: Map<string, TokenBucket>;
  /** Events so far. */
  count: number;
}

export class EventRecorder {
  state: EventRecorderState = { written: new Map(), budgets: new Map(), count: 0 };
  readonly #kernel: Kernel;
  readonly #client: ApiClient | undefined;
  readonly #component: string;
  readonly #done: CallbackId<undefined> | undefined;

  /** Without a client nothing is written. `name` is unique in the cluster. */
  constructor(kernel: Kernel, client: ApiClient | undefined, name: string, component: string) {
    this.#kernel = kernel;
    this.#client = client;
    this.#component = component;
    this.#done = client?.callback(() => {}); // an event that cannot be written is dropped
    kernel.keep(`events/${name}`, this);
  }

  /** Writes an event about an object; `reason` is one word, as `FailedScheduling`. */
  event(object: ApiObject, type: "Normal" | "Warning", reason: string, message: string): void {
    if (this.#client === undefined || this.#done === undefined) return;
    const { uid } = object.metadata;
    if (!this.#mayWrite(uid)) return;
    const key = `${uid}/${type}/${reason}/${message}`;
    const known = this.state.written.get(key);
    const lastTimestamp = timestamp(this.#kernel.nowUs);
    if (known !== undefined) {
      const patch: Manifest = { count: ++known.count, lastTimestamp };
      this.#client.patch(known.record, patch, "", this.#done, undefined);
      return;
    }
    const body = this.#describe(object, { type, reason, message, lastTimestamp });
    const record = this.#client.create("Event", body, this.#done, undefined);
    remember(this.state.written, key, { record, count: 1 });
  }

  #describe(
    { apiVersion, kind, metadata }: ApiObject,
    event: { type: string; reason: string; message: string; lastTimestamp: string },
  ): Manifest {
    const { name, uid } = metadata;
    const namespace = metadata.namespace === "" ? "default" : metadata.namespace;
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `${name}.${this.#suffix()}`, namespace },
      involvedObject: { apiVersion, kind, name, namespace, uid },
      ...event,
      firstTimestamp: event.lastTimestamp,
      count: 1,
      source: { component: this.#component },
    };
  }

  /** As client-go names events: the time in nanoseconds, in hexadecimal; here the last three digits count. */
  #suffix(): string {
    const nanos = BigInt(EPOCH_MS) * 1_000_000n + BigInt(this.#kernel.nowUs) * 1_000n;
    return (nanos + BigInt(this.state.count++ % 1_000)).toString(16);
  }

  #mayWrite(uid: string): boolean {
    let budget = this.state.budgets.get(uid);
    if (budget === undefined) {
      budget = new TokenBucket(SPAM_QPS, SPAM_BURST);
      remember(this.state.budgets, uid, budget);
    }
    return budget.tryTake(this.#kernel.nowUs);
  }
}

/** Adds an entry and drops the oldest one when there are too many. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size <= REMEMBERED_MAX) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
