/**
 * CoreSharing: how fast the pods of a node work on their requests.
 *
 * While all requests of a node want no more cores than it has, and their pod no more than its limit,
 * each is done after its own CPU time: one timer for each, and nothing else. Else they are slowed
 * down: the cores are divided by the pods' weights (fillWater), a pod's cores among its requests
 * equally (processor sharing). All requests of a pod go at one speed, so each pod has a clock that
 * goes at that speed and a heap of its requests by what the clock will show when they are done; only
 * the next of all on the node has an event. A pod keeps its clock until it is idle.
 *
 * Times are exact to the microsecond: a request is done at the first whole one at which it has got
 * its CPU time. A change on a contended node costs O(its busy pods), in a few arithmetic passes.
 *
 * Hot: `begin` and the two ends, once for each request. core-sharing.test.ts compares them with a
 * plain simulation.
 */
import type { HandlerId, Kernel, Micros, SimEvent } from "../../kernel/index.ts";
import type { Call } from "../call/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import { byBeginning } from "./call-order.ts";
import { NodeCpu } from "./node-cpu.ts";
import { type PodServer, UNITS_PER_CORE } from "./pod-server.ts";
import { fillWater } from "./water-filling.ts";

/** Less than that is left to do: it is done. Rounding of the clocks is far below, see CLOCK_MAX_US. */
const EPSILON_US = 1e-5;
/** A clock that shows more is set back: 2^30 us, where doubles are 2e-7 us apart. */
const CLOCK_MAX_US = 1_073_741_824;

export interface CoreSharingSettings {
  readonly kernel: Kernel;
  readonly nodes: NetworkNodes;
  /** How far back the pods' busy time will be asked for. */
  readonly historyUs: Micros;
  /** The call has got its CPU time. */
  readonly onDone: (call: Call, server: PodServer) => void;
}

interface CoreSharingState {
  /** By the node's number, of those that matter. */
  readonly cpus: (NodeCpu | undefined)[];
}

export class CoreSharing {
  state: CoreSharingState = { cpus: [] };
  readonly #kernel: Kernel;
  readonly #nodes: NetworkNodes;
  readonly #historyUs: Micros;
  readonly #onDone: (call: Call, server: PodServer) => void;
  readonly #alone: HandlerId<Call, PodServer>;
  readonly #shared: HandlerId<NodeCpu>;
  /** Calls that are done in one event; empty between events. */
  readonly #done: Call[] = [];

  constructor({ kernel, nodes, historyUs, onDone }: CoreSharingSettings) {
    this.#kernel = kernel;
    this.#nodes = nodes;
    this.#historyUs = historyUs;
    this.#onDone = onDone;
    this.#alone = kernel.handler("network/served", (call, server) => this.#onAlone(call, server));
    this.#shared = kernel.handler("network/cores-served", (cpu) => this.#onShared(cpu));
    kernel.keep("network/cores", this);
  }

