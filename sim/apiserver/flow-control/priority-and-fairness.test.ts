import { describe, expect, test } from "vitest";
import type { ApiCall } from "../api-call.ts";
import {
  FlowControlWorld,
  levelManifest,
  type Request,
  SECOND,
  schemaManifest,
} from "./flow-control-fixture.ts";

/** A world whose users `greedy` and `modest` share a level of some queues and 60 seats or fewer. */
function worldOf(limited: object, queuing?: object): FlowControlWorld {
  const world = new FlowControlWorld();
  const shares = { lendablePercent: 0, borrowingLimitPercent: 0, ...limited };
  world.store(levelManifest("tested", shares, queuing));
  world.store(schemaManifest("tested", "tested", 100, ["greedy", "modest"]));
  world.settle();
  return world;
}

const GREEDY: Request = { client: 1, clientName: "greedy" };
const MODEST: Request = { client: 2, clientName: "modest" };
const many = (count: number, send: (i: number) => ApiCall): ApiCall[] =>
  Array.from({ length: count }, (_, i) => send(i));

describe("the default priority levels", () => {
  const { levels } = new FlowControlWorld().fairness;

  // Shares of 245, of 600 seats, rounded up; what is lent to the others; dealt queues.
  test.each([
    ["exempt", "exempt", 0, 0, 0, 0],
    ["catch-all", "reject", 13, 13, 0, 0],
    ["system", "queue", 74, 50, 64, 6],
    ["node-high", "queue", 98, 73, 64, 6],
    ["leader-election", "queue", 25, 25, 16, 4],
    ["workload-high", "queue", 98, 49, 128, 6],
    ["workload-low", "queue", 245, 24, 128, 6],
    ["global-default", "queue", 49, 24, 128, 6],
  ])("%s", (name, response, nominalLimit, minLimit, dealtQueues, handSize) => {
    expect(levels.find((level) => level.name === name)).toMatchObject({
      ...{ response, nominalLimit, minLimit, dealtQueues, handSize },
      queueLengthLimit: response === "queue" ? 50 : 0,
    });
  });

  test("share all seats from the beginning, in proportion to what they do not lend", () => {
    const limits = Object.fromEntries(levels.map(({ name, limit }) => [name, limit]));
    expect(limits).toEqual({
      ...{ exempt: 0, "catch-all": 30, system: 117, "node-high": 170, "leader-election": 58 },
      ...{ "workload-high": 114, "workload-low": 56, "global-default": 56 },
    });
  });
});

