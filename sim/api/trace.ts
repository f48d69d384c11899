/**
 * The catalogue of tracepoints: every fact that can be observed about a simulated cluster.
 * Times are virtual microseconds. Facts are read at once by recorders and are not kept.
 */
import { type Micros, Tracepoint } from "../kernel/index.ts";
import type { KeyRecord, WatchEntry } from "./key-record.ts";
import type { Pod } from "./objects.ts";

/** One API request, reported when its answer reaches the client. */
export interface ApiRequestFact {
  /** Name of the clientset: `kube-scheduler`, `kubelet`, `replicaset-controller`, `kubectl` ... */
  readonly client: string;
  /** create | update | patch | delete | get | list | watch */
  readonly verb: string;
  /** Kind, e.g. `Pod`, and subresource (`binding`, `status`) or "". */
  readonly kind: string;
  readonly subresource: string;
  /**
   * Where API Priority and Fairness put it, "" where that is off. From `arrivedUs` to `startedUs`
   * it waited in a queue; with code 429 it was refused then.
   */
  readonly flowSchema: string;
  readonly priorityLevel: string;
  /** HTTP status code of the answer. */
  readonly code: number;
  /** The component asked. */
  readonly issuedUs: Micros;
  /** It left the client's rate limiter. */
  readonly sentUs: Micros;
  /** The object that it was about; undefined for a list, a watch or a deletecollection. */
  readonly record: KeyRecord | undefined;
  /** Which try it was, from 1: a 429 is tried again. */
  readonly attempt: number;
  /** It arrived at the apiserver. */
  readonly arrivedUs: Micros;
  /** It got a seat among the requests in flight. */
  readonly startedUs: Micros;
  /** It reached etcd, past admission; 0 for a read, or when it did not come so far. */
  readonly proposedUs: Micros;
  /** The server had the answer (for a write: etcd had committed). */
  readonly handledUs: Micros;
  /** The answer reached the client: now. */
  readonly answeredUs: Micros;
}

/** A change was delivered to a watcher, `lagUs` after its commit. */
export interface WatchDeliveredFact {
  readonly kind: string;
  readonly client: string;
  readonly lagUs: Micros;
  /** What was delivered, so that a recorder can tell when a change was first observed by watch. */
  readonly record: KeyRecord;
  readonly revision: number;
  /** When it reached the watcher: now. */
  readonly timeUs: Micros;
}

/** A controller's work on one key: it was put into the queue, its sync began, or its sync ended. */
export interface ReconcileFact {
  /** Name of the controller's reconciler: `deployment`, `replicaset` ... */
  readonly controller: string;
  readonly record: KeyRecord;
  readonly step: "queued" | "started" | "done";
  /** Why a sync that is done failed; "": it did not. */
  readonly error: string;
  readonly timeUs: Micros;
}

/** The scheduler's queues as kube-scheduler's metric `pending_pods` names them. */
export type SchedulingQueueName = "active" | "backoff" | "unschedulable" | "gated";

/** A pod was put into one of the scheduler's queues. */
export interface PodQueuedFact {
  readonly record: KeyRecord<Pod>;
  readonly queue: SchedulingQueueName;
  /** kube-scheduler's label of what brought it there: `PodAdd`, `BackoffComplete`, `NodeAdd` ... */
  readonly event: string;
  readonly timeUs: Micros;
}

/** A pod left one of the scheduler's queues: popped, moved to another one, bound or deleted. */
export interface PodDequeuedFact {
  readonly record: KeyRecord<Pod>;
  readonly queue: SchedulingQueueName;
  readonly timeUs: Micros;
}

/** One scheduling attempt has ended its scheduling cycle. */
export interface SchedulingAttemptFact {
  readonly record: KeyRecord<Pod>;
  readonly profile: string;
  /** 1 for the first attempt of this pod. */
  readonly attempt: number;
  /** When the pod first entered the scheduling queue. */
  readonly firstQueuedUs: Micros;
  /** When it last entered the active queue; the wait was startUs - queuedUs. */
  readonly queuedUs: Micros;
  /** The cycle began (pop) and ended (decision), virtual. */
  readonly startUs: Micros;
  readonly endUs: Micros;
  readonly result: "scheduled" | "unschedulable" | "error";
  /** Chosen node, or "". */
  readonly node: string;
  readonly evaluatedNodes: number;
  readonly feasibleNodes: number;
  /** Best total score and how many nodes had it; 0 and 0 when unschedulable, 0 and 1 when only one node was feasible. */
  readonly bestTotal: number;
  readonly bestCount: number;
  /** kube-scheduler's message when unschedulable (`0/5 nodes are available: ...`), else "". */
  readonly message: string;
  /** How many pods PostFilter preempted for it; undefined: PostFilter did not run. */
  readonly victimCount: number | undefined;
  /** On how many nodes it tried preemption out. */
  readonly dryRunNodes: number;
}

