/**
 * Call: one request from a client to a target, with all its attempts, and where its time went.
 *
 * Plain data with fixed fields: made once per request, so nothing is here that is not needed.
 */
import type { CallOutcome } from "../../api/index.ts";
import type { Micros, SimEvent } from "../../kernel/index.ts";
import type { BalanceSite, Endpoint, EndpointSet, NameLead, Target } from "../proxy/index.ts";
import type { DatagramFlow } from "./datagram-flow.ts";
import type { Connection, Edge } from "./edge.ts";
import type { ServerEnd } from "./server-end.ts";

export class Call {
  /** The client's side: whom it asks, how, and who is told of its end. */
  readonly edge: Edge;
  /**
   * Both name its draws: the edge's hash (with that of the call which made it), and its number there,
   * 0 .. 2^32 - 1. They don't depend on what else goes on, so that all policies have the same luck.
   */
  hash: number;
  readonly number: number;
  /** Number of the node that it starts from; -1: outside the cluster. */
  readonly node: number;
  /** 32-bit hash of the client's address. */
  readonly clientHash: number;
  /** 32-bit hash of what it is about; 0: nothing in particular. */
  readonly keyHash: number;
  /** The call whose service made this one; undefined: the first of its tree. */
  readonly parent: Call | undefined;
  /** What the caller wants to remember about it. */
  readonly note: unknown;
  /** The first call of its tree, as reports name it; and its place there (0: the first). */
  trace = 0;
  span = 0;
  /** Calls of the tree so far; counted at the first attempt of the first one. */
  spanCount = 1;
  /** Its first attempt; undefined: this is it. */
  first: Call | undefined = undefined;
  readonly startUs: Micros;
  /** From 1. */
  attempt = 1;
  outcome: CallOutcome = "ok";

  // The attempt.
  attemptUs: Micros;
  /** Whom it is for in the end: the edge's target, or where the name of an ExternalName Service leads. */
  target: Target;
  endpoint: Endpoint | undefined = undefined;
  connection: Connection | undefined = undefined;
  server: ServerEnd | undefined = undefined;
  /** The socket that it is a datagram of; undefined: it goes over a connection, or a socket of its own. */
  flow: DatagramFlow | undefined = undefined;
  /** The site that chose the endpoint. */
  site: BalanceSite | undefined = undefined;
  /** The attempt opened its connection. */
  isNew = true;
  /** From the attempt's beginning to the pod (with the opening of a connection), and back. */
  outwardUs: Micros = 0;
  homewardUs: Micros = 0;
  /** When it reached the pod's node; its service began; it turned back. -1: not yet, or never. */
  reachedUs: Micros = -1;
  beganUs: Micros = -1;
  turnedUs: Micros = -1;
  /** CPU time that it takes of the pod, us, on a core of its own; set by the server's behaviour. */
  workUs: Micros = 0;
  /** Where it stands among the calls that its pod serves; -1: not there. Owned by the backend. */
  place = -1;
  /** Calls that its service waits for. */
  pendingCalls = 0;
  /** Stage of its service; see services. */
  stage = 0;
  /** The addresses that a name server gave for a headless Service. */
  records: EndpointSet | undefined = undefined;
  /** Where the name leads, as a name server says; undefined: none was asked. */
  lead: NameLead | undefined = undefined;
  /** The client knows the address; and: it waits for whom it has asked for it. */
  isResolved = false;
  isResolving = false;
  /** Number of the node, down or cut off, at which the packets were lost; -1: they were not. */
  lostNode = -1;
  /** Time spent on the name before the attempt. */
  dnsUs: Micros = 0;
  /** The end of its service, while it is served by a core; owned by the backend. */
  timer: SimEvent | undefined = undefined;
  /** When the client stops waiting; owned by the calls. */
  deadline: SimEvent | undefined = undefined;
  /** The client has its answer, or has given up: what the server still does is in vain. */
  isOver = false;

  constructor(
    edge: Edge,
    number: number,
    node: number,
    clientHash: number,
    keyHash: number,
    parent: Call | undefined,
    note: unknown,
    startUs: Micros,
  ) {
    this.edge = edge;
    this.hash = edge.hash;
    this.number = number;
    this.node = node;
    this.clientHash = clientHash;
    this.keyHash = keyHash;
    this.parent = parent;
    this.note = note;
    this.startUs = startUs;
    this.attemptUs = startUs;
    this.target = edge.target;
  }
}
