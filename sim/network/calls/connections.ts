/**
 * Connections: which connection a call goes over, and who is told when one opens and closes.
 *
 * A client without kept connections opens one for each call. One that keeps some takes them in
 * turn; where it balances by itself it keeps one to each endpoint that it has chosen.
 *
 * Hot: `take` and `giveBack` are called once per attempt.
 */
import type { Kernel } from "../../kernel/index.ts";
import { type Call, ClientPool, Connection, clientKey, type Edge } from "../call/index.ts";
import type { BalanceSite, Endpoint, ServiceRouting } from "../proxy/index.ts";

interface ConnectionsState {
  /** Edges whose clients keep connections. */
  readonly pooled: Edge[];
  /** Pools of clients that have ended, on which calls are still under way. */
  leaving: { readonly edge: Edge; readonly key: number; readonly pool: ClientPool }[];
}

export class Connections {
  state: ConnectionsState = { pooled: [], leaving: [] };
  readonly #routing: ServiceRouting;

  constructor(kernel: Kernel, routing: ServiceRouting) {
    this.#routing = routing;
    kernel.keep("network/connections", this);
  }

  /**
   * A kept connection for the call, which may still have to be opened. undefined: the client keeps
   * none, or (`isWaiting`) all of them are taken and the call waits for one.
   */
  take(call: Call): Connection | undefined {
    const { edge } = call;
    const { connections: most, isExclusive } = edge.policy;
    const pool = this.#pool(edge, call);
    const { connections } = pool;
    if (isExclusive) {
      const idle = connections.find(({ active }) => active === 0);
      if (idle !== undefined) return idle;
      if (connections.length >= most) {
        pool.waiting.push(call);
        return undefined;
      }
    } else if (connections.length >= most) {
      const connection = connections[pool.next % most];
      pool.next = (pool.next + 1) % most;
      return connection;
    }
    const connection = new Connection();
    connections.push(connection);
    return connection;
  }

  /** The client's kept connection to the endpoint that it has chosen, or a new one. */
  to(call: Call, endpoint: Endpoint): Connection {
    const { connections } = this.#pool(call.edge, call);
    let connection = connections[endpoint.slot];
    if (connection === undefined) {
      connection = new Connection();
      while (connections.length < endpoint.slot) connections.push(new Connection());
      connections[endpoint.slot] = connection;
    }
    return connection;
  }

  /** The call leaves its connection; returns the call that has waited for it, if any. */
  giveBack(call: Call): Call | undefined {
    const { connection, edge } = call;
    if (connection === undefined) return undefined;
    connection.active--;
    if (!edge.policy.isExclusive) return undefined;
    const { waiting } = this.#pool(edge, call);
    let next = waiting.shift();
    while (next?.isOver === true) next = waiting.shift(); // given up meanwhile
    return next;
  }

  open(connection: Connection, site: BalanceSite, endpoint: Endpoint, nowUs: number): void {
    connection.site = site;
    connection.endpoint = endpoint;
    connection.server = undefined;
    connection.openedUs = nowUs;
    this.#routing.opened(site, endpoint);
  }

  /** It is broken, or its client has closed it. */
  close(connection: Connection, isOk: boolean, nowUs: number): void {
    const { endpoint, site, openedUs } = connection;
    connection.endpoint = undefined;
    connection.server = undefined;
    // Where the client balances by itself each call is told of, and not the connection.
    if (endpoint === undefined || site === undefined) return;
    this.#routing.closed(site, endpoint, nowUs - openedUs, isOk);
  }

  /**
   * A client has ended: its connections are closed, and no pool of it is kept. Calls that are under
   * way on one are let end first. O(edges that keep connections).
   */
  forget(node: number, clientHash: number, nowUs: number): void {
    const key = clientKey(node, clientHash);
    const { state } = this;
    for (const edge of state.pooled) {
      const pool = edge.pools.get(key);
      if (pool !== undefined) state.leaving.push({ edge, key, pool });
    }
    state.leaving = state.leaving.filter(({ edge, key, pool }) => {
      for (const each of pool.connections) if (each.active === 0) this.close(each, true, nowUs);
      const isBusy = pool.connections.some(({ active }) => active > 0);
      if (!isBusy && edge.pools.get(key) === pool) edge.pools.delete(key);
      return isBusy;
    });
  }

  #pool(edge: Edge, { clientHash, node }: Call): ClientPool {
    const { pools } = edge;
    const key = clientKey(node, clientHash);
    let pool = pools.get(key);
    if (pool === undefined) {
      if (pools.size === 0 && !this.state.pooled.includes(edge)) this.state.pooled.push(edge);
      pool = new ClientPool();
      pools.set(key, pool);
    }
    return pool;
  }
}
