/**
 * ApiCall: one API request and, later, its answer. Plain data: who asked is told by a callback
 * number with a context, never by a closure.
 */
import type { ApiObject, KeyRecord, Manifest } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

export type Verb = "create" | "update" | "patch" | "delete" | "get" | "list" | "watch";
export type Subresource = "" | "status" | "binding";

/** Body of a delete: the part of metav1.DeleteOptions that is modelled. */
export interface DeleteOptions {
  /** Seconds; undefined: the object's own default. 0 deletes at once. */
  readonly gracePeriodSeconds?: number;
  /** Refuse with 409 when the object has another uid. */
  readonly uid?: string;
}

/** Body of a binding: the node's name (core/v1 Binding.target.name). */
export interface BindingBody {
  readonly nodeName: string;
  /** Refuse with 409 when the pod has another uid (Binding.metadata.uid); "" asks for no check. */
  readonly uid: string;
}

/** Which objects a list or watch asks for. `nodeName` is the field selector `spec.nodeName=...`. */
export interface Selection {
  readonly nodeName?: string;
}

export interface WatchBody extends Selection {
  /** Changes after this revision. */
  readonly revision: number;
  /** The watcher's number for the client, and where its changes go (see WatchHub). */
  readonly handler: number;
  readonly context: number;
}

export type RequestBody =
  | Manifest
  | ApiObject
  | DeleteOptions
  | BindingBody
  | Selection
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
  readonly verb: Verb;
  readonly kind: string;
  readonly subresource: Subresource;
  /** The object's key; undefined for list and watch. In an answer, the one that is stored. */
  record: KeyRecord | undefined;
  readonly body: RequestBody;
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
  handledUs: Micros = 0;

  /** HTTP status code of the answer; 0 while there is none. */
  code = 0;
  /** Machine-readable reason of a failure (metav1.StatusReason), or "". */
  reason = "";
  message = "";
  /** The object after the call. */
  object: ApiObject | undefined = undefined;
  /** Answer of a list. */
  items: readonly ListItem[] = NO_ITEMS;
  /** Revision at which a list is true; number of the watch for a watch. */
  revision = 0;

  constructor(init: ApiCallInit) {
    this.client = init.client;
    this.clientName = init.clientName;
    this.verb = init.verb;
    this.kind = init.kind;
    this.subresource = init.subresource;
    this.record = init.record;
    this.body = init.body;
    this.callback = init.callback;
    this.context = init.context;
    this.drawHash = init.drawHash;
    this.drawNumber = init.drawNumber;
    this.issuedUs = init.issuedUs;
  }

  get ok(): boolean {
    return this.code >= 200 && this.code < 300;
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
  readonly verb: Verb;
  readonly kind: string;
  readonly subresource: Subresource;
  readonly record: KeyRecord | undefined;
  readonly body: RequestBody;
  readonly callback: number;
  readonly context: unknown;
  readonly drawHash: number;
  readonly drawNumber: number;
  readonly issuedUs: Micros;
}

const NO_ITEMS: readonly ListItem[] = [];