describe("a level", () => {
  test("that queues starts what fits, keeps the rest in order, and starts each when a seat is free", () => {
    const world = worldOf({ nominalConcurrencyShares: 1 }, { queues: 1, handSize: 1 });
    const { limit } = world.level("tested");
    const calls = many(limit + 2, () => world.send(SECOND, GREEDY));
    world.settle();
    expect(world.started).toEqual(calls);
    expect(calls.slice(0, limit).every((call) => call.startedUs === SECOND)).toBe(true);
    expect(calls.slice(limit).every((call) => call.startedUs === 2 * SECOND)).toBe(true);
    expect(world.level("tested").counters).toMatchObject({ dispatched: limit + 2, queued: 2 });
  });

  test("that rejects refuses what finds no seat", () => {
    const world = worldOf({ nominalConcurrencyShares: 1 });
    const { limit } = world.level("tested");
    many(limit + 2, () => world.send(SECOND, GREEDY));
    world.settle();
    expect([world.started.length, world.refused.length]).toEqual([limit, 2]);
    expect(world.level("tested").counters.concurrencyLimit).toBe(2);
  });

  test("that is exempt starts everything at once", () => {
    const world = new FlowControlWorld();
    many(2000, () => world.send(0, { clientName: "apiserver" }));
    world.settle(0);
    expect(world.started.length).toBe(2000);
  });

  test("refuses what finds its queue full", () => {
    const queuing = { queues: 1, handSize: 1, queueLengthLimit: 3 };
    const world = worldOf({ nominalConcurrencyShares: 1 }, queuing);
    const { limit } = world.level("tested");
    const calls = many(limit + 5, () => world.send(SECOND, GREEDY));
    world.settle();
    expect(world.refused).toEqual(calls.slice(limit + 3));
    expect(world.level("tested").counters.queueFull).toBe(2);
  });

  test("refuses who has waited for a quarter of the request timeout, at that moment", () => {
    const world = worldOf({ nominalConcurrencyShares: 1 }, { queues: 1, handSize: 1 });
    const { limit } = world.level("tested");
    many(limit, () => world.send(SECOND, { ...GREEDY, serviceUs: 100 * SECOND }));
    const late = [world.send(2 * SECOND, GREEDY), world.send(3 * SECOND, GREEDY)];
    const refusedUs: number[] = [];
    world.watch = ({ refused, kernel }) => {
      if (refused.length > refusedUs.length) refusedUs.push(kernel.nowUs);
    };
    world.settle();
    expect(world.refused).toEqual(late);
    expect(refusedUs).toEqual([17 * SECOND, 18 * SECOND]);
    expect(world.level("tested").counters.timedOut).toBe(2);
  });

  test("lets one request that is wider than its limit run alone", () => {
    const world = worldOf({ nominalConcurrencyShares: 1 });
    for (let i = 0; i < 900; i++) {
      const manifest = schemaManifest(`s${i}`, "tested", 9000, ["nobody"]);
      world.store(manifest);
    }
    const { limit } = world.level("tested");
    expect(limit).toBeLessThan(10);
    const list: Request = { ...GREEDY, verb: "list", kind: "FlowSchema" };
    const calls = many(2, () => world.send(SECOND, list));
    world.settle();
    expect(calls.map(({ seats }) => seats)).toEqual([10, 10]);
    expect(world.refused).toEqual([calls[1]]);
  });

  test("of no shares starts nothing from its queues", () => {
    const world = worldOf({ nominalConcurrencyShares: 0 }, { queues: 2, handSize: 1 });
    world.send(SECOND, GREEDY);
    world.settle();
    expect([world.started.length, world.refused.length]).toEqual([0, 1]);
  });

  test("that is no longer configured drains, and its requests go elsewhere", () => {
    const world = worldOf({ nominalConcurrencyShares: 1 }, { queues: 1, handSize: 1 });
    const { limit } = world.level("tested");
    many(limit + 3, () => world.send(SECOND, GREEDY));
    world.settle(SECOND);
    const record = world.etcd.find("PriorityLevelConfiguration", "tested");
    const object = record?.stored;
    if (record === undefined || object === undefined) throw new Error("not stored");
    world.etcd.delete(record, { ...object, metadata: { ...object.metadata } });
    const next = world.send(SECOND + 1, GREEDY);
    world.settle();
    expect([world.finished.length, world.refused.length]).toEqual([limit + 4, 0]);
    expect(next.priorityLevel).toBe("global-default");
    expect(world.fairness.levels.some(({ name }) => name === "tested")).toBe(false);
  });
});

