/**
 * ApiCall: one API request and, later, its answer. Plain data: who asked is told by a callback
 * number with a context, never by a closure.
 */
import type { ApiObject, KeyRecord, Manifest, meta } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

export type Verb =
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection"
  | "get"
  | "list"
  | "watch";
export type Subresource = "" | "status" | "binding" | "scale" | "eviction" | "finalize";

/**
 * How a patch is meant, by the last word of its content type: `application/json-patch+json`,
 * `merge-patch`, `strategic-merge-patch`, `apply-patch`.
 */
export type PatchType = "json" | "merge" | "strategic" | "apply";

/** Query parameters of a write (metav1.CreateOptions, UpdateOptions, PatchOptions). */
export interface CallOptions {
  /** Of a patch; absent: strategic. */
  readonly patchType?: PatchType;
  /** Who owns the fields that the write sets; absent: the client's name. */
  readonly fieldManager?: string;
  /** Of an apply: take fields over from other managers instead of failing with a conflict. */
  readonly force?: boolean;
  /** Size of the body as JSON, where it is large (see body-size.ts); absent: it is not. */
  readonly bytes?: number;
}

/** metav1.DeletionPropagation: what becomes of the objects that name the deleted one as owner. */
export type DeletionPropagation = "Background" | "Foreground" | "Orphan";

/** Body of a delete: the part of metav1.DeleteOptions that is modelled. */
export interface DeleteOptions {
  /** Seconds; undefined: the object's own default. 0 deletes at once. */
  readonly gracePeriodSeconds?: number;
  /** Refuse with 409 when the object has another uid (preconditions.uid). */
  readonly uid?: string;
  /** Refuse with 409 when the object has another resourceVersion (preconditions). */
  readonly resourceVersion?: string;
  /** Absent: the kind's own default, Background for all kinds held here. */
  readonly propagationPolicy?: DeletionPropagation;
}

/** Body of a deletecollection: what to delete, and how. */
export interface DeleteCollectionBody {
  readonly namespace: string;
  readonly options: DeleteOptions;
}

/** Body of POST pods/eviction (policy/v1 Eviction): the options of the deletion. */
export type EvictionBody = DeleteOptions;

/** Body of an update of the scale subresource (autoscaling/v1 Scale). */
export interface ScaleBody {
  readonly replicas: number;
  /** "" asks for no check. */
  readonly resourceVersion: string;
}

/** Body of a binding: the node's name (core/v1 Binding.target.name). */
export interface BindingBody {
  readonly nodeName: string;
  /** Refuse with 409 when the pod has another uid (Binding.metadata.uid); "" asks for no check. */
  readonly uid: string;
}

/** Which objects a list or watch asks for. `nodeName` is the field selector `spec.nodeName=...`. */
export interface Selection extends ListOptions {
  readonly nodeName?: string;
  /** Only this namespace; absent: all. */
  readonly namespace?: string;
}

/** What a list (or get) says about how fresh it must be, and about pages (metav1.ListOptions). */
export interface ListOptions {
  /** As `kubectl -l` takes it. */
  readonly labelSelector?: string;
  /** As `kubectl --field-selector` takes it. */
  readonly fieldSelector?: string;
  /** Absent: the latest state. "0": any. Else not older than this, or exactly it: see the match. */
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
  /** Items per page, 1 or more; absent: all at once. */
  readonly limit?: number;
  /** What the page before said: it goes on there, at the same revision. */
  readonly continueToken?: string;
}

/** How a list in pages goes on. */
export interface ListPage {
  readonly continueToken: string;
  /** Items after this page; absent where a selector makes that unknown. */
  readonly remainingItemCount?: number;
}

export interface WatchBody extends Selection {
  /** Changes after this revision. */
  readonly revision: number;
  /** The watcher's number for the client, and where its changes go (see WatchHub). */
  readonly handler: number;
  readonly context: number;
}

/** Query parameters of a get (metav1.GetOptions). */
export interface GetOptions {
  /** "": the latest state; "0" any; else not older than this. */
  readonly resourceVersion?: string;
}

export type RequestBody =
  | Manifest
  | readonly object[]
  | ApiObject
  | DeleteOptions
  | DeleteCollectionBody
  | ScaleBody
  | BindingBody
  | Selection
  | GetOptions
  | WatchBody
  | undefined;

export interface ListItem {
  readonly record: KeyRecord;
  readonly object: ApiObject;
}

export class ApiCall {
  /** Number and name of the clientset. */
  readonly client: number;
  readonly clientName: string;
  /** Which of the client's processes asks: see ClientHub.disconnect. */
  readonly life: number;
  readonly verb: Verb;
  readonly kind: string;
  readonly subresource: Subresource;
  /** The object's key; undefined for list and watch. In an answer, the one that is stored. */
  record: KeyRecord | undefined;
  readonly body: RequestBody;
  readonly options: CallOptions;
  /** Which callback of the client gets the answer, and what it is told beside. */
  readonly callback: number;
  readonly context: unknown;
  /** Which random draws this call takes: those of the n-th such operation on its object. */
  readonly drawHash: number;
  readonly drawNumber: number;

