/** What users do: one operation is one kubectl command about one object. Plain data. */
import type { Manifest } from "../api/index.ts";
import type { DeletionPropagation, PatchType } from "../client/index.ts";
import type { Micros } from "../kernel/index.ts";

interface About {
  /**
   * create and apply: the object. Of the others: which one it is about; apiVersion, kind, name and
   * namespace are read.
   */
  readonly object: Manifest;
  /** Where it came from, for messages: `pods.yaml:14`. */
  readonly source: string;
  /** Size of the object as JSON, where it is large; absent: it is not. */
  readonly bytes?: number;
  /** kubectl --as: who does it; absent: the cluster's administrator. */
  readonly as?: string;
}

/** kubectl apply: GET, then POST or PATCH; server-side it is one PATCH. */
export interface ApplyOperation {
  readonly verb: "apply";
  readonly serverSide?: boolean;
  /** Of a server-side apply; absent: `kubectl`. */
  readonly fieldManager?: string;
  /** Of a server-side apply: --force-conflicts. */
  readonly force?: boolean;
}

/** kubectl delete --cascade --grace-period. */
export interface DeleteOperation {
  readonly verb: "delete";
  readonly propagationPolicy?: DeletionPropagation;
  readonly gracePeriodSeconds?: number;
}

/** kubectl patch. A JSON patch is a list of operations, the others are an object. */
export interface PatchOperation {
  readonly verb: "patch";
  readonly patch: Manifest | readonly object[];
  /** Absent: strategic. */
  readonly patchType?: Exclude<PatchType, "apply">;
  readonly subresource?: "" | "status";
}

/** kubectl scale: PUT of the scale subresource. */
export interface ScaleOperation {
  readonly verb: "scale";
  readonly replicas: number;
}

/** kubectl rollout undo [--to-revision], restart, pause, resume. */
export interface RolloutOperation {
  readonly verb: "rolloutUndo" | "rolloutRestart" | "rolloutPause" | "rolloutResume";
  /** Of an undo; absent or 0: the one before the latest. */
  readonly toRevision?: number;
}

/** kubectl set image: image by the name of the container; `*` means all. */
export interface SetImageOperation {
  readonly verb: "setImage";
  readonly images: Readonly<Record<string, string>>;
}

/** kubectl label | annotate --overwrite: null takes one off. */
export interface MarkOperation {
  readonly verb: "label" | "annotate";
  readonly values: Readonly<Record<string, string | null>>;
}

/** kubectl taint nodes --overwrite, in its own notation: `key=value:Effect`, `key:Effect-`, `key-`. */
export interface TaintOperation {
  readonly verb: "taint";
  readonly taints: readonly string[];
}

/** kubectl cordon, uncordon, drain (--ignore-daemonsets --delete-emptydir-data --force). */
export interface NodeOperation {
  readonly verb: "cordon" | "uncordon" | "drain";
  /** Of a drain: of the evicted pods; absent: their own. */
  readonly gracePeriodSeconds?: number;
  /** Of a drain: give up after this; absent: an hour. */
  readonly timeoutUs?: Micros;
}

/** kubectl get KIND NAME: one GET. */
export interface GetOperation {
  readonly verb: "get";
  /** Absent: the latest state, which etcd's leader knows; "0": whatever the watch cache has. */
  readonly resourceVersion?: string;
}

/** kubectl get KIND: a LIST of the kind in the object's namespace, page by page. */
export interface ListOperation {
  readonly verb: "list";
  /** --all-namespaces. */
  readonly allNamespaces?: boolean;
  /** --selector, as `app=web,tier!=db`. */
  readonly selector?: string;
  /** --field-selector, as `status.phase=Running`. */
  readonly fieldSelector?: string;
  /** --chunk-size: objects on a page; 0: all at once. Absent: 500, kubectl's default. */
  readonly limit?: number;
  /** Absent: the latest state. "0": whatever the watch cache has; else see resourceVersionMatch. */
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
}

/** POST pods/NAME/eviction. */
export interface EvictOperation {
  readonly verb: "evict";
  readonly gracePeriodSeconds?: number;
}

/** One thing that a user does. */
export type Operation = About &
  (
    | { readonly verb: "create" }
    | ApplyOperation
    | DeleteOperation
    | PatchOperation
    | ScaleOperation
    | RolloutOperation
    | SetImageOperation
    | MarkOperation
    | TaintOperation
    | NodeOperation
    | EvictOperation
    | GetOperation
    | ListOperation
  );

export type OperationVerb = Operation["verb"];

/** An operation on its way; the context of its requests. */
export interface Task {
  readonly operation: Operation;
  readonly issuedUs: Micros;
  /** Rounds so far of what is tried again. */
  tries: number;
}

/** How an operation ended: an answer of the API, or kubectl's own word. */
export interface Outcome {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}
