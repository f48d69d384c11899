/**
 * Traffic: clients that send requests, from the nodes or from outside.
 *
 *   open loop      arrival -> request, whether or not earlier ones were answered
 *   closed loop    answer -> thinkTime -> the same client's next request
 *
 * All draws of a request belong to its source and number, so that under every policy the same
 * requests come at the same times and ask for the same work. In a closed loop a request's number is
 * its client's and how many that one has sent, whatever the others do.
 *
 * Hot: one event and one call per request; nothing is made for a request but these.
 */
import {
  Draws,
  type HandlerId,
  hashString,
  InputError,
  type Kernel,
  type Micros,
} from "../../kernel/index.ts";
import type { Call, Caller, CallerId, Edge } from "../call/index.ts";
import type { CallEngine } from "../calls/index.ts";
import type { IngressEntry } from "../ingress/index.ts";
import type { ServiceRouting, Target } from "../proxy/index.ts";
import { clientPolicy } from "../services/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import { ArrivalDraws } from "./arrival-process.ts";
import { checkTraffic, targetText } from "./check-traffic.ts";
import { clientHash } from "./client-hash.ts";
import { startNode } from "./start-node.ts";
import type { TrafficSettings } from "./traffic-settings.ts";
import { isEndless, LoopClient, NO_NODE, SourceModels, TrafficSource } from "./traffic-source.ts";

export interface TrafficWiring {
  readonly kernel: Kernel;
  readonly engine: CallEngine;
  readonly routing: ServiceRouting;
  readonly nodes: NetworkNodes;
  /** undefined: the cluster has no ingress controller. */
  readonly entry?: IngressEntry | undefined;
}

interface TrafficState {
  readonly sources: TrafficSource[];
  /** Numbers of sources by the number of their edge; -1: another caller's. */
  readonly sourceOfEdge: number[];
}