describe("fairness", () => {
  test("a modest flow does not wait behind a greedy one", () => {
    const queuing = { queues: 64, handSize: 4, queueLengthLimit: 1000 };
    const world = worldOf({ nominalConcurrencyShares: 5 }, queuing);
    const { limit } = world.level("tested");
    const work = { serviceUs: SECOND / 10 };
    many(limit * 20, () => world.send(SECOND, { ...GREEDY, ...work }));
    const modest = many(20, (i) => world.send(SECOND + i * (SECOND / 10), { ...MODEST, ...work }));
    world.settle();
    const waits = modest.map((call) => call.startedUs - call.arrivedUs);
    expect(Math.max(...waits)).toBeLessThanOrEqual(SECOND / 10);
    const greedy = world.started.filter(({ clientName }) => clientName === "greedy");
    expect(Math.max(...greedy.map((call) => call.startedUs - call.arrivedUs))).toBeGreaterThan(
      SECOND,
    );
  });

  test("two greedy flows of one queue each get half of the seats, whatever a request costs", () => {
    const queuing = { queues: 16, handSize: 1, queueLengthLimit: 1000 };
    const world = worldOf({ nominalConcurrencyShares: 5 }, queuing);
    const usedUs = { greedy: 0, modest: 0 };
    const long = { ...GREEDY, serviceUs: 30_000 };
    const short = { ...MODEST, serviceUs: 10_000 };
    many(900, () => world.send(SECOND, long));
    many(900, () => world.send(SECOND, short));
    world.settle(SECOND + 400_000);
    for (const { clientName, context } of world.finished)
      usedUs[clientName as keyof typeof usedUs] += context as number;
    const share = usedUs.greedy / (usedUs.greedy + usedUs.modest);
    expect(share).toBeGreaterThan(0.42);
    expect(share).toBeLessThan(0.58);
  });
});

describe("borrowing", () => {
  /** The limit of a level as it follows the adjustments under an endless stream of requests. */
  function limitsUnderLoad(borrowingLimitPercent: number | undefined): number[] {
    const limited = { nominalConcurrencyShares: 20, borrowingLimitPercent };
    const queuing = { queues: 4, handSize: 2, queueLengthLimit: 1000 };
    const world = worldOf(limited, queuing);
    const limits: number[] = [];
    for (let second = 1; second < 60; second++)
      many(700, () => world.send(second * SECOND, { ...GREEDY, serviceUs: SECOND }));
    for (let second = 5; second < 60; second += 10) {
      world.settle(second * SECOND);
      limits.push(world.level("tested").limit);
    }
    return limits;
  }

  test("gives a busy level what the others lend, no more than it may borrow", () => {
    const nominal = Math.ceil((600 * 20) / 265);
    const freely = limitsUnderLoad(undefined);
    expect(freely.at(-1)).toBeGreaterThan(2 * nominal);
    expect(freely.at(-1)).toBeLessThanOrEqual(600);
    expect(limitsUnderLoad(50).at(-1)).toBe(nominal + Math.round(nominal / 2));
    expect(limitsUnderLoad(0).at(-1)).toBe(nominal);
  });

  test("costs no event while nobody waits", () => {
    const world = new FlowControlWorld();
    world.send(0);
    world.send(3600 * SECOND);
    world.settle();
    expect(world.kernel.dispatched).toBe(4);
  });

  test("leaves a level what it asks for of its own", () => {
    const world = worldOf(
      { nominalConcurrencyShares: 20, borrowingLimitPercent: undefined },
      {
        ...{ queues: 4, handSize: 2, queueLengthLimit: 1000 },
      },
    );
    const user = { client: 9, clientName: "user", serviceUs: SECOND };
    for (let second = 1; second < 100; second++) {
      many(700, () => world.send(second * SECOND, { ...GREEDY, serviceUs: SECOND }));
      if (second > 40) many(200, () => world.send(second * SECOND, user));
    }
    world.settle(39 * SECOND);
    const { limit: lent, nominalLimit } = world.level("global-default");
    expect(lent).toBeLessThan(nominalLimit);
    world.settle(85 * SECOND);
    expect(world.level("global-default").limit).toBeGreaterThanOrEqual(nominalLimit);
  });
});

