/**
 * ServiceAccountController: makes the account `default` in every active namespace, and again when
 * somebody has deleted it. Source: pkg/controller/serviceaccount/serviceaccounts_controller.go of v1.30.
 */
import type { KeyRecord, Namespace, ServiceAccount } from "../api/index.ts";
import type { Indexer } from "../client/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** The real one runs one worker. */
const WORKERS = 1;
const DEFAULT = "default";
/** Indexes of the stores: accounts by namespace, namespaces by name. */
const BY_NAMESPACE = "service-account/namespace";
const BY_NAME = "service-account/name";

export class ServiceAccountController implements Controller {
  readonly #accounts: Indexer<ServiceAccount>;
  readonly #namespaces: Indexer<Namespace>;
  readonly #reconciler: Reconciler<SyncWork, undefined>;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const accounts = context.informer<ServiceAccount>("ServiceAccount");
    const namespaces = context.informer<Namespace>("Namespace");
    this.#accounts = accounts.indexer;
    this.#namespaces = namespaces.indexer;
    this.#accounts.addIndex(BY_NAMESPACE, ({ metadata }) => metadata.namespace, "names");
    this.#namespaces.addIndex(BY_NAME, ({ metadata }) => metadata.name, "names");
    this.#reconciler = new Reconciler(
      {
        kernel,
        client: context.client("service-account-controller"),
        name: "service-account",
        workers: WORKERS,
        controllerSync: context.latency.controllerSync,
      },
      {
        begin: (record) => new SyncWork(record),
        run: (work) => this.#run(work),
        answered: (work, { ok, code, message }) => {
          // There already, or the namespace is gone or going: nothing is left to do.
          if (!ok && code !== 409 && code !== 404 && !message.endsWith(TERMINATING))
            work.error = message;
        },
      },
    );
    namespaces.addEventHandler({
      onAdd: (record) => this.#reconciler.enqueue(record),
      onUpdate: (record) => this.#reconciler.enqueue(record),
      onDelete: (record) => this.#reconciler.forget(record),
    });
    accounts.addEventHandler({
      onDelete: ({ namespace }) => {
        for (const record of this.#namespaces.byIndex(BY_NAME, namespace))
          this.#reconciler.enqueue(record);
      },
    });
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #run(work: SyncWork): string {
    if (work.stage !== "start") return "done";
    const found = this.#namespaces.get(work.record as KeyRecord<Namespace>);
    if (found === undefined || found.status.phase !== "Active") return "done";
    const namespace = found.metadata.name;
    for (const record of this.#accounts.unordered(BY_NAMESPACE, namespace)) {
      if (record.name === DEFAULT) return "done";
    }
    const metadata = { name: DEFAULT, namespace };
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata };
    this.#reconciler.create(work, "ServiceAccount", account, undefined);
    return "created";
  }
}

const TERMINATING = "because it is being terminated";
