/** Pods as servers: who is taken in, in what order, and what becomes of calls when pods end. */
import { describe, expect, test } from "vitest";
import { BackendFixture, createEdge, MS, SECOND } from "../../../test/backend-fixture.ts";
import { InputError } from "../../kernel/index.ts";
import { Call, Connection, Edge } from "../call/index.ts";

/** Calls of 10 us that reach pod p at 1, 2, 3 ... us. */
function arrivals(fixture: BackendFixture, count: number, pod = fixture.startPod("p")): Call[] {
  return Array.from({ length: count }, (_, i) => fixture.arrive(i + 1, pod, 10));
}

describe("a pod's queue", () => {
  test("serves in the order in which calls came, one at a time, and says when", () => {
    const fixture = new BackendFixture();
    const calls = arrivals(fixture, 3);
    fixture.run();
    expect(fixture.log).toEqual(["0 ok at 11", "1 ok at 21", "2 ok at 31"]);
    const times = calls.map(({ reachedUs, beganUs, turnedUs }) => [reachedUs, beganUs, turnedUs]);
    expect(times).toEqual([
      [1, 1, 11],
      [2, 11, 21],
      [3, 21, 31],
    ]);
  });

  test.each([
    ["of the model", {}, ["0 ok at 11", "1 ok at 12", "2 ok at 21"]],
    [
      "of the annotation, before the model",
      { "stowage.dev/concurrency": "3" },
      ["0 ok at 11", "1 ok at 12", "2 ok at 13"],
    ],
  ])("serves as many at a time as the concurrency %s", (_case, annotations, log) => {
    const fixture = new BackendFixture({ cores: [8], limits: { concurrency: 2 } });
    arrivals(fixture, 3, fixture.startPod("p", { annotations }));
    fixture.run();
    expect(fixture.log).toEqual(log);
  });

  test.each([
    ["of the model", 1, {}, ["2 queue-full at 3", "0 ok at 11", "1 ok at 21"]],
    [
      "of the annotation, before the model",
      1,
      { "stowage.dev/queue-limit": "0" },
      ["1 queue-full at 2", "2 queue-full at 3", "0 ok at 11"],
    ],
    ["-1: none", -1, {}, ["0 ok at 11", "1 ok at 21", "2 ok at 31"]],
  ])("turns away what exceeds the queue limit %s", (_case, queueLimit, annotations, log) => {
    const fixture = new BackendFixture({ limits: { queueLimit } });
    arrivals(fixture, 3, fixture.startPod("p", { annotations }));
    fixture.run();
    expect(fixture.log).toEqual(log);
  });

  test.each([
    ["stowage.dev/concurrency", "0", "a whole number, 1 or more"],
    ["stowage.dev/concurrency", "two", "a whole number, 1 or more"],
    ["stowage.dev/queue-limit", "-1", "a whole number, 0 or more"],
  ])("the annotation %s: %j is refused", (name, text, want) => {
    const fixture = new BackendFixture();
    const pod = fixture.startPod("p", { annotations: { [name]: text } });
    fixture.arrive(1, pod, 10);
    expect(() => fixture.run()).toThrow(InputError);
    expect(() => fixture.backends.receive(fixture.call(pod, 1), true)).toThrow(
      new RegExp(`pod default/p: annotation ${name}: got "${text}", want .*${want}`),
    );
  });

  test("a call keeps its place until it is released, while the cores are free", () => {
    const fixture = new BackendFixture({ holds: true });
    const [first] = arrivals(fixture, 2) as [Call, Call];
    fixture.run(50);
    expect([first.turnedUs, fixture.log]).toEqual([11, []]);
    fixture.respond(first);
    fixture.run(100);
    expect(() => fixture.backends.release(first)).toThrow("has no place");
    expect(fixture.backends.requestsInService("default/p", 0, 100)).toBeCloseTo(0.2, 12);
  });
});

