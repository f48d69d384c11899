/** Clients that ask for names, send datagrams, end, and balance by themselves. */
import { describe, expect, test } from "vitest";
import { MS, world } from "../../../test/calls-world.ts";
import { endpointNumbered } from "../../../test/endpoint-sets.ts";
import { type Call, DatagramFlow } from "../call/index.ts";
import type { NameResolver } from "./name-resolver.ts";

/** Answers the questions of clients when a test says so. */
class SlowResolver implements NameResolver {
  readonly asking: Call[] = [];

  resolve(call: Call): boolean {
    this.asking.push(call);
    return false;
  }
}

describe("a client that asks for the address", () => {
  test("and gives up meanwhile has spent its time on the name", () => {
    const w = world({ resolver: new SlowResolver(), policy: { timeoutUs: 20 * MS } });
    w.begin();
    w.run();
    expect(w.facts).toMatchObject([
      { outcome: "timeout", dnsUs: 20 * MS, networkUs: 0, serviceUs: 0, retryUs: 0 },
    ]);
  });

  test("and leaves the attempt meanwhile asks again, and all of it is the name's", () => {
    const resolver = new SlowResolver();
    const policy = { attempts: 2, attemptTimeoutUs: 20 * MS, backoffUs: 0, backoffMaxUs: 0 };
    const w = world({ resolver, policy });
    w.begin();
    w.run(21);
    const again = resolver.asking[1];
    if (again === undefined) throw new Error("asked once only");
    w.kernel.at(
      22 * MS,
      w.kernel.handler("test/known", (call: Call) => w.calls.resolved(call, "ok")),
      again,
      undefined,
    );
    w.run();
    expect(w.facts).toMatchObject([
      { outcome: "ok", dnsUs: 22 * MS, retryUs: 0, networkUs: 4 * MS },
    ]);
  });

  test("looks again whether the connection that another call has opened is open still", () => {
    const resolver = new SlowResolver();
    const w = world({ resolver, policy: { connections: 1 }, choices: [0, 1] });
    w.begin();
    w.begin();
    w.run(1);
    const [first, second] = resolver.asking as [Call, Call];
    w.calls.resolved(first, "ok");
    w.run(15);
    for (const server of w.servers.values()) server.endedUs = 15 * MS;
    w.calls.resolved(second, "ok");
    w.run();
    expect(w.facts.map(({ endpoint }) => endpoint)).toEqual(["p0", "p1"]);
    expect(w.received).toEqual([true, true]);
  });
});

describe("datagrams of one socket", () => {
  const policy = { isDatagram: true, attemptTimeoutUs: 5_000 * MS, attempts: 3, backoffUs: 0 };

  test("go where the first went, also when they are sent again", () => {
    const w = world({
      flow: new DatagramFlow(),
      policy,
      choices: [0, 1, 2],
      pods: ["lost", "lost"],
    });
    w.begin();
    w.begin();
    w.run();
    expect(w.facts.map(({ attempts, endpoint }) => `${endpoint} ${attempts}`)).toEqual([
      "p0 2",
      "p0 2",
    ]);
    expect(w.received).toEqual([true, false, false, false]);
  });

  test("go elsewhere once the rules know the endpoint no more", () => {
    const w = world({ flow: new DatagramFlow(), policy, choices: [0, 1], pods: ["lost"] });
    w.begin();
    w.run(100);
    w.routing.gone.add("p0");
    w.run();
    expect(w.facts.map(({ attempts, endpoint }) => `${endpoint} ${attempts}`)).toEqual(["p1 2"]);
    expect(w.received).toEqual([true, true]);
  });

  test.each([
    ["29.9 s after one that nobody answered", "lost", 29_900, [true, false]],
    ["30 s after one that nobody answered", "lost", 30_000, [true, true]],
    ["119 s after an answer", "error", 119_000, [true, false]],
    ["121 s after an answer", "error", 121_000, [true, true]],
  ] as const)("%s", (_case, what, laterMs, expected) => {
    const w = world({
      flow: new DatagramFlow(),
      policy: { isDatagram: true, connectTimeoutUs: MS },
      choices: [0, 1],
      pods: [what],
    });
    w.begin();
    w.beginAt(laterMs);
    w.run();
    expect(w.received).toEqual(expected);
  });
});

describe("connections of a client that has ended", () => {
  test("are closed and forgotten; another client's stay", () => {
    const w = world({ policy: { connections: 1 } });
    w.begin();
    w.calls.begin(w.edge, { ...w.client, clientHash: 2 });
    w.run();
    expect([w.edge.pools.size, w.routing.open.get("p0")]).toEqual([2, 2]);
    w.calls.clientEnded(0, 1);
    expect([w.edge.pools.size, w.routing.open.get("p0")]).toEqual([1, 1]);
  });

  test("that a call is still under way on go with it", () => {
    const w = world({ policy: { connections: 1 } });
    w.begin();
    w.run(5);
    w.calls.clientEnded(0, 1);
    expect(w.edge.pools.size).toBe(1);
    w.run();
    w.calls.clientEnded(0, 99);
    expect([w.edge.pools.size, w.routing.open.get("p0"), w.facts.length]).toEqual([0, 0, 1]);
  });
});

test("a client that balances by itself goes by the newest that is known of an address", () => {
  const w = world({ policy: { connections: 1, balancer: "own" }, choices: [] });
  const known = (nodeName: string) => ({ ...endpointNumbered(0), node: 1, nodeName });
  w.routing.endpointsLeft = [known("n1"), known("n1 again")];
  for (const ms of [0, 20]) w.beginAt(ms);
  w.run();
  expect(w.facts.map(({ endpointNode }) => endpointNode)).toEqual(["n1", "n1 again"]);
  expect(w.received).toEqual([true, false]);
});

test("trees are numbered by their edge and call, in whatever order they begin", () => {
  const numbers = (order: readonly number[]): number[] => {
    const w = world({});
    for (const number of order) w.calls.begin(w.edge, { ...w.client, number });
    w.run();
    return w.facts.map(({ trace }) => trace).sort((a, b) => a - b);
  };
  expect(numbers([0, 1, 2, 3])).toEqual([0, 1, 2, 3]);
  expect(numbers([3, 1, 0, 2])).toEqual([0, 1, 2, 3]);
});

describe("a call whose packets are lost on the way in from outside", () => {
  test.each([
    ["at the node by which it comes in", 0, { endpoint: "", endpointNode: "n0" }, ""],
    ["at the pod's node", 1, { endpoint: "p0", endpointNode: "n1" }, "p0"],
  ])("%s: that node is named", (_case, lostNode, expected, endpoint) => {
    const w = world({ pods: ["lost"] });
    const call = w.begin();
    w.run(500);
    call.lostNode = lostNode;
    w.run();
    expect(w.facts).toMatchObject([{ outcome: "connect-timeout", ...expected }]);
    expect(w.attempts.map((each) => each.endpoint)).toEqual([endpoint]);
  });
});

test("a retry from outside draws anew by which node it comes in, and the same under every policy", () => {
  const draws = (attempts: number): number[] => {
    const pods = ["connection-refused", "connection-refused"] as const;
    const w = world({ isExternal: true, pods, policy: { attempts } });
    w.begin();
    w.run();
    return w.routing.entries;
  };
  const three = draws(3);
  expect(new Set(three).size).toBe(3);
  expect(draws(2)).toEqual(three.slice(0, 2));
});
