/**
 * Traffic: clients on the nodes that send requests to Services.
 *
 *   arrival -> route (the node's proxy) -> outward hop -> pod's queue -> service -> homeward hop
 *
 * Arrivals are open-loop: they don't wait for answers. A request that fails is not sent again. All
 * draws of a request belong to its source and number, so that under every policy the same requests
 * come at the same times and ask for the same work.
 *
 * Hot: some four calls per request.
 */
import type { Trace } from "../api/index.ts";
import {
  Draws,
  type HandlerId,
  HopLatency,
  hashString,
  InputError,
  type Kernel,
  type Micros,
  nearestName,
} from "../kernel/index.ts";
import type { Endpoint } from "./balancer.ts";
import type { KubeProxyFleet } from "./kube-proxy-fleet.ts";
import type { PodLiveness, RecordFinder } from "./pod-liveness.ts";
import { type PodServer, ServiceBackends } from "./service-backend.ts";
import { ServiceRequest, scheduleStep } from "./service-request.ts";
import {
  checkTraffic,
  type TrafficModels,
  type TrafficSettings,
  trafficModels,
} from "./traffic-settings.ts";

export interface TrafficWiring {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly fleet: KubeProxyFleet;
  readonly liveness: PodLiveness;
  readonly records: RecordFinder;
  /** One-way latencies, as distributions in their text form. */
  readonly podToPodSameNode: string;
  readonly podToPod: string;
}

/** A kept-alive connection. */
interface Connection {
  /** Number of the node that it starts from. */
  readonly node: number;
  /** undefined: it is broken, and will be opened anew. */
  endpoint: Endpoint | undefined;
  /** The pod's side, once a request has reached it. */
  server: PodServer | undefined;
}

/** Sends requests to one Service; `sent` = answered + failed + those on their way. */
interface TrafficSource {
  readonly settings: TrafficSettings;
  readonly hash: number;
  sent: number;
  /** Served, with the answer back at the client. */
  answered: number;
  /** Without endpoints, or refused. */
  failed: number;
  /** Those in use so far, by number. */
  readonly connections: Connection[];
}

interface TrafficState {
  readonly sources: TrafficSource[];
}

export class Traffic {
  state: TrafficState = { sources: [] };
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #fleet: KubeProxyFleet;
  readonly #backends: ServiceBackends;
  readonly #gaps: Draws;
  readonly #works: Draws;
  readonly #nodes: Draws;
  readonly #sameNode: HopLatency;
  readonly #otherNode: HopLatency;
  readonly #arrived: HandlerId<number>;
  readonly #reached: HandlerId<ServiceRequest>;
  readonly #answered: HandlerId<ServiceRequest>;
  /** By the settings that they were parsed from; can be parsed again. */
  readonly #models = new WeakMap<TrafficSettings, TrafficModels>();

