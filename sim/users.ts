/**
 * Users: whoever works with kubectl against the cluster. Their operations arrive in time order from
 * outside the run; each becomes API requests of the client "workload".
 *
 * A request that the API refuses as wrong (invalid, unknown namespace, name taken) is a mistake in
 * the user's input: the run stops with an InputError that says where it came from.
 */
import type { KeyRecord, Manifest } from "./api/index.ts";
import { kindNamed } from "./api/index.ts";
import type { ApiCall, ApiClient, CallbackId } from "./client/index.ts";
import type { Etcd } from "./etcd/index.ts";
import { type ArrivalBuffer, InputError, type Kernel } from "./kernel/index.ts";

/** One thing that a user does. */
export interface Operation {
  /** create: POST. apply: GET, then POST or PATCH, as `kubectl apply`. delete: DELETE. */
  readonly verb: "create" | "apply" | "delete";
  readonly object: Manifest;
  /** Where it came from, for messages: `pods.yaml:14`. */
  readonly source: string;
}

/** Takes nodes that a user adds: a machine joins, and its kubelet registers the object. */
export interface NodeRegistry {
  has(name: string): boolean;
  /** Whether the node's kubelet is registering it: its object will be there soon. */
  isJoining(name: string): boolean;
  register(manifest: Manifest): void;
}

export class Users {
  readonly operations: ArrivalBuffer<Operation>;
  readonly #client: ApiClient;
  readonly #etcd: Etcd;
  readonly #nodes: NodeRegistry;
  readonly #done: CallbackId<Operation>;
  readonly #looked: CallbackId<Operation>;

  constructor(kernel: Kernel, client: ApiClient, etcd: Etcd, nodes: NodeRegistry) {
    this.#client = client;
    this.#etcd = etcd;
    this.#nodes = nodes;
    const arrived = kernel.handler("users/operation", (op: Operation) => this.#onOperation(op));
    this.operations = kernel.arrivals("users", arrived);
    this.#done = client.callback((call, operation) => onDone(call, operation));
    this.#looked = client.callback((call, operation) => this.#onLooked(call, operation));
  }

  #onOperation(operation: Operation): void {
    const { verb, object } = operation;
    const isNewNode = object.kind === "Node" && !this.#nodes.has(object.metadata?.name ?? "");
    if (isNewNode && verb !== "delete") return this.#nodes.register(object);
    if (verb === "create") this.#create(operation);
    else if (verb === "apply") this.#client.get(this.#recordOf(object), this.#looked, operation);
    else this.#client.delete(this.#recordOf(object), {}, this.#done, operation);
  }

  #onLooked(call: ApiCall, operation: Operation): void {
    if (call.code === 404 && this.#isJoining(operation.object) && call.record !== undefined)
      return this.#client.get(call.record, this.#looked, operation); // its kubelet is registering it
    if (call.code === 404) return this.#create(operation);
    if (!call.ok || call.record === undefined) return onDone(call, operation);
    const { metadata = {}, spec } = operation.object;
    const { labels = {}, annotations = {} } = metadata;
    const patch: Manifest = { metadata: { labels, annotations }, spec };
    this.#client.patch(call.record, patch, "", this.#done, operation);
  }

  #isJoining({ kind, metadata }: Manifest): boolean {
    return kind === "Node" && this.#nodes.isJoining(metadata?.name ?? "");
  }

  #create(operation: Operation): void {
    const { object } = operation;
    this.#client.create(object.kind ?? "", placed(object), this.#done, operation);
  }

  #recordOf(object: Manifest): KeyRecord {
    const { namespace = "", name = "" } = placed(object).metadata ?? {};
    return this.#etcd.record(object.kind ?? "", namespace, name);
  }
}

/** The object with its namespace: `default` where a namespaced one names none. */
function placed(object: Manifest): Manifest {
  const { metadata = {} } = object;
  const { namespaced } = kindNamed(object.kind ?? "");
  if (!namespaced || (metadata.namespace ?? "") !== "") return object;
  return { ...object, metadata: { ...metadata, namespace: "default" } };
}

function onDone(call: ApiCall, { source, verb }: Operation): void {
  if (call.ok) return;
  if (verb === "delete" && call.code === 404) return;
  throw new InputError(`${source}: ${call.message}`);
}
