import { describe, expect, test } from "vitest";
import { type CallsSettings, MS, world } from "../../../test/calls-world.ts";
import type { CallOutcome, ServiceRequestFact } from "../../api/index.ts";

/** Outcome, attempts and milliseconds of the only call. */
function only({ facts }: ReturnType<typeof world>): string {
  expect(facts.length).toBe(1);
  const [{ attempts = 0, endUs = 0, outcome = "", startUs = 0 } = {}] = facts;
  return `${outcome} after ${attempts}, ${(endUs - startUs) / MS} ms`;
}

describe("one call", () => {
  test.each<[string, CallsSettings, string]>([
    ["handshake, way there, service, way back", {}, "ok after 1, 9 ms"],
    ["a datagram needs no handshake", { policy: { isDatagram: true } }, "ok after 1, 7 ms"],
    ["no endpoint: refused at once", { choices: [-1] }, "no-endpoints after 1, 0 ms"],
    ["refused by the pod", { pods: ["connection-refused"] }, "connection-refused after 1, 4 ms"],
    ["lost: the connection is given up", { pods: ["lost"] }, "connect-timeout after 1, 1000 ms"],
    [
      "lost, without a limit of its own: Linux gives up",
      { pods: ["lost"], policy: { connectTimeoutUs: 0 } },
      "connect-timeout after 1, 127000 ms",
    ],
    [
      "the client stops waiting",
      { pods: ["slow"], policy: { timeoutUs: 20 * MS } },
      "timeout after 1, 20 ms",
    ],
    // 4 ms to be refused, 10 ms of back-off, 9 ms.
    [
      "a retry after a back-off",
      { pods: ["connection-refused"], policy: { attempts: 2 } },
      "ok after 2, 23 ms",
    ],
    // 3 x 4 ms, back-offs of 10, 20 ms, then the third is refused too.
    [
      "back-offs double, attempts end",
      {
        pods: ["connection-refused", "connection-refused", "connection-refused"],
        policy: { attempts: 3 },
      },
      "connection-refused after 3, 42 ms",
    ],
    [
      "an error is an answer: it is not tried again",
      { pods: ["error"], policy: { attempts: 3 } },
      "error after 1, 4 ms",
    ],
    [
      "an attempt that takes too long is left, and another made",
      { pods: ["slow"], policy: { attempts: 2, attemptTimeoutUs: 20 * MS } },
      "ok after 2, 39 ms",
    ],
    [
      "the whole limit ends the attempts",
      {
        pods: ["slow", "slow", "slow"],
        policy: { attempts: 9, attemptTimeoutUs: 20 * MS, timeoutUs: 45 * MS },
      },
      "timeout after 2, 45 ms",
    ],
    [
      "no retry whose back-off ends after the whole limit",
      { pods: ["connection-refused"], policy: { attempts: 2, timeoutUs: 14 * MS } },
      "connection-refused after 1, 4 ms",
    ],
  ])("%s", (_case, settings, expected) => {
    const w = world(settings);
    w.begin();
    w.run();
    expect(only(w)).toBe(expected);
    const { answered, failed, sent } = w.edge;
    expect(answered + failed).toBe(sent);
    expect(w.ended.length).toBe(1);
    expect([...w.routing.open.values()].every((open) => open === 0)).toBe(true);
  });

  test("its parts add up to the whole", () => {
    const w = world({ pods: ["connection-refused", "slow"], policy: { attempts: 2 } });
    w.begin();
    w.run();
    const [fact] = w.facts;
    if (fact === undefined) throw new Error("no fact");
    const { dnsUs, endUs, networkUs, queueUs, retryUs, serviceUs, startUs } = fact;
    expect({ networkUs, queueUs, serviceUs, dnsUs, retryUs }).toEqual({
      networkUs: 4 * MS,
      queueUs: 0,
      serviceUs: 1000 * MS,
      dnsUs: 0,
      retryUs: 14 * MS,
    });
    expect(networkUs + queueUs + serviceUs + dnsUs + retryUs).toBe(endUs - startUs);
  });

  test("every failed attempt is told, with whether another follows", () => {
    const w = world({ pods: ["queue-full", "connection-reset"], policy: { attempts: 2 } });
    w.begin();
    w.run();
    const told = w.attempts.map(({ isRetried, outcome }) => `${outcome} ${isRetried}`);
    expect(told).toEqual(["queue-full true", "connection-reset false"]);
  });
});

