/**
 * ServiceModels: what the pods behind Services do with requests: work on them, fail some, and call
 * other Services, one stage after the other, before they answer.
 *
 * A pod does its own work first. A stage's calls go out together; the next stage begins when the
 * last of them has ended. When one that is not optional has failed, the stages that are left are
 * not begun, and the answer is `upstream-failure`. A client that has given up is not noticed: the
 * pod goes on, in vain. A pod that has ended begins no more calls; a host outside makes none.
 *
 * Hot: `workUs` and `worked` are called once per request.
 */
import type { CallOutcome } from "../../api/index.ts";
import { Draws, HopLatency, InputError, type Kernel, type Micros } from "../../kernel/index.ts";
import type { Call, Caller, CallerId, Edge } from "../call/index.ts";
import type { CallEngine, ServiceBehaviour } from "../calls/index.ts";
import { OutsideHost, type ServiceRouting, type Target } from "../proxy/index.ts";
import { cyclicServices } from "./call-graph.ts";
import { checkModels } from "./check-model.ts";
import { clientPolicy } from "./client-policy.ts";
import type { ServiceCallSettings, ServiceModelSettings } from "./service-model.ts";
import { parseTarget } from "./target-name.ts";

export interface ServiceModelsWiring {
  readonly kernel: Kernel;
  readonly engine: CallEngine;
  readonly routing: ServiceRouting;
}

/** Calls within calls, where services call each other in circles. Our assumption. */
export const CALL_DEPTH_MAX = 100;

/** call.stage of a request one of whose calls has failed. */
const FAILED = -1;

/** One call of a model, with the edges that it goes over. */
interface ModelledCall {
  readonly settings: ServiceCallSettings;
  readonly edge: Edge;
  /** For what requests without end cause: it must not keep the run alive. Made when needed. */
  background: Edge | undefined;
}

interface ServiceState {
  readonly settings: ServiceModelSettings;
  readonly stages: readonly (readonly ModelledCall[])[];
  /** It may come to be called again by what it calls. */
  readonly isCyclic: boolean;
}

interface ServiceModelsState {
  /** By `namespace/name`. */
  readonly services: Map<string, ServiceState>;
}

/** A service's state with what is parsed from it. */
class Server {
  readonly state: ServiceState;
  readonly work: HopLatency;

  constructor(seed: string, service: string, state: ServiceState) {
    const where = `services."${service}": serviceTime`;
    this.state = state;
    this.work = new HopLatency(seed, state.settings.serviceTime, where, "services/service-time");
  }
}