export class Traffic implements Caller {
  state: TrafficState = { sources: [], sourceOfEdge: [] };
  readonly #kernel: Kernel;
  readonly #engine: CallEngine;
  readonly #routing: ServiceRouting;
  readonly #nodes: NetworkNodes;
  readonly #entry: IngressEntry | undefined;
  readonly #caller: CallerId;
  readonly #draws: ArrivalDraws;
  readonly #nodeDraws: Draws;
  readonly #keyDraws: Draws;
  readonly #thinkDraws: Draws;
  readonly #arrived: HandlerId<TrafficSource>;
  readonly #thought: HandlerId<LoopClient>;
  /** By the source's number; parsed again for a restored run. */
  readonly #models: SourceModels[] = [];
  /** Handed to the engine, which copies it. */
  readonly #client = {
    node: -1,
    clientHash: 0,
    keyHash: 0,
    parent: undefined,
    note: undefined as number | undefined,
    number: 0,
  };

  constructor({ kernel, engine, routing, nodes, entry }: TrafficWiring) {
    const { seed } = kernel;
    this.#kernel = kernel;
    this.#engine = engine;
    this.#routing = routing;
    this.#nodes = nodes;
    this.#entry = entry;
    this.#caller = engine.addCaller(this);
    this.#draws = new ArrivalDraws(seed);
    this.#nodeDraws = new Draws(seed, "traffic/node");
    this.#keyDraws = new Draws(seed, "traffic/key");
    this.#thinkDraws = new Draws(seed, "traffic/think-time");
    this.#arrived = kernel.handler("network/request", (source) => this.#onArrival(source));
    this.#thought = kernel.handler("network/client", (client) => this.#onThought(client));
    kernel.keep("network/traffic", this);
  }

  /**
   * Adds a source. The first request comes one gap (of a closed loop: each client's first one
   * think time) after its start, or after now if that is over. A source with an end (`requests`,
   * `untilUs`, or arrivals that end) keeps the run alive until its last answer. Throws InputError.
   */
  add(settings: TrafficSettings): void {
    checkTraffic(settings);
    const { sources, sourceOfEdge } = this.state;
    const startUs = Math.max(settings.startUs, this.#kernel.nowUs);
    const drawName = this.#drawName(settings);
    const edge = this.#edge(settings, drawName);
    if (settings.ingress !== undefined) this.#entry?.asks(edge, settings.ingress);
    const source = new TrafficSource(sources.length, settings, hashString(drawName), edge, startUs);
    sources.push(source);
    while (sourceOfEdge.length < edge.number) sourceOfEdge.push(-1);
    sourceOfEdge[edge.number] = source.number;
    if (settings.clients === 0) return this.#scheduleArrival(source);
    for (let i = 0; i < settings.clients; i++) {
      const client = new LoopClient(i, source.number, clientHash(source.hash, i));
      source.clients.set(client.hash, client);
      this.#scheduleClient(source, client, startUs);
    }
  }

  ended({ edge, clientHash: hash }: Call): void {
    const source = this.state.sources[this.state.sourceOfEdge[edge.number] ?? -1];
    if (source === undefined || source.settings.clients === 0) return;
    const client = source.clients.get(hash);
    if (client === undefined) throw new Error(`an answer to nobody of source ${source.number}`);
    this.#scheduleClient(source, client, this.#kernel.nowUs);
  }

  /** A second source to the same target has draws of its own. */
  #drawName(settings: TrafficSettings): string {
    const { ingress, service } = settings;
    const kind = ingress === undefined ? `Service/${service}` : `Ingress/${targetText(settings)}`;
    const twins = this.state.sources.filter(({ settings: other }) =>
      ingress === undefined
        ? other.ingress === undefined && other.service === service
        : other.ingress !== undefined && targetText(other) === targetText(settings),
    ).length;
    return twins === 0 ? kind : `${kind}#${twins}`;
  }

  #edge(settings: TrafficSettings, drawName: string): Edge {
    const { target, isExternal } = this.#target(settings);
    return this.#engine.edge({
      name: settings.name === "" ? targetText(settings) : settings.name,
      caller: this.#caller,
      target,
      policy: clientPolicy(settings.client, `traffic to ${targetText(settings)}`),
      drawName,
      isBackground: isEndless(settings),
      isExternal,
    });
  }

  #target(settings: TrafficSettings): { target: Target; isExternal: boolean } {
    const { ingress, service, port, from } = settings;
    const isOutside = from === "outside";
    if (ingress === undefined)
      return { target: this.#routing.target(service, port), isExternal: isOutside };
    if (this.#entry !== undefined) return this.#entry.edgeFor(ingress);
    throw new InputError(
      `traffic to ${targetText(settings)}: ingress: the cluster has no ingress controller. ` +
        "Set ingress.mode to nginx, or send the requests to a service.",
    );
  }

  #scheduleArrival(source: TrafficSource): void {
    const { settings, hash, sent, arrivals, edge } = source;
    const { requests, untilUs } = settings;
    if (requests !== undefined && sent >= requests) return;
    const { process } = this.#modelsOf(source);
    const dueUs = process?.nextUs(arrivals, this.#draws, hash, sent) ?? -1;
    if (dueUs < 0 || (untilUs !== undefined && dueUs > untilUs)) return;
    if (edge.isBackground) this.#kernel.background(dueUs, this.#arrived, source, undefined);
    else this.#kernel.at(dueUs, this.#arrived, source, undefined);
  }

  #onArrival(source: TrafficSource): void {
    const number = source.sent++;
    this.#scheduleArrival(source);
    const { nowUs } = this.#kernel;
    const { addresses } = source.settings;
    const node = startNode(source, number, this.#nodes, this.#nodeDraws, nowUs);
    const address = addresses === 1 ? 0 : number % addresses;
    this.#send(source, number, node, clientHash(source.hash, address));
  }

  /** The client's next request comes a think time after this, at least 1 us: so that time passes. */
  #scheduleClient(source: TrafficSource, client: LoopClient, fromUs: Micros): void {
    const { settings, hash, edge } = source;
    const { think } = this.#modelsOf(source);
    const draws = this.#thinkDraws.source(hash, loopNumber(settings, client));
    const dueUs = fromUs + Math.max(1, think?.sampleUs(draws) ?? 1);
    if (settings.untilUs !== undefined && dueUs > settings.untilUs) return;
    if (edge.isBackground) this.#kernel.background(dueUs, this.#thought, client, undefined);
    else this.#kernel.at(dueUs, this.#thought, client, undefined);
  }

  #onThought(client: LoopClient): void {
    const source = this.state.sources[client.source];
    if (source === undefined) throw new Error(`unknown traffic source ${client.source}`);
    const { settings } = source;
    if (settings.requests !== undefined && source.sent >= settings.requests) return;
    source.sent++;
    if (client.node === NO_NODE) {
      const { nowUs } = this.#kernel;
      client.node = startNode(source, client.number, this.#nodes, this.#nodeDraws, nowUs);
    }
    const number = loopNumber(settings, client);
    client.sent++;
    this.#send(source, number, client.node, client.hash);
  }

  #send(source: TrafficSource, number: number, node: number, hash: number): void {
    const { work, keys } = this.#modelsOf(source);
    const client = this.#client;
    client.node = node;
    client.clientHash = hash;
    client.keyHash = clientHash(
      ~source.hash,
      keys === undefined ? number : keys.keyAt(this.#keyDraws.uniform(source.hash, number)),
    );
    client.note = work === undefined ? undefined : work.us(source.hash, number);
    client.number = number;
    this.#engine.begin(source.edge, client);
  }

  #modelsOf({ number, settings }: TrafficSource): SourceModels {
    const known = this.#models[number];
    if (known !== undefined && known.settings === settings) return known;
    const models = new SourceModels(this.#kernel.seed, settings);
    this.#models[number] = models;
    return models;
  }
}

/** The number of the client's next request: the same whatever the other clients do. */
const loopNumber = ({ clients }: TrafficSettings, { number, sent }: LoopClient): number =>
  sent * clients + number;
