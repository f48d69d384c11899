/**
 * Calls: takes each call from its client to a pod and back.
 *
 *   begin -> name -> connection -> outward hop -> pod -> homeward hop -> ended
 *
 * A new TCP connection costs a round trip before the request goes out. Whether anybody listens is
 * found when the request arrives, one way later than the SYN would find it: our simplification.
 *
 * Hot: some five calls and three events per request.
 */
import type { CallOutcome, Trace } from "../../api/index.ts";
import {
  type HandlerId,
  hashString,
  type Kernel,
  type Micros,
  type SimEvent,
} from "../../kernel/index.ts";
import type { BackendHost, PodBackends } from "../backend/index.ts";
import {
  Call,
  type Caller,
  type CallerId,
  type Connection,
  type DatagramFlow,
  Edge,
} from "../call/index.ts";
import type { BalanceSite, Endpoint, ServiceRouting } from "../proxy/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import { Behaviours } from "./behaviours.ts";
import type { CallClient, CallEngine, EdgeSettings, ServiceBehaviour } from "./call-engine.ts";
import { tellEnd, tellFailedAttempt } from "./call-facts.ts";
import { Connections } from "./connections.ts";
import { attemptHash, EndpointChoice, type EndpointChoiceSettings } from "./endpoint-choice.ts";
import type { NameResolver } from "./name-resolver.ts";
import {
  beginTree,
  breaksConnection,
  joinTree,
  lostAfterUs,
  mayRetry,
  nextAttempt,
  retryDelayUs,
} from "./retries.ts";

export interface CallsSettings extends EndpointChoiceSettings {
  readonly trace: Trace;
  /** Whether a new connection costs a round trip before its first request. */
  readonly tcpHandshake: boolean;
}

interface CallsState {
  readonly edges: Edge[];
  /** Edges that trees of calls have begun with. */
  roots: number;
}

export class Calls implements CallEngine, BackendHost {
  state: CallsState = { edges: [], roots: 0 };
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #routing: ServiceRouting;
  readonly #nodes: NetworkNodes;
  readonly #tcpHandshake: boolean;
  readonly #connections: Connections;
  readonly #choice: EndpointChoice;
  readonly #callers: Caller[] = [];
  readonly #behaviours = new Behaviours();
  readonly #reached: HandlerId<Call>;
  readonly #answered: HandlerId<Call>;
  readonly #overdue: HandlerId<Call>;
  readonly #again: HandlerId<Call>;
  readonly #lost: HandlerId<Call>;
  readonly #nextInLine: HandlerId<Call>;
  #backends: PodBackends | undefined;
  #resolver: NameResolver | undefined;