describe("who is refused", () => {
  test("a call to a pod that does not run, or to the address of a former one", () => {
    const fixture = new BackendFixture();
    const former = fixture.startPod("p");
    fixture.arrive(1, { ...former, podKey: "default/none" }, 10);
    fixture.run(5);
    fixture.endPod("p");
    fixture.arrive(6, former, 10);
    fixture.run(7);
    const pod = fixture.startPod("p");
    fixture.arrive(8, former, 10);
    fixture.arrive(9, pod, 10);
    fixture.run();
    const refused = [0, 1, 2].map((i) => `${i} connection-refused at ${[1, 6, 8][i]}`);
    expect(fixture.log).toEqual([...refused, "3 ok at 19"]);
  });

  test("a call over a connection to an earlier run of the containers", () => {
    const fixture = new BackendFixture();
    const pod = fixture.startPod("p");
    const first = fixture.arrive(1, pod, 10);
    fixture.run(20);
    const connection = new Connection();
    connection.server = first.server;
    fixture.endPod("p");
    fixture.kubelets.running.add("default/p");
    fixture.arrive(30, pod, 10, false).connection = connection;
    fixture.arrive(40, pod, 10);
    fixture.run();
    expect(fixture.log).toEqual(["0 ok at 11", "1 connection-refused at 30", "2 ok at 50"]);
  });

  test("a call to a machine that is down or cut off gets no answer at all", () => {
    const fixture = new BackendFixture({ cores: [1, 1] });
    const pods = [fixture.startPod("a"), fixture.startPod("b", { node: "n1" })];
    fixture.kubelets.unreachable.add("n0");
    for (const pod of pods) fixture.arrive(1, pod, 10);
    fixture.run();
    expect(fixture.log).toEqual(["0 lost at 1", "1 ok at 11"]);
  });
});

describe("datagrams", () => {
  test("come to the open socket of a pod that stops, which takes no new connection", () => {
    const fixture = new BackendFixture();
    const pod = fixture.startPod("p");
    fixture.arrive(1, pod, 10);
    fixture.run(20);
    fixture.signal("p");
    fixture.arrive(30, pod, 10);
    const [edge] = fixture.state.edges;
    if (edge === undefined) throw new Error("no edge");
    const datagrams = new Edge({ ...edge, policy: { ...edge.policy, isDatagram: true } });
    for (const [atUs, isNew] of [
      [40, true],
      [60, false],
    ] as const)
      fixture.arriveOver(datagrams, atUs, pod, 10, isNew);
    fixture.run(80);
    fixture.endPod("p");
    fixture.arriveOver(datagrams, 90, pod, 10, false);
    fixture.run();
    expect(fixture.log.map((line) => line.replace(/^\d+ /, ""))).toEqual([
      "ok at 11",
      "connection-refused at 30",
      "ok at 50",
      "ok at 70",
      "connection-refused at 90",
    ]);
  });
});

describe("who is told of the end of a pod that requests have reached", () => {
  test("its record and the name of its node, once its calls are reset", () => {
    const fixture = new BackendFixture();
    const pod = fixture.startPod("p");
    fixture.startPod("idle");
    const told: string[] = [];
    fixture.backends.onServerEnded(({ key }, node) =>
      told.push(`${key} on ${node} after ${fixture.log.length} endings`),
    );
    fixture.arrive(1, pod, 100);
    fixture.run(20);
    fixture.endPod("p");
    fixture.endPod("idle");
    expect(told).toEqual(["default/p on n0 after 1 endings"]);
  });
});

