/**
 * Informers of a cluster. A component asks its factory for the informer of a kind and shares it
 * among its parts, as client-go's SharedInformerFactory does.
 */
import type { ApiObject, Trace } from "../api/index.ts";
import type { Selection } from "../apiserver/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { ApiClient, ClientHub } from "./api-client.ts";
import { Indexer } from "./indexer.ts";
import type { ReflectorWiring } from "./reflector.ts";
import { SharedInformer } from "./shared-informer.ts";

export interface InformerOptions {
  readonly selection?: Selection;
  /**
   * The store's place in KeyRecord.views. Stores whose keys are disjoint (the pods of each kubelet)
   * may share one; by default each informer of a kind gets the next free one.
   */
  readonly slot?: number;
  /** Without a list of keys the store is cheaper, but cannot be listed or resynced. Default true. */
  readonly isEnumerable?: boolean;
}

/** All informers of one cluster, by number. */
export class InformerHub {
  readonly #kernel: Kernel;
  readonly #informers: SharedInformer<ApiObject>[] = [];
  /** The process that each informer belongs to. */
  readonly #processes: (string | undefined)[] = [];
  readonly #slots = new Map<string, number>();
  readonly #wiring: ReflectorWiring;

  constructor(kernel: Kernel, trace: Trace, clients: ClientHub) {
    this.#kernel = kernel;
    this.#wiring = {
      kernel,
      trace,
      listed: clients.callback((call, id: number) => this.#at(id).reflector.onListed(call)),
      watched: clients.callback((call, id: number) => this.#at(id).reflector.onWatched(call)),
      changed: kernel.handler("client/watch-notice", (notice, id) =>
        this.#at(id).reflector.onNotice(notice),
      ),
      retry: kernel.handler("client/reflector-retry", (id) => this.#at(id).reflector.onRetry()),
    };
  }

  /** Takes the next free slot for stores of a kind. */
  takeSlot(kind: string): number {
    const slot = this.#slots.get(kind) ?? 0;
    this.#slots.set(kind, slot + 1);
    return slot;
  }

  create<T extends ApiObject>(
    client: ApiClient,
    kind: string,
    options: InformerOptions = {},
  ): SharedInformer<T> {
    const id = this.#informers.length;
    const indexer = new Indexer<T>(
      options.slot ?? this.takeSlot(kind),
      options.isEnumerable ?? true,
    );
    const selection = options.selection ?? {};
    const informer = new SharedInformer<T>(indexer, {
      wiring: this.#wiring,
      id,
      client,
      kind,
      selection,
    });
    this.#informers.push(informer as unknown as SharedInformer<ApiObject>);
    this.#processes.push(this.#kernel.processInBuilding);
    const name = `informer/${id}/${client.name}/${kind}`;
    this.#kernel.keep(`${name}/fifo`, informer);
    this.#kernel.keep(`${name}/store`, indexer);
    this.#kernel.keep(`${name}/reflector`, informer.reflector);
    return informer;
  }

  /**
   * The process has died: its stores are emptied, changes on their way to it are lost, and nobody
   * tries again what has failed.
   */
  forget(process: string): void {
    for (const [id, informer] of this.#informers.entries())
      if (this.#processes[id] === process) informer.indexer.forget();
    const { changed, retry } = this.#wiring;
    this.#kernel.cancelWhere(({ handler, a, b }) => {
      if (handler === changed) return this.#processes[b as number] === process;
      return handler === retry && this.#processes[a as number] === process;
    });
  }

  #at(id: number): SharedInformer<ApiObject> {
    const informer = this.#informers[id];
    if (informer === undefined) throw new Error(`unknown informer ${id}`);
    return informer;
  }
}

/** The informers that the parts of one component share: one per kind. */
export class InformerFactory {
  readonly #hub: InformerHub;
  readonly #client: ApiClient;
  readonly #byKind = new Map<string, SharedInformer<ApiObject>>();

  constructor(hub: InformerHub, client: ApiClient) {
    this.#hub = hub;
    this.#client = client;
  }

  /** The component's informer of a kind; made when first asked for. */
  informer<T extends ApiObject>(kind: string): SharedInformer<T> {
    let informer = this.#byKind.get(kind);
    if (informer === undefined) {
      informer = this.#hub.create(this.#client, kind);
      this.#byKind.set(kind, informer);
    }
    return informer as unknown as SharedInformer<T>;
  }

  /** Starts all informers asked for so far, in the order in which they were asked for. */
  start(): void {
    for (const informer of this.#byKind.values()) informer.start();
  }

  /** The same, but as informers that have listed and watched since before the run. */
  startSynced(): void {
    for (const informer of this.#byKind.values()) informer.startSynced();
  }

  /** True once every started informer has its first list. */
  get hasSynced(): boolean {
    for (const informer of this.#byKind.values()) if (!informer.hasSynced) return false;
    return true;
  }
}
