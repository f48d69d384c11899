/**
 * Users: whoever works with kubectl against the cluster. Their operations arrive in time order from
 * outside the run; each becomes API requests of the client "workload", the cluster's administrator,
 * or of the user in whose name it is done, and is reported with how it ended (tracepoint
 * userOperation).
 *
 * What the API refuses as wrong (400, 404, 413, 422, a name that is taken), and what kubectl itself
 * refuses, is a mistake in the user's input: the run stops with an InputError that says where it
 * came from. A refusal that a busy or full cluster gives (403, 409, 429, 5xx), or a connection that
 * is lost, is an outcome; and so is, from then on, a name that is missing or taken: it may follow.
 */
import {
  type ApiObject,
  type KeyRecord,
  kindNamed,
  type Manifest,
  type Node,
  type Trace,
} from "../api/index.ts";
import type { ApiCall, ApiClient, CallbackId, Selection } from "../client/index.ts";
import type { Etcd } from "../etcd/index.ts";
import { type ArrivalBuffer, type HandlerId, InputError, type Kernel } from "../kernel/index.ts";
import { Drain } from "./drain.ts";
import { type Edit, mark, setImage, setSchedulable, taint } from "./edit.ts";
import { applyPatch, withLastApplied } from "./last-applied.ts";
import type { ListOperation, Operation, OperationVerb, Outcome, Task } from "./operation.ts";
import { historyKind, pause, restart, resume, undo } from "./rollout.ts";

/** Takes nodes that a user adds: a machine joins, and its kubelet registers the object. */
export interface NodeRegistry {
  has(name: string): boolean;
  /** Whether the node's kubelet is registering it: its object will be there soon. */
  isJoining(name: string): boolean;
  register(manifest: Manifest): void;
}

export interface UsersSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly client: ApiClient;
  readonly etcd: Etcd;
  readonly nodes: NodeRegistry;
}

/** kubectl/pkg/cmd/apply/patcher.go: maxPatchRetry, and backOffPeriod after a conflict. */
const APPLY_TRIES_MAX = 5;
const APPLY_BACKOFF_US = 1_000_000;

/** kubectl's manager of a server-side apply (pkg/cmd/apply: fieldManagerServerSideApply). */
const SERVER_SIDE_MANAGER = "kubectl";

/** kubectl's --field-manager by command; the others go by the name of the program. */
const FIELD_MANAGERS: ReadonlyMap<string, string> = new Map([
  ["apply", "kubectl-client-side-apply"],
  ["create", "kubectl-create"],
  ["patch", "kubectl-patch"],
  ["rolloutUndo", "kubectl-rollout"],
  ["rolloutRestart", "kubectl-rollout"],
  ["rolloutPause", "kubectl-rollout"],
  ["rolloutResume", "kubectl-rollout"],
  ["setImage", "kubectl-set"],
  ["label", "kubectl-label"],
  ["annotate", "kubectl-annotate"],
  ["taint", "kubectl-taint"],
]);

/** Verbs that may find nothing: the object may have gone, or whoever asks wants to know just that. */
const MAY_BE_MISSING: ReadonlySet<OperationVerb> = new Set(["delete", "evict", "apply", "get"]);

const DONE: Outcome = { code: 200, reason: "", message: "" };

/** The context of the second request of an undo: the workload as it was read. */
interface Undoing {
  readonly task: Task;
  readonly record: KeyRecord;
  readonly live: ApiObject;
}

/** The context of a list, page by page. */
interface Listing {
  readonly task: Task;
  readonly selection: Selection;
}

/** kubectl get --chunk-size. */
const CHUNK_SIZE = 500;

interface UsersState {
  /** An operation has failed that was no mistake: what it should have made or removed may be awry. */
  hasFailed: boolean;
}