/** A binding cycle has ended: the pod is bound (or the binding failed). */
export interface BindingFact {
  readonly record: KeyRecord<Pod>;
  readonly node: string;
  readonly ok: boolean;
  /** The scheduling cycle that assumed the pod ended. */
  readonly assumedUs: Micros;
  /** The API server answered the binding: now. */
  readonly endUs: Micros;
}

/** Something happened to a pod on its node. */
export interface PodOnNodeFact {
  readonly record: KeyRecord<Pod>;
  readonly node: string;
  readonly timeUs: Micros;
}

export interface ImagePullFact extends PodOnNodeFact {
  readonly image: string;
  readonly bytes: number;
  /** The pull was asked for (it may wait in the node's pull queue). */
  readonly queuedUs: Micros;
  readonly startedUs: Micros;
}

/** A pod's init containers have all ended; the first of them began at `startedUs`. */
export interface PodInitializedFact extends PodOnNodeFact {
  readonly startedUs: Micros;
}

export interface PodFinishedFact extends PodOnNodeFact {
  readonly phase: "Succeeded" | "Failed";
  readonly reason: string;
}

/** How a request ended. */
export type CallOutcome =
  | "ok"
  /** The proxy knew no endpoint: refused on the client's own node. */
  | "no-endpoints"
  /** Nobody listened at the endpoint's address. */
  | "connection-refused"
  /** The pod ended while the request waited or was served there. */
  | "connection-reset"
  /** The packets to the endpoint, or those with its answer, got lost: a node is down or cut off. */
  | "connect-timeout"
  /** The client stopped waiting for the answer. */
  | "timeout"
  /** The pod's queue was full (503). */
  | "queue-full"
  /** The pod answered with an error of its own (500). */
  | "error"
  /** A call that the answer needed has failed (502). */
  | "upstream-failure"
  /** The name does not exist (NXDOMAIN), or no name server answered. */
  | "name-unknown"
  | "name-timeout"
  /** The ingress controller has no rule for it (404). */
  | "no-route";

/** One request to a Service has ended at its client: with all its attempts. */
export interface ServiceRequestFact {
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** Who sent it: the name of a traffic source, or of the Service whose pods did. */
  readonly source: string;
  readonly sourceNode: string;
  /** "": none. */
  readonly sourceZone: string;
  /** Name of the pod that served it, its node and zone, or "". */
  readonly endpoint: string;
  readonly endpointNode: string;
  readonly endpointZone: string;
  readonly startUs: Micros;
  readonly endUs: Micros;
  /**
   * Parts of endUs - startUs, which they add up to: on the network (the last attempt's, with the
   * opening of its connection, and all of one that no pod took in), in the pod's queue, in service
   * (with the calls that it made, and all of an attempt that its client gave up meanwhile), for the
   * name, and for attempts before the last.
   */
  readonly networkUs: Micros;
  readonly queueUs: Micros;
  readonly serviceUs: Micros;
  readonly dnsUs: Micros;
  readonly retryUs: Micros;
  readonly attempts: number;
  readonly outcome: CallOutcome;
  /** Number of its tree of calls within the run, its own number there, and its caller's (-1: it is the first). */
  readonly trace: number;
  readonly span: number;
  readonly parentSpan: number;
}

/** An attempt of a request has failed, whether or not another follows. */
export interface RequestAttemptFact {
  readonly service: string;
  readonly source: string;
  readonly sourceNode: string;
  readonly endpoint: string;
  readonly timeUs: Micros;
  readonly outcome: CallOutcome;
  readonly isRetried: boolean;
}

/** A kube-proxy has written its rules (or partly): from now on its node routes by them. */
export interface ProxySyncFact {
  readonly node: string;
  readonly timeUs: Micros;
  /** Full: all rules anew; partial: those of changed Services. */
  readonly isFull: boolean;
  /** How long the writing took. */
  readonly durationUs: Micros;
  /**
   * For each EndpointSlice change that it took in: from the change's trigger (the pod's change of
   * readiness, or the Service's) to now: kubeproxy_network_programming_duration_seconds.
   */
  readonly programmingUs: readonly Micros[];
}

/** A client has looked up a name. */
export interface NameLookupFact {
  readonly name: string;
  readonly node: string;
  readonly startUs: Micros;
  readonly endUs: Micros;
  /** Queries that were sent to a name server; 0: its cache knew. */
  readonly queries: number;
  readonly outcome: "ok" | "name-unknown" | "name-timeout";
  /** Which cache answered in the end: the client's, the node's, the server's, or none. */
  readonly cache: "client" | "node" | "server" | "none";
}

