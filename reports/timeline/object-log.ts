/** ObjectLog: what is remembered of one object while its timeline is made. Plain data. */
import type {
  ApiRequestFact,
  BindingFact,
  ImagePullFact,
  SchedulingAttemptFact,
  SchedulingQueueName,
} from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { NEVER } from "../row.ts";

export interface ObjectName {
  readonly kind: string;
  /** "" where the kind has none. */
  readonly namespace: string;
  readonly name: string;
}

/** One commit of the object. */
export interface CommitNote {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly revision: number;
  readonly timeUs: Micros;
  /** metadata.generation: it rises with every change of what is wanted. */
  readonly generation: number;
  /** The object has come to what is wanted of it (see readiness.ts). */
  readonly isReady: boolean;
  /** It will not any more. */
  readonly isOver: boolean;
  /** How far it has come: a pod that is ready is 1 and one that has ended 2; a controller counts pods. */
  readonly progress: number;
  /** What it still lacks, in words; "": nothing. */
  readonly lacks: string;
  readonly isBound: boolean;
}

/** The change whose delivery put a key into a queue. */
export interface Cause extends ObjectName {
  readonly revision: number;
  readonly timeUs: Micros;
}

/** One sync of a controller that has this object's key. */
export interface SyncNote {
  readonly controller: string;
  readonly queuedUs: Micros;
  /** undefined: no delivery did, but a timer, a retry or the controller's first list. */
  readonly cause: Cause | undefined;
  /** Why the sync before had failed; "": it had not. */
  readonly lastError: string;
  startedUs: Micros;
  doneUs: Micros;
  /** Its first request about the object, or about one whose name begins with the object's. */
  firstCallUs: Micros;
  error: string;
}

/** A request about this object, as reported with its answer; it keeps no object of the API. */
export type RequestNote = Omit<ApiRequestFact, "record">;

export interface DeliveryNote {
  readonly client: string;
  readonly revision: number;
  readonly timeUs: Micros;
}

export interface QueueNote {
  readonly queue: SchedulingQueueName;
  readonly event: string;
  readonly timeUs: Micros;
}

export class ObjectLog implements ObjectName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Its controller, of metadata.ownerReferences. */
  owner: ObjectName | undefined;
  readonly commits: CommitNote[] = [];
  readonly requests: RequestNote[] = [];
  /** To kube-controller-manager: by the revision of the change. */
  readonly deliveries: DeliveryNote[] = [];
  readonly syncs: SyncNote[] = [];
  // What only pods have:
  readonly queues: QueueNote[] = [];
  readonly attempts: Omit<SchedulingAttemptFact, "record">[] = [];
  readonly bindings: Omit<BindingFact, "record">[] = [];
  readonly pulls: Omit<ImagePullFact, "record">[] = [];
  hasReadinessProbe = false;
  node = "";
  observedUs: Micros = NEVER;
  sandboxReadyUs: Micros = NEVER;
  initializedUs: Micros = NEVER;
  startedUs: Micros = NEVER;

  constructor({ kind, namespace, name }: ObjectName) {
    this.kind = kind;
    this.namespace = namespace;
    this.name = name;
  }

  /** The first commit that says that it is ready. */
  get readyCommit(): CommitNote | undefined {
    return this.commits.find(({ isReady }) => isReady);
  }

  /** The object has been made anew under its name: what was before is another one's. */
  forgetEarlierLife(): void {
    for (const list of [this.commits, this.syncs, this.queues, this.attempts]) list.length = 0;
    for (const list of [this.bindings, this.pulls, this.deliveries]) list.length = 0;
    this.node = "";
    this.observedUs = NEVER;
    this.sandboxReadyUs = NEVER;
    this.initializedUs = NEVER;
    this.startedUs = NEVER;
  }
}

/** `Pod shop/web-1`, `Node a`. */
export function objectText({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
}