describe("the width of a request", () => {
  const objects = (count: number): FlowControlWorld => {
    const world = new FlowControlWorld();
    for (let i = 0; i < count; i++) world.store(schemaManifest(`s${i}`, "system", 9950, ["x"]));
    return world;
  };
  const kind = "FlowSchema";

  test.each<[string, number, number, Request, number, number]>([
    ["a get", 500, 50, { verb: "get" }, 1, 0],
    ["a watch", 500, 50, { verb: "watch" }, 1, 0],
    ["a list of few", 40, 0, { verb: "list" }, 1, 0],
    ["a list, twice for what etcd reads", 150, 0, { verb: "list" }, 3, 0],
    [
      "a list of the cache",
      250,
      0,
      { verb: "list", body: { resourceVersion: "0" } as object },
      3,
      0,
    ],
    ["a list of a part", 250, 0, { verb: "list", body: { limit: 50 } as object }, 1, 0],
    ["a long list: no more than ceil(0.15 x 49) of this level", 900, 0, { verb: "list" }, 8, 0],
    ["a write with few watchers", 0, 9, { verb: "patch" }, 1, 0],
    ["a write with ten", 0, 10, { verb: "patch" }, 1, 5000],
    ["a write with 35", 0, 35, { verb: "patch" }, 4, 5000],
    ["a write with 800: fewer seats for longer", 0, 800, { verb: "delete" }, 8, 50_000],
    ["a deletecollection", 500, 50, { verb: "deletecollection" }, 1, 0],
  ])("%s", (_, count, watchers, request, seats, lingerUs) => {
    const world = objects(count);
    world.watchers = watchers;
    const call = world.send(0, { kind, ...request });
    world.settle(0);
    expect([call.seats, call.lingerUs]).toEqual([seats, lingerUs]);
  });

  test("a write's seats stay taken until its watchers are told", () => {
    const world = objects(0);
    world.watchers = 35;
    const record = world.etcd.record("Pod", "default", "a");
    world.send(0, { verb: "patch", record, serviceUs: 1000 });
    const inUse = (untilUs: number): number => {
      world.send(untilUs, { clientName: "apiserver" }); // keeps the run alive until then
      world.settle(untilUs);
      return world.level("global-default").seatsInUse;
    };
    expect([inUse(500), inUse(5999), inUse(6001)]).toEqual([4, 4, 0]);
  });
});

describe("a server that dies", () => {
  test("forgets what runs and waits, and starts anew", () => {
    const world = worldOf({ nominalConcurrencyShares: 1 }, { queues: 1, handSize: 1 });
    const { limit } = world.level("tested");
    many(limit + 2, () => world.send(SECOND, { ...GREEDY, serviceUs: SECOND }));
    world.settle(SECOND);
    world.kernel.cancelWhere(() => true);
    world.fairness.reset();
    const calls = many(limit, () => world.send(2 * SECOND, GREEDY));
    world.settle();
    expect(world.finished).toEqual(calls);
    expect(world.level("tested").counters).toMatchObject({ cancelled: 2 });
  });
});

describe("a fork", () => {
  test("goes on as the run would have, with those that wait", () => {
    const build = (): FlowControlWorld => {
      const world = new FlowControlWorld();
      world.level("system");
      return world;
    };
    const world = build();
    const shares = { nominalConcurrencyShares: 1, lendablePercent: 0 };
    world.store(levelManifest("tested", shares, { queues: 4, handSize: 2 }));
    world.store(schemaManifest("tested", "tested", 100, ["greedy", "modest"]));
    for (let i = 0; i < 60; i++) world.send(SECOND + i * 1000, i % 3 === 0 ? MODEST : GREEDY);
    world.settle(SECOND + 500_000);
    expect(world.level("tested").waiting).toBeGreaterThan(0);
    const copy = build();
    copy.kernel.restore(world.kernel.snapshot((object) => "metadata" in object));
    const times = (each: FlowControlWorld): unknown =>
      each.finished.map((call) => [call.clientName, call.arrivedUs, call.startedUs]);
    world.started.length = 0;
    world.finished.length = 0;
    world.refused.length = 0;
    world.settle();
    copy.settle();
    expect(times(copy)).toEqual(times(world));
    expect(copy.refused.length).toBe(world.refused.length);
    expect(copy.kernel.dispatched).toBe(world.kernel.dispatched);
  });
});
