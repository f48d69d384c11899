/**
 * OrphanMaker: an owner that is deleted with the policy Orphan goes when no dependent names it any
 * more. Source: attemptToOrphanWorker in pkg/controller/garbagecollector/garbagecollector.go of v1.30.
 */
import {
  type ApiObject,
  type KeyRecord,
  ORPHAN_DEPENDENTS,
  waitsForFinalizer,
} from "../api/index.ts";
import type { ApiClient } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { DependencyGraph } from "./dependency-graph.ts";
import { withoutFinalizerPatch, withoutOwnersPatch } from "./owner-references.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** --concurrent-gc-syncs. */
const WORKERS = 20;

export interface GarbageWorkerSettings {
  readonly kernel: Kernel;
  readonly client: ApiClient;
  readonly graph: DependencyGraph;
  readonly controllerSync: string;
}

class OrphanWork extends SyncWork {
  latest: ApiObject | undefined = undefined;
}

type Item = "owner" | "change";

export class OrphanMaker {
  readonly #graph: DependencyGraph;
  readonly #reconciler: Reconciler<OrphanWork, Item>;

  constructor({ kernel, client, graph, controllerSync }: GarbageWorkerSettings) {
    this.#graph = graph;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "garbage-collector-orphan", workers: WORKERS, controllerSync },
      {
        begin: (record) => new OrphanWork(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => {
          if (!call.ok && call.code !== 404) work.error = call.message;
          else if (item === "owner") work.latest = call.object;
        },
      },
    );
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  enqueue(owner: KeyRecord): void {
    this.#reconciler.enqueue(owner);
  }

  #run(work: OrphanWork): string {
    if (work.stage === "start") return this.#orphan(work);
    if (work.error !== "") return "done";
    if (work.stage === "orphaned") {
      this.#reconciler.get(work, work.record, "owner");
      return "release";
    }
    if (work.stage === "release") this.#release(work);
    return "done";
  }

  #orphan(work: OrphanWork): string {
    const owner = this.#graph.get(work.record);
    this.#reconciler.forget(work.record);
    if (owner === undefined || !waitsForFinalizer(owner, ORPHAN_DEPENDENTS)) return "done";
    const { uid } = owner.metadata;
    for (const dependent of this.#graph.dependentsOf(uid)) {
      const object = this.#graph.get(dependent);
      if (object === undefined) continue;
      const patch = withoutOwnersPatch(object.metadata.uid, [uid]);
      this.#reconciler.patch(work, dependent, patch, "", "change");
    }
    return "orphaned";
  }

  #release(work: OrphanWork): void {
    const { latest, record } = work;
    if (latest === undefined || !waitsForFinalizer(latest, ORPHAN_DEPENDENTS)) return;
    const patch = withoutFinalizerPatch(latest, ORPHAN_DEPENDENTS);
    this.#reconciler.patch(work, record, patch, "", "change", { patchType: "merge" });
  }
}