describe("a pod that ends", () => {
  test("resets what it serves and what waits, in the order in which it came", () => {
    const fixture = new BackendFixture({ cores: [4], limits: { concurrency: 3 } });
    const calls = arrivals(fixture, 6);
    fixture.run(12); // the first two are done: 3 took the place of 0
    fixture.endPod("p");
    fixture.run();
    const reset = [2, 3, 4, 5].map((i) => `${i} connection-reset at 12`);
    expect(fixture.log).toEqual(["0 ok at 11", "1 ok at 12", ...reset]);
    expect(fixture.kernel.pending()).toEqual([]);
    for (const call of calls) fixture.backends.release(call); // nothing: its pod has ended
  });

  test("resets what is shared among slow cores, and gives them to the others", () => {
    const fixture = new BackendFixture({ limits: { concurrency: 9 } });
    const [a, b] = [fixture.startPod("a"), fixture.startPod("b")];
    fixture.arrive(0, a, 100);
    fixture.arrive(0, b, 100);
    fixture.run(50);
    fixture.endPod("a");
    fixture.run();
    expect(fixture.log).toEqual(["0 connection-reset at 50", "1 ok at 125"]);
  });

  test("resets calls that have worked and wait for other answers", () => {
    const fixture = new BackendFixture({ holds: true });
    arrivals(fixture, 2);
    fixture.run(50);
    fixture.endPod("p");
    expect(fixture.log).toEqual(["0 connection-reset at 50", "1 connection-reset at 50"]);
  });

  test("says nothing when its machine has died, so that its clients do not know", () => {
    const fixture = new BackendFixture();
    const [call] = arrivals(fixture, 2) as [Call, Call];
    fixture.run(5);
    fixture.killNode("n0", ["p"]);
    fixture.run();
    expect(fixture.log).toEqual(["0 lost at 5", "1 lost at 5"]);
    const server = call.server as NonNullable<Call["server"]>;
    expect([server.endedUs, fixture.backends.isClosed(server, 0)]).toEqual([5, false]);
  });
});

describe("a pod that is told to stop", () => {
  const stopped = (stoppingServers: string): BackendFixture => {
    const fixture = new BackendFixture({ options: { stoppingServers } });
    const pod = fixture.startPod("p");
    fixture.arrive(1, pod, 10);
    fixture.arrive(2, pod, 10);
    fixture.run(5);
    fixture.signal("p");
    fixture.arrive(6, pod, 10);
    fixture.arrive(7, pod, 10, false);
    fixture.arrive(8, pod, 500, false);
    fixture.run(100);
    fixture.endPod("p");
    fixture.run();
    return fixture;
  };

  test("drain: takes no new connections, serves what it has and what comes on open ones", () => {
    expect(stopped("drain").log).toEqual([
      "2 connection-refused at 6",
      "0 ok at 11",
      "1 ok at 21",
      "3 ok at 31",
      "4 connection-reset at 100",
    ]);
  });

  test("drop: ends at once, and nobody listens any more", () => {
    const refused = [2, 3, 4].map((i) => `${i} connection-refused at ${i + 4}`);
    const reset = ["0 connection-reset at 5", "1 connection-reset at 5"];
    expect(stopped("drop").log).toEqual([...reset, ...refused]);
  });

  test.each([
    ["drain", ["0 connection-refused at 3", "1 ok at 14"]],
    ["drop", ["0 connection-refused at 3", "1 connection-refused at 4"]],
  ])("%s: also when no call had reached it before", (stoppingServers, log) => {
    const fixture = new BackendFixture({ options: { stoppingServers } });
    const pod = fixture.startPod("p");
    fixture.signal("p");
    fixture.arrive(3, pod, 10);
    fixture.arrive(4, pod, 10, false);
    fixture.run();
    expect(fixture.log).toEqual(log);
  });

  test("serves again as any other when its containers run anew", () => {
    const fixture = new BackendFixture();
    const pod = fixture.startPod("p");
    fixture.signal("p");
    fixture.endPod("p");
    fixture.kubelets.running.add("default/p");
    fixture.arrive(3, pod, 10);
    fixture.run();
    expect(fixture.log).toEqual(["0 ok at 13"]);
  });

  test("isClosed: when the news has had time to get there", () => {
    const fixture = new BackendFixture();
    const { backends } = fixture;
    const [call] = arrivals(fixture, 1) as [Call];
    fixture.run(20);
    const server = call.server as NonNullable<Call["server"]>;
    expect(backends.isClosed(server, 0)).toBe(false);
    fixture.signal("p");
    expect([backends.isClosed(server, 0), backends.isClosed(server, 1)]).toEqual([true, false]);
    fixture.endPod("p");
    fixture.run(30);
    expect([backends.isClosed(server, 10), backends.isClosed(server, 11)]).toEqual([true, false]);
  });

  test("an unknown behaviour is refused", () => {
    const make = (): unknown => new BackendFixture({ options: { stoppingServers: "exit" } });
    expect(make).toThrow('network.stoppingServers: got "exit", want drain');
  });
});