/** An operation of a user (a kubectl command) has ended. */
export interface UserOperationFact {
  /** Whose operation it was; "": the cluster's administrator. */
  readonly user: string;
  /** Where it came from: `pods.yaml:14`. */
  readonly source: string;
  /** create | apply | delete | scale | rolloutUndo | drain ... */
  readonly verb: string;
  readonly kind: string;
  /** `namespace/name`, or `name` where there is no namespace. */
  readonly key: string;
  /** HTTP status code of its last answer; 504 where kubectl stopped waiting. 2xx: it succeeded. */
  readonly code: number;
  /** metav1.StatusReason of a failure (`Forbidden`, `Conflict`, `TooManyRequests` ...), or "". */
  readonly reason: string;
  readonly message: string;
  readonly issuedUs: Micros;
  /** Now. */
  readonly endUs: Micros;
}

/** A fault of the experiment has struck, or is over. */
export interface FaultFact {
  /** Its kind: `etcd-slow`, `node-down` ... */
  readonly fault: string;
  /** What it hit: `etcd`, `apiserver-0`, `kube-scheduler`, a node, or the kind whose watches broke. */
  readonly target: string;
  readonly step: "struck" | "recovered";
  readonly timeUs: Micros;
}

/** A component has lost its leader, or has one again. The first ones are no news. */
export interface LeadershipFact {
  /** `kube-scheduler`, `kube-controller-manager`, `etcd`. */
  readonly component: string;
  /** Its holderIdentity; of etcd the Raft term: `term-2`. */
  readonly leader: string;
  readonly step: "lost" | "taken";
  readonly timeUs: Micros;
}

/** All tracepoints of one cluster. */
export interface Trace {
  /** Every committed write, in revision order. */
  readonly committed: Tracepoint<WatchEntry>;
  readonly apiRequest: Tracepoint<ApiRequestFact>;
  readonly watchDelivered: Tracepoint<WatchDeliveredFact>;
  readonly reconcile: Tracepoint<ReconcileFact>;
  readonly podQueued: Tracepoint<PodQueuedFact>;
  readonly podDequeued: Tracepoint<PodDequeuedFact>;
  readonly schedulingAttempt: Tracepoint<SchedulingAttemptFact>;
  readonly binding: Tracepoint<BindingFact>;
  /** The kubelet saw the pod for the first time. */
  readonly podObserved: Tracepoint<PodOnNodeFact>;
  /** The pod's sandbox and network exist: its containers are next. */
  readonly podSandboxReady: Tracepoint<PodOnNodeFact>;
  readonly imagePulled: Tracepoint<ImagePullFact>;
  /** The init containers of a pod that has some have ended. */
  readonly podInitialized: Tracepoint<PodInitializedFact>;
  /** All containers have started. */
  readonly podStarted: Tracepoint<PodOnNodeFact>;
  /** All containers have ended, by themselves or killed: what the pod had of its node is free. */
  readonly podFinished: Tracepoint<PodFinishedFact>;
  readonly serviceRequest: Tracepoint<ServiceRequestFact>;
  readonly requestAttempt: Tracepoint<RequestAttemptFact>;
  readonly proxySync: Tracepoint<ProxySyncFact>;
  readonly nameLookup: Tracepoint<NameLookupFact>;
  readonly userOperation: Tracepoint<UserOperationFact>;
  readonly fault: Tracepoint<FaultFact>;
  readonly leadership: Tracepoint<LeadershipFact>;
}

export function createTrace(): Trace {
  return {
    committed: new Tracepoint("object.committed"),
    apiRequest: new Tracepoint("api.request"),
    watchDelivered: new Tracepoint("watch.delivered"),
    reconcile: new Tracepoint("controller.reconcile"),
    podQueued: new Tracepoint("scheduler.queued"),
    podDequeued: new Tracepoint("scheduler.dequeued"),
    schedulingAttempt: new Tracepoint("scheduler.attempt"),
    binding: new Tracepoint("pod.bound"),
    podObserved: new Tracepoint("kubelet.observed"),
    podSandboxReady: new Tracepoint("kubelet.sandboxReady"),
    imagePulled: new Tracepoint("kubelet.imagePulled"),
    podInitialized: new Tracepoint("kubelet.initialized"),
    podStarted: new Tracepoint("pod.started"),
    podFinished: new Tracepoint("pod.finished"),
    serviceRequest: new Tracepoint("proxy.request"),
    requestAttempt: new Tracepoint("proxy.attempt"),
    proxySync: new Tracepoint("proxy.sync"),
    nameLookup: new Tracepoint("dns.lookup"),
    userOperation: new Tracepoint("user.operation"),
    fault: new Tracepoint("cluster.fault"),
    leadership: new Tracepoint("cluster.leadership"),
  };
}
