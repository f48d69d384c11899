/**
 * NamespaceController: empties a namespace that is being deleted, kind by kind, says in its
 * conditions what is left, and takes its finalizer off when nothing is.
 *
 * Source: pkg/controller/namespace/namespace_controller.go and
 * deletion/namespaced_resources_deleter.go of v1.30. Where the real one goes through the kinds in no
 * particular order, this one goes by name.
 */
import {
  type ApiObject,
  allKinds,
  FINALIZER_KUBERNETES,
  type KeyRecord,
  type Kind,
  type Namespace,
  type Pod,
} from "../api/index.ts";
import type { ApiCall, Indexer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { estimate, graceSecondsOf, namespaceStatus, type Remains } from "./namespace-conditions.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** --concurrent-namespace-syncs. */
const WORKERS = 10;
/** namespaceDeletionGracePeriod: API servers that lag must have seen the deletion before. */
const DELAY_US = 5_000_000;

const namespacedKinds: readonly Kind[] = allKinds.filter(({ namespaced }) => namespaced);

/** One try to empty a namespace. */
class NamespaceWork extends SyncWork {
  /** The namespace as the last answer has it. */
  namespace: Namespace | undefined = undefined;
  /** The kind that it has come to. */
  kindIndex = 0;
  /** The pods that were there before they were deleted. */
  pods: readonly Pod[] = [];
  readonly remains: Remains[] = [];
  readonly errors: string[] = [];
}

type Item = "namespace" | "pods" | "delete" | "left";

export class NamespaceController implements Controller {
  readonly #kernel: Kernel;
  readonly #namespaces: Indexer<Namespace>;
  readonly #reconciler: Reconciler<NamespaceWork, Item>;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("namespace-controller");
    const namespaces = context.informer<Namespace>("Namespace");
    this.#kernel = kernel;
    this.#namespaces = namespaces.indexer;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "namespace", workers: WORKERS, controllerSync },
      {
        begin: (record) => new NamespaceWork(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => onAnswer(work, call, item),
      },
    );
    namespaces.addEventHandler({
      onAdd: (record, namespace) => this.#onNamespace(record, namespace),
      onUpdate: (record, _old, namespace) => this.#onNamespace(record, namespace),
      onDelete: (record) => this.#reconciler.forget(record),
    });
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #onNamespace(record: KeyRecord, { metadata }: Namespace): void {
    if (metadata.deletionTimestamp !== undefined) this.#reconciler.enqueueAfter(record, DELAY_US);
  }

  #run(work: NamespaceWork): string {
    if (work.error !== "") return "done";
    switch (work.stage) {
      case "start":
        return this.#read(work);
      case "mark":
        return this.#mark(work);
      case "estimate":
        return this.#estimate(work);
      case "delete":
        return this.#deleteKind(work);
      case "list":
        this.#reconciler.list(work, kindOf(work).kind, { namespace: work.record.name }, "left");
        return "next";
      case "next":
        work.kindIndex++;
        return work.kindIndex < namespacedKinds.length ? "estimate" : this.#describe(work);
      case "finish":
        return this.#finish(work);
      default:
        return "done";
    }
  }

  #read(work: NamespaceWork): string {
    if (this.#namespaces.get(work.record as KeyRecord<Namespace>) === undefined) return "done";
    this.#reconciler.get(work, work.record, "namespace");
    return "mark";
  }

  /** Makes sure that the phase says what happens. */
  #mark(work: NamespaceWork): string {
    const { namespace, record } = work;
    if (namespace?.metadata.deletionTimestamp === undefined) return "done";
    if (namespace.status.phase !== "Terminating") {
      const status = { ...namespace.status, phase: "Terminating" };
      const next = { ...namespace, status } as Namespace;
      this.#reconciler.update(work, record, next, "status", "namespace");
    }
    return (namespace.spec.finalizers?.length ?? 0) === 0 ? "done" : "estimate";
  }

  /** How long the pods may take is asked before they are deleted (estimateGracefulTermination). */
  #estimate(work: NamespaceWork): string {
    if (kindOf(work).kind === "Pod")
      this.#reconciler.list(work, "Pod", { namespace: work.record.name }, "pods");
    return "delete";
  }

  #deleteKind(work: NamespaceWork): string {
    const options = { propagationPolicy: "Background" } as const;
    const body = { namespace: work.record.name, options };
    this.#reconciler.deleteCollection(work, kindOf(work).kind, body, "delete");
    return "list";
  }

  /** Everything was deleted that can be: says what is left. */
  #describe(work: NamespaceWork): string {
    const { namespace, record, remains, errors } = work;
    if (namespace === undefined) return "done";
    const deletionTimestamp = namespace.metadata.deletionTimestamp ?? "";
    const { nowUs } = this.#kernel;
    for (const [i, each] of remains.entries()) {
      const pods = each.kind.kind === "Pod" ? work.pods : [];
      remains[i] = { ...each, graceSeconds: graceSecondsOf(pods, deletionTimestamp, nowUs) };
    }
    errors.push(...estimate(remains).errors);
    const status = namespaceStatus(namespace.status, remains, errors, nowUs);
    if (status !== namespace.status) {
      const next = { ...namespace, status } as Namespace;
      this.#reconciler.update(work, record, next, "status", "namespace");
    }
    return "finish";
  }

  #finish(work: NamespaceWork): string {
    const { namespace, record, remains, errors } = work;
    if (namespace === undefined) return "done";
    if (errors.length > 0) {
      work.error = errors.join(", ");
      return "done";
    }
    const { seconds } = estimate(remains);
    if (seconds > 0) {
      this.#reconciler.enqueueAfter(record, (Math.floor(seconds / 2) + 1) * 1_000_000);
      return "done";
    }
    const finalizers = (namespace.spec.finalizers ?? []).filter(
      (each) => each !== FINALIZER_KUBERNETES,
    );
    const next = { ...namespace, spec: { ...namespace.spec, finalizers } } as Namespace;
    this.#reconciler.update(work, record, next, "finalize", "namespace");
    return "done";
  }
}

function kindOf({ kindIndex }: NamespaceWork): Kind {
  const kind = namespacedKinds[kindIndex];
  if (kind === undefined) throw new Error(`there is no namespaced kind ${kindIndex}`);
  return kind;
}

function onAnswer(work: NamespaceWork, call: ApiCall, item: Item): void {
  const objects = call.items.map(({ object }) => object) as ApiObject[];
  if (item === "namespace") {
    if (call.ok) work.namespace = call.object as Namespace | undefined;
    else if (call.code === 404) work.namespace = undefined;
    else work.error = call.message;
  } else if (!call.ok) work.errors.push(call.message);
  else if (item === "pods") work.pods = objects as Pod[];
  else if (item === "left") work.remains.push({ kind: kindOf(work), objects, graceSeconds: 0 });
}