  constructor({ kernel, trace, fleet, liveness, records, ...latency }: TrafficWiring) {
    const { seed } = kernel;
    const { podToPodSameNode, podToPod } = latency;
    this.#kernel = kernel;
    this.#trace = trace;
    this.#fleet = fleet;
    this.#backends = new ServiceBackends({
      kernel,
      liveness,
      records,
      onTurned: (request) => this.#sendHome(request),
    });
    this.#gaps = new Draws(seed, "traffic/arrivals");
    this.#works = new Draws(seed, "traffic/service-time");
    this.#nodes = new Draws(seed, "traffic/node");
    this.#sameNode = new HopLatency(seed, podToPodSameNode, "network.podToPodSameNode");
    this.#otherNode = new HopLatency(seed, podToPod, "network.podToPod");
    this.#arrived = kernel.handler("network/request", (source) => this.#onArrival(source));
    this.#reached = kernel.handler("network/reached", (request) => this.#onReached(request));
    this.#answered = kernel.handler("network/answered", (request) => this.#onAnswered(request));
    kernel.keep("network/traffic", this);
  }

  /**
   * Adds a source. The first request comes one gap after its start, or after now if that is over.
   * A source with an end (`requests` or `untilUs`) keeps the run alive until its last answer.
   * Throws InputError.
   */
  add(settings: TrafficSettings): void {
    checkTraffic(settings);
    this.#models.set(settings, trafficModels(settings));
    const { service, startUs } = settings;
    const { sources } = this.state;
    // A second source to the same Service has draws of its own.
    const twins = sources.filter((source) => source.settings.service === service).length;
    const hash = hashString(twins === 0 ? `Service/${service}` : `Service/${service}#${twins}`);
    const source = { settings, hash, sent: 0, answered: 0, failed: 0, connections: [] };
    const number = sources.push(source) - 1;
    this.#fleet.track(service);
    this.#scheduleNext(source, number, Math.max(startUs, this.#kernel.nowUs));
  }

  #scheduleNext(source: TrafficSource, number: number, fromUs: Micros): void {
    const { settings, hash, sent } = source;
    const { requests, untilUs } = settings;
    if (requests !== undefined && sent >= requests) return;
    const dueUs = fromUs + this.#modelsOf(settings).gap.sampleUs(this.#gaps.source(hash, sent));
    if (untilUs !== undefined && dueUs > untilUs) return;
    if (isEndless(settings)) this.#kernel.background(dueUs, this.#arrived, number, undefined);
    else this.#kernel.at(dueUs, this.#arrived, number, undefined);
  }

  #onArrival(sourceNumber: number): void {
    const source = this.#source(sourceNumber);
    const number = source.sent++;
    this.#scheduleNext(source, sourceNumber, this.#kernel.nowUs);
    const { settings, hash } = source;
    const connection = settings.connections === 0 ? -1 : number % settings.connections;
    const node =
      connection < 0 ? this.#startNode(source, number) : this.#connection(source, connection).node;
    const endpoint = this.#endpoint(source, connection, node, number);
    if (endpoint === undefined) return this.#failAtOnce(source, node);
    const request = new ServiceRequest({
      source: sourceNumber,
      number,
      node,
      endpoint,
      connection,
      startUs: this.#kernel.nowUs,
      workUs: Math.max(1, this.#modelsOf(settings).work.sampleUs(this.#works.source(hash, number))),
      outwardUs: this.#hopUs(source, node, endpoint, 2 * number),
      homewardUs: this.#hopUs(source, node, endpoint, 2 * number + 1),
      isBackground: isEndless(settings),
    });
    scheduleStep(this.#kernel, request.outwardUs, this.#reached, request, undefined);
  }

  #startNode({ settings, hash }: TrafficSource, number: number): number {
    const { from } = settings;
    const { nodeCount } = this.#fleet;
    if (from === "each-node" && nodeCount > 0) return number % nodeCount;
    if (from === "random-node" && nodeCount > 0)
      return Math.floor(this.#nodes.uniform(hash, number) * nodeCount);
    const node = this.#fleet.nodeNumber(from);
    return node >= 0 ? node : refuseStart(settings, this.#fleet, this.#kernel.nowUs);
  }

  #connection(source: TrafficSource, number: number): Connection {
    let connection = source.connections[number];
    if (connection === undefined) {
      const node = this.#startNode(source, number);
      connection = { node, endpoint: undefined, server: undefined };
      source.connections[number] = connection;
    }
    return connection;
  }

  /** The endpoint of the request's connection, which is opened when it is new or broken. */
  #endpoint(
    source: TrafficSource,
    connectionNumber: number,
    node: number,
    number: number,
  ): Endpoint | undefined {
    const { hash, settings } = source;
    const connection = source.connections[connectionNumber];
    const kept = connection?.endpoint;
    if (
      kept !== undefined &&
      !this.#isClosed(connection, this.#hopUs(source, node, kept, 2 * number))
    )
      return kept;
    const endpoint = this.#fleet.route(settings.service, node, hash, number);
    if (connection !== undefined) {
      connection.endpoint = endpoint;
      connection.server = undefined;
    }
    return endpoint;
  }

  /**
   * Whether the client knows that the pod has ended: its side is told one hop after that. The hop
   * is as long as the request's own, so that no draw is made that other runs would not make.
   */
  #isClosed(connection: Connection | undefined, hopUs: Micros): boolean {
    const endedUs = connection?.server?.endedUs ?? -1;
    return endedUs >= 0 && this.#kernel.nowUs - endedUs >= hopUs;
  }

  #hopUs({ hash }: TrafficSource, node: number, endpoint: Endpoint, number: number): Micros {
    const isSameNode = endpoint.nodeName === this.#fleet.node(node).name;
    return (isSameNode ? this.#sameNode : this.#otherNode).us(hash, number);
  }

  #onReached(request: ServiceRequest): void {
    const server = this.#backends.receive(request);
    const connection = this.#source(request.source).connections[request.connection];
    if (connection?.endpoint === request.endpoint) connection.server = server;
  }

  #sendHome(request: ServiceRequest): void {
    scheduleStep(this.#kernel, request.homewardUs, this.#answered, request, undefined);
  }

  #onAnswered(request: ServiceRequest): void {
    const source = this.#source(request.source);
    const { outcome, endpoint } = request;
    if (outcome === "ok") source.answered++;
    else source.failed++;
    const connection = source.connections[request.connection];
    if (outcome !== "ok" && connection?.endpoint === endpoint) connection.endpoint = undefined;
    const { serviceRequest } = this.#trace;
    if (!serviceRequest.on) return;
    const { startUs, reachedUs, beganUs, turnedUs } = request;
    serviceRequest.emit({
      service: source.settings.service,
      sourceNode: this.#fleet.node(request.node).name,
      endpoint: outcome === "ok" ? endpoint.podName : "",
      startUs,
      endUs: this.#kernel.nowUs,
      networkUs: request.outwardUs + request.homewardUs,
      queueUs: (beganUs < 0 ? turnedUs : beganUs) - reachedUs,
      serviceUs: beganUs < 0 ? 0 : turnedUs - beganUs,
      outcome,
    });
  }

  /** The source's own proxy refuses what it has no endpoint for: no packet leaves the node. */
  #failAtOnce(source: TrafficSource, node: number): void {
    source.failed++;
    const { serviceRequest } = this.#trace;
    if (!serviceRequest.on) return;
    const { nowUs } = this.#kernel;
    serviceRequest.emit({
      service: source.settings.service,
      sourceNode: this.#fleet.node(node).name,
      endpoint: "",
      startUs: nowUs,
      endUs: nowUs,
      networkUs: 0,
      queueUs: 0,
      serviceUs: 0,
      outcome: "no-endpoints",
    });
  }

  #source(number: number): TrafficSource {
    const source = this.state.sources[number];
    if (source === undefined) throw new Error(`unknown traffic source ${number}`);
    return source;
  }

  #modelsOf(settings: TrafficSettings): TrafficModels {
    let models = this.#models.get(settings);
    if (models === undefined) {
      models = trafficModels(settings);
      this.#models.set(settings, models);
    }
    return models;
  }
}

/** A source without end must not keep the run alive. */
function isEndless({ requests, untilUs }: TrafficSettings): boolean {
  return requests === undefined && untilUs === undefined;
}

function refuseStart(
  { service, from }: TrafficSettings,
  { state: { nodes } }: KubeProxyFleet,
  nowUs: Micros,
): never {
  const where = `traffic to ${service}: from`;
  const at = `${nowUs / 1_000_000} s`;
  if (nodes.length === 0) {
    throw new InputError(
      `${where}: no node has joined by ${at}, when the first request is due. ` +
        "Add nodes, or start the traffic later.",
    );
  }
  const names = ["random-node", "each-node", ...nodes.map(({ name }) => name)];
  const nearest = nearestName(from, names);
  throw new InputError(
    `${where}: got "${from}", and no node of that name has joined by ${at}; want the name of a ` +
      `node, random-node or each-node.${nearest === undefined ? "" : ` Did you mean ${nearest}?`}`,
  );
}