export class ServiceModels implements ServiceBehaviour, Caller {
  state: ServiceModelsState = { services: new Map() };
  readonly #kernel: Kernel;
  readonly #engine: CallEngine;
  readonly #routing: ServiceRouting;
  readonly #caller: CallerId;
  readonly #errors: Draws;
  readonly #luck: Draws;
  /** By the target's number, null: without a model. Made from the state that stands beside it. */
  #servers: (Server | null)[] = [];
  #serversOf: ServiceModelsState | undefined;
  /** Handed to the engine, which copies it. */
  readonly #client = {
    node: -1,
    clientHash: 0,
    keyHash: 0,
    parent: undefined as Call | undefined,
    note: undefined,
    number: 0,
  };

  /** Speaks for all Services that nobody speaks for who was registered with the engine before. */
  constructor({ kernel, engine, routing }: ServiceModelsWiring) {
    this.#kernel = kernel;
    this.#engine = engine;
    this.#routing = routing;
    this.#errors = new Draws(kernel.seed, "services/errors");
    this.#luck = new Draws(kernel.seed, "services/calls");
    this.#caller = engine.addCaller(this);
    engine.addBehaviour(this);
    kernel.keep("network/services", this);
  }

  /** Models by `namespace/name`. Once, before the run. Throws InputError, see `checkModels`. */
  set(models: Readonly<Record<string, ServiceModelSettings>>): void {
    if (this.state.services.size > 0) throw new Error("the services' models are set twice");
    checkModels(models);
    const cyclic = cyclicServices(models);
    for (const name of Object.keys(models).sort()) {
      const settings = models[name];
      if (settings === undefined) continue;
      const stages = this.#stages(name, settings);
      this.state.services.set(name, { settings, stages, isCyclic: cyclic.has(name) });
    }
    this.#servers = [];
  }

  /** The model of a Service (`namespace/name`); undefined: it has none. */
  limitsOf(service: string): ServiceModelSettings | undefined {
    return this.state.services.get(service)?.settings;
  }

  serves(): boolean {
    return true;
  }

  /**
   * What the call itself says (its note, us), else a draw of the service's own. Throws InputError
   * when neither says.
   */
  workUs(call: Call): Micros {
    const { note } = call;
    if (typeof note === "number") return note;
    const server = this.#server(call);
    if (server === null) return refuseUnknownWork(call);
    return server.work.us(call.hash, call.number);
  }

  worked(call: Call): boolean {
    const server = this.#server(call);
    if (server === null) return false;
    const { settings, stages } = server.state;
    if (settings.errors > 0 && this.#errors.uniform(call.hash, call.number) < settings.errors) {
      call.outcome = "error";
      return false;
    }
    if (stages.length === 0 || call.endpoint instanceof OutsideHost) return false;
    if (server.state.isCyclic && isTooDeep(call)) {
      call.outcome = "error";
      return false;
    }
    if (this.#advance(call, server.state)) return true;
    call.outcome = answerOf(call);
    return false;
  }

  /** A call that a pod has made has ended. */
  ended(child: Call): void {
    const call = child.parent;
    if (call === undefined) throw new Error(`call of ${child.edge.name} without a parent`);
    call.pendingCalls--;
    if (child.outcome !== "ok" && this.#isNeeded(call, child.edge)) call.stage = FAILED;
    if (call.pendingCalls > 0 || hasServerEnded(call)) return;
    const server = this.#server(call);
    if (server !== null && this.#advance(call, server.state)) return;
    this.#engine.respond(call, answerOf(call));
  }

  #stages(service: string, { calls }: ServiceModelSettings): ModelledCall[][] {
    const twins = new Map<string, number>();
    return calls.map((stage, i) =>
      stage.map((settings, j) => {
        const where = `services."${service}": calls[${i}][${j}]`;
        const { service: to, port } = parseTarget(settings.to, `${where}: to`);
        const twin = twins.get(settings.to) ?? 0;
        twins.set(settings.to, twin + 1);
        const edge = this.#engine.edge({
          name: service,
          caller: this.#caller,
          target: this.#routing.target(to, port),
          policy: clientPolicy(settings.client, where),
          drawName: `Call/${service}->${settings.to}${twin === 0 ? "" : `#${twin}`}`,
          isBackground: false,
          isExternal: false,
        });
        return { settings, edge, background: undefined };
      }),
    );
  }

  /** Begins stages until one has calls to wait for; false: there is none left, or a call failed. */
  #advance(call: Call, { stages }: ServiceState): boolean {
    while (call.stage !== FAILED && call.stage < stages.length) {
      const stage = stages[call.stage++] ?? [];
      // Held by one, so that calls that end at once don't begin the next stage from within this one.
      call.pendingCalls = 1;
      for (const each of stage) this.#begin(call, each);
      call.pendingCalls--;
      if (call.pendingCalls > 0) return true;
    }
    return false;
  }

  #begin(call: Call, modelled: ModelledCall): void {
    const count = this.#countOf(call, modelled.settings, modelled.edge.hash);
    if (count === 0) return;
    const edge = call.edge.isBackground ? this.#background(modelled) : modelled.edge;
    const client = this.#client;
    for (let i = 0; i < count; i++) {
      call.pendingCalls++;
      client.node = call.endpoint?.node ?? -1;
      client.clientHash = call.server?.record.hash ?? 0;
      client.keyHash = call.keyHash;
      client.parent = call;
      client.number = (Math.imul(call.number, modelled.settings.times) + i) >>> 0;
      this.#engine.begin(edge, client);
      client.parent = undefined;
    }
  }

  #background(modelled: ModelledCall): Edge {
    const { background, edge } = modelled;
    if (background !== undefined) return background;
    const { name, target, policy, hash } = edge;
    modelled.background = this.#engine.edge({
      name,
      caller: this.#caller,
      target,
      policy,
      drawName: `${hash}/background`,
      isBackground: true,
      isExternal: false,
    });
    return modelled.background;
  }

  /** How many go out: the draws belong to the request that causes them. */
  #countOf(
    call: Call,
    { probability, times, cacheHits }: ServiceCallSettings,
    hash: number,
  ): number {
    if (probability === 1 && cacheHits === 0) return times;
    const luck = this.#luck.source(call.hash ^ Math.imul(hash, 0x9e3779b1), call.number);
    if (luck.next() >= probability) return 0;
    let count = 0;
    for (let i = 0; i < times; i++) if (luck.next() >= cacheHits) count++;
    return count;
  }

  #isNeeded(call: Call, edge: Edge): boolean {
    for (const stage of this.#server(call)?.state.stages ?? [])
      for (const each of stage)
        if (each.edge === edge || each.background === edge) return !each.settings.isOptional;
    throw new Error(`${call.edge.target.service} made no call over edge ${edge.number}`);
  }

  /** That of the Service which the call is for in the end; else of the ExternalName Service that led there. */
  #server({ edge, target }: Call): Server | null {
    const server = this.#serverOf(target);
    return server === null && edge.target !== target ? this.#serverOf(edge.target) : server;
  }

  #serverOf(target: Target): Server | null {
    if (this.#serversOf !== this.state) {
      this.#serversOf = this.state;
      this.#servers = [];
    }
    const known = this.#servers[target.number];
    if (known !== undefined) return known;
    const state = this.state.services.get(target.service);
    const { seed } = this.#kernel;
    const server = state === undefined ? null : new Server(seed, target.service, state);
    this.#servers[target.number] = server;
    return server;
  }
}

const answerOf = ({ stage }: Call): CallOutcome => (stage === FAILED ? "upstream-failure" : "ok");

const hasServerEnded = ({ server }: Call): boolean => server !== undefined && server.endedUs >= 0;

function isTooDeep(call: Call): boolean {
  let depth = 0;
  for (let above = call.parent; above !== undefined; above = above.parent) depth++;
  return depth >= CALL_DEPTH_MAX;
}

function refuseUnknownWork({ edge: { name, target } }: Call): never {
  const source = name === target.service ? "" : ` from ${name}`;
  throw new InputError(
    `services: a request${source} to ${target.service} has no service time. Say serviceTime in ` +
      `the traffic, or under services."${target.service}".`,
  );
}