  constructor(settings: CallsSettings) {
    const { kernel, routing } = settings;
    this.#kernel = kernel;
    this.#trace = settings.trace;
    this.#routing = routing;
    this.#nodes = settings.nodes;
    this.#tcpHandshake = settings.tcpHandshake;
    this.#connections = new Connections(kernel, routing);
    this.#choice = new EndpointChoice(settings);
    this.#reached = kernel.handler("network/reached", (call) => this.#onReached(call));
    this.#answered = kernel.handler("network/answered", (call) => this.#onAnswered(call));
    this.#overdue = kernel.handler("network/overdue", (call) => this.#onOverdue(call));
    this.#again = kernel.handler("network/retry", (call) => this.#attempt(call));
    this.#lost = kernel.handler("network/lost", (call) => this.#onLostFound(call));
    this.#nextInLine = kernel.handler("network/next-in-line", (call) => {
      if (!call.isOver && call.connection !== undefined) this.#goOn(call.connection, call);
    });
    kernel.keep("network/calls", this);
  }

  /** Hands in what is built after the calls. Once, when wiring. */
  connect(backends: PodBackends, resolver: NameResolver | undefined): void {
    this.#backends = backends;
    this.#resolver = resolver;
  }

  addCaller(caller: Caller): CallerId {
    return (this.#callers.push(caller) - 1) as CallerId;
  }

  addBehaviour(behaviour: ServiceBehaviour): void {
    this.#behaviours.add(behaviour);
  }

  edge({ drawName, ...settings }: EdgeSettings): Edge {
    const { edges } = this.state;
    const edge = new Edge({ ...settings, number: edges.length, hash: hashString(drawName) });
    edges.push(edge);
    return edge;
  }

  begin(edge: Edge, client: CallClient): Call {
    const { clientHash, keyHash, node, note, parent } = client;
    const { nowUs } = this.#kernel;
    const number = client.number ?? edge.sent;
    edge.sent++;
    const call = new Call(edge, number, node, clientHash, keyHash, parent, note, nowUs);
    call.flow = client.flow;
    edge.budget?.addSent(nowUs);
    if (parent === undefined) beginTree(call, this.state);
    else joinTree(call, parent);
    this.#attempt(call);
    return call;
  }

  resolved(call: Call, outcome: CallOutcome): void {
    if (call.isOver) return;
    this.#endResolving(call);
    if (outcome !== "ok") {
      call.outcome = outcome;
      return this.#failAttempt(call);
    }
    call.isResolved = true;
    if (call.connection === undefined) this.#connectOnce(call);
    else this.#connect(call.connection, call);
  }

  /** The containers of a pod have ended, and with them the connections that it kept as a client. */
  clientEnded(node: number, clientHash: number): void {
    this.#connections.forget(node, clientHash, this.#kernel.nowUs);
  }

  respond(call: Call, outcome: CallOutcome): void {
    if (call.place < 0) return; // its pod has ended meanwhile, and the call with it
    call.outcome = outcome;
    call.turnedUs = this.#kernel.nowUs;
    if (!call.isOver) this.#sendHome(call);
    this.#backends?.release(call);
  }

  workUs(call: Call): Micros {
    return Math.max(1, this.#behaviours.of(call, this.state).workUs(call));
  }

  onWorked(call: Call): void {
    if (!this.#behaviours.of(call, this.state).worked(call)) this.respond(call, call.outcome);
  }

  onTurned(call: Call): void {
    call.turnedUs = this.#kernel.nowUs;
    this.#sendHome(call);
  }

  /** Nothing comes back. Without a time-out of its own the client's TCP gives up at last. */
  onLost(call: Call): void {
    const dueUs = call.attemptUs + lostAfterUs(call);
    this.#at(call.edge, Math.max(dueUs, this.#kernel.nowUs), this.#lost, call);
  }

  /** Begins an attempt now. */
  #attempt(call: Call): void {
    if (call.isOver) return;
    const { edge } = call;
    const { policy } = edge;
    call.attemptUs = this.#kernel.nowUs;
    this.#setDeadline(call);
    if (policy.connections === 0) return this.#connectOnce(call);
    if (policy.balancer !== "node") return this.#goBalanced(call);
    const connection = this.#connections.take(call);
    if (connection !== undefined) this.#goOver(connection, call);
  }

  /** Whether the client knows the address; if not, it asks, and goes on in `resolved`. */
  #knowsName(call: Call): boolean {
    if (this.#resolver === undefined || call.isResolved) return true;
    call.isResolved = this.#resolver.resolve(call);
    call.isResolving = !call.isResolved;
    return call.isResolved;
  }

  /** The client waits for the name no longer: what it has waited is the name's. */
  #endResolving(call: Call): void {
    const { nowUs } = this.#kernel;
    call.isResolving = false;
    call.dnsUs += nowUs - call.attemptUs;
    call.attemptUs = nowUs;
  }

  /** Over a connection of its own. */
  #connectOnce(call: Call): void {
    if (!this.#knowsName(call)) return;
    if (call.flow !== undefined) return this.#sendDatagram(call, call.flow);
    if (!this.#choice.follow(call)) return this.#refuse(call, "name-unknown");
    const site = this.#choice.siteOf(call);
    const endpoint = site === undefined ? undefined : this.#choice.choose(site, call);
    if (site === undefined || endpoint === undefined) return this.#refuse(call, "no-endpoints");
    this.#routing.opened(site, endpoint);
    call.site = site;
    this.#send(call, site, endpoint, true);
  }

  #sendDatagram(call: Call, flow: DatagramFlow): void {
    const isKnown = this.#choice.isTracked(flow);
    if (!isKnown) this.#choice.begin(call, flow);
    const { endpoint, site } = flow;
    if (site === undefined || endpoint === undefined) return this.#refuse(call, "no-endpoints");
    flow.lastUs = this.#kernel.nowUs;
    this.#routing.opened(site, endpoint);
    call.site = site;
    this.#send(call, site, endpoint, !isKnown);
  }

  /** The client chooses an endpoint for this call, and has connections to all that it has chosen. */
  #goBalanced(call: Call): void {
    if (!this.#choice.follow(call)) return this.#refuse(call, "name-unknown");
    const site = this.#choice.siteOf(call);
    const endpoint = site === undefined ? undefined : this.#choice.choose(site, call);
    if (site === undefined || endpoint === undefined) return this.#refuse(call, "no-endpoints");
    const connection = this.#connections.to(call, endpoint);
    const isNew = connection.endpoint?.address !== endpoint.address || this.#isClosed(connection);
    if (isNew) connection.server = undefined;
    connection.endpoint = endpoint; // what is known of one address may have changed
    connection.active++;
    call.connection = connection;
    call.site = site;
    this.#routing.opened(site, endpoint);
    this.#send(call, site, endpoint, isNew);
  }

  #goOver(connection: Connection, call: Call): void {
    connection.active++;
    call.connection = connection;
    this.#goOn(connection, call);
  }

  #goOn(connection: Connection, call: Call): void {
    const { endpoint, site } = connection;
    if (endpoint !== undefined && site !== undefined && !this.#isClosed(connection))
      return this.#send(call, site, endpoint, false);
    this.#connections.close(connection, true, this.#kernel.nowUs);
    this.#connect(connection, call);
  }

  /** Opens the connection, unless another call has done so while this one asked for the name. */
  #connect(connection: Connection, call: Call): void {
    if (!this.#knowsName(call)) return;
    const { endpoint: open, site: opener } = connection;
    if (open !== undefined && opener !== undefined) {
      if (!this.#isClosed(connection)) return this.#send(call, opener, open, false);
      this.#connections.close(connection, true, this.#kernel.nowUs); // meanwhile, too
    }
    if (!this.#choice.follow(call)) return this.#refuse(call, "name-unknown");
    const site = this.#choice.siteOf(call);
    const endpoint = site === undefined ? undefined : this.#choice.choose(site, call);
    if (site === undefined || endpoint === undefined) return this.#refuse(call, "no-endpoints");
    this.#connections.open(connection, site, endpoint, this.#kernel.nowUs);
    this.#send(call, site, endpoint, true);
  }

  /** Whether the client knows by now that the pod has closed the connection. */
  #isClosed({ server }: Connection): boolean {
    return server !== undefined && this.#backends?.isClosed(server, 0) === true;
  }

  #send(call: Call, site: BalanceSite, endpoint: Endpoint, isNew: boolean): void {
    const { edge } = call;
    const outUs = this.#choice.wayUs(call, site, endpoint, false);
    const homeUs = this.#choice.wayUs(call, site, endpoint, true);
    call.endpoint = endpoint;
    call.isNew = isNew;
    call.homewardUs = homeUs;
    call.outwardUs = outUs;
    if (isNew) {
      if (this.#tcpHandshake && !edge.policy.isDatagram) call.outwardUs += outUs + homeUs;
      call.outwardUs += this.#routing.lookupUs(site, attemptHash(call), call.number);
    }
    this.#at(edge, this.#kernel.nowUs + call.outwardUs, this.#reached, call);
  }

  #onReached(call: Call): void {
    const { connection, endpoint, isNew } = call;
    this.#backends?.receive(call, isNew);
    // One that was refused tells nothing of who is at the far end.
    if (connection !== undefined && call.server !== undefined && connection.endpoint === endpoint)
      connection.server = call.server;
  }

  #sendHome(call: Call): void {
    if (this.#backends?.isCutOff(call)) {
      call.turnedUs = -1; // nobody at home will know
      call.lostNode = -1; // the pod has had it
      return this.onLost(call);
    }
    this.#at(call.edge, this.#kernel.nowUs + call.homewardUs, this.#answered, call);
  }

  #onAnswered(call: Call): void {
    if (call.isOver) return;
    if (call.flow?.endpoint === call.endpoint) call.flow?.answered(this.#kernel.nowUs);
    if (call.outcome === "ok") return this.#finish(call);
    this.#failAttempt(call);
  }

  /** No packet leaves the node: its proxy knows of no endpoint, or the name leads nowhere. */
  #refuse(call: Call, outcome: "no-endpoints" | "name-unknown"): void {
    call.endpoint = undefined;
    call.outcome = outcome;
    this.#failAttempt(call);
  }

  #onLostFound(call: Call): void {
    if (call.isOver) return;
    call.outcome = "connect-timeout";
    this.#failAttempt(call);
  }

  /** The client stops waiting: for this attempt, or for good. */
  #onOverdue(call: Call): void {
    call.deadline = undefined;
    if (call.isOver) return;
    if (call.isResolving) this.#endResolving(call);
    call.outcome = "timeout";
    this.#failAttempt(call);
  }

  #failAttempt(call: Call): void {
    const { nowUs } = this.#kernel;
    const isRetried = mayRetry(call, nowUs);
    tellFailedAttempt(this.#trace, this.#nodes, call, isRetried, nowUs);
    if (!isRetried) return this.#finish(call);
    this.#leave(call, false);
    call.edge.retries++;
    call.edge.budget?.addRetry(nowUs);
    const next = nextAttempt(call);
    this.#at(next.edge, nowUs + retryDelayUs(next), this.#again, next);
  }

  #finish(call: Call): void {
    const { edge } = call;
    const { nowUs } = this.#kernel;
    const isOk = call.outcome === "ok";
    this.#leave(call, isOk);
    if (isOk) edge.answered++;
    else edge.failed++;
    tellEnd(this.#trace, this.#nodes, call, nowUs);
    this.#callers[edge.caller]?.ended(call);
  }

  /** The client is done with the attempt: its timer, its connection, and what its balancer counts. */
  #leave(call: Call, isOk: boolean): void {
    const { connection, deadline, endpoint, site } = call;
    const { nowUs } = this.#kernel;
    call.isOver = true;
    if (deadline !== undefined) this.#kernel.cancel(deadline);
    call.deadline = undefined;
    if (site !== undefined && endpoint !== undefined)
      this.#routing.closed(site, endpoint, nowUs - call.attemptUs, isOk);
    call.site = undefined;
    if (connection === undefined) return;
    const next = this.#connections.giveBack(call);
    if (breaksConnection(call) && connection.endpoint === endpoint)
      this.#connections.close(connection, false, nowUs);
    if (next === undefined) return;
    // By an event: of a long line whose calls all fail at once each would end within the one before.
    connection.active++;
    next.connection = connection;
    this.#at(next.edge, nowUs, this.#nextInLine, next);
  }

  #setDeadline(call: Call): void {
    const { attemptTimeoutUs, timeoutUs } = call.edge.policy;
    if (timeoutUs === 0 && attemptTimeoutUs === 0) return;
    const endUs = timeoutUs === 0 ? Number.POSITIVE_INFINITY : call.startUs + timeoutUs;
    const attemptEndUs =
      attemptTimeoutUs === 0 ? Number.POSITIVE_INFINITY : call.attemptUs + attemptTimeoutUs;
    const dueUs = Math.max(Math.min(endUs, attemptEndUs), this.#kernel.nowUs);
    call.deadline = this.#at(call.edge, dueUs, this.#overdue, call);
  }

  #at(edge: Edge, timeUs: Micros, handler: HandlerId<Call>, call: Call): SimEvent {
    return edge.isBackground
      ? this.#kernel.background(timeUs, handler, call, undefined)
      : this.#kernel.at(timeUs, handler, call, undefined);
  }
}