describe("a run with calls at pods", () => {
  test("calls in the background do not keep it alive, alone or on crowded cores", () => {
    const fixture = new BackendFixture({ limits: { concurrency: 9 } });
    const pod = fixture.startPod("p");
    fixture.state.edges[0] = createEdge(0, true);
    for (let i = 0; i < 3; i++) fixture.backends.receive(fixture.call(pod, SECOND), true);
    fixture.run();
    expect([fixture.kernel.nowUs, fixture.log]).toEqual([0, []]);
    fixture.state.edges[0] = createEdge(1, false);
    fixture.backends.receive(fixture.call(pod, 10), true);
    fixture.run();
    expect(fixture.log).toEqual(["0 ok at 40"]);
  });

  test.each([
    ["alone", [8]],
    ["on crowded cores", [1]],
  ])("goes on in a fork as in the original: %s", (_case, cores) => {
    const make = (): BackendFixture => new BackendFixture({ cores, limits: { concurrency: 4 } });
    const original = make();
    const pods = ["a", "b"].map((name) => original.startPod(name, { cpuRequest: "100m" }));
    pods.forEach((pod, p) => {
      for (let i = 0; i < 12; i++) original.arrive(20 * i + p, pod, 30 + 7 * i);
    });
    original.run(200);
    const fork = make();
    for (const name of ["a", "b"]) fork.startPod(name);
    fork.kernel.restore(original.kernel.snapshot());
    const before = original.log;
    for (const fixture of [original, fork]) {
      fixture.run(400);
      fixture.endPod("b");
      fixture.run(MS * MS);
    }
    expect(before.length).toBeGreaterThan(0);
    expect(fork.log.length).toBeGreaterThan(8);
    expect([...before, ...fork.log]).toEqual(original.log);
    const work = (f: BackendFixture) => f.backends.requestsInService("default/a", 0, 1000);
    expect(work(fork)).toBe(work(original));
  });
});

describe("a node that is cut off", () => {
  const fixture = new BackendFixture({ cores: [1, 1, 1] });
  const edge = createEdge(0, false);
  const from = (node: number, endpoint: Call["endpoint"], entry = -1): Call => {
    const call = new Call(edge, 0, node, 0, 0, undefined, 0, 0);
    call.endpoint = endpoint;
    if (entry >= 0) call.site = { node: entry } as NonNullable<Call["site"]>;
    return call;
  };
  const there = fixture.startPod("there", { node: "n1" });
  const elsewhere = fixture.startPod("elsewhere", { node: "n0" });

  test.each([
    ["its pods, from another node: lost", from(0, there), true],
    ["its pods, from outside: lost", from(-1, there, 0), true],
    ["pods elsewhere, from a client on it: lost", from(1, elsewhere), true],
    ["pods elsewhere, from outside by way of it: lost", from(-1, elsewhere, 1), true],
    ["its pods, from a client on it: not lost", from(1, there), false],
    ["pods elsewhere, from another node: not lost", from(2, elsewhere), false],
    ["pods elsewhere, from outside by way of another: not lost", from(-1, elsewhere, 2), false],
  ])("to and from %s", (_case, call, isLost) => {
    expect(fixture.backends.isCutOff(call)).toBe(false);
    fixture.kubelets.unreachable.add("n1");
    expect(fixture.backends.isCutOff(call)).toBe(isLost);
    fixture.kubelets.unreachable.clear();
  });
});