describe("a retry budget", () => {
  test("counts the last ten seconds: calls of before allow no retries now", () => {
    const pods = [
      ...Array.from({ length: 50 }, () => "error" as const),
      ...Array.from({ length: 40 }, () => "connection-refused" as const),
    ];
    const w = world({ pods, policy: { attempts: 2, retryBudget: 0.2 } });
    for (let i = 0; i < 50; i++) w.beginAt(i * 10);
    for (let i = 0; i < 10; i++) w.beginAt(20_000 + i * 10);
    w.run();
    // Of the whole run 60 calls would have allowed 12 retries.
    expect(w.edge.retries).toBe(2);
  });

  test("lets one call in five be retried", () => {
    const pods = Array.from({ length: 100 }, () => "connection-refused" as const);
    const w = world({ pods, policy: { attempts: 2, retryBudget: 0.2 } });
    for (let i = 0; i < 20; i++) w.beginAt(i * 100);
    w.run();
    expect(w.edge.retries).toBe(4);
  });
});

describe("kept connections", () => {
  test("are opened once and keep their endpoint; a call over an open one needs no handshake", () => {
    const w = world({ policy: { connections: 2 }, choices: [0, 1] });
    for (const ms of [0, 20, 40, 60]) w.beginAt(ms);
    w.run();
    expect(w.facts.map(({ endpoint }) => endpoint)).toEqual(["p0", "p1", "p0", "p1"]);
    expect(w.facts.map(({ endUs, startUs }) => (endUs - startUs) / MS)).toEqual([9, 9, 7, 7]);
    expect(w.received).toEqual([true, true, false, false]);
  });

  test("are opened anew when the pod has ended", () => {
    const w = world({ policy: { connections: 1 }, choices: [0, 1] });
    w.beginAt(0);
    w.beginAt(20);
    w.run(15);
    for (const server of w.servers.values()) server.endedUs = 15 * MS;
    w.run();
    expect(w.facts.map(({ endpoint }) => endpoint)).toEqual(["p0", "p1"]);
    expect(w.routing.open).toEqual(
      new Map([
        ["p0", 0],
        ["p1", 1],
      ]),
    );
  });

  test("are not used again after a reset", () => {
    const w = world({ policy: { connections: 1 }, choices: [0, 1], pods: ["connection-reset"] });
    w.beginAt(0);
    w.beginAt(20);
    w.run();
    expect(w.received).toEqual([true, true]);
  });

  test("that are exclusive make calls wait in line, in the order in which they came", () => {
    const w = world({ policy: { connections: 1, isExclusive: true } });
    for (const ms of [0, 1, 2]) w.beginAt(ms);
    w.run();
    expect(w.facts.map(({ endUs }) => endUs / MS)).toEqual([9, 16, 23]);
  });

  test("who gives up while waiting in line leaves it", () => {
    const policy = { connections: 1, isExclusive: true, timeoutUs: 12 * MS };
    const w = world({ policy });
    for (const ms of [0, 1, 6]) w.beginAt(ms);
    w.run();
    // The second gets the connection at 9 ms, too late for it, and breaks it; so does the third.
    expect(w.facts.map(({ endUs, outcome }) => `${outcome} ${endUs / MS}`)).toEqual([
      "ok 9",
      "timeout 13",
      "timeout 18",
    ]);
  });
});

test("a long line in front of a Service without endpoints ends call by call", () => {
  const policy = { connections: 1, isExclusive: true };
  const w = world({ policy, choices: [0, ...Array.from({ length: 20_000 }, () => -1)] });
  w.beginAt(0);
  for (let i = 0; i < 20_000; i++) w.beginAt(1);
  w.run(5);
  for (const server of w.servers.values()) server.endedUs = 5 * MS;
  w.run();
  expect(w.facts.length).toBe(20_001);
  expect(w.facts.at(-1)?.outcome).toBe("no-endpoints");
});