export class Users {
  state: UsersState = { hasFailed: false };
  readonly operations: ArrivalBuffer<Operation>;
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #client: ApiClient;
  /** The client as others, by name; made when first asked for. */
  readonly #clients = new Map<string, ApiClient>();
  readonly #etcd: Etcd;
  readonly #nodes: NodeRegistry;
  readonly #drain: Drain;
  readonly #done: CallbackId<Task>;
  readonly #looked: CallbackId<Task>;
  readonly #history: CallbackId<Undoing>;
  readonly #listed: CallbackId<Listing>;
  readonly #again: HandlerId<Task>;

  constructor({ kernel, trace, client, etcd, nodes }: UsersSettings) {
    this.#kernel = kernel;
    this.#trace = trace;
    this.#client = client;
    this.#etcd = etcd;
    this.#nodes = nodes;
    const arrived = kernel.handler("users/operation", (op: Operation) => this.#onOperation(op));
    this.operations = kernel.arrivals("users", arrived);
    this.#done = client.callback((call, task) => this.#onDone(call, task));
    this.#looked = client.callback((call, task) => this.#onLooked(call, task));
    this.#history = client.callback((call, undoing) => this.#onHistory(call, undoing));
    this.#listed = client.callback((call, listing) => this.#onListed(call, listing));
    this.#again = kernel.handler("users/again", (task) => this.#look(task));
    const finish = (task: Task, outcome: Outcome): void => this.#finish(task, outcome);
    const clientOf = (task: Task): ApiClient => this.#clientOf(task);
    kernel.keep("users", this);
    this.#drain = new Drain({ kernel, client, clientOf, finish });
  }

  #onOperation(operation: Operation): void {
    const { verb, object } = operation;
    const isNewNode = object.kind === "Node" && !this.#nodes.has(object.metadata?.name ?? "");
    if (isNewNode && (verb === "create" || verb === "apply")) return this.#nodes.register(object);
    const task: Task = { operation, issuedUs: this.#kernel.nowUs, tries: 0 };
    switch (operation.verb) {
      case "create":
        return this.#create(task, object);
      case "apply":
        return operation.serverSide === true ? this.#applyServerSide(task) : this.#look(task);
      case "delete": {
        const { propagationPolicy, gracePeriodSeconds } = operation;
        const options = {
          propagationPolicy: propagationPolicy ?? "Background", // --cascade=background is the default
          ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
        };
        return this.#clientOf(task).delete(this.#recordOf(object), options, this.#done, task);
      }
      case "patch": {
        const { patch, patchType = "strategic", subresource = "" } = operation;
        const record = this.#recordOf(object);
        const options = { patchType, fieldManager: managerOf(verb) };
        return this.#clientOf(task).patch(record, patch, subresource, this.#done, task, options);
      }
      case "scale": {
        const body = { replicas: operation.replicas, resourceVersion: "" };
        return this.#clientOf(task).updateScale(this.#recordOf(object), body, this.#done, task);
      }
      case "evict": {
        const { gracePeriodSeconds } = operation;
        const body = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
        return this.#clientOf(task).evict(this.#recordOf(object), body, this.#done, task);
      }
      case "get": {
        const { resourceVersion } = operation;
        const options = resourceVersion === undefined ? undefined : { resourceVersion };
        return this.#clientOf(task).get(this.#recordOf(object), this.#done, task, options);
      }
      case "list":
        return this.#list({ task, selection: selectionOf(operation) });
      default:
        return this.#look(task);
    }
  }

  #list(listing: Listing): void {
    const { task, selection } = listing;
    const { kind = "" } = task.operation.object;
    this.#clientOf(task).list(kind, selection, this.#listed, listing);
  }