  /** The CPUs of a node by number; undefined: nothing is known of them. */
  cpu(node: number): NodeCpu | undefined {
    if (node < 0 || node >= this.#nodes.count) return undefined;
    const { cpus } = this.state;
    while (cpus.length <= node) cpus.push(undefined);
    const known = cpus[node];
    if (known !== undefined) return known;
    const { cores } = this.#nodes.node(node);
    if (!(cores > 0)) return undefined;
    const cpu = new NodeCpu(Math.round(cores * UNITS_PER_CORE));
    cpus[node] = cpu;
    return cpu;
  }

  /** The pod begins to work on a call that has a place in it. */
  begin(call: Call, server: PodServer): void {
    const { cpu } = server;
    const { nowUs } = this.#kernel;
    server.working++;
    if (cpu === undefined) {
      this.#startTimer(call, server, call.workUs);
      server.busy.set(uncontendedCores(server), nowUs, this.#historyUs);
      return;
    }
    claim(cpu, server);
    const isWithin = cpu.demand <= cpu.capacity && server.working * server.unit <= server.limit;
    if (isWithin && !server.isShared) {
      this.#startTimer(call, server, call.workUs);
      server.busy.set(server.demand / UNITS_PER_CORE, nowUs, this.#historyUs);
      return;
    }
    advance(cpu, nowUs);
    if (!server.isShared) this.#share(cpu, server);
    join(cpu, server, call, call.workUs);
    if (!cpu.isHeld) this.#settle(cpu);
  }

  /** The pod's containers have ended: nothing of its work goes on. */
  stop(server: PodServer): void {
    const { cpu, working } = server;
    for (const call of server.calls) this.#stopTimer(call);
    if (working === 0) return;
    if (cpu === undefined) {
      server.working = 0;
      server.busy.set(0, this.#kernel.nowUs, this.#historyUs);
      return;
    }
    const isCrowded = cpu.sharedCount > 0 || cpu.demand > cpu.capacity;
    if (isCrowded) advance(cpu, this.#kernel.nowUs);
    for (const call of server.due.calls) if (!call.edge.isBackground) cpu.foreground--;
    server.due.clear();
    server.working = 0;
    claim(cpu, server);
    server.busy.set(0, this.#kernel.nowUs, this.#historyUs);
    if (isCrowded && !cpu.isHeld) this.#settle(cpu);
  }

  /** A call with a timer of its own is done. */
  #onAlone(call: Call, server: PodServer): void {
    const { cpu } = server;
    call.timer = undefined;
    server.working--;
    if (cpu === undefined) {
      server.busy.set(uncontendedCores(server), this.#kernel.nowUs, this.#historyUs);
      return this.#onDone(call, server);
    }
    const isContended = cpu.demand > cpu.capacity;
    if (isContended) advance(cpu, this.#kernel.nowUs);
    claim(cpu, server);
    server.busy.set(server.demand / UNITS_PER_CORE, this.#kernel.nowUs, this.#historyUs);
    if (!isContended) return this.#onDone(call, server);
    cpu.isHeld = true;
    this.#onDone(call, server);
    cpu.isHeld = false;
    this.#settle(cpu);
  }

  /** Calls of the node that go by their pods' clocks are done. */
  #onShared(cpu: NodeCpu): void {
    cpu.next = undefined;
    advance(cpu, this.#kernel.nowUs);
    const done = this.#done;
    // From the last: a server that has become idle gives its place to one that was looked at.
    for (let i = cpu.busy.length - 1; i >= 0; i--) {
      const server = cpu.busy[i] as PodServer;
      takeDone(cpu, server, done);
      if (server.working === 0) server.busy.set(0, cpu.atUs, this.#historyUs);
    }
    if (done.length > 1) done.sort(byBeginning);
    cpu.isHeld = true;
    for (let i = 0; i < done.length; i++) {
      const call = done[i] as Call;
      // Its pod may have been ended by what another one's end has led to.
      if (call.place >= 0) this.#onDone(call, call.server as PodServer);
    }
    done.length = 0;
    cpu.isHeld = false;
    this.#settle(cpu);
  }

  /** Finds out how fast the busy pods work from now on, and when the next call is done. */
  #settle(cpu: NodeCpu): void {
    const { busy, capacity } = cpu;
    const isContended = cpu.demand > capacity;
    if (isContended) fillWater(busy, capacity);
    let nextUs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < busy.length; i++) {
      const server = busy[i] as PodServer;
      const share = isContended ? server.share : server.demand;
      const wanted = server.working * server.unit;
      server.rate = share >= wanted ? 1 : share / wanted;
      if (!server.isShared && server.rate < 1) this.#share(cpu, server);
      const cores = share / UNITS_PER_CORE;
      if (cores !== server.busy.cores) server.busy.set(cores, cpu.atUs, this.#historyUs);
      if (!server.isShared) continue;
      const leftUs = (server.due.firstDue - server.clockUs) / server.rate;
      if (leftUs < nextUs) nextUs = leftUs;
    }
    this.#expect(cpu, nextUs);
  }

  #expect(cpu: NodeCpu, leftUs: number): void {
    const { next } = cpu;
    const isBackground = cpu.foreground === 0;
    const timeUs = this.#kernel.nowUs + Math.max(0, Math.ceil(leftUs - EPSILON_US));
    if (next !== undefined) {
      if (next.timeUs === timeUs && next.background === isBackground) return;
      this.#kernel.cancel(next);
      cpu.next = undefined;
    }
    if (timeUs < Number.POSITIVE_INFINITY)
      cpu.next = this.#schedule(timeUs, isBackground, this.#shared, cpu, undefined);
  }

  /** The pod's calls go by its clock from now on. */
  #share(cpu: NodeCpu, server: PodServer): void {
    server.isShared = true;
    server.clockUs = 0;
    cpu.sharedCount++;
    for (const call of server.calls) {
      const { timer } = call;
      if (timer === undefined) continue; // it has begun now, or waits for others
      const leftUs = timer.timeUs - this.#kernel.nowUs;
      this.#stopTimer(call);
      join(cpu, server, call, leftUs);
    }
  }

  #startTimer(call: Call, server: PodServer, leftUs: Micros): void {
    const timeUs = this.#kernel.nowUs + leftUs;
    call.timer = this.#schedule(timeUs, call.edge.isBackground, this.#alone, call, server);
  }

  #stopTimer(call: Call): void {
    if (call.timer !== undefined) this.#kernel.cancel(call.timer);
    call.timer = undefined;
  }

  #schedule<A, B>(
    timeUs: Micros,
    isBackground: boolean,
    handler: HandlerId<A, B>,
    a: A,
    b: B,
  ): SimEvent {
    const kernel = this.#kernel;
    return isBackground
      ? kernel.background(timeUs, handler, a, b)
      : kernel.at(timeUs, handler, a, b);
  }
}

/** Cores that count as busy where nothing is contended; a call that takes no CPU counts for one. */
function uncontendedCores({ working, unit }: PodServer): number {
  return unit === 0 ? working : (working * unit) / UNITS_PER_CORE;
}

/** The number of calls that the pod works on has changed: so has what it wants of the node. */
function claim(cpu: NodeCpu, server: PodServer): void {
  const { working, busyPlace } = server;
  const demand = Math.min(working * server.unit, server.limit);
  cpu.demand += demand - server.demand;
  server.demand = demand;
  if (working > 0) {
    if (busyPlace < 0) server.busyPlace = cpu.busy.push(server) - 1;
  } else if (busyPlace >= 0) {
    const last = cpu.busy.pop();
    if (last !== undefined && last !== server) {
      cpu.busy[busyPlace] = last;
      last.busyPlace = busyPlace;
    }
    server.busyPlace = -1;
    server.rate = 1;
    if (!server.isShared) return;
    server.isShared = false;
    cpu.sharedCount--;
  }
}

/** The clocks of the node's pods go on to now. */
function advance(cpu: NodeCpu, nowUs: Micros): void {
  const elapsedUs = nowUs - cpu.atUs;
  cpu.atUs = nowUs;
  if (elapsedUs === 0 || cpu.sharedCount === 0) return;
  const { busy } = cpu;
  for (let i = 0; i < busy.length; i++) {
    const server = busy[i] as PodServer;
    if (!server.isShared) continue;
    server.clockUs += server.rate * elapsedUs;
    if (server.clockUs <= CLOCK_MAX_US) continue;
    server.due.shift(server.clockUs);
    server.clockUs = 0;
  }
}

/** A call with that much work left goes by its pod's clock. */
function join(cpu: NodeCpu, server: PodServer, call: Call, leftUs: number): void {
  server.due.push(server.clockUs + leftUs, call);
  if (!call.edge.isBackground) cpu.foreground++;
}

/** Takes out the calls of the pod that are done by now. */
function takeDone(cpu: NodeCpu, server: PodServer, done: Call[]): void {
  const { due } = server;
  const limitUs = server.clockUs + EPSILON_US;
  const before = done.length;
  while (due.firstDue <= limitUs) {
    const call = due.pop();
    if (!call.edge.isBackground) cpu.foreground--;
    done.push(call);
  }
  if (done.length === before) return;
  server.working -= done.length - before;
  claim(cpu, server);
}