test("a client that balances by itself chooses for each call, over a connection to each endpoint", () => {
  const w = world({ policy: { connections: 1, balancer: "own" }, choices: [0, 1, 0] });
  for (const ms of [0, 20, 40]) w.beginAt(ms);
  w.run();
  expect(w.facts.map(({ endpoint }) => endpoint)).toEqual(["p0", "p1", "p0"]);
  expect(w.received).toEqual([true, true, false]);
  expect(w.routing.sites).toEqual(["shoppers own", "shoppers own", "shoppers own"]);
});

describe("a client that balances by itself", () => {
  const policy = { connections: 1, balancer: "own" };

  test.each<[CallOutcome, boolean]>([
    ["connection-refused", true],
    ["connection-reset", true],
    ["queue-full", false],
    ["error", false],
  ])("after %s opens a connection to the endpoint anew: %s", (outcome, isAnew) => {
    const w = world({ policy, pods: [outcome] });
    w.beginAt(0);
    w.beginAt(20);
    w.run();
    expect(w.received).toEqual([true, isAnew]);
    expect(w.routing.open.get("p0")).toBe(0); // each call was told of once
  });
});

test("a refused call leaves the others of its connection knowing whom they talk to", () => {
  const w = world({ policy: { connections: 1 }, pods: ["error", "refused-at-door"] });
  for (const ms of [0, 20]) w.beginAt(ms);
  w.run(21.5);
  // The second was refused, and its client does not know of that yet.
  const [connection] = [...w.edge.pools.values()].flatMap(({ connections }) => connections);
  expect(connection?.server).toBe(w.servers.get("p0"));
});

describe("a call that no pod took in", () => {
  test.each<[string, CallsSettings, Partial<ServiceRequestFact>]>([
    ["lost", { pods: ["lost"] }, { networkUs: 1_000_000, serviceUs: 0 }],
    [
      "given up on its way",
      { policy: { timeoutUs: 2 * MS } },
      { networkUs: 2 * MS, serviceUs: 0, endpoint: "" },
    ],
    ["refused", { pods: ["refused-at-door"] }, { networkUs: 4 * MS, serviceUs: 0 }],
    [
      "given up while it was served: the client has waited for the pod",
      { pods: ["slow"], policy: { timeoutUs: 20 * MS } },
      { networkUs: 0, serviceUs: 20 * MS, endpoint: "p0" },
    ],
  ])("%s: where its time counts", (_case, settings, expected) => {
    const w = world(settings);
    w.begin();
    w.run();
    expect(w.facts[0]).toMatchObject({ queueUs: 0, dnsUs: 0, retryUs: 0, ...expected });
  });
});

test("an answer that comes too late is not counted again", () => {
  const w = world({ pods: ["slow"], policy: { timeoutUs: 20 * MS } });
  w.begin();
  w.run();
  expect(w.kernel.nowUs).toBeGreaterThan(1_000_000);
  expect([w.facts.length, w.edge.failed, w.edge.answered]).toEqual([1, 1, 0]);
});

describe("an answer from a node that is cut off", () => {
  const cutOff = [4, 100] as const;

  test("is never heard: the client stops waiting, and asks elsewhere if it may", () => {
    const policy = { attemptTimeoutUs: 200 * MS, attempts: 2 };
    const w = world({ cutOff, policy, choices: [3, 4] });
    w.begin();
    w.run();
    expect(w.attempts.map(({ endpoint, outcome }) => `${endpoint} ${outcome}`)).toEqual([
      "p3 timeout",
    ]);
    expect(w.facts.map(({ endpoint, outcome }) => `${endpoint} ${outcome}`)).toEqual(["p4 ok"]);
  });

  test("without a time-out of its own the client's TCP gives up after 924.6 s", () => {
    const w = world({ cutOff });
    w.begin();
    w.run();
    expect(w.facts[0]).toMatchObject({ endUs: 924_600_000, endpoint: "p0", networkUs: 0 });
    expect(w.facts[0]?.outcome).toBe("connect-timeout");
  });
});