  /** Tries so far, this one included: a 429 is tried again by the client. */
  attempt = 1;
  issuedUs: Micros;
  sentUs: Micros = 0;
  arrivedUs: Micros = 0;
  startedUs: Micros = 0;
  /** When a write reached etcd, past admission; 0 for a read. */
  proposedUs: Micros = 0;
  handledUs: Micros = 0;

  /** What flow control made of it: its FlowSchema and priority level, "" where that is off. */
  flowSchema = "";
  priorityLevel = "";
  /** Number of the level and, in it, of the queue; -1: none. */
  level = -1;
  queue = -1;
  /** Seats that it takes, and how long beyond its end. */
  seats = 0;
  lingerUs: Micros = 0;

  /** The API server that has it; -1: none. */
  server = -1;
  /** Its place among the calls that are at its server. */
  place = -1;
  /** Who asked has died: nobody waits for the answer. */
  isAbandoned = false;

  /** HTTP status code of the answer; 0 while there is none, or when the connection was lost. */
  code = 0;
  /** Machine-readable reason of a failure (metav1.StatusReason), or "". */
  reason = "";
  message = "";
  /** Why, beside the message, part by part (details.causes of metav1.Status). */
  causes: readonly meta.StatusCause[] = NO_CAUSES;
  /** Header Retry-After of a refusal, in seconds; 0: not sent, and so not tried again by the client. */
  retryAfterSeconds = 0;
  /** The object after the call. */
  object: ApiObject | undefined = undefined;
  /** Answer of a list. */
  items: readonly ListItem[] = NO_ITEMS;
  /** Of a list that is not complete: how it goes on. */
  page: ListPage | undefined = undefined;
  /** Revision at which a list is true; number of the watch for a watch. */
  revision = 0;

  /** Field by field, since it is made for every request; others use `ApiCall.of`. */
  constructor(
    client: number,
    clientName: string,
    life: number,
    verb: Verb,
    kind: string,
    subresource: Subresource,
    record: KeyRecord | undefined,
    body: RequestBody,
    options: CallOptions,
    callback: number,
    context: unknown,
    drawHash: number,
    drawNumber: number,
    issuedUs: Micros,
  ) {
    this.client = client;
    this.clientName = clientName;
    this.life = life;
    this.verb = verb;
    this.kind = kind;
    this.subresource = subresource;
    this.record = record;
    this.body = body;
    this.options = options;
    this.callback = callback;
    this.context = context;
    this.drawHash = drawHash;
    this.drawNumber = drawNumber;
    this.issuedUs = issuedUs;
  }

  /** A new call, as another one or a description says. */
  static of(init: ApiCallInit): ApiCall {
    return new ApiCall(
      init.client,
      init.clientName,
      init.life,
      init.verb,
      init.kind,
      init.subresource,
      init.record,
      init.body,
      init.options,
      init.callback,
      init.context,
      init.drawHash,
      init.drawNumber,
      init.issuedUs,
    );
  }

  get ok(): boolean {
    return this.code >= 200 && this.code < 300;
  }

  /**
   * Nobody can tell yet whether it will be, or was, done: the connection was lost (0), the server is
   * busy (429) or has a fault of its own (5xx). What has to be done is asked for again.
   */
  get isTransient(): boolean {
    return this.code === 0 || this.code === 429 || this.code >= 500;
  }

  /** True for verbs that change something: they take a mutating seat and a commit. */
  get mutates(): boolean {
    return this.verb !== "get" && this.verb !== "list" && this.verb !== "watch";
  }

  succeed(code: 200 | 201, object: ApiObject | undefined): void {
    this.code = code;
    this.object = object;
  }

  /** Fails with a code and reason of the API (metav1.Status). */
  fail(code: number, reason: string, message: string): void {
    this.code = code;
    this.reason = reason;
    this.message = message;
  }
}

export interface ApiCallInit {
  readonly client: number;
  readonly clientName: string;
  /** Which of the client's processes asks: see ClientHub.disconnect. */
  readonly life: number;
  readonly verb: Verb;
  readonly kind: string;
  readonly subresource: Subresource;
  readonly record: KeyRecord | undefined;
  readonly body: RequestBody;
  readonly options: CallOptions;
  readonly callback: number;
  readonly context: unknown;
  readonly drawHash: number;
  readonly drawNumber: number;
  readonly issuedUs: Micros;
}

const NO_ITEMS: readonly ListItem[] = [];
const NO_CAUSES: readonly meta.StatusCause[] = [];