  /** kubectl goes on as long as there are pages; a page that is refused ends it. */
  #onListed(call: ApiCall, { task, selection }: Listing): void {
    const { continueToken } = call.page ?? {};
    if (!call.ok || continueToken === undefined) return this.#finish(task, call);
    // The first page has settled the revision.
    const { resourceVersion: _revision, resourceVersionMatch: _match, ...rest } = selection;
    this.#list({ task, selection: { ...rest, continueToken } });
  }

  #look(task: Task): void {
    this.#clientOf(task).get(this.#recordOf(task.operation.object), this.#looked, task);
  }

  #onLooked(call: ApiCall, task: Task): void {
    const { operation } = task;
    const { object: live, record } = call;
    if (call.code === 404 && operation.verb === "apply") {
      if (record !== undefined && this.#isJoining(operation.object))
        return this.#clientOf(task).get(record, this.#looked, task); // its kubelet is registering it
      return this.#create(task, withLastApplied(operation.object));
    }
    if (!call.ok || live === undefined || record === undefined) return this.#finish(task, call);
    if (operation.verb === "drain") return this.#drain.begin(task, record, live as Node);
    const kept = historyKind(live.kind);
    if (operation.verb === "rolloutUndo" && kept !== undefined) {
      const { namespace } = live.metadata;
      return this.#clientOf(task).list(kept, { namespace }, this.#history, { task, record, live });
    }
    this.#edit(task, record, editOf(operation, live, this.#kernel.nowUs));
  }

  #onHistory(call: ApiCall, { task, record, live }: Undoing): void {
    if (!call.ok) return this.#finish(task, call);
    const { operation } = task;
    const toRevision = operation.verb === "rolloutUndo" ? (operation.toRevision ?? 0) : 0;
    const history = call.items.map((item) => item.object);
    this.#edit(task, record, undo(live, history, toRevision));
  }

  #edit(task: Task, record: KeyRecord, edit: Edit): void {
    if (edit === undefined) return this.#finish(task, DONE);
    if ("fault" in edit) throw new InputError(`${task.operation.source}: ${edit.fault}`);
    const { patchType, patch } = edit;
    const options = { patchType, fieldManager: managerOf(task.operation.verb) };
    this.#clientOf(task).patch(record, patch as Manifest, "", this.#done, task, options);
  }

  #create(task: Task, object: Manifest): void {
    const client = this.#clientOf(task);
    const { bytes, verb } = task.operation;
    if (bytes === undefined) client.create(object.kind ?? "", placed(object), this.#done, task);
    else {
      // An apply writes the whole object into an annotation, too.
      const options = { bytes: verb === "apply" ? 2 * bytes : bytes };
      client.create(object.kind ?? "", placed(object), this.#done, task, options);
    }
  }

  #applyServerSide(task: Task): void {
    const { operation } = task;
    if (operation.verb !== "apply") return;
    const { fieldManager = SERVER_SIDE_MANAGER, force } = operation;
    const object = placed(operation.object);
    const options = {
      patchType: "apply",
      fieldManager,
      ...(force === undefined ? {} : { force }),
      ...(operation.bytes === undefined ? {} : { bytes: operation.bytes }),
    } as const;
    this.#clientOf(task).patch(this.#recordOf(object), object, "", this.#done, task, options);
  }

  #onDone(call: ApiCall, task: Task): void {
    const { verb } = task.operation;
    if (call.code === 409 && verb === "apply" && call.verb === "patch" && isStale(call)) {
      task.tries++;
      if (task.tries < APPLY_TRIES_MAX) {
        this.#kernel.after(APPLY_BACKOFF_US, this.#again, task, undefined);
        return;
      }
    }
    this.#finish(task, call);
  }

  /** Reports how the operation ended. Throws an InputError where it was a mistake. */
  #finish(task: Task, { code, reason, message }: Outcome): void {
    const { operation, issuedUs } = task;
    const { source, verb, object } = operation;
    if (this.#isMistake(operation, code, reason)) throw new InputError(`${source}: ${message}`);
    if (code !== 404 && (code < 200 || code >= 300)) this.state.hasFailed = true;
    const { userOperation } = this.#trace;
    if (!userOperation.on) return;
    const kind = object.kind ?? "";
    const { namespace = "", name = object.metadata?.generateName ?? "" } =
      placed(object).metadata ?? {};
    const place = verb === "list" && operation.allNamespaces === true ? "" : namespace;
    const key = place === "" ? name : `${place}/${name}`;
    const endUs = this.#kernel.nowUs;
    userOperation.emit({
      user: operation.as ?? "",
      source,
      verb,
      kind,
      key,
      code,
      reason,
      message,
      issuedUs,
      endUs,
    });
  }

  #clientOf({ operation }: Task): ApiClient {
    const { as: user } = operation;
    if (user === undefined) return this.#client;
    let client = this.#clients.get(user);
    if (client === undefined) {
      client = this.#client.as(user);
      this.#clients.set(user, client);
    }
    return client;
  }

  /**
   * An apply that finds nothing to patch is none: the object was deleted after it had looked. Nor
   * is a name that the server made up and that is taken by chance.
   */
  #isMistake({ verb, object }: Operation, code: number, reason: string): boolean {
    if (code === 400 || code === 413 || code === 422) return true;
    if (this.state.hasFailed) return false;
    if (code === 404) return !MAY_BE_MISSING.has(verb);
    if (reason !== "AlreadyExists" || verb !== "create") return false;
    return object.metadata?.name !== undefined;
  }

  #isJoining({ kind, metadata }: Manifest): boolean {
    return kind === "Node" && this.#nodes.isJoining(metadata?.name ?? "");
  }

  #recordOf(object: Manifest): KeyRecord {
    const { namespace = "", name = "" } = placed(object).metadata ?? {};
    return this.#etcd.record(object.kind ?? "", namespace, name);
  }
}

