/**
 * Connections: which connection a call goes over, and who is told when one opens and closes.
 *
 * A client without kept connections opens one for each call. One that keeps some takes them in
 * turn; where it balances by itself it keeps one to each endpoint that it has chosen.
 *
 * Hot: `take` and `giveBack` are called once per attempt.
 */
import { type Call, ClientPool, Connection, type Edge } from "../call/index.ts";
import type { BalanceSite, Endpoint, ServiceRouting } from "../proxy/index.ts";

export class Connections {
  readonly #routing: ServiceRouting;

  constructor(routing: ServiceRouting) {
    this.#routing = routing;
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

  #pool({ pools }: Edge, { clientHash, node }: Call): ClientPool {
    const key = (clientHash ^ Math.imul(node + 2, 0x9e3779b1)) >>> 0;
    let pool = pools.get(key);
    if (pool === undefined) {
      pool = new ClientPool();
      pools.set(key, pool);
    }
    return pool;
  }
}
