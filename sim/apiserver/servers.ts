/**
 * Servers: the replicas of the API server behind their balancer. A client keeps its connection to
 * one of them for as long as that one lives, as HTTP/2 does; new connections go round the servers
 * that are up. Our assumption: the balancer sends nobody to a server that is down.
 */
import type { Kernel } from "../kernel/index.ts";
import type { ApiCall } from "./api-call.ts";

/** One API server, as the run has it. */
export interface ServerState {
  isUp: boolean;
  /** Its stages take this many times as long. */
  slowness: number;
  /** Requests that it has, in no order. */
  readonly calls: ApiCall[];
}

interface ServersState {
  readonly servers: ServerState[];
  /** The server of each client's connection, by client number; -1: it has none. */
  readonly connections: number[];
  /** Whom the balancer looks at next. */
  next: number;
}

export class Servers {
  state: ServersState;

  constructor(kernel: Kernel, replicas: number) {
    const servers = Array.from({ length: replicas }, () => ({
      isUp: true,
      slowness: 1,
      calls: [],
    }));
    this.state = { servers, connections: [], next: 0 };
    kernel.keep("apiserver/servers", this);
  }

  /** The server that answers this client; connects it when it has no connection. -1: none is up. */
  of(client: number): number {
    const { connections, servers } = this.state;
    const known = connections[client] ?? -1;
    if (known >= 0 && servers[known]?.isUp === true) return known;
    while (connections.length < client) connections.push(-1);
    const chosen = this.#choose();
    connections[client] = chosen;
    return chosen;
  }

  at(server: number): ServerState {
    const state = this.state.servers[server];
    if (state === undefined) throw new Error(`there is no API server ${server}`);
    return state;
  }

  /** Whether any server is up. */
  get isAnyUp(): boolean {
    return this.state.servers.some(({ isUp }) => isUp);
  }

  /** The server has the request until `leave`. */
  enter(call: ApiCall, server: number): void {
    call.server = server;
    call.place = this.at(server).calls.push(call) - 1;
  }

  leave(call: ApiCall): void {
    const { calls } = this.at(call.server);
    const last = calls.pop();
    if (last !== undefined && last !== call) {
      calls[call.place] = last;
      last.place = call.place;
    }
    call.place = -1;
  }

  #choose(): number {
    const { state } = this;
    const count = state.servers.length;
    for (let i = 0; i < count; i++) {
      const server = (state.next + i) % count;
      if (state.servers[server]?.isUp !== true) continue;
      state.next = (server + 1) % count;
      return server;
    }
    return -1;
  }
}