/** The edit of an operation that looks at its object first. */
function editOf(operation: Operation, live: ApiObject, nowUs: number): Edit {
  switch (operation.verb) {
    case "apply": {
      const patch = applyPatch(placed(operation.object), live);
      return patch === undefined ? undefined : { patchType: "strategic", patch };
    }
    case "rolloutUndo":
      return { fault: `no rollbacker has been implemented for ${JSON.stringify(live.kind)}` };
    case "rolloutRestart":
      return restart(live, nowUs);
    case "rolloutPause":
      return pause(live);
    case "rolloutResume":
      return resume(live);
    case "setImage":
      return setImage(operation, live);
    case "label":
    case "annotate":
      return mark(operation, live);
    case "taint":
      return taint(operation, live as Node);
    case "cordon":
      return setSchedulable(live as Node, false);
    case "uncordon":
      return setSchedulable(live as Node, true);
    default:
      throw new Error(`operation ${operation.verb} does not look at its object`);
  }
}

function selectionOf(operation: ListOperation & { readonly object: Manifest }): Selection {
  const { object, allNamespaces, selector, limit = CHUNK_SIZE } = operation;
  const { fieldSelector, resourceVersion, resourceVersionMatch } = operation;
  const { namespace } = allNamespaces === true ? {} : (placed(object).metadata ?? {});
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(selector === undefined ? {} : { labelSelector: selector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(limit === 0 ? {} : { limit }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(resourceVersionMatch === undefined ? {} : { resourceVersionMatch }),
  };
}

function managerOf(verb: Operation["verb"]): string {
  return FIELD_MANAGERS.get(verb) ?? "kubectl";
}

/** A conflict about the resourceVersion, not one of field managers: kubectl reads and tries again. */
function isStale({ options }: ApiCall): boolean {
  return options.patchType !== "apply";
}

/** The object with its namespace: `default` where a namespaced one names none, else none. */
function placed(object: Manifest): Manifest {
  const { metadata = {} } = object;
  const given = metadata.namespace ?? "";
  if (kindNamed(object.kind ?? "").namespaced)
    return given !== "" ? object : { ...object, metadata: { ...metadata, namespace: "default" } };
  if (given === "") return object;
  const { namespace: _namespace, ...rest } = metadata;
  return { ...object, metadata: rest };
}
